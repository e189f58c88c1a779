"""From a snapshot to a plan: a few orders of priority are laid out, the best one is the plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from campaign.errors import BrokenRule
from campaign.planning.batching import Leaving, form_batches
from campaign.planning.dispatch import Timetable, dispatch
from campaign.planning.priority import choose_pilot, due_date_order, tardiness_cost_order
from campaign.planning.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """`look_aheads` (minutes) are the ATC rules tried when cars would be late by due date alone."""

    seed: int = 1
    look_aheads: tuple[int, ...] = (30, 120, 480)


@dataclass(frozen=True, slots=True)
class Operation:
    """One car on one machine of one stage (an index), from minute `start` to `end`."""

    job: str
    stage: int
    machine: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class PlannedBatch:
    """Cars that QA signs together; from the first start of one of them to the sign-off."""

    jobs: tuple[str, ...]
    planned_start: int
    planned_end: int
    pilot: bool


@dataclass(frozen=True, slots=True)
class PlannedJob:
    """One car's fate: through the last stage at `finish`, signed with batch number `batch` at `approved`.

    `lateness` is the minutes after its due date, 0 when in time or without one. `release` and `done` are the
    snapshot's.
    """

    id: str
    release: int
    done: int
    finish: int
    batch: int
    approved: int
    lateness: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Who goes where and when, in minutes of the snapshot.

    `jobs` are in order of priority. `batches` are in order of their sign-off, the pilot first. `tardiness`
    sums weight x lateness in car-minutes. `gate` is the minute from which cars outside the pilot may start
    the gated stage (0 without a pilot). `rule` names the order that won.
    """

    stages: tuple[str, ...]
    operations: tuple[Operation, ...]
    batches: tuple[PlannedBatch, ...]
    jobs: tuple[PlannedJob, ...]
    gate: int
    makespan: int
    tardiness: int
    rule: str

    @property
    def late_jobs(self) -> tuple[str, ...]:
        """Ids of the cars that miss their due date, by priority."""
        return tuple(job.id for job in self.jobs if job.lateness)


@dataclass(frozen=True, slots=True)
class _Draft:
    """One order laid out and batched, not yet turned into values."""

    rule: str
    order: list[int]
    table: Timetable
    batches: list[list[Leaving]]
    ends: list[int]
    tardiness: int
    pilot_count: int

    @property
    def score(self) -> tuple[int, int]:
        return self.tardiness, max(self.ends, default=0)


def plan(snapshot: Snapshot, options: PlanOptions | None = None) -> Plan:
    """The best plan of a small portfolio: least weighted tardiness, then least makespan.

    The same snapshot and options always give the same plan. The search ends at a plan without a late car.
    """
    options = options or PlanOptions()
    pilot = choose_pilot(snapshot)
    best: _Draft | None = None
    for rule, order in _portfolio(snapshot, pilot, options):
        draft = _draft(snapshot, rule, order, len(pilot))
        if best is None or draft.score < best.score:
            best = draft
        if not best.tardiness:
            break
    if best is None:
        raise BrokenRule("the portfolio holds no rule")
    return _written(snapshot, best)


def ranked(plan: Plan) -> list[str]:
    """Ids of the cars by priority: the place in this list is a car's rank, lower goes first."""
    return [job.id for job in plan.jobs]


def _portfolio(
    snapshot: Snapshot, pilot: tuple[int, ...], options: PlanOptions
) -> Iterator[tuple[str, list[int]]]:
    yield "due date", due_date_order(snapshot, pilot, options.seed)
    for minutes in options.look_aheads:
        yield f"tardiness cost {minutes}", tardiness_cost_order(snapshot, pilot, options.seed, minutes)


def _draft(snapshot: Snapshot, rule: str, order: list[int], pilot_count: int) -> _Draft:
    table = dispatch(snapshot, order, pilot_count)
    leaving = [
        Leaving(snapshot.jobs[index], finish) for index, finish in zip(order, table.finish, strict=True)
    ]
    batches = form_batches(leaving[pilot_count:], snapshot.batch_limits, snapshot.sign_off_minutes)
    ends = [batch[-1].finish + snapshot.sign_off_minutes for batch in batches]
    if pilot_count:
        batches.insert(0, leaving[:pilot_count])
        ends.insert(0, table.gate)
    tardiness = sum(
        car.job.weight * _lateness(car, end)
        for batch, end in zip(batches, ends, strict=True)
        for car in batch
    )
    return _Draft(rule, order, table, batches, ends, tardiness, pilot_count)


def _lateness(car: Leaving, approved: int) -> int:
    return 0 if car.job.due is None else max(0, approved - car.job.due)


def _written(snapshot: Snapshot, draft: _Draft) -> Plan:
    operations = tuple(_operations(snapshot, draft))
    first_start: dict[str, int] = {}
    for operation in operations:
        first_start.setdefault(operation.job, operation.start)
    fates: dict[str, PlannedJob] = {}
    batches = []
    for number, (cars, end) in enumerate(zip(draft.batches, draft.ends, strict=True)):
        ids = tuple(car.job.id for car in cars)
        start = min(first_start.get(car.job.id, car.job.release) for car in cars)
        batches.append(PlannedBatch(ids, start, end, pilot=not number and bool(draft.pilot_count)))
        for car in cars:
            job = car.job
            fates[job.id] = PlannedJob(
                job.id, job.release, job.done, car.finish, number, end, _lateness(car, end)
            )
    return Plan(
        stages=tuple(stage.name for stage in snapshot.stages),
        operations=operations,
        batches=tuple(batches),
        jobs=tuple(fates[snapshot.jobs[index].id] for index in draft.order),
        gate=draft.table.gate,
        makespan=max(draft.ends, default=0),
        tardiness=draft.tardiness,
        rule=draft.rule,
    )


def _operations(snapshot: Snapshot, draft: _Draft) -> Iterator[Operation]:
    for number, stage in enumerate(snapshot.stages):
        starts, machines = draft.table.starts[number], draft.table.machines[number]
        for rank, index in enumerate(draft.order):
            if starts[rank] >= 0:
                job = snapshot.jobs[index]
                machine = stage.machines[machines[rank]].name
                yield Operation(job.id, number, machine, starts[rank], starts[rank] + job.durations[number])
