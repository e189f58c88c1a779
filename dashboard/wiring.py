"""What this web process runs on: the services, made once, and how a session's secret is found.

`install` is called by the ASGI application when it starts; tests install fakes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from flows.starting import request_launch

if TYPE_CHECKING:
    from campaign.bootstrap import Services
    from campaign.config import Settings

SESSION_COOKIE = "campaign_sid"
DEVICE_COOKIE = "campaign_device"


def cookie_token() -> str | None:
    """The session's secret from the browser's cookie, as it was when the page connected."""
    return st.context.cookies.get(SESSION_COOKIE)


def cookie_device() -> str:
    """The name of the browser's device, given to it at its first sign-in."""
    return st.context.cookies.get(DEVICE_COOKIE) or "web"


@dataclass(frozen=True, slots=True)
class Wired:
    """One process: its services, its settings, how a launch is asked for, and the seams of a session."""

    services: Services
    settings: Settings
    launch: Callable[[Settings, Mapping[str, Any]], object] = request_launch
    token: Callable[[], str | None] = cookie_token
    device: Callable[[], str] = cookie_device


_wired: list[Wired] = []


def install(wired: Wired) -> None:
    """Use these from now on."""
    _wired[:] = [wired]


def wired() -> Wired:
    """What was installed. A script that runs without the ASGI application wires itself."""
    if not _wired:
        install(from_settings())
    return _wired[0]


def from_settings() -> Wired:
    """The real thing, from the environment's settings."""
    from campaign.bootstrap import build  # noqa: PLC0415 - tests run without a database
    from campaign.config import Settings  # noqa: PLC0415

    settings = Settings.load()
    return Wired(build(settings), settings)


def services() -> Services:
    """The use cases."""
    return wired().services
