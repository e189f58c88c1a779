"""The campaign as it stands now, as a snapshot to plan from: started work is kept, finished cars are out.

One query for the cars that are left, one each for charges, attempts, holds and the site.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from campaign.domain.campaign import Campaign
from campaign.domain.identity import Vin
from campaign.domain.reasons import Code
from campaign.domain.retry import same_version
from campaign.domain.site import SiteLayout
from campaign.domain.vehicle import Car, Status
from campaign.planning.snapshot import BatchLimits, Job, Snapshot
from campaign.ports.plans import PlannedStep
from campaign.ports.store import UnitOfWork
from campaign.services.stages import (
    FLASH_MIN,
    INSPECT_MIN,
    SIGN_OFF_MIN,
    charge_min,
    due_min,
    local_start,
    stages_of,
)
from campaign.services.yard_now import YardNow, soc_of, yard_now

REWORK_MIN = 4 * 60  # until somebody has found the cause and sends a failed car to a station again


@dataclass(frozen=True, slots=True)
class Live:
    """A snapshot with what it does not say.

    `cars` are those of the snapshot by their present priority, `open_batches` the numbers of the batches that were
    opened; `left_out` are cars that nobody may work on now, with the reason; `down` are points and stations that take
    no car; `started` is work that goes on, of these cars.
    """

    snapshot: Snapshot
    left_out: tuple[tuple[Vin, Code], ...]
    cars: tuple[Car, ...]
    down: tuple[str, ...]
    started: tuple[PlannedStep, ...]
    open_batches: frozenset[int]

    @property
    def together(self) -> Snapshot:
        """The same with every batch as it is, also those that are not opened yet."""
        named = frozenset(self.snapshot.pilot)
        return replace(self.snapshot, batches=_batches([car for car in self.cars if car.vin not in named]))

    @property
    def before(self) -> tuple[str, ...]:
        """Present priority, for `Rule.AS_BEFORE`."""
        return tuple(car.vin for car in self.cars)


def live_snapshot(
    uow: UnitOfWork, campaign: Campaign, layout: SiteLayout, now: datetime, away: frozenset[str] = frozenset()
) -> Live:
    """What is left of a campaign at `now`; `away` are stations that do not answer. Raises BadInput.

    Cars of an opened batch stay together. The pilot that is not approved yet keeps its gate shut, as far as its cars
    may be worked on.
    """
    start = local_start(layout, now)
    yard = yard_now(uow, campaign.rules, layout, now, away)
    builder = _Jobs(uow, campaign, start, yard)
    jobs, cars, left_out = [], [], []
    for car in uow.cars.unfinished(campaign.code):
        code = builder.out(car)
        if code is None:
            jobs.append(builder.job(car))
            cars.append(car)
        else:
            left_out.append((car.vin, code))
    rules = campaign.rules
    opened = frozenset(batch.no for batch in uow.batches.active(campaign.code))
    pilot = set() if campaign.pilot_approved else {car.vin for car in cars if car.in_pilot}
    snapshot = Snapshot(
        start,
        stages_of(layout, start, yard.models, yard.taken),
        tuple(jobs),
        BatchLimits(rules.batch.min, rules.batch.max),
        pilot=tuple(car.vin for car in cars if car.vin in pilot),
        batches=_batches([car for car in cars if car.batch_no in opened and car.vin not in pilot]),
        pilot_sign_off_minutes=SIGN_OFF_MIN,
    )
    planned = {car.vin for car in cars}
    started = tuple(step for step in yard.started if step.vin in planned)
    return Live(snapshot, tuple(left_out), tuple(cars), tuple(sorted(yard.taken.down)), started, opened)


def _batches(cars: Iterable[Car]) -> tuple[tuple[str, ...], ...]:
    """VINs by batch, in order of its number."""
    of: defaultdict[int, list[str]] = defaultdict(list)
    for car in cars:
        of[car.batch_no].append(car.vin)
    return tuple(tuple(vins) for _, vins in sorted(of.items()))


class _Jobs:
    """Cars as jobs: what is behind them, and when they can go on."""

    def __init__(self, uow: UnitOfWork, campaign: Campaign, start: datetime, yard: YardNow) -> None:
        self._rules, self._start, self._yard = campaign.rules, start, yard
        self._held = {hold.target for hold in uow.holds.open() if hold.scope in ("car", "batch")}

    def out(self, car: Car) -> Code | None:
        """Why nobody may work on this car, whatever the plan says."""
        if car.status is Status.UNCERTAIN:
            return Code.OUTCOME_UNKNOWN
        if car.vin in self._held or f"{car.campaign}/B{car.batch_no:03d}" in self._held:
            return Code.HELD
        to_flash = car.status not in (Status.FLASHING, Status.FLASHED) and not self._at_target(car)
        if to_flash and car.attempts >= self._rules.max_attempts:
            return Code.TOO_MANY_ATTEMPTS
        return None

    def job(self, car: Car) -> Job:
        """A car that goes on."""
        done, release, charge = self._standing(car)
        return Job(
            car.vin,
            (0 if done else charge, FLASH_MIN, INSPECT_MIN),
            release=release,
            due=due_min(car.promised, self._start),
            weight=car.weight,
            done=done,
            variant=car.variant,
        )

    def _standing(self, car: Car) -> tuple[int, int, int]:
        """Stages behind it, the minute from which it can go on, minutes of charging before it."""
        at_point = self._yard.charges.get(car.vin)
        match car.status:
            case Status.FLASHING:
                return 2, self._yard.flashes.get(car.vin, FLASH_MIN), 0
            case Status.FLASHED:
                return 2, at_point or 0, 0
            case Status.REWORK:
                return 1, REWORK_MIN, 0
            case Status.CHARGING if self._at_target(car):
                return 2, at_point or 0, 0
        if at_point is not None:  # connected, or the point is kept for it
            return 1, at_point, 0
        if self._above_gate(car):
            return 1 if car.status is Status.CHARGED else 0, 0, 0
        return 0, 0, charge_min(soc_of(car), self._rules, self._yard.models)

    def _above_gate(self, car: Car) -> bool:
        """By its last reading, else by its list; the gate itself asks for a young one."""
        if car.soc is not None and car.soc.gauge is not self._rules.gate.gauge:
            return False
        soc = soc_of(car)
        return soc is not None and soc >= self._rules.gate.min_tenths

    def _at_target(self, car: Car) -> bool:
        return car.read_back is not None and same_version(car.read_back, self._rules.target)
