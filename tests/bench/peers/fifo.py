"""First in, first out: every stage takes the cars as they come, the first stage by the list.

The pilot are the first cars of the list, as nobody has chosen others.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from heapq import heapify, heappop, heappush

from campaign.planning.snapshot import Snapshot, Stage
from tests.bench.peers.judged import Starts


def first_in_first_out(snapshot: Snapshot, pilot: Sequence[int] | None = None) -> Starts:
    """The timetable; `pilot` are indices, None: the first of the list."""
    first = list(range(snapshot.pilot_size)) if pilot is None else list(pilot)
    chosen = set(first)
    others = [index for index in range(len(snapshot.jobs)) if index not in chosen]
    shop = Shop(snapshot)
    for stage in range(snapshot.gate_stage):
        shop.work_off(stage, [*first, *others] if pilot is not None else range(len(snapshot.jobs)))
    for stage in range(snapshot.gate_stage, len(snapshot.stages)):
        shop.work_off(stage, first)
    shop.hold(others, max(shop.ready[index] for index in first) + snapshot.pilot_sign_off_minutes)
    for stage in range(snapshot.gate_stage, len(snapshot.stages)):
        shop.work_off(stage, others)
    return Starts(shop.starts, first)


class Shop:
    """Machines and cars, by minutes: when each is free or ready for what comes next."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.ready = [job.release for job in snapshot.jobs]
        self.starts = [[-1] * len(snapshot.jobs) for _ in snapshot.stages]
        self.free = [_free(stage) for stage in snapshot.stages]

    def hold(self, cars: Iterable[int], until: int) -> None:
        """No next step of theirs starts before."""
        for index in cars:
            self.ready[index] = max(self.ready[index], until)

    def work_off(self, stage: int, cars: Iterable[int]) -> None:
        """One stage: cars as they are ready (equal ones as given), each on the machine that is free first."""
        calendar, free = self.snapshot.stages[stage].calendar, self.free[stage]
        for index in sorted(cars, key=self.ready.__getitem__):
            minutes = self.snapshot.jobs[index].minutes_at(stage)
            if minutes:
                start = calendar.fit(max(self.ready[index], heappop(free)), minutes)
                self.starts[stage][index] = start
                self.ready[index] = start + minutes
                heappush(free, start + minutes)


def _free(stage: Stage) -> list[int]:
    free = [machine.free_from for machine in stage.machines]
    heapify(free)
    return free
