"""A plan in minutes written as a plan to keep: moments, batch numbers, and who changed places."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from campaign.domain.causes import Cause
from campaign.domain.identity import Vin
from campaign.planning.plan import Plan, PlannedJob
from campaign.planning.snapshot import Snapshot
from campaign.ports.plans import KeptPlan, LateCar, LateReason, Moved, PlannedStep

MOST_MOVED = 50


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose plan it is, made when and why; `seen` is the look that it was made under."""

    campaign: str
    made_at: datetime
    by: str
    cause: Cause
    why: str
    seen: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """A plan with its snapshot; `numbers` are those of its batches, in its order; `started` is work that goes on."""

    snapshot: Snapshot
    plan: Plan
    numbers: Sequence[int]
    started: Sequence[PlannedStep] = ()
    left_out: int = 0
    zero: datetime = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "zero", self.snapshot.start.astimezone(UTC))

    def at(self, minute: int) -> datetime:
        """A minute of the plan, in UTC."""
        return self.zero + timedelta(minutes=minute)


def kept_plan(origin: Origin, made: Made, moved: Sequence[Moved] = ()) -> KeptPlan:
    """Everything that is kept of a plan; `moved` are all cars that changed places, the first ones are kept."""
    plan, snapshot = made.plan, made.snapshot
    gated = bool(snapshot.pilot or snapshot.pilot_size)
    late = tuple(_late(job, made.at) for job in plan.jobs if job.lateness)
    return KeptPlan(
        campaign=origin.campaign,
        made_at=origin.made_at,
        by=origin.by,
        cause=origin.cause.value,
        why=origin.why,
        rule=plan.rule,
        seconds=round(plan.seconds, 3),
        ends_at=made.at(plan.makespan),
        gate_at=made.at(plan.gate) if gated else None,
        bound_ends_at=made.at(plan.bounds.makespan),
        binding=plan.binding,
        cars=len(plan.jobs),
        late=late,
        tardiness_min=plan.tardiness,
        moved=tuple(moved[:MOST_MOVED]),
        moved_count=len(moved),
        batches=tuple(
            (no, made.at(batch.planned_start), made.at(batch.planned_end))
            for no, batch in sorted(zip(made.numbers, plan.batches, strict=True), key=lambda pair: pair[0])
        ),
        steps=_steps(made),
        late_count=len(late),
        left_out=made.left_out,
        seen=origin.seen,
    )


def moves(before: Sequence[str], after: Sequence[str], why: str) -> list[Moved]:
    """Cars that stand at another place than before, those that come forward farthest first."""
    was = {vin: place for place, vin in enumerate(before)}
    changed = [
        Moved(Vin(vin), was[vin], place, why)
        for place, vin in enumerate(after)
        if was.get(vin, place) != place
    ]
    return sorted(changed, key=lambda move: (move.now - move.was, move.now))


def cause_text(cause: Cause, what: str) -> str:
    """As a moved car tells it: `down ST-2`; a person's own words stay with the plan."""
    return cause.value if cause in (Cause.ASKED, Cause.LAUNCHED) else f"{cause.value} {what}".strip()


def _steps(made: Made) -> tuple[PlannedStep, ...]:
    """By stage, machine and time."""
    stages = made.plan.stages
    place = {name: number for number, name in enumerate(stages)}
    steps: Iterable[PlannedStep] = (
        PlannedStep(Vin(op.job), stages[op.stage], op.machine, made.at(op.start), made.at(op.end))
        for op in made.plan.operations
    )
    return tuple(
        sorted(
            [*made.started, *steps], key=lambda step: (place[step.stage], step.machine, step.start, step.vin)
        )
    )


def _late(job: PlannedJob, at: Callable[[int], datetime]) -> LateCar:
    due = at(job.approved - job.lateness)
    if job.reason is None:
        return LateCar(Vin(job.id), due, at(job.approved))
    why = job.reason
    reason = LateReason(why.wait, why.stage, why.machine, at(why.since), at(why.until))
    return LateCar(Vin(job.id), due, at(job.approved), reason)
