"""The crew's side of the marks: what was handed in is written down before it goes out, and what came back after.

As a tablet does it: an answer that was lost is asked for again under the same ids. After a kill the last marks
are handed in once more on purpose: every one of them must be recognised.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from campaign.bootstrap import Services
from campaign.domain.marks import Mark
from campaign.domain.people import Actor
from campaign.domain.reasons import Code
from campaign.services.marks import MarkResult

HandIn = tuple[Actor, Sequence[Mark]]


class WrittenMarks:
    """Hands marks in and keeps a book of it: one JSON line per thing that happened."""

    def __init__(self, services: Services, book: Path) -> None:
        self._services, self._book = services, book
        self._open: HandIn | None = None  # handed in, and no answer came
        self._last: HandIn | None = None
        self._doubt = False
        self.strangers: list[MarkResult] = []  # repeated, and not recognised

    def doubt(self) -> None:
        """Something was killed: hand the last marks in again before the next ones."""
        self._doubt = True

    def mark(self, actor: Actor, marks: Sequence[Mark]) -> list[MarkResult]:
        """As `Services.marks.mark`."""
        if self._open is not None:
            self._hand_in(*self._open)
        if self._doubt and self._last is not None:
            self._doubt = False
            again = self._services.marks.mark(*self._last)
            self.strangers += [result for result in again if not recognised(result)]
            self._write("repeated", self._last[1])
        return self._hand_in(actor, marks)

    def _hand_in(self, actor: Actor, marks: Sequence[Mark]) -> list[MarkResult]:
        if self._open is None:
            self._write("sent", marks)
        self._open = (actor, marks)
        results = self._services.marks.mark(actor, marks)
        self._open, self._last = None, (actor, marks)
        self._write("answered", marks)
        return results

    def _write(self, what: str, marks: Sequence[Mark]) -> None:
        with self._book.open("a") as book:
            book.write(json.dumps({what: [mark.client_id for mark in marks]}) + "\n")


def recognised(result: MarkResult) -> bool:
    """Whether the answer says that this very mark was recorded before, and nothing else."""
    return [reason.code for reason in result.reasons] == [Code.ALREADY_DONE]


class Hands:
    """The product's use cases as the crew is given them, with marks that are written down."""

    def __init__(self, services: Services, marks: WrittenMarks) -> None:
        self._services, self.marks = services, marks

    def __getattr__(self, name: str) -> Any:
        return getattr(self._services, name)


def book_of(path: Path) -> dict[str, list[str]]:
    """Client ids by what happened to them."""
    found: dict[str, list[str]] = {"sent": [], "answered": [], "repeated": []}
    for line in path.read_text().splitlines():
        for what, ids in json.loads(line).items():
            found[what] += ids
    return found
