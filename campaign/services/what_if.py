"""What if: a wish put to the planner beside what is there. Nothing of it is saved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from campaign.errors import BadInput
from campaign.planning.calendars import Calendar
from campaign.planning.options import PlanOptions
from campaign.planning.planner import plan
from campaign.planning.scenario import closed_between, with_calendar, with_cars, with_machines
from campaign.planning.snapshot import Snapshot
from campaign.services.outlook import Comparison, outlook
from campaign.services.stages import CHARGE, FLASH, INSPECT


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A wish: so many more (or fewer) points, stations, inspectors; more cars; days on which nobody works; other hours
    of QA, every day, over midnight where `qa_to` is not after `qa_from`.
    """

    points: int = 0
    stations: int = 0
    inspectors: int = 0
    cars: int = 0
    closed: tuple[date, ...] = ()
    qa_from: time | None = None
    qa_to: time | None = None


def compared(snapshot: Snapshot, wish: WhatIf, options: PlanOptions) -> Comparison:
    """The same engine over both. Raises BadInput: the wish contradicts itself or leaves a stage without machines."""
    now = outlook(snapshot, plan(snapshot, options))
    if wish == WhatIf():
        return Comparison(now, now)
    then = wished(snapshot, wish)
    return Comparison(now, outlook(then, plan(then, options)))


def wished(snapshot: Snapshot, wish: WhatIf) -> Snapshot:
    """The snapshot as it would be. Raises BadInput."""
    for stage, change in ((CHARGE, wish.points), (FLASH, wish.stations), (INSPECT, wish.inspectors)):
        if change:
            snapshot = with_machines(snapshot, stage, change)
    if wish.cars:
        snapshot = with_cars(snapshot, wish.cars)
    if wish.qa_from is not None or wish.qa_to is not None:
        snapshot = with_calendar(snapshot, INSPECT, _hours(snapshot, wish))
    for day in wish.closed:
        snapshot = _without(snapshot, day)
    return snapshot


def _hours(snapshot: Snapshot, wish: WhatIf) -> Calendar:
    if wish.qa_from is None or wish.qa_to is None:
        raise BadInput("hours of QA need both ends", where="qa", todo="give from and to")
    opens, closes = (at.hour * 60 + at.minute for at in (wish.qa_from, wish.qa_to))
    return Calendar.daily(opens, closes, snapshot.start)


def _without(snapshot: Snapshot, day: date) -> Snapshot:
    """Midnight to midnight at the site; of today, what is left of it."""
    midnight = datetime.combine(day, time(), tzinfo=snapshot.start.tzinfo)
    end = snapshot.minute_of(midnight + timedelta(days=1))
    if end <= 0:
        raise BadInput(f"{day} is over", where="closed", todo="give a day to come")
    return closed_between(snapshot, max(0, snapshot.minute_of(midnight)), end)
