"""OR-Tools CP-SAT on the whole campaign: an interval per car and stage, one `cumulative` per stage, nights, the gate.

In its favour: it is given our choice of the pilot, cars count as late by their own inspection instead of their batch's
sign-off, and the batches are formed by ours afterwards. What it minimises is the weighted tardiness in minutes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ortools.sat.python import cp_model

from campaign.planning.plan import Plan
from campaign.planning.snapshot import Snapshot
from tests.bench.peers.judged import Starts
from tests.bench.peers.nights import closed_times, horizon_of

WORKERS = 2


def solve(snapshot: Snapshot, pilot: list[int], seconds: float, hint: Plan | None = None) -> Starts | None:
    """The best timetable in so many seconds, None when it finds nothing. With a hint it knows that plan."""
    model = _Model(snapshot, pilot)
    if hint is not None:
        model.hint(hint)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = WORKERS
    status = solver.solve(model.model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    starts = [[-1 if start is None else solver.value(start) for start in row] for row in model.starts]
    note = f"{solver.status_name(status).lower()}, its bound {solver.best_objective_bound / 60:,.0f} h"
    return Starts(starts, pilot, note)


@dataclass
class _Model:
    snapshot: Snapshot
    pilot: list[int]
    model: cp_model.CpModel = field(default_factory=cp_model.CpModel)
    starts: list[list[cp_model.IntVar | None]] = field(default_factory=list)
    late: list[cp_model.IntVar | None] = field(default_factory=list)
    gate: cp_model.IntVar | None = None

    def __post_init__(self) -> None:
        self.horizon = horizon_of(self.snapshot)
        ready: list[cp_model.LinearExprT] = [job.release for job in self.snapshot.jobs]
        for stage in range(len(self.snapshot.stages)):
            self._lay_out(stage, ready)
        chosen = set(self.pilot)
        gate = self.gate = self.model.new_int_var(0, self.horizon, "gate")
        for index in self.pilot:
            self.model.add(gate >= ready[index] + self.snapshot.pilot_sign_off_minutes)
        for index, start in enumerate(self.starts[self.snapshot.gate_stage]):
            if index not in chosen and start is not None:
                self.model.add(start >= gate)
        self._minimise_tardiness(ready)

    def _lay_out(self, number: int, ready: list[cp_model.LinearExprT]) -> None:
        """Intervals of one stage after what the cars did before; `ready` becomes their ends."""
        model, stage = self.model, self.snapshot.stages[number]
        intervals, row = [], []
        for index, job in enumerate(self.snapshot.jobs):
            minutes = job.minutes_at(number)
            if not minutes:
                row.append(None)
                continue
            start = model.new_int_var(0, self.horizon, "")
            model.add(start >= ready[index])
            intervals.append(model.new_fixed_size_interval_var(start, minutes, ""))
            row.append(start)
            ready[index] = start + minutes
        demands = [1] * len(intervals)
        for begin, end in closed_times(stage.calendar, self.horizon):
            intervals.append(model.new_fixed_size_interval_var(begin, end - begin, ""))
            demands.append(len(stage.machines))
        model.add_cumulative(intervals, demands, len(stage.machines))
        self.starts.append(row)

    def _minimise_tardiness(self, ready: list[cp_model.LinearExprT]) -> None:
        terms = []
        for job, end in zip(self.snapshot.jobs, ready, strict=True):
            late = None
            if job.due is not None:
                late = self.model.new_int_var(0, self.horizon, "")
                self.model.add(late >= end - job.due)
                terms.append(job.weight * late)
            self.late.append(late)
        self.model.minimize(sum(terms))

    def hint(self, plan: Plan) -> None:
        """Every variable as in a plan."""
        index_of = {job.id: index for index, job in enumerate(self.snapshot.jobs)}
        ends = [job.release for job in self.snapshot.jobs]
        for operation in plan.operations:
            index = index_of[operation.job]
            self.model.add_hint(self.starts[operation.stage][index], operation.start)
            ends[index] = max(ends[index], operation.end)
        self.model.add_hint(self.gate, plan.gate)
        for job, late, end in zip(self.snapshot.jobs, self.late, ends, strict=True):
            if late is not None:
                self.model.add_hint(late, max(0, end - job.due))
