"""The read models in memory, by brute force over the fake store's tables."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from campaign.domain.campaign import Campaign
from campaign.domain.events import Event
from campaign.domain.identity import Vin
from campaign.domain.retry import Outcome
from campaign.domain.staging import StagingState
from campaign.domain.vehicle import TERMINAL, Car, Status
from campaign.errors import NotFound
from campaign.ports.views import (
    BatchEvidence,
    BlockedCar,
    BoardData,
    BurnPoint,
    CarRow,
    DoneWork,
    PointTile,
    StationTile,
)
from tests.fakes.store import FakeStore, FakeUnit
from tests.fakes.store_data import Work

BURNS = (Status.CHARGED, Status.FLASHED, Status.APPROVED, Status.RELEASED)
BLOCKED = (Status.UNCERTAIN, Status.REWORK, None, Status.APPROVED)  # None: held cars


class FakeViews:
    """`ports.views.Views`."""

    def __init__(self, store: FakeStore) -> None:
        self._store = store

    def _unit(self) -> FakeUnit:
        return FakeUnit(self._store, Work(self._store.data, None))

    def token(self, campaign: str) -> int:
        """The last sequence number."""
        return self._store.token(campaign)

    def campaigns(self) -> list[Campaign]:
        """Newest first."""
        return self._unit().campaigns.all()

    def board(self, campaign: str) -> BoardData:
        """Raises NotFound."""
        unit = self._unit()
        of = unit.campaigns.get(campaign)
        if of is None:
            raise NotFound(f"there is no campaign {campaign} here")
        events = [event for event in self._store.data.events if event.chain == campaign]
        batches = unit.batches.all(campaign)
        ends = sorted({batch.planned_end for batch in batches})
        return BoardData(
            token=self.token(campaign),
            campaign=of,
            counts=unit.campaigns.counts(of),
            burn_up=self._burn_up(campaign),
            planned=tuple((end, sum(b.size for b in batches if b.planned_end <= end)) for end in ends),
            batches=tuple(batches),
            points=self._points(unit, of),
            stations=self._stations(unit, of),
            blocked=tuple(BlockedCar(car, car.changed_at) for car in self._blocked(unit, campaign)[:200]),
            holds=tuple(unit.holds.open()),
            last_event_at=events[-1].fact.at if events else None,
        )

    def _burn_up(self, campaign: str) -> tuple[BurnPoint, ...]:
        data = self._store.data
        reached = [
            (at.replace(minute=0, second=0, microsecond=0), status)
            for (car_id, status), at in data.reached.items()
            if data.cars[car_id].campaign == campaign
        ]
        points: list[BurnPoint] = []
        for hour in sorted({hour for hour, _ in reached}):
            by_then = Counter(status for at, status in reached if at <= hour)
            points.append(BurnPoint(hour, *(by_then[status] for status in BURNS)))
        return tuple(points)

    def _points(self, unit: FakeUnit, of: Campaign) -> tuple[PointTile, ...]:
        layout = unit.sites.get(of.rules.site)
        places = {point.name: point.circuit for point in layout.points} if layout else {}
        charges = {charge.point: charge for charge in unit.charges.open(of.rules.site)}
        places |= {name: "" for name in charges if name not in places}
        tiles = []
        for name, circuit in places.items():
            charge = charges.get(name)
            soc = None if charge is None else self._store.data.cars[charge.car_id].soc
            read = (None, None) if soc is None else (soc.tenths, soc.at)
            tiles.append(PointTile(name, circuit, charge, *read))
        return tuple(tiles)

    def _stations(self, unit: FakeUnit, of: Campaign) -> tuple[StationTile, ...]:
        site = of.rules.site
        layout = unit.sites.get(site)
        attempts = self._store.data.attempts.values()
        running = {a.station: a for a in attempts if a.ended_at is None and a.site == site}
        uncertain = {s: vin for s, vin in unit.attempts.busy_stations(site).items() if s not in running}
        held = {hold.target: hold for hold in unit.holds.open() if hold.scope == "station"}
        names = [station.name for station in layout.stations] if layout else []
        names += sorted({*running, *uncertain} - set(names))
        last = {a.station: a for a in attempts if a.site == site and a.station in held}
        package = unit.packages.get(of.rules.package)
        stagings = unit.stagings.of(site, package.digest) if package and package.digest else []
        coming = {s.station: s for s in stagings if s.state is not StagingState.STAGED}
        return tuple(
            StationTile(n, running.get(n), uncertain.get(n), held.get(n), last.get(n), coming.get(n))
            for n in names
        )

    def _blocked(self, unit: FakeUnit, campaign: str) -> list[Car]:
        targets = [Vin(hold.target) for hold in unit.holds.open() if hold.scope == "car"]
        on_hold = unit.cars.latest(targets)
        cars: dict[int, Car] = {}
        for status in BLOCKED:
            if status is None:
                found = [on_hold[vin] for vin in targets if vin in on_hold]
                found = [car for car in found if car.campaign == campaign and car.status not in TERMINAL]
            else:
                found = unit.cars.by_status(campaign, status, 200)
            cars |= {car.id: car for car in found}
        return list(cars.values())

    def done_since(self, campaign: str, since: datetime) -> tuple[DoneWork, ...]:
        """Raises NotFound."""
        if self._unit().campaigns.get(campaign) is None:
            raise NotFound(f"there is no campaign {campaign} here")
        charges = [c for c in self._store.data.charges.values() if c.campaign == campaign]
        attempts = [a for a in self._store.data.attempts.values() if a.campaign == campaign]
        done = [
            DoneWork(c.point, c.vin, c.started_at, c.ended_at)
            for c in charges
            if c.started_at and c.ended_at and c.ended_at >= since
        ]
        done += [
            DoneWork(a.station, a.vin, a.started_at or a.opened_at, a.ended_at, a.outcome is Outcome.PASS)
            for a in attempts
            if a.ended_at and a.ended_at >= since and a.outcome is not Outcome.NEVER_STARTED
        ]
        return tuple(sorted(done, key=lambda work: (work.begun_at, work.place)))

    def batch(self, campaign: str, no: int) -> BatchEvidence:
        """Raises NotFound."""
        unit = self._unit()
        of = unit.campaigns.get(campaign)
        batch = None if of is None else unit.batches.by_no(campaign, no)
        if of is None or batch is None:
            raise NotFound(f"there is no batch {no} of a campaign {campaign} here")
        cars = unit.cars.in_batch(batch.id)
        targets = {("car", str(car.vin)) for car in cars}
        targets |= {("batch", batch.name), ("campaign", campaign), ("package", of.rules.package)}
        holds = tuple(hold for hold in unit.holds.open() if (hold.scope, hold.target) in targets)
        touches, signed = unit.sign_offs.touches(batch.id), unit.sign_offs.of_batch(batch.id)
        return BatchEvidence(
            batch, tuple(cars), unit.attempts.last_of(cars), tuple(touches), holds, tuple(signed)
        )

    def cars(
        self,
        campaign: str,
        *,
        status: Status | None = None,
        text: str = "",
        offset: int = 0,
        limit: int = 100,
    ) -> tuple[list[CarRow], int]:
        """By priority."""
        unit = self._unit()
        of = unit.work.campaign(campaign).code
        cars = unit.work.loaded(car for car in self._store.data.cars.values() if car.campaign == of)
        rows = [_row(car) for car in sorted(cars, key=lambda car: (car.priority, car.id))]
        part = text.strip().upper()
        matching = [
            row
            for row in rows
            if status in (None, row.status)
            and any(part in str(value or "").upper() for value in (row.vin, row.slot, row.order_no))
        ]
        return matching[offset : offset + limit], len(matching)

    def find(self, text: str, limit: int = 8) -> list[Vin]:
        """In order of VIN."""
        vins = sorted(self._store.data.vehicles)
        ends = [vin for vin in vins if vin.endswith(text)]
        return (ends or [vin for vin in vins if text in vin])[:limit]

    def story(self, vin: Vin, limit: int = 200) -> list[Event]:
        """Oldest first."""
        return [event for event in self._store.data.events if event.fact.vin == vin][:limit]

    def log(self, chain: str, *, before: int | None = None, limit: int = 100) -> list[Event]:
        """Newest first."""
        events = [e for e in self._store.data.events if e.chain == chain and (not before or e.seq < before)]
        return events[::-1][:limit]


def _row(car: Car) -> CarRow:
    soc: int | None = None
    soc_at: datetime | None = None
    if car.soc is not None:
        soc, soc_at = car.soc.tenths, car.soc.at
    return CarRow(
        car.vin, car.status, car.batch_no, car.priority, soc, soc_at, car.read_back, car.slot, car.order_no,
        car.promised, car.attempts, car.changed_at, car.changed_by,
    )  # fmt: skip
