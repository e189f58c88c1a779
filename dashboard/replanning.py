"""A planner plans the rest of a campaign anew: the button, and the dialog that asks why."""

from __future__ import annotations

import streamlit as st

from campaign.domain.campaign import Campaign
from campaign.errors import CampaignError
from dashboard import data, plan_data
from dashboard.guard import panel_for, say_done
from dashboard.showing import moment
from dashboard.visit import here
from dashboard.wiring import services

ASKING = "replanning_asking"


def button(campaign: Campaign) -> None:
    """The button; the dialog is opened here, in the page's own run, from what was asked."""
    visit = here()
    st.button(
        visit.t("plan.replan"),
        icon=":material/event_repeat:",
        key="replan",
        type="primary",
        on_click=_ask,
        args=(campaign.code,),
    )
    if st.session_state.get(ASKING) == campaign.code:
        st.dialog(visit.t("plan.replan_title"), on_dismiss=_forget)(_why)(campaign)


def _ask(code: str) -> None:
    st.session_state[ASKING] = code


def _forget() -> None:
    st.session_state.pop(ASKING, None)


def _why(campaign: Campaign) -> None:
    visit = here()
    t = visit.t
    st.write(t("plan.replan_what"))
    reason = st.text_area(t("frame.reason"), key="why-replan", max_chars=500)
    if not st.button(t("plan.replan"), type="primary", key="really-replan", width="stretch"):
        return
    try:
        with st.spinner(t("plan.replanning")):
            kept = services().replanning.replan(visit.actor, campaign.code, why=reason)
    except CampaignError as refused:
        st.html(panel_for(refused, visit.voice))
        return
    _forget()
    plan_data.forget()
    v = visit.voice.at(data.zone_of(campaign))
    say_done(
        t(
            "plan.replanned",
            at=moment(kept.ends_at, v.zone),
            late=v.cars(kept.late_count),
            cars=v.cars(kept.moved_count),
        )
    )
    st.rerun()
