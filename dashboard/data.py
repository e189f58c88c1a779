"""Cached reads: one view model per change token, shared by every session of this process; writes clear it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import streamlit as st

from campaign.domain.campaign import Campaign
from campaign.domain.people import Actor
from campaign.domain.rules import CampaignRules
from campaign.domain.site import SiteLayout
from campaign.errors import NotFound
from campaign.planning.remedies import Remedy
from campaign.services.board import Board
from campaign.services.planning import Preview
from dashboard.wiring import services

WORKING_S = 2  # telemetry of running flashes and uploads moves without an event
QUIET_S = 30  # reasons such as a reading's age move with time alone


_moving: set[str] = set()


# Shared as it is, not copied for each viewer: the values are frozen, and unpickling costs more than drawing.
@st.cache_resource(max_entries=8, show_spinner=False)
def _board(code: str, token: int, time_slice: int) -> Board:
    del token, time_slice  # they are the key
    found = services().boards.board(code)
    moving = any(tile.attempt or tile.staging for tile in found.data.stations)
    (_moving.add if moving else _moving.discard)(code)
    return found


def board(code: str) -> Board:
    """The board as of now, read again when the token moved, or after a while. Raises NotFound."""
    clock = services().clock
    every = WORKING_S if code in _moving else QUIET_S
    seen = _board(code, services().views.token(code), int(clock.wall().timestamp() // every))
    return replace(seen, now=clock.now())  # what is left of a charge moves with time alone


@st.cache_data(ttl=2, max_entries=2, show_spinner=False)
def campaigns() -> list[Campaign]:
    """Newest first, at most 2 s old."""
    return services().views.campaigns()


@st.cache_data(ttl=60, max_entries=64, show_spinner=False)
def layout(site: str) -> SiteLayout | None:
    """A site's layout, at most a minute old; None when it is not set up."""
    try:
        return services().sites.get(site)
    except NotFound:
        return None


@st.cache_data(ttl=30, max_entries=16, show_spinner=False)
def preview(_actor: Actor, _rules: CampaignRules, code: str, starts_at: datetime | None) -> Preview:
    """What a launch would do, at most 30 s old: a plan of thousands of cars takes seconds. Raises Refused."""
    del code  # it is the key, for the rules
    return services().planning.preview(_actor, _rules, starts_at)


@st.cache_data(ttl=30, max_entries=16, show_spinner=False)
def launch_advice(
    _actor: Actor, _rules: CampaignRules, code: str, starts_at: datetime | None
) -> tuple[Remedy, ...]:
    """What would keep the promises that a launch could not, at most 30 s old: it tries many plans. Raises Refused."""
    del code  # it is the key, for the rules
    return services().planning.advice(_actor, _rules, starts_at)


def zone_of(campaign: Campaign | None) -> ZoneInfo:
    """The time zone that a campaign's times are shown in."""
    known = layout(campaign.rules.site) if campaign else None
    return ZoneInfo(known.zone if known else "UTC")


def forget() -> None:
    """After a write: the next read of anybody in this process is fresh."""
    _board.clear()
    campaigns.clear()
    preview.clear()
    launch_advice.clear()
