"""Opens a page of the board in Streamlit's own test runner, as somebody, over given services. No browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.testing.v1 import AppTest

from campaign.bootstrap import Services
from campaign.config import Settings
from campaign.errors import Refused
from dashboard.i18n import CATALOGUE
from dashboard.visit import LANGUAGE_KEY
from dashboard.wiring import Wired, install

DASHBOARD = Path(__file__).parents[2] / "dashboard"
RAW_KEY = re.compile(r"\b(" + "|".join(sorted({k.split(".")[0] for k in CATALOGUE})) + r")\.[a-z][a-z_]+\b")
SECONDS = 30


class Pages:
    """A web process for tests: `open` signs somebody in and runs a page."""

    def __init__(self, services: Services, settings: Settings, password: str) -> None:
        self.services, self.settings, self._password = services, settings, password
        self.token: str | None = None
        self.launched: list[Mapping[str, Any]] = []
        self.launch_fails: Exception | None = None
        st.cache_data.clear()
        st.cache_resource.clear()
        install(Wired(services, settings, self._launch, lambda: self.token, lambda: "tablet-2"))

    def _launch(self, _settings: Settings, wished: Mapping[str, Any]) -> None:
        if self.launch_fails is not None:
            raise self.launch_fails
        self.launched.append(wished)

    def sign_in(self, person: str) -> None:
        """From now on the session is this person's."""
        self.token = self.services.people.sign_in(person, self._password, "tablet-2").token

    def start(self, person: str, lang: str | None = None, **query: str) -> AppTest:
        """The application as somebody opens it: their own first page."""
        self.sign_in(person)
        app = AppTest.from_file(str(DASHBOARD / "app.py"), default_timeout=SECONDS)
        if lang is not None:
            app.session_state[LANGUAGE_KEY] = lang
        for key, value in query.items():
            app.query_params[key] = value
        return app.run()

    def open(self, person: str, view: str, lang: str | None = None, **query: str) -> AppTest:
        """One page as somebody."""
        app = self.start(person, lang)
        for key, value in query.items():
            app.query_params[key] = value
        return app.switch_page(str(DASHBOARD / "views" / f"{view}.py")).run()


def html_of(app: AppTest) -> str:
    """All markup of the page, one piece after the other."""
    return "\n".join(str(element.proto.body) for element in app.get("html"))


def text_of(app: AppTest) -> str:
    """Everything that a person reads: markup without its tags, and the labels of what they press and fill in."""
    told = [re.sub(r"<style.*?</style>|<[^>]+>", " ", html_of(app), flags=re.S)]
    for kind in (
        "markdown",
        "button",
        "text_input",
        "text_area",
        "number_input",
        "selectbox",
        "expander",
        "caption",
    ):
        for element in app.get(kind):
            told.append(str(getattr(element, "label", "") or getattr(element, "value", "")))
    return "\n".join(told)


def press(app: AppTest, key: str) -> AppTest:
    """Press a button by its key."""
    return app.button(key=key).click().run()


def refusal(act: Callable[[], object]) -> tuple[str, ...]:
    """The codes with which an act is refused."""
    try:
        act()
    except Refused as refused:
        return tuple(reason.code.value for reason in refused.reasons)
    return ()
