"""The board: progress, cars, yard, what is blocked; and for a planner the switches of the campaign."""

from __future__ import annotations

import streamlit as st

from campaign.domain.campaign import Campaign
from campaign.domain.people import Right
from campaign.services.board import Board
from dashboard import control, data, plan_data
from dashboard.choosing import OVER, campaign_in_view
from dashboard.guard import guarded, panel, show_note
from dashboard.visit import Visit, here
from dashboard.voice import Voice
from dashboard.widgets import blocked, burn_up, fan, overview, yard
from dashboard.wiring import services

EVERY_S = 2


def show() -> None:
    """The page."""
    visit = here()
    show_note()
    campaign = campaign_in_view(visit)
    if campaign is None:
        st.html(panel("info", visit.t("frame.no_campaign"), visit.t("frame.no_campaign_todo")))
        control.launching(visit, first=True)
        _waiting()
        return
    with st.container(horizontal=True, vertical_alignment="center", key="board-head"):
        st.html(overview.headline(campaign, visit.voice))
        if visit.actor.may(Right.RUN):
            control.switches(visit, campaign)
    _live(campaign)
    if visit.actor.may(Right.RUN):
        control.launching(visit, first=False)


@st.fragment(run_every=EVERY_S)
def _live(shown: Campaign) -> None:
    """Everything that moves. When the campaign's state moved, the whole page runs again: its buttons change."""
    with guarded():
        visit = here()
        board = data.board(shown.code)
        if board.data.campaign.state is not shown.state:
            data.forget()
            st.rerun(scope="app")
        _draw(visit, board.data.campaign, board)


def _draw(visit: Visit, campaign: Campaign, board: Board) -> None:
    v = visit.voice.at(data.zone_of(campaign))
    st.html(overview.freshness(board, services().clock.wall(), v))
    stopped = overview.threshold_note(board, v)
    if stopped:
        st.html(stopped)
    st.html(overview.progress(board, v))
    st.html(overview.status_tiles(board.data.counts, v))
    left, right = st.columns([3, 2], gap="small")
    with left, st.container(border=True, key="burn-up"):
        _burn_up(board, v)
    with right:
        st.html(blocked.blocked(board, v))
    st.html(yard.stations(board.data.stations, board.now, v))
    st.html(yard.points(board.data.points, board.now, v))
    st.html(yard.batches(board.data.batches, v))


def _burn_up(board: Board, v: Voice) -> None:
    """The lines so far, and the forecast's fan while there is something to foresee."""
    campaign = board.data.campaign
    forecast = None if campaign.state in OVER else plan_data.forecast(campaign.code)
    st.html(burn_up.legend(v, fan=forecast is not None))
    chart = burn_up.burn_up(board, v, forecast)
    st.echarts_chart(chart, height=330, key=f"burn-{v.lang}", alt=v.t("board.progress_alt"))
    if campaign.state not in OVER:
        st.html(fan.promise(forecast, board.now, v))


@st.fragment(run_every=EVERY_S)
def _waiting() -> None:
    """Without a campaign: look for the first one."""
    with guarded():
        if data.campaigns():
            st.rerun(scope="app")


if __name__ == "__main__":
    with guarded():
        show()
