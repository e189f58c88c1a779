"""Who looks, in which language, at which site: found anew at every run, fragment and callback.

Fragments and callbacks do not run the page again: a right that was checked at its start may be gone by then.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import streamlit as st

from campaign.domain.people import SYSTEM_ID, Actor
from campaign.domain.reasons import Code, because
from campaign.errors import Refused
from campaign.ports.records import Person
from dashboard.i18n import LANGUAGES, Speaker, speaker
from dashboard.voice import Voice
from dashboard.wiring import wired

LANGUAGE_KEY = "language"


@dataclass(frozen=True, slots=True)
class Visit:
    """One event of one person's session."""

    actor: Actor
    voice: Voice

    @property
    def t(self) -> Speaker:
        """Texts of the pages."""
        return self.voice.t

    @property
    def lang(self) -> str:
        """`en` or `zh`."""
        return self.voice.lang


def here() -> Visit:
    """The person of this session, checked now. Raises Refused (SIGN_IN_ENDED) when the session ended."""
    door = wired()
    token = door.token()
    if not token:
        raise Refused([because(Code.SIGN_IN_ENDED)])
    actor = door.services.people.actor(token, door.device())
    lang = language_of(actor)
    return Visit(actor, Voice(lang, speaker(lang), name=partial(name_of, lang=lang)))


def language_of(actor: Actor) -> str:
    """What was chosen on this page, else the person's own language."""
    chosen = st.session_state.get(LANGUAGE_KEY)
    if chosen in LANGUAGES:
        return str(chosen)
    known = person(actor.id)
    return known.language if known and known.language in LANGUAGES else "en"


@st.cache_data(ttl=30, max_entries=4, show_spinner=False)
def everybody() -> dict[str, Person]:
    """People by id, for names; at most 30 s old. Password hashes stay in the store."""
    return {who.id: replace(who, password_hash=None) for who in wired().services.people.all()}


def person(person_id: str) -> Person | None:
    """Somebody by id, or None."""
    return everybody().get(person_id)


def name_of(person_id: str, lang: str) -> str:
    """A person's name in a language; the orchestrator by its own word; somebody unknown by their id."""
    known = person(person_id)
    if known is None:
        return speaker(lang)("cars.system") if person_id == SYSTEM_ID else person_id
    return known.name_zh or known.name if lang == "zh" else known.name


def now() -> datetime:
    """Campaign time."""
    return wired().services.clock.now()
