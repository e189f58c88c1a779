"""pyjobshop on the whole campaign: a task per car and stage, a renewable resource per stage with its nights as breaks.

In its favour, as with CP-SAT: our choice of the pilot, cars late by their own inspection, our batches afterwards. The
gate is a task without length between the pilot and the other flashes.
"""

from __future__ import annotations

from typing import Any

from pyjobshop import Model, Solution
from pyjobshop.Solution import ScheduledTask

from campaign.planning.plan import Plan
from campaign.planning.snapshot import Snapshot
from tests.bench.peers.judged import Starts
from tests.bench.peers.nights import closed_times, horizon_of

WORKERS = 2


def solve(snapshot: Snapshot, pilot: list[int], seconds: float, hint: Plan | None = None) -> Starts | None:
    """The best timetable in so many seconds, None when it finds nothing. With a hint it starts from that plan."""
    shop = _Shop(snapshot, pilot)
    result = shop.model.solve(
        time_limit=seconds,
        display=False,
        num_workers=WORKERS,
        initial_solution=None if hint is None else shop.solution_of(hint),
    )
    if not result.best.tasks:
        return None
    starts = [[-1 if task is None else result.best.tasks[task].start for task in row] for row in shop.numbers]
    note = f"{result.status.value.lower()}, its bound {result.lower_bound / 60:,.0f} h"
    return Starts(starts, pilot, note)


class _Shop:
    """The model, and which of its tasks is which car's at which stage."""

    def __init__(self, snapshot: Snapshot, pilot: list[int]) -> None:
        self.snapshot, self.model = snapshot, Model()
        self.numbers: list[list[int | None]] = [[None] * len(snapshot.jobs) for _ in snapshot.stages]
        self._tasks: list[Any] = []
        horizon = horizon_of(snapshot)
        crews = [
            self.model.add_renewable(len(stage.machines), closed_times(stage.calendar, horizon))
            for stage in snapshot.stages
        ]
        for index, job in enumerate(snapshot.jobs):
            # It wants a due date of every job: the horizon is no promise.
            due = horizon if job.due is None else job.due
            owner = self.model.add_job(weight=job.weight, release_date=job.release, due_date=due)
            before = None
            for stage, crew in enumerate(crews):
                if minutes := job.minutes_at(stage):
                    before = self._add(owner, crew, minutes, before)
                    self.numbers[stage][index] = len(self._tasks) - 1
        self._add_gate(pilot)
        self.model.set_objective(weight_total_tardiness=1)

    def _add(self, owner: Any, crew: Any, minutes: int, before: Any) -> Any:
        task = self.model.add_task(owner)
        self.model.add_mode(task, crew, minutes, demands=1)
        if before is not None:
            self.model.add_end_before_start(before, task)
        self._tasks.append(task)
        return task

    def _add_gate(self, pilot: list[int]) -> None:
        gate = self.model.add_task()
        self.model.add_mode(gate, self.model.add_renewable(1), 0)
        self._tasks.append(gate)
        chosen = set(pilot)
        last = len(self.snapshot.stages) - 1
        for index in range(len(self.snapshot.jobs)):
            if index in chosen:
                inspected = self._tasks[self.numbers[last][index]]
                minutes = self.snapshot.pilot_sign_off_minutes
                self.model.add_end_before_start(inspected, gate, delay=minutes)
            else:
                flashed = self._tasks[self.numbers[self.snapshot.gate_stage][index]]
                self.model.add_end_before_start(gate, flashed)

    def solution_of(self, plan: Plan) -> Solution:
        """A plan as a solution to start from."""
        index_of = {job.id: index for index, job in enumerate(self.snapshot.jobs)}
        tasks: list[Any] = [None] * len(self._tasks)
        for operation in plan.operations:
            number = self.numbers[operation.stage][index_of[operation.job]]
            tasks[number] = ScheduledTask(number, [operation.stage], operation.start, operation.end)
        tasks[-1] = ScheduledTask(len(tasks) - 1, [len(self.snapshot.stages)], plan.gate, plan.gate)
        return Solution(self.model.data(), tasks)
