"""What every charge point and station did, does and will do, as rows of bars in a window of time. No markup here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from campaign.domain.identity import Vin
from campaign.ports.plans import PlannedStep
from campaign.ports.views import DoneWork, PointTile, StationTile
from campaign.services.board import Board
from dashboard.theme import Work

BEFORE = timedelta(hours=6)
LEAST_SHARE = 0.006
"""Of the window: a bar narrower than this takes in its neighbour."""
MOST_BARS = 700
"""Of a whole picture, some 75 kB: with more, what counts as narrow is doubled until they fit."""


@dataclass(frozen=True, slots=True)
class Window:
    """The time that is shown."""

    begin: datetime
    end: datetime

    @classmethod
    def around(cls, now: datetime, hours: int) -> Window:
        """`hours` in all: the six before `now`, and what comes; it begins with a whole hour."""
        begin = (now - BEFORE).replace(minute=0, second=0, microsecond=0)
        return cls(begin, begin + timedelta(hours=hours))

    def share(self, at: datetime) -> float:
        """Where `at` stands, from 0 (begin) to 1 (end); times outside stand at the edge."""
        return min(1.0, max(0.0, (at - self.begin) / (self.end - self.begin)))

    def meets(self, bar: Bar) -> bool:
        """Whether any part of the bar is inside."""
        return bar.end > self.begin and bar.begin < self.end


@dataclass(frozen=True, slots=True)
class Bar:
    """Work of one car, or of several where they are too narrow to tell apart (`vin` is the first one)."""

    work: Work
    begin: datetime
    end: datetime
    vin: str
    cars: int = 1


@dataclass(frozen=True, slots=True)
class Row:
    """One charge point or station. Bars that are over come first, then what runs, then what is planned."""

    name: str
    bars: tuple[Bar, ...]


def point_rows(
    board: Board,
    steps: Sequence[PlannedStep],
    done: Sequence[DoneWork],
    late: Collection[str],
    window: Window,
) -> tuple[Row, ...]:
    """One row per charge point."""
    tiles = board.data.points
    running = {tile.point: bar for tile in tiles if (bar := _charging(tile, board.now)) is not None}
    return _rows([tile.point for tile in tiles], running, steps, done, late, window, board.now)


def station_rows(
    board: Board,
    steps: Sequence[PlannedStep],
    done: Sequence[DoneWork],
    late: Collection[str],
    window: Window,
) -> tuple[Row, ...]:
    """One row per flash station. A running flash ends when the plan says, else it is drawn until now."""
    tiles = board.data.stations
    ends = {(step.machine, step.vin): step.end for step in steps}
    running = {tile.station: bar for tile in tiles if (bar := _flashing(tile, ends, board.now)) is not None}
    return _rows([tile.station for tile in tiles], running, steps, done, late, window, board.now)


def _charging(tile: PointTile, now: datetime) -> Bar | None:
    charge = tile.charge
    if charge is None or charge.started_at is None:
        return None
    return Bar(Work.RUNNING, charge.started_at, max(now, charge.expected_end or now), charge.vin)


def _flashing(tile: StationTile, ends: Mapping[tuple[str, Vin], datetime], now: datetime) -> Bar | None:
    attempt = tile.attempt
    if attempt is None:
        return None
    end = max(now, ends.get((tile.station, attempt.vin), now))
    return Bar(Work.RUNNING, attempt.started_at or attempt.opened_at, end, attempt.vin)


def _rows(
    names: Sequence[str],
    running: dict[str, Bar],
    steps: Sequence[PlannedStep],
    done: Sequence[DoneWork],
    late: Collection[str],
    window: Window,
    now: datetime,
) -> tuple[Row, ...]:
    known = set(names)
    bars: defaultdict[str, list[Bar]] = defaultdict(list)
    over = [work for work in done if work.place in known]
    for work in over:
        how = Work.DONE if work.passed else Work.FAILED
        bars[work.place].append(Bar(how, work.begun_at, work.ended_at, work.vin))
    for name, bar in running.items():
        bars[name].append(bar)
    # What runs or passed since the plan was made is drawn as it happened, wherever it was planned.
    begun = {bar.vin for bar in running.values()} | {work.vin for work in over if work.passed}
    for step in steps:
        if step.machine in known and step.vin not in begun and step.end > now:
            how = Work.LATE if step.vin in late else Work.PLANNED
            bars[step.machine].append(Bar(how, step.start, step.end, step.vin))
    return tuple(Row(name, thinned(bars[name], window)) for name in names)


def thinned(bars: Iterable[Bar], window: Window, least_share: float = LEAST_SHARE) -> tuple[Bar, ...]:
    """Bars inside the window, each kind by time; those too narrow to tell apart grow together."""
    least = (window.end - window.begin) * least_share
    kept: list[Bar] = []
    for bar in sorted(bars, key=lambda bar: (_PLACE[bar.work], bar.begin)):
        if not window.meets(bar):
            continue
        last = kept[-1] if kept else None
        if last is not None and _one_with(last, bar, least):
            kept[-1] = replace(last, end=max(last.end, bar.end), cars=last.cars + bar.cars)
        else:
            kept.append(bar)
    return tuple(kept)


def fitted(groups: Sequence[tuple[str, Sequence[Row]]], window: Window) -> list[tuple[str, Sequence[Row]]]:
    """The groups of a picture, drawn coarser until there are at most `MOST_BARS`."""
    fitting, share = list(groups), LEAST_SHARE
    while share < 1 and sum(len(row.bars) for _, rows in fitting for row in rows) > MOST_BARS:
        share *= 2
        fitting = [
            (name, [Row(row.name, thinned(row.bars, window, share)) for row in rows])
            for name, rows in fitting
        ]
    return fitting


_PLACE = {work: place for place, work in enumerate(Work)}


def _one_with(last: Bar, bar: Bar, least: timedelta) -> bool:
    """A bar grows until it can be told apart, and no further."""
    return last.work is bar.work and bar.begin - last.end < least and last.end - last.begin < least


def counted(rows: Iterable[Row]) -> dict[Work, int]:
    """Cars by how their work stands."""
    counts = dict.fromkeys(Work, 0)
    for row in rows:
        for bar in row.bars:
            counts[bar.work] += bar.cars
    return counts
