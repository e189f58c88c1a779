"""A planner's switches: launch with a preview; pause, resume and stop with a reason."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import streamlit as st

from campaign.definitions import campaign_codes, find_campaign
from campaign.domain.campaign import MOVES, Campaign, CampaignState
from campaign.domain.people import Right
from campaign.domain.rules import CampaignRules
from campaign.errors import CampaignError
from campaign.services.planning import Preview
from dashboard import data
from dashboard.guard import guarded, panel_for, say_done
from dashboard.i18n import Speaker
from dashboard.markup import Html, div, span
from dashboard.showing import moment, whole
from dashboard.visit import Visit, here, now
from dashboard.widgets import promises
from dashboard.wiring import services, wired

ASKING = "control_asking"
MOVES_SHOWN = {
    "pause": (CampaignState.PAUSED, ":material/pause:"),
    "resume": (CampaignState.RUNNING, ":material/play_arrow:"),
    "stop": (CampaignState.STOPPED, ":material/stop:"),
}


def switches(visit: Visit, campaign: Campaign) -> None:
    """Buttons for the moves that the campaign's state allows; each opens a dialog that asks why."""
    for move, (to, icon) in MOVES_SHOWN.items():
        if to in MOVES[campaign.state]:
            st.button(
                visit.t(f"control.{move}"),
                icon=icon,
                key=f"{move}-campaign",
                on_click=_ask,
                args=(move, campaign.code),
            )
    asking = st.session_state.get(ASKING)
    if asking and asking[1] == campaign.code:
        st.dialog(visit.t(f"control.{asking[0]}_title"), on_dismiss=_forget)(_why)(*asking)


def _ask(move: str, code: str) -> None:
    st.session_state[ASKING] = (move, code)


def _forget() -> None:
    st.session_state.pop(ASKING, None)


def _why(move: str, code: str) -> None:
    visit = here()
    st.write(visit.t(f"control.{move}_what"))
    reason = st.text_area(visit.t("frame.reason"), key=f"why-{move}", max_chars=500)
    if st.button(visit.t(f"control.{move}"), type="primary", key=f"really-{move}", width="stretch"):
        try:
            _move(visit, move, code, reason)
        except CampaignError as refused:
            st.html(panel_for(refused, visit.voice))
            return
        _forget()
        data.forget()
        say_done(visit.t(f"control.done_{move}"))
        st.rerun()


def _move(visit: Visit, move: str, code: str, reason: str) -> None:
    control = services().control
    act = {"pause": control.pause, "resume": control.resume, "stop": control.stop}[move]
    act(visit.actor, code, reason)


def launching(visit: Visit, *, first: bool) -> None:
    """The launch form, for those who may run a campaign."""
    if not visit.actor.may(Right.RUN):
        return
    with st.expander(visit.t("control.launch"), expanded=first, icon=":material/rocket_launch:"), guarded():
        launched = {campaign.code for campaign in data.campaigns()}
        codes = [code for code in campaign_codes(wired().settings.configs) if code not in launched]
        if not codes:
            st.write(visit.t("control.launch_none"))
            return
        _form(visit, codes)


def _form(visit: Visit, codes: list[str]) -> None:
    t = visit.t
    code = st.selectbox(t("control.launch_which"), codes, key="launch-code")
    rules = find_campaign(wired().settings.configs, code).rules()
    zone = _zone(rules)
    starts_at = _start(t, zone)
    with guarded():
        seen = data.preview(visit.actor, rules, code, starts_at)
        st.html(preview(seen, zone, t))
        if seen.late:
            with st.spinner(t("plan.advising")):
                helps = data.launch_advice(visit.actor, rules, code, starts_at)
            st.html(promises.advice(helps, visit.voice))
    reason = st.text_area(t("control.launch_reason"), key="launch-reason", max_chars=500)
    if st.button(t("control.launch_go"), type="primary", key="launch-go", icon=":material/rocket_launch:"):
        wished = {
            "campaign": rules.code,
            "planner": visit.actor.id,
            "reason": reason,
            "start": "at a time" if starts_at else "now",
            "starts_at": starts_at,
        }
        wired().launch(wired().settings, wished)
        data.forget()
        say_done(t("control.launch_asked"))
        st.rerun()


def _zone(rules: CampaignRules) -> ZoneInfo:
    known = data.layout(rules.site)
    return ZoneInfo(known.zone if known else "UTC")


def _start(t: Speaker, zone: ZoneInfo) -> datetime | None:
    labels = {False: t("control.launch_now"), True: t("control.launch_later")}
    later = st.segmented_control(
        t("control.launch_when"),
        list(labels),
        default=False,
        required=True,
        format_func=labels.__getitem__,
        key="launch-later",
    )
    if not later:
        return None
    today = now().astimezone(zone)
    day: date = st.date_input(
        t("control.launch_date"), value=today.date(), key="launch-date", format="YYYY-MM-DD"
    )
    at: time = st.time_input(
        t("control.launch_time", zone=zone.key), value=time(today.hour), key="launch-time"
    )
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def preview(seen: Preview, zone: ZoneInfo, t: Speaker) -> Html:
    """What a launch would do, in seven facts."""
    facts = (
        ("preview_cars", whole(seen.cars)),
        ("preview_batches", whole(len(seen.batches))),
        ("preview_from", moment(seen.starts_at, zone)),
        ("preview_to", moment(seen.ends_at, zone)),
        ("preview_late", whole(seen.late)),
        ("preview_above", whole(seen.above_gate)),
        ("preview_binding", t(f"control.stage_{seen.binding}")),
    )
    told = [
        div(span(value, cls="fact-value"), span(t(f"control.{key}"), cls="quiet"), cls="fact")
        for key, value in facts
    ]
    return div(div(t("control.preview"), cls="card-title"), div(told, cls="facts"), cls="card")
