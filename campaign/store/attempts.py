"""Tries at flashing. Partial unique indexes hold "one open attempt per car" and "per station" (rule 3)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select, text, update

from campaign.domain.identity import Vin
from campaign.domain.reasons import Code, because
from campaign.domain.retry import Outcome
from campaign.domain.vehicle import Car
from campaign.errors import Conflict
from campaign.ports.records import Attempt
from campaign.store import schema as t
from campaign.store.work import Work

A = t.Attempt

ATTEMPT = (
    select(
        A.id,
        A.job_id,
        A.car_id,
        t.Campaign.code,
        t.Upgrade.vin,
        A.site,
        A.station,
        A.opened_at,
        A.soc,
        A.started_at,
        A.percent,
        A.step,
        A.journal_offset,
        A.ended_at,
        A.outcome,
        A.read_back,
        A.detail,
        A.fault,
        A.params,
        A.evidence_due,
    )
    .select_from(A)
    .join(t.Upgrade, t.Upgrade.id == A.car_id)
    .join(t.Campaign, t.Campaign.id == A.campaign_id)
)
_RUNNING = ATTEMPT.where(A.campaign_id == bindparam("campaign"), A.ended_at.is_(None)).order_by(A.id)
_AT_WORK = ATTEMPT.where(A.site == bindparam("site"), A.ended_at.is_(None)).order_by(A.station)
_BY_JOB = ATTEMPT.where(A.job_id == bindparam("job"))
_OF_CAR = ATTEMPT.where(A.car_id == bindparam("car")).order_by(A.id)
_LAST = (
    select(func.max(A.id).label("id"))
    .where(A.car_id.in_(bindparam("cars", expanding=True)))
    .group_by(A.car_id)
).subquery()
_LAST_OF = ATTEMPT.join(_LAST, _LAST.c.id == A.id)
_OPEN_OF_CAR = ATTEMPT.where(A.car_id == bindparam("car"), A.ended_at.is_(None))
_AT_STATION = _AT_WORK.where(A.station == bindparam("station"))
_LAST_AT = (
    ATTEMPT.where(A.site == bindparam("site"), A.station == bindparam("station"))
    .order_by(A.id.desc())
    .limit(1)
)
_NEWEST = select(func.max(A.id)).where(A.car_id == t.Upgrade.id).correlate(t.Upgrade).scalar_subquery()
_UNRESOLVED = (
    select(A.station, t.Upgrade.vin)
    .select_from(t.Upgrade)
    .join(A, A.id == _NEWEST)
    .where(text("upgrade.status = 'uncertain'"), A.site == bindparam("site"))
    .order_by(A.id)
)
_STARTED = (
    update(A).where(A.id == bindparam("attempt"), A.started_at.is_(None)).values(started_at=bindparam("at"))
)
_PROGRESS = (
    update(A)
    .where(A.id == bindparam("attempt"), A.ended_at.is_(None))
    .values(percent=bindparam("done"), step=bindparam("at_step"), journal_offset=bindparam("read"))
)
_END = (
    update(A)
    .where(A.id == bindparam("attempt"), A.ended_at.is_(None))
    .values(
        ended_at=bindparam("at"),
        outcome=bindparam("how"),
        read_back=bindparam("version"),
        detail=bindparam("why"),
        fault=bindparam("code"),
        params=bindparam("told"),
        evidence_due=bindparam("due"),
    )
)
_COUNT = (
    update(t.Campaign)
    .where(t.Campaign.id == bindparam("campaign"))
    .values(ended=t.Campaign.ended + 1, failed=t.Campaign.failed + bindparam("failures"))
)


def attempt_of(row: Any) -> Attempt:
    """A row of `ATTEMPT`."""
    told: list[Any] = list(row)
    told[-2] = tuple((name, value) for name, value in json.loads(told[-2]))
    return Attempt(*told)


class SqlAttempts:
    """`ports.floor.Attempts`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def open(self, car: Car, site: str, station: str, job_id: str, at: datetime) -> Attempt:
        """Raises Conflict when the car or the station has an open one."""
        own = self._work.first(_OPEN_OF_CAR, car=car.id)
        if own is not None:
            raise Conflict([because(Code.FLASH_RUNNING, station=attempt_of(own).station)])
        there = self._work.first(_AT_STATION, site=site, station=station)
        if there is not None:
            other = attempt_of(there)
            since = other.opened_at.isoformat()
            raise Conflict([because(Code.TAKEN_BY, by=other.vin, at=since, what=station)])
        soc = None if car.soc is None else car.soc.tenths
        attempt = Attempt(0, job_id, car.id, car.campaign, car.vin, site, station, at, soc)
        number = self._work.insert(
            insert(A),
            {
                "job_id": job_id,
                "car_id": car.id,
                "campaign_id": self._work.campaign_id(car.campaign),
                "site": site,
                "station": station,
                "opened_at": at,
                "soc": soc,
                "percent": 0,
                "step": "",
                "journal_offset": 0,
                "detail": "",
                "fault": "",
                "params": "[]",
                "evidence_due": False,
            },
        )
        return replace(attempt, id=number)

    def running(self, campaign: str) -> list[Attempt]:
        """Oldest first."""
        return [
            attempt_of(row) for row in self._work.rows(_RUNNING, campaign=self._work.campaign_id(campaign))
        ]

    def at_work(self, site: str) -> list[Attempt]:
        """Open ones of any campaign at the site, by station."""
        return [attempt_of(row) for row in self._work.rows(_AT_WORK, site=site)]

    def unresolved(self, site: str) -> dict[str, Vin]:
        """Stations whose last car is uncertain: something may still be connected there."""
        return {row[0]: row[1] for row in self._work.rows(_UNRESOLVED, site=site)}

    def last_at(self, site: str, station: str) -> Attempt | None:
        """The newest one of any campaign at a station."""
        row = self._work.first(_LAST_AT, site=site, station=station)
        return None if row is None else attempt_of(row)

    def busy_stations(self, site: str) -> dict[str, Vin]:
        """With the car that is there."""
        return self.unresolved(site) | {attempt.station: attempt.vin for attempt in self.at_work(site)}

    def get(self, job_id: str) -> Attempt | None:
        """By job id."""
        row = self._work.first(_BY_JOB, job=job_id)
        return None if row is None else attempt_of(row)

    def of_car(self, car: Car) -> list[Attempt]:
        """Oldest first."""
        return [attempt_of(row) for row in self._work.rows(_OF_CAR, car=car.id)]

    def last_of(self, cars: Sequence[Car]) -> dict[Vin, Attempt]:
        """By VIN."""
        rows = self._work.rows_in(_LAST_OF, "cars", [car.id for car in cars])
        return {row[4]: attempt_of(row) for row in rows}

    def started(self, attempt: Attempt, at: datetime) -> None:
        """The first confirmation counts."""
        self._work.run(_STARTED, {"attempt": attempt.id, "at": at})

    def progress(self, attempt: Attempt, percent: int, step: str, offset: int) -> None:
        """Of an open attempt; a late one changes nothing."""
        self._work.run(_PROGRESS, {"attempt": attempt.id, "done": percent, "at_step": step, "read": offset})

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
        """Raises Conflict when it has ended already."""
        told = json.dumps([list(pair) for pair in params], ensure_ascii=False)
        values = {
            "attempt": attempt.id, "at": at, "how": outcome, "version": read_back, "why": detail,
            "code": fault, "told": told, "due": evidence_due,
        }  # fmt: skip
        if not self._work.run(_END, values):
            raise Conflict([because(Code.ALREADY_DONE, step="end_attempt", by="", at="")])
        if counted and outcome is not Outcome.NEVER_STARTED:
            campaign = self._work.campaign_id(attempt.campaign)
            self._work.run(_COUNT, {"campaign": campaign, "failures": int(outcome.failed)})
