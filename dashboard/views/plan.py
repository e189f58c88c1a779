"""The plan in pictures: when it ends and how sure, who works where and when, load, promises, what if."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import streamlit as st

from campaign.domain.campaign import Campaign
from campaign.domain.people import Right
from campaign.ports.plans import KeptPlan
from campaign.services.what_if import WhatIf
from dashboard import data, plan_data, replanning, what_if
from dashboard.choosing import CAMPAIGN, OVER, campaign_in_view, in_address, to_address
from dashboard.frame import HERE
from dashboard.guard import guarded, panel, show_note
from dashboard.visit import Visit, here
from dashboard.voice import Voice
from dashboard.widgets import calibration, gantt, loads, overview, plan_head, promises
from dashboard.widgets.work_rows import Window, point_rows, station_rows
from dashboard.wiring import services

EVERY_S = 15
HOURS, WINDOWS = "hours", ("24", "12", "72")
ADVISED = "plan_advised"
HISTORY = 20


def show() -> None:
    """The page."""
    visit = here()
    show_note()
    campaign = campaign_in_view(visit)
    if campaign is None:
        st.html(panel("info", visit.t("frame.no_campaign"), visit.t("frame.no_campaign_todo")))
        what_if.before_launch(visit, first=True)
        return
    v = visit.voice.at(data.zone_of(campaign))
    _head(visit, campaign)
    plan = plan_data.kept_plan(campaign.code)
    _live(campaign, plan.made_at if plan else None)
    if plan is not None:
        _promises(visit, campaign, plan, v)
        _moves(campaign, plan, v)
        _load(visit, campaign, plan, v)
    if plan is not None and campaign.state not in OVER:
        opened = _expander("whatif", ":material/compare_arrows:", visit)
        if opened.open:
            with opened, guarded():
                what_if.of_campaign(visit, campaign.code, v)
    _scores(campaign, v)
    what_if.before_launch(visit, first=False)


def _head(visit: Visit, campaign: Campaign) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="plan-page-head"):
        st.html(overview.headline(campaign, visit.voice))
        if visit.actor.may(Right.RUN) and campaign.state not in OVER:
            replanning.button(campaign)
        st.page_link(
            HERE / "views" / "worklist.py",
            label=visit.t("plan.worklist"),
            icon=":material/print:",
            query_params={CAMPAIGN: campaign.code},
        )


@st.fragment(run_every=EVERY_S)
def _live(shown: Campaign, made_at: datetime | None) -> None:
    """What moves with the work. When there is another plan, the whole page runs again."""
    with guarded():
        visit = here()
        plan = plan_data.kept_plan(shown.code)
        board = data.board(shown.code)
        if (plan.made_at if plan else None) != made_at or board.data.campaign.state is not shown.state:
            plan_data.forget()
            st.rerun(scope="app")
        v = visit.voice.at(data.zone_of(shown))
        standing = plan_head.standing(shown, plan, board.now, v)
        if standing:
            st.html(standing)
        if plan is not None:
            st.html(plan_head.headline(plan, plan_data.forecast(shown.code), board.now, v))
        st.html(_picture(shown.code, plan, _hours(visit), v))


def _hours(visit: Visit) -> int:
    """How long a time is shown: chosen here, kept in the address."""
    chosen = st.segmented_control(
        visit.t("plan.window"),
        WINDOWS,
        default=in_address(HOURS, WINDOWS) or WINDOWS[0],
        required=True,
        format_func=lambda hours: visit.t(f"plan.window_{hours}"),
        key="hours_choice",
        label_visibility="collapsed",
        on_change=to_address,
        args=(HOURS, "hours_choice"),
    )
    return int(chosen or WINDOWS[0])


def _picture(code: str, plan: KeptPlan | None, hours: int, v: Voice) -> str:
    board = data.board(code)
    window = Window.around(board.now, hours)
    steps = plan.steps if plan else ()
    late = {car.vin for car in plan.late} if plan else set()
    done = plan_data.done_since(code, window.begin)
    stations = station_rows(board, steps, done, late, window)
    points = point_rows(board, steps, done, late, window)
    groups = [(v.t("plan.group_stations"), stations), (v.t("plan.group_points"), points)]
    return gantt.gantt(groups, window, board.now, v)


def _expander(name: str, icon: str, visit: Visit) -> Any:
    """Drawn only when it is open: what is inside takes a plan or two."""
    return st.expander(visit.t(f"plan.{name}"), key=f"open-{name}", on_change="rerun", icon=icon)


def _promises(visit: Visit, campaign: Campaign, plan: KeptPlan, v: Voice) -> None:
    with guarded():
        st.html(promises.late_cars(plan, v))
        if plan.late and campaign.state not in OVER:
            _advice(visit, campaign, plan, v)
        forecast = plan_data.forecast(campaign.code)
        chances = promises.chances(forecast, v) if forecast else None
        if chances:
            st.html(chances)


def _advice(visit: Visit, campaign: Campaign, plan: KeptPlan, v: Voice) -> None:
    """Asked for: it plans many times. An answer stays until there is another plan."""
    asked = (campaign.code, plan.made_at)
    if st.session_state.get(ADVISED) != asked:
        st.button(v.t("plan.advise"), key="advise", icon=":material/lightbulb:", on_click=_ask, args=asked)
        return
    with st.spinner(v.t("plan.advising")):
        found = plan_data.advice(visit.actor, campaign.code, plan.made_at)
    st.html(promises.advice(found, v))


def _ask(code: str, made_at: datetime) -> None:
    st.session_state[ADVISED] = (code, made_at)


def _moves(campaign: Campaign, plan: KeptPlan, v: Voice) -> None:
    moved = v.t("plan.moved", cars=v.cars(plan.moved_count)) if plan.moved_count else v.t("plan.moved_none")
    opened = st.expander(moved, key="open-moved", on_change="rerun", icon=":material/swap_vert:")
    if not opened.open:
        return
    with opened, guarded():
        if plan.moved:
            st.html(plan_head.moved_list(plan, v))
        before = [old for old in services().replanning.history(campaign.code) if old.made_at < plan.made_at]
        if before:
            st.html(plan_head.history(before[:HISTORY], v))


def _load(visit: Visit, campaign: Campaign, plan: KeptPlan, v: Voice) -> None:
    opened = _expander("load", ":material/area_chart:", visit)
    if not opened.open:
        return
    with opened, guarded():
        with st.spinner(v.t("plan.whatif_trying")):
            outlook = plan_data.compared(visit.actor, campaign.code, plan.made_at, WhatIf()).now
        st.html(loads.legend(v))
        st.echarts_chart(
            loads.loads_chart(outlook.loads, data.board(campaign.code).now, v),
            height=loads.height(outlook.loads),
            key=f"load-{v.lang}",
            alt=v.t("plan.load_alt"),
        )


def _scores(campaign: Campaign, v: Voice) -> None:
    opened = st.expander(
        v.t("plan.scores"), key="open-scores", on_change="rerun", icon=":material/fact_check:"
    )
    if not opened.open:
        return
    with opened, guarded():
        found = plan_data.scores(campaign.code)
        st.html(calibration.words(found, v))
        chart = calibration.plot(found, v)
        if chart is not None:
            st.echarts_chart(chart, height=330, key=f"scores-{v.lang}", alt=v.t("plan.scores_alt"))


if __name__ == "__main__":
    with guarded():
        show()
