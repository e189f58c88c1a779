"""The stage dispatcher: cars in an order of priority become a timetable.

Space between the stages is unlimited, so that a stage can be laid out completely before the next one without
losing anything: O(n log n). A machine that comes free takes the waiting car of the highest priority that fits
before its stage closes; work is never split over a closed time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

from campaign.planning.calendars import Calendar
from campaign.planning.snapshot import Job, Snapshot, Stage

# How many waiting cars a machine looks through for one that still fits before closing time.
_LOOK_THROUGH = 16


@dataclass(frozen=True, slots=True)
class Timetable:
    """Lists by rank (0 is the highest priority): `starts[stage][rank]`, -1 where a car skips the stage.

    `finish[rank]` is the minute at which the car has left its last stage; `gate` the approval of the pilot.
    """

    starts: list[list[int]]
    machines: list[list[int]]
    finish: list[int]
    gate: int


@dataclass(frozen=True, slots=True)
class _Floor:
    """The state while stages are laid out: jobs by rank, a heap of (free from, machine) per stage."""

    snapshot: Snapshot
    jobs: list[Job]
    free: list[list[tuple[int, int]]]
    table: Timetable

    def run(self, stages: range, ranks: range) -> None:
        """Lay out the given stages for the given ranks."""
        finish = self.table.finish
        for stage in stages:
            minutes = [job.minutes_at(stage) for job in self.jobs]
            arrivals = [(finish[rank], rank) for rank in ranks if minutes[rank]]
            calendar = self.snapshot.stages[stage].calendar
            for rank, start, machine in run_stage(calendar, self.free[stage], arrivals, minutes):
                self.table.starts[stage][rank] = start
                self.table.machines[stage][rank] = machine
                finish[rank] = start + minutes[rank]


def dispatch(snapshot: Snapshot, order: Sequence[int], pilot_count: int) -> Timetable:
    """Lay out the jobs in an order of priority; the first `pilot_count` of the order are the pilot.

    The pilot goes alone through the gated stage and those after it, which gives the minute of its
    approval; the others start the gated stage from then on (rule 10).
    """
    jobs = [snapshot.jobs[index] for index in order]
    unset = [-1] * len(jobs)
    starts, machines = [unset.copy() for _ in snapshot.stages], [unset.copy() for _ in snapshot.stages]
    floor = _Floor(
        snapshot,
        jobs,
        [_free_machines(stage) for stage in snapshot.stages],
        Timetable(starts, machines, [job.release for job in jobs], 0),
    )
    everyone = range(len(jobs))
    if not pilot_count:
        floor.run(range(len(snapshot.stages)), everyone)
        return floor.table
    floor.run(range(snapshot.gate_stage), everyone)
    gated = range(snapshot.gate_stage, len(snapshot.stages))
    floor.run(gated, everyone[:pilot_count])
    finish = floor.table.finish
    gate = max(finish[:pilot_count]) + snapshot.pilot_sign_off_minutes
    for rank in everyone[pilot_count:]:
        if jobs[rank].minutes_at(snapshot.gate_stage):
            finish[rank] = max(finish[rank], gate)
    floor.run(gated, everyone[pilot_count:])
    return Timetable(starts, machines, finish, gate)


def _free_machines(stage: Stage) -> list[tuple[int, int]]:
    free = [(machine.free_from, index) for index, machine in enumerate(stage.machines)]
    heapify(free)
    return free


def run_stage(
    calendar: Calendar, free: list[tuple[int, int]], arrivals: list[tuple[int, int]], minutes: Sequence[int]
) -> Iterator[tuple[int, int, int]]:
    """Give machines to cars: yields (rank, start, machine), and leaves `free` as it is afterwards.

    `free` is a heap of (minute, machine), `arrivals` lists (minute, rank), `minutes` is by rank. Time only
    moves forward here: a machine that was idle decides at the clock, never at its own earlier minute, else it
    would start a car before its arrival.
    """
    arrivals.sort()
    shortest = min((minutes[rank] for _, rank in arrivals), default=0)
    waiting: list[int] = []
    clock, coming = 0, 0
    while waiting or coming < len(arrivals):
        came_free, machine = heappop(free)
        clock = max(clock, came_free)
        if not waiting:
            clock = max(clock, arrivals[coming][0])
        while coming < len(arrivals) and arrivals[coming][0] <= clock:
            heappush(waiting, arrivals[coming][1])
            coming += 1
        # Closed for the shortest means closed for all: sleep through the arrivals of a night at once.
        opens = calendar.fit(clock, shortest)
        if opens > clock:
            heappush(free, (opens, machine))
            continue
        rank = _first_that_fits(calendar, waiting, minutes, clock)
        if rank is None:
            opens = calendar.fit(clock, minutes[waiting[0]])
            arrives = arrivals[coming][0] if coming < len(arrivals) else opens
            heappush(free, (min(opens, arrives), machine))
            continue
        yield rank, clock, machine
        heappush(free, (clock + minutes[rank], machine))


def _first_that_fits(calendar: Calendar, waiting: list[int], minutes: Sequence[int], now: int) -> int | None:
    """Take the highest car that can start now out of the waiting heap, looking through the first few."""
    if calendar.always_open or calendar.fit(now, minutes[waiting[0]]) == now:
        return heappop(waiting)
    passed: list[int] = []
    found = None
    while waiting and found is None and len(passed) < _LOOK_THROUGH:
        rank = heappop(waiting)
        if calendar.fit(now, minutes[rank]) == now:
            found = rank
        else:
            passed.append(rank)
    for rank in passed:
        heappush(waiting, rank)
    return found
