"""The stage dispatcher: cars in an order of priority become a timetable.

Space between the stages is unlimited, so that a stage can be laid out completely before the next one without
losing anything: O(n log n). A machine that comes free takes the waiting car of the highest priority that fits
before its stage closes; work is never split over a closed time. Stages with circuits, crews, outages or pins are
laid out by `shared_stage`, the others by the short loop here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Protocol

from campaign.planning.calendars import Calendar
from campaign.planning.resources import Stage
from campaign.planning.shared_stage import LOOK_THROUGH, SharedStage, free_machines
from campaign.planning.snapshot import Job, Snapshot

Arrival = tuple[int, int]
"""(minute, rank) of a car that comes to a stage."""


@dataclass(frozen=True, slots=True)
class Timetable:
    """Lists by rank (0 is the highest priority): `starts[stage][rank]`, -1 where a car skips the stage.

    `finish[rank]` is the minute at which the car has left its last stage; `gate` the approval of the pilot.
    """

    starts: list[list[int]]
    machines: list[list[int]]
    finish: list[int]
    gate: int


class _Layout(Protocol):
    """A stage that is laid out: called once for the pilot and once for the others, it remembers what is taken."""

    def run(self, arrivals: list[Arrival], minutes: Sequence[int]) -> Iterator[tuple[int, int, int, int]]:
        """Yields (rank, start, end, machine)."""


@dataclass(frozen=True, slots=True)
class _Floor:
    """The state while stages are laid out: jobs by rank, a layout per stage."""

    jobs: list[Job]
    layouts: list[_Layout]
    table: Timetable
    as_they_come: bool

    def run(self, stages: range, ranks: range) -> None:
        """Lay out the given stages for the given ranks."""
        finish = self.table.finish
        for stage in stages:
            minutes = [job.minutes_at(stage) for job in self.jobs]
            arrivals = [(finish[rank], rank) for rank in ranks if minutes[rank]]
            starts, machines = self.table.starts[stage], self.table.machines[stage]
            layout = self.layouts[stage]
            if self.as_they_come and stage:
                placed = _in_arrival_order(layout, arrivals, minutes)
            else:
                placed = layout.run(arrivals, minutes)
            for rank, start, end, machine in placed:
                starts[rank] = start
                machines[rank] = machine
                finish[rank] = end


def dispatch(
    snapshot: Snapshot, order: Sequence[int], pilot_count: int, *, as_they_come: bool = False
) -> Timetable:
    """Lay out the jobs in an order of priority; the first `pilot_count` of the order are the pilot.

    The pilot goes alone through the gated stage and those after it, which gives the minute of its
    approval; the others start the gated stage from then on (rule 10). `as_they_come`: the order counts at the first
    stage only, later stages take who came first.
    """
    jobs = [snapshot.jobs[index] for index in order]
    unset = [-1] * len(jobs)
    starts, machines = [unset.copy() for _ in snapshot.stages], [unset.copy() for _ in snapshot.stages]
    layouts = [_layout(stage, number, jobs) for number, stage in enumerate(snapshot.stages)]
    table = Timetable(starts, machines, [job.release for job in jobs], 0)
    floor = _Floor(jobs, layouts, table, as_they_come)
    everyone = range(len(jobs))
    if not pilot_count:
        floor.run(range(len(snapshot.stages)), everyone)
        return table
    floor.run(range(snapshot.gate_stage), everyone)
    gated = range(snapshot.gate_stage, len(snapshot.stages))
    floor.run(gated, everyone[:pilot_count])
    finish = table.finish
    gate = max(finish[:pilot_count]) + snapshot.pilot_sign_off_minutes
    for rank in everyone[pilot_count:]:
        if jobs[rank].minutes_at(snapshot.gate_stage):
            finish[rank] = max(finish[rank], gate)
    floor.run(gated, everyone[pilot_count:])
    return Timetable(starts, machines, finish, gate)


def _layout(stage: Stage, number: int, jobs: Sequence[Job]) -> _Layout:
    pins = {rank: name for rank, job in enumerate(jobs) if job.pins and (name := job.pinned_to(number))}
    return PlainStage(stage) if stage.plain and not pins else SharedStage(stage, pins)


def _in_arrival_order(
    layout: _Layout, arrivals: list[Arrival], minutes: Sequence[int]
) -> Iterator[tuple[int, int, int, int]]:
    """The same with places in the order of arrival instead of ranks."""
    arrivals.sort()
    by_place = [(minute, place) for place, (minute, _) in enumerate(arrivals)]
    needed = [minutes[rank] for _, rank in arrivals]
    for place, start, end, machine in layout.run(by_place, needed):
        yield arrivals[place][1], start, end, machine


class PlainStage:
    """Identical machines, of which any will do."""

    def __init__(self, stage: Stage) -> None:
        self._calendar = stage.calendar
        self._free = free_machines(stage)

    def run(self, arrivals: list[Arrival], minutes: Sequence[int]) -> Iterator[tuple[int, int, int, int]]:
        """Give machines to cars."""
        return run_stage(self._calendar, self._free, arrivals, minutes)


def run_stage(
    calendar: Calendar, free: list[tuple[int, int]], arrivals: list[Arrival], minutes: Sequence[int]
) -> Iterator[tuple[int, int, int, int]]:
    """Give machines to cars: yields (rank, start, end, machine), and leaves `free` as it is afterwards.

    `free` is a heap of (minute, machine), `arrivals` lists (minute, rank), `minutes` is by rank. Time only
    moves forward here: a machine that was idle decides at the clock, never at its own earlier minute, else it
    would start a car before its arrival.
    """
    arrivals.sort()
    shortest = min((minutes[rank] for _, rank in arrivals), default=0)
    always = calendar.always_open
    waiting: list[int] = []
    clock, coming, count = 0, 0, len(arrivals)
    while waiting or coming < count:
        came_free, machine = heappop(free)
        clock = max(clock, came_free)
        if not waiting:
            clock = max(clock, arrivals[coming][0])
        while coming < count and arrivals[coming][0] <= clock:
            heappush(waiting, arrivals[coming][1])
            coming += 1
        if always:
            rank: int | None = heappop(waiting)
        else:
            # Closed for the shortest means closed for all: sleep through the arrivals of a night at once.
            opens = calendar.fit(clock, shortest)
            if opens > clock:
                heappush(free, (opens, machine))
                continue
            rank = _first_that_fits(calendar, waiting, minutes, clock)
        if rank is None:
            opens = calendar.fit(clock, minutes[waiting[0]])
            arrives = arrivals[coming][0] if coming < count else opens
            heappush(free, (min(opens, arrives), machine))
            continue
        end = clock + minutes[rank]
        yield rank, clock, end, machine
        heappush(free, (end, machine))


def _first_that_fits(calendar: Calendar, waiting: list[int], minutes: Sequence[int], now: int) -> int | None:
    """Take the highest car that can start now out of the waiting heap, looking through the first few."""
    if calendar.fit(now, minutes[waiting[0]]) == now:
        return heappop(waiting)
    passed: list[int] = []
    found = None
    while waiting and found is None and len(passed) < LOOK_THROUGH:
        rank = heappop(waiting)
        if calendar.fit(now, minutes[rank]) == now:
            found = rank
        else:
            passed.append(rank)
    for rank in passed:
        heappush(waiting, rank)
    return found
