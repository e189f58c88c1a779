"""Around every page: the look, the pages of a role, who is signed in, the language, and a heartbeat."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from campaign.domain.people import Actor, Right, Role
from campaign.errors import Refused
from campaign.wording import roles_text
from dashboard.guard import guarded, panel, panel_for
from dashboard.i18n import LANGUAGES, likely_language
from dashboard.markup import div, span
from dashboard.visit import LANGUAGE_KEY, Visit, here
from dashboard.voice import voice

HERE = Path(__file__).parent
ICON = HERE / "assets" / "icon.png"
HEARTBEAT_S = 15


@dataclass(frozen=True, slots=True)
class View:
    """One page: its address, the right that shows it, whose first page it is, and whether the menu has it."""

    name: str
    right: Right
    first_of: tuple[Role, ...] = ()
    hidden: bool = False


VIEWS = (
    View("board", Right.VIEW),
    View("plan", Right.VIEW),
    View("worklist", Right.VIEW, hidden=True),
    View("marks", Right.MARK, (Role.TECHNICIAN,)),
    View("quality", Right.SIGN, (Role.QA,)),
    View("cars", Right.VIEW),
    View("journal", Right.AUDIT),
    View("staff", Right.PEOPLE),
)


def views_of(actor: Actor) -> list[View]:
    """The pages that a person's roles show. Only a convenience: the services check every call."""
    return [view for view in VIEWS if actor.may(view.right)]


def first_view(actor: Actor) -> View | None:
    """Where a person starts: the page of their job, else the first that they may see."""
    mine = views_of(actor)
    own = [view for view in mine if actor.roles & set(view.first_of)]
    return next(iter(own + mine), None)


def run() -> None:
    """The whole application, once per run."""
    st.set_page_config(
        page_title="Campaign 整车升级", page_icon=str(ICON), layout="wide", initial_sidebar_state="collapsed"
    )
    st.html(HERE / "assets" / "style.css")
    try:
        visit = here()
    except Refused as ended:
        lang = st.session_state.get(LANGUAGE_KEY) or likely_language(st.context.locale or "")
        st.html(panel_for(ended, voice(lang)))
        return
    with guarded():
        _signed_in(visit)


def _signed_in(visit: Visit) -> None:
    pages = _pages(visit)
    chosen = st.navigation(pages, position="top")
    _who(visit)
    _heartbeat()
    with guarded():
        chosen.run()


def _pages(visit: Visit) -> list[Any]:
    first = first_view(visit.actor)
    shown = [
        st.Page(
            HERE / "views" / f"{view.name}.py",
            title=visit.t(f"frame.{view.name}"),
            url_path=view.name,
            visibility="hidden" if view.hidden else "visible",
        )
        for view in views_of(visit.actor)
    ]

    def home() -> None:
        if first is None:
            st.html(panel("info", visit.t("frame.no_page"), visit.t("frame.no_page_todo")))
        else:
            st.switch_page(HERE / "views" / f"{first.name}.py")

    # A default page loses its address, so the default is a hidden one that forwards.
    hidden = st.Page(home, title=visit.t("frame.home"), url_path="home", default=True, visibility="hidden")
    return [hidden, *shown]


def _who(visit: Visit) -> None:
    """The person, always on screen, with the language and the way out."""
    with st.container(key="who"), st.popover(visit.voice.name(visit.actor.id), width="content"):
        st.html(
            div(
                div(visit.voice.name(visit.actor.id), cls="who-name"),
                div(
                    visit.actor.id, " · ", roles_text(sorted(visit.actor.roles), visit.lang), cls="who-roles"
                ),
                span(visit.actor.device, cls="who-roles"),
            )
        )
        st.segmented_control(
            visit.t("frame.language"),
            list(LANGUAGES),
            default=visit.lang,
            required=True,
            format_func=LANGUAGES.__getitem__,
            key="language_choice",
            on_change=_choose_language,
            width="stretch",
        )
        st.html(f'<a class="button" href="/logout" target="_self">{visit.t("frame.sign_out")}</a>')


def _choose_language() -> None:
    st.session_state[LANGUAGE_KEY] = st.session_state["language_choice"]


@st.fragment(run_every=HEARTBEAT_S)
def _heartbeat() -> None:
    """A page with a timer runs again by itself after a server restart; and a sign-in that ended shows."""
    try:
        here()
    except Refused:
        st.rerun(scope="app")
