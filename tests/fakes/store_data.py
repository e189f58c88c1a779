"""What the fake store keeps: dicts of frozen values, copied for a writer and swapped when it commits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, field, fields, replace
from datetime import datetime

from campaign.domain.batch import SIGNED, Batch
from campaign.domain.campaign import Campaign
from campaign.domain.events import Event, Fact
from campaign.domain.gates import Hold
from campaign.domain.identity import Vin
from campaign.domain.package import Package, TrustedKey
from campaign.domain.reasons import Code, because
from campaign.domain.signoff import SignOff, Touched
from campaign.domain.site import SiteLayout
from campaign.domain.staging import Staging
from campaign.domain.vehicle import TERMINAL, Car, Status
from campaign.errors import BrokenRule, CampaignError, Conflict, NotFound
from campaign.ports.plans import KeptForecast, KeptPlan
from campaign.ports.records import (
    Attempt,
    Charge,
    ImportRecord,
    KeptEvidence,
    OrderFact,
    Person,
    SignIn,
    Vehicle,
)


@dataclass
class Data:
    """Every table. Cars are kept without what is joined to them (point, station, order, slot, variant)."""

    vehicles: dict[Vin, Vehicle] = field(default_factory=dict)
    imports: dict[int, ImportRecord] = field(default_factory=dict)
    prior: dict[tuple[int, Vin], OrderFact] = field(default_factory=dict)
    campaigns: dict[str, Campaign] = field(default_factory=dict)
    batches: dict[int, Batch] = field(default_factory=dict)
    cars: dict[int, Car] = field(default_factory=dict)
    reached: dict[tuple[int, Status], datetime] = field(default_factory=dict)
    charges: dict[int, Charge] = field(default_factory=dict)
    attempts: dict[int, Attempt] = field(default_factory=dict)
    evidence: list[KeptEvidence] = field(default_factory=list)
    holds: dict[int, Hold] = field(default_factory=dict)
    sign_offs: dict[int, SignOff] = field(default_factory=dict)
    touches: dict[tuple[int, Touched], None] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    sign_ins: dict[str, SignIn] = field(default_factory=dict)
    sites: dict[str, SiteLayout] = field(default_factory=dict)
    packages: dict[str, Package] = field(default_factory=dict)
    keys: dict[str, TrustedKey] = field(default_factory=dict)
    stagings: dict[tuple[str, str, str], Staging] = field(default_factory=dict)
    plans: dict[str, tuple[KeptPlan, ...]] = field(default_factory=dict)
    forecasts: dict[str, tuple[KeptForecast, ...]] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    heads: dict[str, tuple[int, str]] = field(default_factory=dict)
    numbers: Counter[str] = field(default_factory=Counter)

    def copied(self) -> Data:
        """A writer's own tables over the same frozen values."""
        return Data(**{f.name: copy(getattr(self, f.name)) for f in fields(self)})

    def number(self, table: str) -> int:
        """The next number of a table."""
        self.numbers[table] += 1
        return self.numbers[table]


class Work:
    """What the fake repositories of one unit share."""

    def __init__(self, data: Data, chain: str | None) -> None:
        self._data, self.chain = data, chain
        self.facts: list[Fact] = []
        self.failed: CampaignError | None = None
        self.over = False

    @property
    def data(self) -> Data:
        """To read."""
        if self.over:
            raise BrokenRule("a unit of work was used after its end")
        return self._data

    @property
    def writing(self) -> Data:
        """To change."""
        if self.chain is None:
            raise BrokenRule("a reading unit of work was asked to write")
        return self.data

    def tell(self, facts: Iterable[Fact]) -> None:
        """To be sealed at commit."""
        if self.chain is None:
            raise BrokenRule("a reading unit of work was asked to write")
        self.facts.extend(facts)

    def conflict(self, what: str) -> Conflict:
        """A guard that does not hold: the unit cannot be committed any more."""
        self.failed = Conflict([because(Code.CHANGED_SINCE, what=what)])
        return self.failed

    def campaign(self, code: str) -> Campaign:
        """Raises NotFound."""
        if code not in self.data.campaigns:
            raise NotFound(f"there is no campaign {code} here")
        return self.data.campaigns[code]

    def loaded(self, cars: Iterable[Car]) -> list[Car]:
        """With their points and stations and what their vehicles say."""
        data = self.data
        points = {c.car_id: c.point for c in data.charges.values() if c.ended_at is None}
        stations = {a.car_id: a.station for a in data.attempts.values() if a.ended_at is None}
        return [
            _joined(car, points.get(car.id), stations.get(car.id), data.vehicles[car.vin]) for car in cars
        ]

    def counted(self, batch: Batch) -> Batch:
        """With its counts."""
        cars = (car.status for car in self.data.cars.values() if car.batch_id == batch.id)
        return replace(batch, counts=dict(Counter(cars)))

    def counts(self, code: str) -> dict[Status, int]:
        """Cars of a campaign by status."""
        return dict(Counter(car.status for car in self.data.cars.values() if car.campaign == code))

    def pilot_approved(self, code: str) -> bool:
        """Rule 10."""
        pilot = {car.status for car in self.data.cars.values() if car.campaign == code and car.in_pilot}
        return pilot <= SIGNED and bool(pilot - {Status.WITHDRAWN})

    def open_of(self, vin: Vin) -> Car | None:
        """The open upgrade of a VIN."""
        cars = (c for c in self.data.cars.values() if c.vin == vin and c.status not in TERMINAL)
        return next(cars, None)


def _joined(car: Car, point: str | None, station: str | None, vehicle: Vehicle) -> Car:
    return replace(
        car,
        point=point,
        station=station,
        order_state=vehicle.order_state,
        order_no=vehicle.order_no,
        promised=vehicle.promised,
        slot=vehicle.slot,
        variant=vehicle.variant,
        listed_soc=vehicle.soc,
        weight=vehicle.weight,
    )
