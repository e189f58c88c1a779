"""What runs in the yard now and what is down, of any campaign of a site: points and stations with their minutes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from campaign.domain.gates import Hold
from campaign.domain.identity import Vin
from campaign.domain.rules import CampaignRules
from campaign.domain.site import SiteLayout
from campaign.domain.vehicle import Car, Status
from campaign.ports.plans import PlannedStep
from campaign.ports.records import Attempt, Charge
from campaign.ports.store import UnitOfWork
from campaign.services.charge_models import ChargeModels, charge_models
from campaign.services.stages import CHARGE, FLASH, FLASH_MIN, Taken, charge_min, local_start

ANY_MOMENT = 5
"""A charge or a flash that should have ended is taken to end in so many minutes."""
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class YardNow:
    """What goes on, by car: minutes until it leaves its point or its station; and what that takes from a plan."""

    models: ChargeModels
    charges: Mapping[Vin, int]
    flashes: Mapping[Vin, int]
    taken: Taken
    started: tuple[PlannedStep, ...]


def yard_now(
    uow: UnitOfWork, rules: CampaignRules, layout: SiteLayout, now: datetime, away: Iterable[str] = ()
) -> YardNow:
    """A few bounded queries. A point that was given counts as busy: the technician is on the way to it.

    Down are points and stations on hold (a drain is one), stations that are `away`, and those where a car stands whose
    outcome is unknown.
    """
    look = _Look(uow, rules, layout, now)
    charges = {charge.point: (charge, look.charged_at(charge)) for charge in look.charges}
    flashes = {attempt.station: (attempt, look.flashed_at(attempt)) for attempt in look.attempts}
    steps = [
        PlannedStep(c.vin, CHARGE, point, c.started_at or now, end) for point, (c, end) in charges.items()
    ]
    steps += [
        PlannedStep(a.vin, FLASH, name, a.started_at or a.opened_at, end)
        for name, (a, end) in flashes.items()
    ]
    ends = {name: end for name, (_, end) in (charges | flashes).items()}
    busy = {name: look.minute(end) for name, end in ends.items()}
    return YardNow(
        look.models,
        {charge.vin: busy[point] for point, (charge, _) in charges.items()},
        {attempt.vin: busy[name] for name, (attempt, _) in flashes.items()},
        Taken(busy, down_of(uow.holds.open(), look.unresolved, away)),
        tuple(steps),
    )


def down_of(holds: Iterable[Hold], unresolved: Iterable[str], away: Iterable[str]) -> frozenset[str]:
    """Points and stations that take no car now."""
    held = {hold.target for hold in holds if hold.scope in ("station", "point")}
    return frozenset(held.union(unresolved, away))


def unresolved(uow: UnitOfWork, site: str) -> list[str]:
    """Stations where a car stands whose outcome is unknown."""
    busy = uow.attempts.busy_stations(site)
    return _uncertain(busy, uow.cars.latest(list(busy.values()))) if busy else []


def _uncertain(busy: Mapping[str, Vin], cars: Mapping[Vin, Car]) -> list[str]:
    return [station for station, vin in busy.items() if cars[vin].status is Status.UNCERTAIN]


class _Look:
    """The open work of a site."""

    def __init__(self, uow: UnitOfWork, rules: CampaignRules, layout: SiteLayout, now: datetime) -> None:
        self._rules, self._now = rules, now
        self._start = local_start(layout, now).astimezone(UTC)
        self.models = charge_models(uow, layout, now)
        self.charges: list[Charge] = uow.charges.open(layout.code)
        busy = uow.attempts.busy_stations(layout.code)
        self._cars = uow.cars.latest([charge.vin for charge in self.charges] + list(busy.values()))
        at_stations = [self._cars[vin] for vin in busy.values()]
        self.unresolved = _uncertain(busy, self._cars)
        last = uow.attempts.last_of(at_stations).values() if at_stations else ()
        self.attempts: list[Attempt] = [attempt for attempt in last if attempt.ended_at is None]

    def minute(self, moment: datetime) -> int:
        """Whole minutes of the plan, rounded up."""
        return max(0, -((self._start - moment) // _MINUTE))

    def charged_at(self, charge: Charge) -> datetime:
        """When the car leaves its point: by a reading on the way, else as expected."""
        car = self._cars[charge.vin]
        if charge.started_at is None:
            return self._now + self._charging(soc_of(car))
        end = charge.expected_end or charge.started_at + self._charging(charge.start_soc)
        if car.soc is not None and car.soc.at > charge.started_at:
            end = car.soc.at + self._charging(car.soc.tenths, charge.point)
        return self._soon(end)

    def flashed_at(self, attempt: Attempt) -> datetime:
        """When the station is free again."""
        return self._soon((attempt.started_at or attempt.opened_at) + FLASH_MIN * _MINUTE)

    def _charging(self, soc: int | None, point: str | None = None) -> timedelta:
        if soc is not None and point is not None:
            return self.models.minutes(soc, self._rules.charge_target_tenths, point) * _MINUTE
        return charge_min(soc, self._rules, self.models) * _MINUTE

    def _soon(self, end: datetime) -> datetime:
        return end if end > self._now else self._now + ANY_MOMENT * _MINUTE


def soc_of(car: Car) -> int | None:
    """The last reading, else what a list said: good enough to plan with."""
    return car.listed_soc if car.soc is None else car.soc.tenths
