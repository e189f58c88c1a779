"""One stage laid out for many replications at once: the same list scheduling as the plan's, on arrays.

Every step starts one car in each replication, or moves one of its machines on to when it can start something. The
number of steps follows the cars, not the replications.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from campaign.planning.forecast_calendar import ForecastCalendar, Minutes
from campaign.planning.forecast_queue import Cars, WaitingCars
from campaign.planning.resources import Crew

Table = npt.NDArray[np.int32]
"""Minutes by (car, replication), (replication, machine) or (replication, person)."""

Mask = npt.NDArray[np.bool_]


@dataclass(slots=True)
class Outages:
    """Times out of work by (replication, machine, number), in order of their begin, the last one never begins.

    No work touches one that is `known`. A surprise keeps the next start waiting, and where the stage `pauses`, the
    work under way too.
    """

    begins: Table
    ends: Table
    known: Mask
    pauses: bool
    _at: Cars = field(init=False)

    def __post_init__(self) -> None:
        rows, machines, _ = self.begins.shape
        self._at = np.zeros((rows, machines), dtype=np.intp)

    def past(self, row: Cars, machine: Cars, at: Minutes, minutes: Minutes) -> Minutes:
        """When the machine can start such work, asked at `at`; what ended before is forgotten."""
        free = at
        while True:
            number = self._at[row, machine]
            begins, known = self.begins[row, machine, number], self.known[row, machine, number]
            hit = begins < np.where(known, at + minutes, at + 1)
            if not hit.any():
                return free
            free = np.where(hit, np.maximum(free, self.ends[row, machine, number]), free)
            self._at[row, machine] = number + hit

    def paused(self, row: Cars, machine: Cars, ends: Minutes, started: Mask) -> Minutes:
        """The later end of work that surprises cut."""
        while self.pauses:
            number = self._at[row, machine]
            begins = self.begins[row, machine, number]
            hit = started & (begins < ends) & ~self.known[row, machine, number]
            if not hit.any():
                break
            ends = np.where(hit, ends + self.ends[row, machine, number] - begins, ends)
            self._at[row, machine] = number + hit
        return ends


class Hands:
    """A crew in all replications: who is free when."""

    def __init__(self, crew: Crew, shifts: ForecastCalendar, count: int) -> None:
        self._crew, self._shifts = crew, shifts
        self._free = np.zeros((count, crew.people), dtype=np.int32)
        self._rows = np.arange(count)

    def ready(self, at: Minutes) -> Minutes:
        """The first start from `at` on that somebody can attend."""
        leaves = np.maximum(self._free.min(axis=1), at - self._crew.travel)
        bound = np.full_like(leaves, self._crew.travel + self._crew.attend)
        return self._shifts.fit(leaves, bound) + np.int32(self._crew.travel)

    def take(self, at: Minutes, started: Mask) -> None:
        """Whoever is free first attends the starts at `at`."""
        person = self._free.argmin(axis=1)
        bound = at + np.int32(self._crew.attend)
        self._free[self._rows, person] = np.where(started, bound, self._free[self._rows, person])


class ForecastStage:
    """The machines of one stage in all replications. `run` may be called again: what is taken stays taken.

    `free` by (replication, machine) is when each machine is free at first; `paces` multiply minutes by machine.
    """

    def __init__(
        self,
        calendar: ForecastCalendar,
        free: Table,
        paces: npt.NDArray[np.float64] | None = None,
        outages: Outages | None = None,
        hands: Hands | None = None,
    ) -> None:
        self._calendar, self._outages, self._hands, self._paces = calendar, outages, hands, paces
        self._free = np.ascontiguousarray(free, dtype=np.int32)
        self._flat = self._free.reshape(-1)
        self._rows = np.arange(len(free))
        self._base = self._rows * free.shape[1]

    def run(self, arrivals: Table, minutes: Table) -> Table:
        """When each car's work ends, by (car, replication); cars are in order of priority."""
        waiting = WaitingCars(arrivals)
        count = len(self._rows)
        # One row more than cars: where a replication starts nothing in a step, it writes there.
        ends = np.zeros((len(arrivals) + 1, count), dtype=np.int32)
        flat_ends, flat_minutes = ends.reshape(-1), np.ascontiguousarray(minutes).reshape(-1)
        clock = np.zeros(count, dtype=np.int32)
        while waiting.going.any():
            machine = self._free.argmin(axis=1)
            place = self._base + machine
            free = self._flat[place]
            clock = waiting.come(np.maximum(clock, free))
            car = waiting.first()
            needs = self._needs(flat_minutes[car * count + self._rows], machine)
            ready = self._ready(machine, clock, needs)
            started = (ready == clock) & waiting.going
            end = self._end(machine, clock, needs, started)
            self._flat[place] = np.where(started, end, np.where(waiting.going, ready, free))
            flat_ends[np.where(started, car, len(arrivals)) * count + self._rows] = end
            waiting.take(started)
        return ends[:-1]

    def _needs(self, minutes: Minutes, machine: Cars) -> Minutes:
        if self._paces is not None:
            minutes = np.ceil(minutes * self._paces[machine]).astype(np.int32)
        return np.minimum(minutes, self._calendar.longest)

    def _ready(self, machine: Cars, clock: Minutes, needs: Minutes) -> Minutes:
        """The first minute from `clock` on at which the machine may start such work."""
        at = clock
        if self._outages is not None:
            at = self._outages.past(self._rows, machine, at, needs)
        if not self._calendar.always_open:
            at = self._calendar.fit(at, needs)
        return at if self._hands is None else self._hands.ready(at)

    def _end(self, machine: Cars, clock: Minutes, needs: Minutes, started: Mask) -> Minutes:
        end = clock + needs
        if self._hands is not None:
            self._hands.take(clock, started)
        if self._outages is not None:
            end = self._outages.paused(self._rows, machine, end, started)
        return end
