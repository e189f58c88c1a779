"""What a peer's timetable is worth: our batches around it, our independent check on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush

from campaign.planning.batching import Leaving, form_batches
from campaign.planning.bounds import Bounds
from campaign.planning.check import Violation, check
from campaign.planning.plan import Operation, Plan, PlannedBatch, PlannedJob, Reason, Wait
from campaign.planning.snapshot import Snapshot

NO_BOUNDS = Bounds(0, 0, 0, (), "")


@dataclass(frozen=True, slots=True)
class Starts:
    """A peer's timetable: `of[stage][job]` is a minute (-1: nothing to do), by the snapshot's indices.

    Which of the identical machines is used is left open. `pilot` are indices of jobs. `note` is for people.
    """

    of: list[list[int]]
    pilot: list[int]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of it, in hours: makespan, weighted tardiness in car-hours; cars late; what `check` found."""

    makespan_h: float
    tardiness_h: float
    late: int
    violations: list[Violation] = field(default_factory=list)

    def __str__(self) -> str:
        wrong = f", BREAKS {len(self.violations)} RULES: {self.violations[0]}" if self.violations else ""
        return f"{self.tardiness_h:,.0f} h ({self.late} late), {self.makespan_h:.1f} h long{wrong}"


def judged(snapshot: Snapshot, starts: Starts) -> Judged:
    """Cars are batched by `form_batches` as ours are; a plan that breaks a rule says so."""
    return of_plan(snapshot, _plan(snapshot, starts))


def of_plan(snapshot: Snapshot, plan: Plan) -> Judged:
    """The same of a plan that is one already."""
    return Judged(plan.makespan / 60, plan.tardiness / 60, len(plan.late_jobs), check(snapshot, plan))


def _plan(snapshot: Snapshot, starts: Starts) -> Plan:
    operations = [
        operation
        for stage in range(len(snapshot.stages))
        for operation in _operations(snapshot, starts, stage)
    ]
    begins: dict[str, int] = {}
    ends = {job.id: job.release for job in snapshot.jobs}
    for operation in operations:
        begins.setdefault(operation.job, operation.start)
        ends[operation.job] = max(ends[operation.job], operation.end)
    batches = _batches(snapshot, starts.pilot, begins, ends)
    approved = {
        car: (number, batch.planned_end) for number, batch in enumerate(batches) for car in batch.jobs
    }
    jobs = []
    for job in snapshot.jobs:
        number, end = approved[job.id]
        late = 0 if job.due is None else max(0, end - job.due)
        # A peer gives no reasons; the check wants one wherever a car is late.
        reason = Reason(Wait.DUE, "", "", job.release, end) if late else None
        jobs.append(PlannedJob(job.id, job.release, job.done, ends[job.id], number, end, late, reason))
    return Plan(
        stages=tuple(stage.name for stage in snapshot.stages),
        operations=tuple(operations),
        batches=tuple(batches),
        jobs=tuple(jobs),
        gate=batches[0].planned_end if starts.pilot else 0,
        makespan=max(end for _, end in approved.values()),
        tardiness=sum(job.weight * fate.lateness for job, fate in zip(snapshot.jobs, jobs, strict=True)),
        rule="a peer's",
        bounds=NO_BOUNDS,
    )


def _operations(snapshot: Snapshot, starts: Starts, stage: int) -> list[Operation]:
    """The stage's work on its machines: always the one that is free longest; too much work overlaps, and is found."""
    machines = snapshot.stages[stage].machines
    free = [(machine.free_from, number) for number, machine in enumerate(machines)]
    heapify(free)
    operations = []
    for start, index in sorted((start, index) for index, start in enumerate(starts.of[stage]) if start >= 0):
        _, number = heappop(free)
        job = snapshot.jobs[index]
        end = start + job.durations[stage]
        operations.append(Operation(job.id, stage, machines[number].name, start, end))
        heappush(free, (end, number))
    return operations


def _batches(
    snapshot: Snapshot, pilot: Sequence[int], begins: dict[str, int], ends: dict[str, int]
) -> list[PlannedBatch]:
    first = set(pilot)
    leaving = [Leaving(job, ends[job.id]) for index, job in enumerate(snapshot.jobs) if index not in first]
    groups = [
        ([snapshot.jobs[index].id for index in pilot], snapshot.pilot_sign_off_minutes, True),
        *(
            ([car.job.id for car in batch], snapshot.sign_off_minutes, False)
            for batch in form_batches(leaving, snapshot.batch_limits, snapshot.sign_off_minutes)
        ),
    ]
    return [
        PlannedBatch(
            tuple(cars),
            min(begins.get(car, 0) for car in cars),
            max(ends[car] for car in cars) + effort,
            is_pilot,
        )
        for cars, effort, is_pilot in groups
        if cars
    ]
