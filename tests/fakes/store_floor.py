"""Fake repositories of the floor: campaigns, batches, cars, charges, attempts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from campaign.domain.batch import DONE, Batch
from campaign.domain.campaign import Campaign, CampaignState
from campaign.domain.identity import SoftwareVersion, Vin
from campaign.domain.reasons import Code, because
from campaign.domain.retry import Outcome
from campaign.domain.rules import CampaignRules
from campaign.domain.vehicle import TERMINAL, Car, Reading, Status
from campaign.errors import BadInput, Conflict, NotFound
from campaign.ports.records import Attempt, CarChange, Charge, Place, PlannedBatch, Vehicle
from tests.fakes.store_data import Work

MILESTONES = (Status.CHARGED, Status.FLASHED, Status.APPROVED, Status.RELEASED)


class FakeCampaigns:
    def __init__(self, work: Work) -> None:
        self._work = work

    def add(self, rules: CampaignRules, state: CampaignState, at: datetime, by: str) -> Campaign:
        data = self._work.writing
        if rules.code in data.campaigns:
            raise Conflict([because(Code.ALREADY_LAUNCHED, campaign=rules.code)])
        data.campaigns[rules.code] = Campaign(data.number("campaign"), rules.code, rules, state, 1)
        return data.campaigns[rules.code]

    def get(self, code: str) -> Campaign | None:
        found = self._work.data.campaigns.get(code)
        return None if found is None else replace(found, pilot_approved=self._work.pilot_approved(code))

    def all(self) -> list[Campaign]:
        found = [self.get(code) for code in self._work.data.campaigns]
        return sorted((c for c in found if c is not None), key=lambda c: -c.id)

    def set_state(self, campaign: Campaign, state: CampaignState, *, acknowledge: bool = False) -> None:
        data = self._work.writing
        now = data.campaigns[campaign.code]
        if now.state is not campaign.state:
            raise self._work.conflict("campaign")
        if acknowledge:
            now = replace(now, acknowledged_ended=now.ended, acknowledged_failed=now.failed)
        data.campaigns[campaign.code] = replace(now, state=state)

    def revise(self, campaign: Campaign, rules: CampaignRules, at: datetime, by: str, why: str) -> int:
        data = self._work.writing
        now = data.campaigns[campaign.code]
        if now.revision != campaign.revision:
            raise self._work.conflict("rules")
        data.campaigns[campaign.code] = replace(now, rules=rules, revision=now.revision + 1)
        return now.revision + 1

    def counts(self, campaign: Campaign) -> Mapping[Status, int]:
        return self._work.counts(campaign.code)


class FakeBatches:
    def __init__(self, work: Work) -> None:
        self._work = work

    def add(
        self, campaign: Campaign, batches: Sequence[PlannedBatch], places: Sequence[Place], at: datetime
    ) -> None:
        data = self._work.writing
        numbers = {b.no: b.id for b in data.batches.values() if b.campaign == campaign.code}
        for planned in batches:
            if planned.no in numbers:
                raise self._work.conflict("batch")
            numbers[planned.no] = data.number("batch")
            batch = Batch(
                numbers[planned.no],
                campaign.code,
                planned.no,
                planned.size,
                planned.planned_start,
                planned.planned_end,
            )
            data.batches[batch.id] = batch
        for place in places:
            self._check(place, numbers)
        for place in places:
            number = data.number("car")
            data.cars[number] = Car(
                number, campaign.code, place.vin, Status.QUEUED, numbers[place.batch_no], place.batch_no,
                place.priority, soc=_reading(data.vehicles[place.vin]), changed_at=at,
            )  # fmt: skip

    def _check(self, place: Place, numbers: Mapping[int, int]) -> None:
        if place.vin not in self._work.data.vehicles:
            raise NotFound(f"VIN {place.vin} is not in the fleet")
        other = self._work.open_of(place.vin)
        if other is not None:
            raise Conflict([because(Code.TAKEN_BY, by=other.campaign, at="", what=place.vin)])
        if place.batch_no not in numbers:
            raise BadInput(
                "a car is planned for a batch that does not exist", where=f"batch {place.batch_no}"
            )

    def get(self, batch_id: int) -> Batch | None:
        found = self._work.data.batches.get(batch_id)
        return None if found is None else self._work.counted(found)

    def by_no(self, campaign: str, no: int) -> Batch | None:
        return next((batch for batch in self.all(campaign) if batch.no == no), None)

    def all(self, campaign: str) -> list[Batch]:
        code = self._work.campaign(campaign).code
        found = [self._work.counted(b) for b in self._work.data.batches.values() if b.campaign == code]
        return sorted(found, key=lambda batch: batch.no)

    def to_open(self, campaign: str, limit: int) -> list[Batch]:
        return [batch for batch in self.all(campaign) if batch.opened_at is None][:limit]

    def active(self, campaign: str) -> list[Batch]:
        return [b for b in self.all(campaign) if b.opened_at is not None and set(b.counts or {}) - DONE]

    def open(self, batch: Batch, at: datetime) -> None:
        data = self._work.writing
        now = data.batches[batch.id]
        data.batches[batch.id] = replace(now, opened_at=now.opened_at or at)


class FakeCars:
    def __init__(self, work: Work) -> None:
        self._work = work

    def latest(self, vins: Sequence[Vin]) -> dict[Vin, Car]:
        wanted = set(vins)
        found: dict[Vin, Car] = {}
        for car in self._work.data.cars.values():
            if car.vin in wanted and (car.status not in TERMINAL or car.vin not in found):
                found[car.vin] = car
            elif car.vin in wanted and found[car.vin].status in TERMINAL:
                found[car.vin] = car
        return {car.vin: car for car in self._work.loaded(found.values())}

    def in_batch(self, batch_id: int) -> list[Car]:
        found = [car for car in self._work.data.cars.values() if car.batch_id == batch_id]
        return self._work.loaded(sorted(found, key=lambda car: car.vin))

    def by_status(self, campaign: str, status: Status, limit: int) -> list[Car]:
        return self._work.loaded(self._of(campaign, status)[:limit])

    def next_for_point(self, campaign: str, limit: int) -> list[Car]:
        charging = {c.car_id for c in self._work.data.charges.values() if c.ended_at is None}
        waiting = [car for car in self._next(campaign, Status.QUEUED) if car.id not in charging]
        return self._work.loaded(waiting[:limit])

    def next_for_station(self, campaign: str, limit: int) -> list[Car]:
        return self._work.loaded(self._next(campaign, Status.CHARGED)[:limit])

    def _of(self, campaign: str, status: Status) -> list[Car]:
        code = self._work.campaign(campaign).code
        found = [c for c in self._work.data.cars.values() if c.campaign == code and c.status is status]
        return sorted(found, key=lambda car: (car.priority, car.id))

    def _next(self, campaign: str, status: Status) -> list[Car]:
        opened = {b.id for b in self._work.data.batches.values() if b.opened_at is not None}
        return [car for car in self._of(campaign, status) if car.batch_id in opened]

    def move(self, changes: Sequence[CarChange]) -> None:
        data = self._work.writing
        for change in changes:
            now = data.cars.get(change.car.id)
            if now is None or (now.status, now.revision) != (change.car.status, change.car.revision):
                raise self._work.conflict("car")
            data.cars[now.id] = _moved(now, change)
            if change.to in MILESTONES:
                data.reached.setdefault((now.id, change.to), change.at)
            version = _canonical(change.read_back)
            if version is not None:
                data.vehicles[now.vin] = replace(data.vehicles[now.vin], version=version)

    def read_soc(self, readings: Sequence[tuple[Car, Reading]]) -> None:
        data = self._work.writing
        for car, reading in readings:
            now = data.cars[car.id]
            if now.soc is None or now.soc.at <= reading.at:
                data.cars[car.id] = replace(now, soc=reading)


class FakeCharges:
    def __init__(self, work: Work) -> None:
        self._work = work

    def open(self, site: str) -> list[Charge]:
        return sorted((c for c in self._open() if c.site == site), key=lambda c: c.point)

    def of_cars(self, car_ids: Sequence[int]) -> dict[int, Charge]:
        wanted = set(car_ids)
        return {c.car_id: c for c in self._open() if c.car_id in wanted}

    def give(self, cars: Sequence[tuple[Car, str]], site: str, at: datetime) -> None:
        data = self._work.writing
        for car, point in cars:
            for charge in self._open():
                if charge.car_id == car.id or (charge.site, charge.point) == (site, point):
                    raise Conflict([because(Code.POINT_TAKEN, point=charge.point, vin=charge.vin)])
            number = data.number("charge")
            data.charges[number] = Charge(number, car.id, car.campaign, car.vin, site, point, at)

    def start(
        self, starts: Sequence[tuple[Car, str, int | None, datetime | None]], site: str, at: datetime, by: str
    ) -> None:
        data = self._work.writing
        for car, point, soc, end in starts:
            own = self.of_cars([car.id]).get(car.id)
            holder = next((c for c in self.open(site) if c.point == point), None)
            if own is not None and own.started_at is not None:
                since = own.started_at.isoformat()
                raise Conflict([because(Code.ALREADY_DONE, step="start_charge", by=own.by, at=since)])
            if holder is not None and holder.car_id != car.id:
                raise Conflict([because(Code.POINT_TAKEN, point=point, vin=holder.vin)])
            if own is None:
                number = data.number("charge")
                own = Charge(number, car.id, car.campaign, car.vin, site, point, at)
            data.charges[own.id] = replace(
                own, point=point, started_at=at, start_soc=soc, expected_end=end, by=by
            )

    def end(self, ends: Sequence[tuple[Car, int | None]], at: datetime) -> None:
        data = self._work.writing
        open_ones = self.of_cars([car.id for car, _ in ends])
        for car, soc in ends:
            if car.id in open_ones:
                charge = open_ones[car.id]
                data.charges[charge.id] = replace(charge, ended_at=at, end_soc=soc)

    def _open(self) -> list[Charge]:
        return [c for c in self._work.data.charges.values() if c.ended_at is None]


class FakeAttempts:
    def __init__(self, work: Work) -> None:
        self._work = work

    def open(self, car: Car, site: str, station: str, job_id: str, at: datetime) -> Attempt:
        data = self._work.writing
        for other in self._open():
            if other.car_id == car.id:
                raise Conflict([because(Code.FLASH_RUNNING, station=other.station)])
            if (other.site, other.station) == (site, station):
                since = other.opened_at.isoformat()
                raise Conflict([because(Code.TAKEN_BY, by=other.vin, at=since, what=station)])
        if self.get(job_id) is not None:
            raise self._work.conflict("job")
        soc = None if car.soc is None else car.soc.tenths
        number = data.number("attempt")
        attempt = Attempt(number, job_id, car.id, car.campaign, car.vin, site, station, at, soc)
        data.attempts[number] = attempt
        return attempt

    def running(self, campaign: str) -> list[Attempt]:
        code = self._work.campaign(campaign).code
        return [a for a in self._open() if a.campaign == code]

    def busy_stations(self, site: str) -> dict[str, Vin]:
        data = self._work.data
        last = {a.car_id: a for a in data.attempts.values()}
        unknown = [a for a in last.values() if data.cars[a.car_id].status is Status.UNCERTAIN]
        return {a.station: a.vin for a in [*unknown, *self._open()] if a.site == site}

    def get(self, job_id: str) -> Attempt | None:
        return next((a for a in self._work.data.attempts.values() if a.job_id == job_id), None)

    def of_car(self, car: Car) -> list[Attempt]:
        return [a for a in self._work.data.attempts.values() if a.car_id == car.id]

    def last_of(self, cars: Sequence[Car]) -> dict[Vin, Attempt]:
        wanted = {car.id for car in cars}
        return {a.vin: a for a in self._work.data.attempts.values() if a.car_id in wanted}

    def started(self, attempt: Attempt, at: datetime) -> None:
        now = self._work.writing.attempts[attempt.id]
        self._work.writing.attempts[attempt.id] = replace(now, started_at=now.started_at or at)

    def progress(self, attempt: Attempt, percent: int, step: str, offset: int) -> None:
        now = self._work.writing.attempts[attempt.id]
        if now.ended_at is None:
            self._work.writing.attempts[now.id] = replace(now, percent=percent, step=step, offset=offset)

    def end(
        self, attempt: Attempt, outcome: Outcome, read_back: str | None, detail: str, at: datetime
    ) -> None:
        data = self._work.writing
        now = data.attempts[attempt.id]
        if now.ended_at is not None:
            raise Conflict([because(Code.ALREADY_DONE, step="end_attempt", by="", at="")])
        data.attempts[now.id] = replace(now, ended_at=at, outcome=outcome, read_back=read_back, detail=detail)
        if outcome is not Outcome.NEVER_STARTED:
            of = data.campaigns[now.campaign]
            data.campaigns[of.code] = replace(of, ended=of.ended + 1, failed=of.failed + outcome.failed)

    def _open(self) -> list[Attempt]:
        return [a for a in self._work.data.attempts.values() if a.ended_at is None]


def _reading(vehicle: Vehicle) -> Reading | None:
    if vehicle.soc is None or vehicle.soc_at is None:
        return None
    return Reading(vehicle.soc, vehicle.gauge, vehicle.soc_at)


def _moved(now: Car, change: CarChange) -> Car:
    return replace(
        now,
        status=change.to,
        revision=now.revision + 1,
        soc=change.soc or now.soc,
        read_back=None if change.forget_read_back else change.read_back or now.read_back,
        attempts=now.attempts + change.attempts,
        rig_errors=now.rig_errors + change.rig_errors,
        changed_at=change.at,
        changed_by=change.by,
    )


def _canonical(read_back: str | None) -> str | None:
    try:
        return None if read_back is None else str(SoftwareVersion.parse(read_back))
    except BadInput:
        return None
