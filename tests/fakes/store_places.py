"""Fake repositories of charge points and stations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from campaign.domain.identity import Vin
from campaign.domain.reasons import Code, because
from campaign.domain.retry import Outcome
from campaign.domain.vehicle import Car, Status
from campaign.errors import Conflict
from campaign.ports.records import Attempt, Charge, EndedCharge
from tests.fakes.store_data import Work


class FakeCharges:
    def __init__(self, work: Work) -> None:
        self._work = work

    def open(self, site: str) -> list[Charge]:
        return sorted((c for c in self._open() if c.site == site), key=lambda c: c.point)

    def of_cars(self, car_ids: Sequence[int]) -> dict[int, Charge]:
        wanted = set(car_ids)
        return {c.car_id: c for c in self._open() if c.car_id in wanted}

    def recent(self, site: str, among: int) -> list[EndedCharge]:
        last = sorted(self._work.data.charges.values(), key=lambda charge: -charge.id)[:among]
        return [
            EndedCharge(c.point, c.started_at, c.ended_at, c.start_soc, c.end_soc)
            for c in last
            if c.site == site
            and None not in (c.started_at, c.ended_at)
            and None not in (c.start_soc, c.end_soc)
        ]

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
        self,
        attempt: Attempt,
        outcome: Outcome,
        read_back: str | None,
        detail: str,
        at: datetime,
        *,
        fault: str = "",
        params: Sequence[tuple[str, str]] = (),
        counted: bool = True,
        evidence_due: bool = False,
    ) -> None:
        data = self._work.writing
        now = data.attempts[attempt.id]
        if now.ended_at is not None:
            raise Conflict([because(Code.ALREADY_DONE, step="end_attempt", by="", at="")])
        data.attempts[now.id] = replace(
            now,
            ended_at=at,
            outcome=outcome,
            read_back=read_back,
            detail=detail,
            fault=fault,
            params=tuple(params),
            evidence_due=evidence_due,
        )
        if counted and outcome is not Outcome.NEVER_STARTED:
            of = data.campaigns[now.campaign]
            data.campaigns[of.code] = replace(of, ended=of.ended + 1, failed=of.failed + outcome.failed)

    def _open(self) -> list[Attempt]:
        return [a for a in self._work.data.attempts.values() if a.ended_at is None]
