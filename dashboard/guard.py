"""What a page shows instead of a stack trace: every reason of a refusal, or what is wrong and what to do."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import ParamSpec

import streamlit as st

from campaign.domain.reasons import Code, Reason
from campaign.errors import CallerError, FlowsUnreachable, NotFound, Refused, SiteError, StationError
from dashboard.i18n import likely_language
from dashboard.markup import Html, div, tag
from dashboard.visit import LANGUAGE_KEY, here
from dashboard.voice import Voice, voice

log = logging.getLogger("dashboard")
P = ParamSpec("P")
NOTE = "note"


@contextmanager
def guarded() -> Iterator[None]:
    """Draw a panel for whatever goes wrong inside. Streamlit's own control flow passes through."""
    try:
        yield
    except Exception as problem:  # noqa: BLE001 - a person sees a panel, the log gets the trace
        st.html(panel_for(problem, _voice()))


def safely(act: Callable[P, None]) -> Callable[P, None]:
    """A callback whose refusal is kept and shown at the top of the next run."""

    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            act(*args, **kwargs)
        except Exception as problem:  # noqa: BLE001 - as in `guarded`
            st.session_state[NOTE] = panel_for(problem, _voice())

    return run


def say_done(text: str) -> None:
    """A note for the next run: it worked."""
    st.session_state[NOTE] = panel("good", text)


def show_note() -> None:
    """What the last callback left to say, once."""
    note = st.session_state.pop(NOTE, None)
    if note:
        st.html(note)


def panel(kind: str, title: str, *lines: str, more: Html | None = None) -> Html:
    """A framed message: `good`, `info`, `warn` or `bad`."""
    told = [tag("p", line) for line in lines if line]
    return div(tag("strong", title), told, more, cls=f"panel {kind}", role="status")


def reasons_panel(title: str, reasons: Iterable[Reason], v: Voice) -> Html:
    """A refusal with every reason and who can lift it (rule 12)."""
    listed = tag("ul", [tag("li", v.say(reason)) for reason in reasons])
    return panel("warn", title, more=listed)


def panel_for(problem: Exception, v: Voice) -> Html:
    """The panel that fits a problem; a bug is logged under a number that the person can tell."""
    t = v.t
    if isinstance(problem, Refused):
        if any(reason.code is Code.SIGN_IN_ENDED for reason in problem.reasons):
            link = tag("a", t("frame.sign_in_again"), href="/login", target="_self", cls="button")
            return panel("info", t("frame.ended"), t("frame.ended_todo"), more=link)
        return reasons_panel(t("frame.refused"), problem.reasons, v)
    if isinstance(problem, NotFound):
        return panel("warn", t("frame.not_found"), str(problem))
    if isinstance(problem, CallerError):
        return panel("warn", t("frame.wrong_input"), str(problem))
    if isinstance(problem, FlowsUnreachable):
        return panel("bad", t("frame.flows_away"), t("frame.flows_away_todo"))
    if isinstance(problem, StationError):
        return panel("bad", t("frame.station_away", station=problem.station), t("frame.station_away_todo"))
    if isinstance(problem, SiteError):
        log.warning("unreachable: %s", problem)
        return panel("bad", t("frame.unreachable"), t("frame.unreachable_todo", what=type(problem).__name__))
    ref = secrets.token_hex(3)
    log.error("page failed, number %s", ref, exc_info=problem)
    return panel("bad", t("frame.broken"), t("frame.broken_todo", ref=ref))


def _voice() -> Voice:
    try:
        return here().voice
    except Exception:  # noqa: BLE001 - nobody is signed in, or the store is away: the browser's language will do
        return voice(st.session_state.get(LANGUAGE_KEY) or likely_language(st.context.locale or ""))
