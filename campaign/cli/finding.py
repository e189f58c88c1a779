"""What a check finds: a part, how it stands, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """How a part stands."""

    OK = "ok"
    NOTE = "note"  # works, or is not running
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One part: what was found, and what to do where something is to be done."""

    part: str
    grade: Grade
    found: str
    todo: str = ""


def ok(part: str, found: str) -> Finding:
    """Nothing to do."""
    return Finding(part, Grade.OK, found)
