"""Stations of the simulated yard that break down for hours: nobody knows before, and nothing starts meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from random import Random

DAYS = 60  # drawn ahead; a campaign that takes longer has no more of them


class Outages:
    """When each station is down: drawn once, `per_day` times a day on average, for `hours` (median) each."""

    def __init__(
        self, stations: Iterable[str], start: datetime, *, per_day: float, hours: float, seed: int
    ) -> None:
        self._of = {name: list(_drawn(name, start, per_day, hours, seed)) for name in stations}

    def until(self, station: str, now: datetime) -> datetime | None:
        """When it works again; None while it works."""
        return max((end for begin, end in self._of[station] if begin <= now < end), default=None)

    def next_end(self, now: datetime) -> datetime | None:
        """The first end of an outage after `now`."""
        ends = (end for outages in self._of.values() for _, end in outages if end > now)
        return min(ends, default=None)


def _drawn(
    name: str, start: datetime, per_day: float, hours: float, seed: int
) -> Iterable[tuple[datetime, datetime]]:
    chance = Random(f"outages:{seed}:{name}")
    at = start
    while per_day > 0:
        at += timedelta(days=chance.expovariate(per_day))
        if at - start > timedelta(days=DAYS):
            return
        ends = at + timedelta(hours=hours * chance.lognormvariate(0, 0.7))
        yield at, ends
        at = ends
