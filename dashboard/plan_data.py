"""Cached reads of plans and forecasts, shared by every session of this process like those of `dashboard.data`."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from campaign.domain.people import Actor
from campaign.planning.remedies import Remedy
from campaign.ports.plans import KeptForecast, KeptPlan
from campaign.ports.views import DoneWork
from campaign.services.forecasting import Scores
from campaign.services.outlook import Comparison
from campaign.services.what_if import WhatIf
from dashboard import data
from dashboard.wiring import services


@st.cache_resource(max_entries=8, show_spinner=False)
def _plan(code: str, token: int) -> tuple[KeptPlan | None]:
    del token  # it is the key
    return (services().replanning.kept(code),)


def kept_plan(code: str) -> KeptPlan | None:
    """The plan in force, read again when the token moved: keeping a plan writes to the log."""
    return _plan(code, services().views.token(code))[0]


@st.cache_resource(max_entries=8, show_spinner=False)
def _forecast(code: str, token: int, time_slice: int) -> tuple[KeptForecast | None]:
    del token, time_slice
    return (services().forecasting.latest(code),)


def forecast(code: str) -> KeptForecast | None:
    """The latest forecast, read again when the token moved or after a while: one is made without an event."""
    now = services().clock.wall().timestamp()
    return _forecast(code, services().views.token(code), int(now // data.QUIET_S))[0]


@st.cache_resource(max_entries=8, show_spinner=False)
def _done(code: str, token: int, since: datetime) -> tuple[DoneWork, ...]:
    del token
    return services().views.done_since(code, since)


def done_since(code: str, since: datetime) -> tuple[DoneWork, ...]:
    """Charges and flashes that ended at `since` or later, read again when the token moved."""
    return _done(code, services().views.token(code), since)


@st.cache_data(ttl=60, max_entries=8, show_spinner=False)
def scores(code: str) -> Scores:
    """Past forecasts against what happened, at most a minute old."""
    return services().forecasting.scored(code)


@st.cache_data(ttl=300, max_entries=32, show_spinner=False)
def compared(_actor: Actor, code: str, made_at: datetime | None, wish: WhatIf) -> Comparison:
    """What a wish would change of the plan made at `made_at`; the empty wish tells the plan's own loads.

    At most 5 min old: it plans from the yard as it stood. Raises Refused.
    """
    del made_at
    return services().replanning.what_if(_actor, code, wish)


@st.cache_data(ttl=900, max_entries=8, show_spinner=False)
def advice(_actor: Actor, code: str, made_at: datetime) -> tuple[Remedy, ...]:
    """What would keep every promise of the plan made at `made_at`: some seconds of planning. Raises Refused."""
    del made_at
    return services().replanning.advice(_actor, code)


def forget() -> None:
    """After a write: the next read of anybody in this process is fresh."""
    data.forget()
    _plan.clear()
    _forecast.clear()
    compared.clear()
