"""Which campaign a page shows: the one in the address, else the newest that is not over."""

from __future__ import annotations

from collections.abc import Container

import streamlit as st

from campaign.domain.campaign import Campaign, CampaignState
from campaign.wording import state_word
from dashboard import data
from dashboard.visit import Visit

CAMPAIGN = "campaign"
OVER = frozenset({CampaignState.COMPLETE, CampaignState.STOPPED})


def campaign_in_view(visit: Visit) -> Campaign | None:
    """The campaign to show, with a choice where there are several; None when there is none."""
    found = {campaign.code: campaign for campaign in data.campaigns()}
    if not found:
        return None
    usual = in_address(CAMPAIGN, found) or usual_code(list(found.values()))
    if len(found) == 1:
        return found[usual]
    chosen = st.selectbox(
        visit.t("frame.campaign"),
        list(found),
        index=list(found).index(usual),
        format_func=lambda code: f"{code} · {state_word(found[code].state, visit.lang)}",
        key="campaign_choice",
        on_change=to_address,
        args=(CAMPAIGN, "campaign_choice"),
    )
    return found.get(chosen or usual)


# Streamlit's own binding writes the label into the address; ours carry words that change (a count, a language).
def in_address(name: str, allowed: Container[str]) -> str | None:
    """The value of the address where it is one of `allowed`."""
    value = st.query_params.get(name)
    return value if value in allowed else None


def to_address(name: str, key: str) -> None:
    """Callback: what the widget `key` holds goes into the address."""
    value = st.session_state.get(key)
    if value is None:
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = str(value)


def usual_code(newest_first: list[Campaign]) -> str:
    """The newest that is not over, else the newest."""
    running = [campaign.code for campaign in newest_first if campaign.state not in OVER]
    return (running or [newest_first[0].code])[0]
