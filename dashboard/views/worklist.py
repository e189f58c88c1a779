"""The work list of a shift: chosen on the screen, printed as sheets without anything around them."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import streamlit as st

from campaign.domain.campaign import Campaign
from campaign.domain.site import Shift, SiteLayout
from dashboard import data, plan_data
from dashboard.choosing import CAMPAIGN, campaign_in_view, in_address, to_address
from dashboard.frame import HERE
from dashboard.guard import guarded, panel, show_note
from dashboard.visit import Visit, here, now
from dashboard.widgets import sheet
from dashboard.wiring import services

DAY, SHIFT = "day", "shift"
# Set, not added: the script may run again over the same button.
PRINT = """<button id="print-sheets" class="button">{word}</button>
<script>document.getElementById("print-sheets").onclick = () => window.print()</script>"""


def show() -> None:
    """The page."""
    visit = here()
    show_note()
    st.html(HERE / "assets" / "print.css")
    with st.container(key="worklist-tools"):
        campaign = campaign_in_view(visit)
        if campaign is None:
            st.html(panel("info", visit.t("frame.no_campaign"), visit.t("frame.no_campaign_todo")))
            return
        layout = data.layout(campaign.rules.site)
        if layout is None or not layout.shifts:
            st.html(panel("info", visit.t("worklist.no_shifts"), visit.t("worklist.no_shifts_todo")))
            return
        day, shift = _chosen(visit, campaign, layout)
    with guarded():
        _sheets(visit, campaign, layout, day, shift)


def _chosen(visit: Visit, campaign: Campaign, layout: SiteLayout) -> tuple[date, Shift]:
    """Day and shift: those of the address, else those of now."""
    t = visit.t
    shifts = {shift.code: shift for shift in layout.shifts}
    local = now().astimezone(ZoneInfo(layout.zone))
    open_now = layout.shift_at(local)
    usual_day = open_now.day if open_now else local.date()
    usual_shift = open_now.shift.code if open_now else layout.shifts[0].code
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.page_link(
            HERE / "views" / "plan.py",
            label=t("worklist.back"),
            icon=":material/arrow_back:",
            query_params={CAMPAIGN: campaign.code},
        )
        day = st.date_input(
            t("worklist.day"),
            value=_day_in_address() or usual_day,
            key="day_choice",
            format="YYYY-MM-DD",
            on_change=to_address,
            args=(DAY, "day_choice"),
            width=160,
        )
        code = st.segmented_control(
            t("worklist.shift"),
            list(shifts),
            default=in_address(SHIFT, shifts) or usual_shift,
            required=True,
            format_func=lambda code: shifts[code].names.in_language(visit.lang),
            key="shift_choice",
            on_change=to_address,
            args=(SHIFT, "shift_choice"),
        )
        st.html(PRINT.format(word=t("worklist.print")), unsafe_allow_javascript=True, width="content")
    return day, shifts[code or usual_shift]


def _day_in_address() -> date | None:
    try:
        return date.fromisoformat(st.query_params.get(DAY, ""))
    except ValueError:
        return None


def _sheets(visit: Visit, campaign: Campaign, layout: SiteLayout, day: date, shift: Shift) -> None:
    zone = ZoneInfo(layout.zone)
    opens = datetime.combine(day, shift.start, tzinfo=zone)
    work = services().replanning.work_list(visit.actor, campaign.code, opens)
    if not work.lines:
        st.html(panel("info", visit.t("worklist.none"), visit.t("worklist.none_todo")))
        return
    plan = plan_data.kept_plan(campaign.code)
    names = layout.names.in_language(visit.lang), shift.names.in_language(visit.lang)
    st.html(sheet.sheets(work, *names, visit.voice.at(zone), plan.made_at if plan else None))


if __name__ == "__main__":
    with guarded():
        show()
