"""In which language the command line speaks: CAMPAIGN_LANGUAGE, else that of the person who is signed in.

Light on purpose: it runs before anything else is imported, also for `--help`.
"""

from __future__ import annotations

import json
import os
from contextvars import ContextVar
from pathlib import Path

LANGUAGES = ("en", "zh")

_person: ContextVar[str | None] = ContextVar("language of the person", default=None)


def lang() -> str:
    """`en` or `zh`."""
    said = os.environ.get("CAMPAIGN_LANGUAGE", "")
    if said in LANGUAGES:
        return said
    return _person.get() or _signed_in() or LANGUAGES[0]


def speak(language: str | None) -> None:
    """Speak a person's language from now on; None forgets it."""
    _person.set(language if language in LANGUAGES else None)


def tr(en: str, zh: str, /, **facts: object) -> str:
    """The English or the Chinese text, with `{names}` filled in."""
    text = zh if lang() == "zh" else en
    return text.format_map(facts) if facts else text


def session_file(home: Path) -> Path:
    """Where `campaign sign-in` keeps the session's secret."""
    return home / "session"


def _signed_in() -> str | None:
    home = Path(os.environ.get("CAMPAIGN_HOME") or "var").expanduser()
    try:
        kept = json.loads(session_file(home).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    language = kept.get("language") if isinstance(kept, dict) else None
    return language if language in LANGUAGES else None
