"""Fake repositories of the floor: campaigns, batches, cars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from campaign.domain.batch import DONE, SIGNED, Batch
from campaign.domain.campaign import Campaign, CampaignState
from campaign.domain.identity import SoftwareVersion, Vin
from campaign.domain.reasons import Code, because
from campaign.domain.rules import CampaignRules
from campaign.domain.vehicle import TERMINAL, Car, Reading, Status
from campaign.errors import BadInput, Conflict, NotFound
from campaign.ports.records import CarChange, Place, PlannedBatch, Vehicle
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
        waiting = [batch for batch in self.all(campaign) if batch.opened_at is None]
        return sorted(waiting, key=lambda batch: (batch.planned_start, batch.no))[:limit]

    def active(self, campaign: str) -> list[Batch]:
        return [b for b in self.all(campaign) if b.opened_at is not None and set(b.counts or {}) - DONE]

    def open(self, batch: Batch, at: datetime) -> None:
        data = self._work.writing
        now = data.batches[batch.id]
        data.batches[batch.id] = replace(now, opened_at=now.opened_at or at)

    def plan_again(self, times: Sequence[tuple[Batch, datetime, datetime]]) -> None:
        batches = self._work.writing.batches
        for batch, start, end in times:
            batches[batch.id] = replace(batches[batch.id], planned_start=start, planned_end=end)

    def regroup(self, moves: Sequence[tuple[Car, Batch]]) -> None:
        data = self._work.writing
        for car, batch in moves:
            now, was, to = data.cars[car.id], data.batches[car.batch_id], data.batches[batch.id]
            same = (now.batch_id, now.status) == (car.batch_id, car.status)
            if not same or was.opened_at is not None or to.opened_at is not None:
                raise self._work.conflict("batch")
            data.cars[car.id] = replace(now, batch_id=to.id, batch_no=to.no)
            data.batches[was.id] = replace(was, size=was.size - 1)
            data.batches[to.id] = replace(data.batches[to.id], size=data.batches[to.id].size + 1)


class FakeCars:
    def __init__(self, work: Work) -> None:
        self._work = work

    def latest(self, vins: Sequence[Vin]) -> dict[Vin, Car]:
        wanted = set(vins)
        found: dict[Vin, Car] = {}
        for car in self._work.data.cars.values():
            if car.vin in wanted and (car.vin not in found or found[car.vin].status in TERMINAL):
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

    def unfinished(self, campaign: str) -> list[Car]:
        code = self._work.campaign(campaign).code
        left = [c for c in self._work.data.cars.values() if c.campaign == code and c.status not in SIGNED]
        return self._work.loaded(sorted(left, key=lambda car: (car.priority, car.id)))

    def rank(self, places: Sequence[tuple[Car, int]]) -> None:
        cars = self._work.writing.cars
        for car, place in places:
            cars[car.id] = replace(cars[car.id], priority=place)

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
