"""What a plan comes to, for two of them to stand side by side. Times are UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from campaign.planning.burnup import APPROVED, expected_curve
from campaign.planning.load import load
from campaign.planning.plan import Plan
from campaign.planning.snapshot import Snapshot

Curve = tuple[tuple[datetime, int], ...]
Loads = tuple[tuple[str, tuple[tuple[datetime, int, int], ...]], ...]


@dataclass(frozen=True, slots=True)
class Outlook:
    """One plan in figures. `gate_at` is when the pilot is approved, None when it is.

    `curve` is cars approved by then, of the `cars` that are planned. `loads` are by stage, hour by hour: busy
    machine-minutes and the open ones.
    """

    cars: int
    starts_at: datetime
    ends_at: datetime
    gate_at: datetime | None
    late: int
    tardiness_min: int
    binding: str
    bound_ends_at: datetime
    rule: str
    curve: Curve
    loads: Loads


@dataclass(frozen=True, slots=True)
class Comparison:
    """As it is, and what if."""

    now: Outlook
    then: Outlook


def outlook(snapshot: Snapshot, plan: Plan) -> Outlook:
    """The figures of a plan."""
    zero = snapshot.start.astimezone(UTC)

    def at(minute: int) -> datetime:
        return zero + timedelta(minutes=minute)

    loads = tuple(
        (stage.stage, tuple((at(point.minute), point.busy, point.capacity) for point in stage.points))
        for stage in load(snapshot, plan)
    )
    return Outlook(
        cars=len(plan.jobs),
        starts_at=zero,
        ends_at=at(plan.makespan),
        gate_at=at(plan.gate) if snapshot.pilot or snapshot.pilot_size else None,
        late=len(plan.late_jobs),
        tardiness_min=plan.tardiness,
        binding=plan.binding,
        bound_ends_at=at(plan.bounds.makespan),
        rule=plan.rule,
        curve=tuple((at(minute), cars) for minute, cars in expected_curve(plan, APPROVED)),
        loads=loads,
    )
