"""Who did not answer is left alone for a while, ever longer: one that is away must not keep the others waiting."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from campaign.ports.clock import Clock


@dataclass(frozen=True, slots=True)
class _Rest:
    since: datetime  # of the first of the rests that followed each other
    until: datetime
    seconds: float


class Rests:
    """Rests by name, in real time: the first one `first_s` long, each next one twice as long, at most `longest_s`."""

    def __init__(self, clock: Clock, first_s: float, longest_s: float) -> None:
        self._clock, self._first_s, self._longest_s = clock, first_s, longest_s
        self._rests: dict[Hashable, _Rest] = {}
        self._guard = Lock()

    def begin(self, name: Hashable, *, anew: bool = False) -> None:
        """Leave it alone from now on; `anew`: as if it were the first time."""
        with self._guard:
            before = self._rests.get(name)
            again = before is not None and not anew
            seconds = min(self._longest_s, before.seconds * 2) if before and again else self._first_s
            wall = self._clock.wall()
            since = before.since if before and again else wall
            self._rests[name] = _Rest(since, wall + timedelta(seconds=seconds), seconds)

    def end(self, name: Hashable) -> None:
        """It did what it should."""
        with self._guard:
            self._rests.pop(name, None)

    def now(self, name: Hashable) -> bool:
        """Whether it is to be left alone."""
        until = self.until(name)
        return until is not None and self._clock.wall() < until

    def silent(self, seconds: float) -> frozenset[Hashable]:
        """Who has done nothing that ended a rest for so long."""
        began = self._clock.wall() - timedelta(seconds=seconds)
        with self._guard:
            return frozenset(name for name, rest in self._rests.items() if rest.since <= began)

    def until(self, name: Hashable) -> datetime | None:
        """When its last rest ends, or ended; None for one that needed none."""
        with self._guard:
            rest = self._rests.get(name)
        return None if rest is None else rest.until
