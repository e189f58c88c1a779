"""What one shift has to do by the plan in force, with the cars as they are now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from campaign.domain.identity import Vin
from campaign.domain.site import ShiftDay, SiteLayout
from campaign.domain.vehicle import Car
from campaign.errors import NotFound
from campaign.ports.plans import KeptPlan, PlannedStep
from campaign.ports.store import UnitOfWork
from campaign.services.yard_now import soc_of


@dataclass(frozen=True, slots=True)
class WorkLine:
    """One car at one place. `soc` in tenths as last read or listed, `state` a status of the car."""

    vin: Vin
    slot: str | None
    what: str
    machine: str
    start: datetime
    end: datetime
    priority: int
    soc: int | None
    batch_no: int
    state: str


@dataclass(frozen=True, slots=True)
class WorkList:
    """A shift, by its code and the day on which it opened; lines by start. Work that goes over its ends is in it."""

    campaign: str
    shift: str
    day: date
    begins: datetime
    ends: datetime
    lines: tuple[WorkLine, ...]


def work_list(
    uow: UnitOfWork, code: str, layout: SiteLayout, plan: KeptPlan | None, at: datetime
) -> WorkList:
    """The shift that `at` falls in; empty without a plan. Raises NotFound between shifts."""
    opened = layout.shift_at(at)
    if opened is None:
        raise NotFound(f"no shift of site {layout.code} is at work then")
    begins, ends = span(opened, layout)
    steps = [step for step in plan.steps if step.start < ends and step.end > begins] if plan else []
    steps.sort(key=lambda step: (step.start, step.machine, step.vin))
    cars = uow.cars.latest(list({step.vin for step in steps}))
    lines = tuple(_line(step, cars[step.vin]) for step in steps if step.vin in cars)
    return WorkList(code, opened.shift.code, opened.day, begins, ends, lines)


def span(opened: ShiftDay, layout: SiteLayout) -> tuple[datetime, datetime]:
    """From when to when a shift of a day works, in UTC."""
    zone, shift = ZoneInfo(layout.zone), opened.shift
    last = opened.day + timedelta(days=1) if shift.over_midnight else opened.day
    ends = datetime.combine(last, shift.end, tzinfo=zone)
    return datetime.combine(opened.day, shift.start, tzinfo=zone).astimezone(UTC), ends.astimezone(UTC)


def _line(step: PlannedStep, car: Car) -> WorkLine:
    return WorkLine(
        step.vin, car.slot, step.stage, step.machine, step.start, step.end, car.priority, soc_of(car),
        car.batch_no, car.status.value,
    )  # fmt: skip
