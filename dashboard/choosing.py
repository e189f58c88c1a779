"""Which campaign a page shows: the one in the address, else the newest that is not over."""

from __future__ import annotations

import streamlit as st

from campaign.domain.campaign import Campaign, CampaignState
from campaign.wording import state_word
from dashboard import data
from dashboard.visit import Visit

OVER = frozenset({CampaignState.COMPLETE, CampaignState.STOPPED})


def campaign_in_view(visit: Visit) -> Campaign | None:
    """The campaign to show, with a choice where there are several; None when there is none."""
    found = {campaign.code: campaign for campaign in data.campaigns()}
    if not found:
        return None
    usual = usual_code(list(found.values()))
    if len(found) == 1:
        return found[usual]
    chosen = st.selectbox(
        visit.t("frame.campaign"),
        list(found),
        index=list(found).index(usual),
        format_func=lambda code: f"{code} · {state_word(found[code].state, visit.lang)}",
        key="campaign",
        bind="query-params",
        persist_state="session",
    )
    return found.get(chosen or usual)


def usual_code(newest_first: list[Campaign]) -> str:
    """The newest that is not over, else the newest."""
    running = [campaign.code for campaign in newest_first if campaign.state not in OVER]
    return (running or [newest_first[0].code])[0]
