"""Upgrades: loaded as cars, moved in bulk with the guard repeated in WHERE and the counters beside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    Row,
    and_,
    bindparam,
    case,
    func,
    null,
    or_,
    select,
    text,
    true,
    type_coerce,
    update,
)

from campaign.domain.batch import SIGNED
from campaign.domain.identity import SoftwareVersion, Vin
from campaign.domain.vehicle import Car, Reading, Status
from campaign.errors import BadInput
from campaign.ports.records import CarChange
from campaign.store import schema as t
from campaign.store.counters import MILESTONES
from campaign.store.fleet import IS_OPEN
from campaign.store.work import Work

U = t.Upgrade
UNFINISHED = [status for status in Status if status not in SIGNED]

CAR = (
    select(
        U.id,
        t.Campaign.code,
        U.vin,
        U.status,
        U.batch_id,
        t.Batch.no,
        U.priority,
        U.revision,
        U.read_back,
        U.attempts,
        U.rig_errors,
        t.Charge.point,
        t.Attempt.station,
        t.Vehicle.order_state,
        t.Vehicle.order_no,
        t.Vehicle.promised,
        t.Vehicle.slot,
        t.Vehicle.variant,
        U.changed_at,
        U.changed_by,
        t.Vehicle.soc,
        t.Vehicle.weight,
        U.soc,
        U.gauge,
        U.soc_at,
    )
    .select_from(U)
    .join(t.Campaign, t.Campaign.id == U.campaign_id)
    .join(t.Batch, t.Batch.id == U.batch_id)
    .join(t.Vehicle, t.Vehicle.vin == U.vin)
    .outerjoin(t.Charge, and_(t.Charge.car_id == U.id, t.Charge.ended_at.is_(None)))
    .outerjoin(t.Attempt, and_(t.Attempt.car_id == U.id, t.Attempt.ended_at.is_(None)))
)
_OF_VINS = CAR.where(U.vin.in_(bindparam("vins", expanding=True)))
_OPEN_OF_VINS = _OF_VINS.where(IS_OPEN)
_LAST_OF_VINS = _OF_VINS.order_by(U.id)
_IN_BATCH = CAR.where(U.batch_id == bindparam("batch")).order_by(U.vin)
_OF_STATUS = CAR.where(U.campaign_id == bindparam("campaign"), U.status == bindparam("status")).order_by(
    U.priority, U.id
)
_BY_STATUS = _OF_STATUS.limit(bindparam("most"))
# As the partial index says it, word for word: neither database would use the index otherwise.
_NEXT = _OF_STATUS.where(
    U.batch_open == true(), text("upgrade.batch_open AND upgrade.status IN ('queued', 'charged')")
)
_NEXT_FOR_STATION = _NEXT.limit(bindparam("most"))
_NEXT_FOR_POINT = _NEXT.where(t.Charge.id.is_(None)).limit(bindparam("most"))

_ALL_BY_PRIORITY = CAR.where(
    U.campaign_id == bindparam("campaign"), U.status.in_(bindparam("left", expanding=True))
).order_by(U.priority, U.id)
_RANK = update(U).where(U.id == bindparam("car")).values(priority=bindparam("place"))

_READ_BACK = case(
    (bindparam("forget", type_=t.Number) == 1, null()),
    else_=func.coalesce(bindparam("read_back", type_=U.read_back.type), U.read_back),
)
_MOVE = (
    update(U)
    .where(U.id == bindparam("car"), U.status == bindparam("was"), U.revision == bindparam("seen"))
    .values(
        status=bindparam("to"),
        revision=U.revision + 1,
        reached=type_coerce(U.reached.op("|")(bindparam("milestone", type_=t.Number)), t.Number),
        soc=func.coalesce(bindparam("soc", type_=U.soc.type), U.soc),
        gauge=func.coalesce(bindparam("gauge", type_=U.gauge.type), U.gauge),
        soc_at=func.coalesce(bindparam("soc_at", type_=U.soc_at.type), U.soc_at),
        read_back=_READ_BACK,
        attempts=U.attempts + bindparam("tries"),
        rig_errors=U.rig_errors + bindparam("rig_tries"),
        changed_at=bindparam("at"),
        changed_by=bindparam("by"),
    )
)
_READ_AT: BindParameter[datetime] = bindparam("read_at", type_=t.Moment())
_READ_SOC = (
    update(U)
    .where(U.id == bindparam("car"), or_(U.soc_at.is_(None), U.soc_at <= _READ_AT))
    .values(soc=bindparam("tenths"), gauge=bindparam("on"), soc_at=_READ_AT)
)
_REACHED = select(U.id, U.reached).where(U.id.in_(bindparam("ids", expanding=True)))
_SET_VERSION = (
    update(t.Vehicle).where(t.Vehicle.vin == bindparam("of_vin")).values(version=bindparam("version"))
)


class SqlCars:
    """`ports.floor.Cars`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def latest(self, vins: Sequence[Vin]) -> dict[Vin, Car]:
        """Nearly every car asked for has an open upgrade: one look, and a second one for the rest."""
        found = {row.vin: car_of(row) for row in self._work.rows_in(_OPEN_OF_VINS, "vins", vins)}
        if rest := [vin for vin in vins if vin not in found]:
            found |= {row.vin: car_of(row) for row in self._work.rows_in(_LAST_OF_VINS, "vins", rest)}
        return found

    def in_batch(self, batch_id: int) -> list[Car]:
        """By VIN."""
        return [car_of(row) for row in self._work.rows(_IN_BATCH, batch=batch_id)]

    def by_status(self, campaign: str, status: Status, limit: int) -> list[Car]:
        """By priority."""
        return self._of(_BY_STATUS, campaign, status, limit)

    def next_for_point(self, campaign: str, limit: int) -> list[Car]:
        """By priority."""
        return self._of(_NEXT_FOR_POINT, campaign, Status.QUEUED, limit)

    def next_for_station(self, campaign: str, limit: int) -> list[Car]:
        """By priority."""
        return self._of(_NEXT_FOR_STATION, campaign, Status.CHARGED, limit)

    def unfinished(self, campaign: str) -> list[Car]:
        """By priority."""
        number = self._work.campaign_id(campaign)
        return [car_of(row) for row in self._work.rows(_ALL_BY_PRIORITY, campaign=number, left=UNFINISHED)]

    def rank(self, places: Sequence[tuple[Car, int]]) -> None:
        """One executemany."""
        self._work.run(_RANK, [{"car": car.id, "place": place} for car, place in places])

    def move(self, changes: Sequence[CarChange]) -> None:
        """One executemany, whose guard every change must pass."""
        arrived = [change.car.id for change in changes if change.to in MILESTONES]
        reached = {row[0]: row[1] for row in self._work.rows_in(_REACHED, "ids", arrived)}
        self._work.guarded(_MOVE, [_move(change) for change in changes], "car")
        self._count(changes, reached)
        # What the car reports is its last known configuration, also for the campaigns after this one.
        versions = ((change.car.vin, _canonical(change.read_back)) for change in changes if change.read_back)
        self._work.run(
            _SET_VERSION, [{"of_vin": vin, "version": version} for vin, version in versions if version]
        )

    def read_soc(self, readings: Sequence[tuple[Car, Reading]]) -> None:
        """One older than what is known changes nothing. The revision stays: a signer's hash covers it."""
        self._work.run(
            _READ_SOC,
            [
                {"car": car.id, "tenths": reading.tenths, "on": reading.gauge, "read_at": reading.at}
                for car, reading in readings
            ],
        )

    def _of(self, statement: Any, campaign: str, status: Status, limit: int) -> list[Car]:
        number = self._work.campaign_id(campaign)
        return [car_of(row) for row in self._work.rows(statement, campaign=number, status=status, most=limit)]

    def _count(self, changes: Sequence[CarChange], reached: dict[int, int]) -> None:
        """`reached` has each car's milestones before the changes; one car may take several steps."""
        counters = self._work.counters
        for change in changes:
            campaign = self._work.campaign_id(change.car.campaign)
            counters.moved(campaign, change.car.batch_id, change.car.status, change.to, change.at)
            bit = MILESTONES.get(change.to)
            if bit is not None and not reached[change.car.id] & bit:
                reached[change.car.id] |= bit
                counters.reached(campaign, change.to, change.at)


def _move(change: CarChange) -> dict[str, object]:
    soc = change.soc
    return {
        "car": change.car.id,
        "was": change.car.status,
        "seen": change.car.revision,
        "to": change.to,
        "milestone": MILESTONES.get(change.to, 0),
        "soc": None if soc is None else soc.tenths,
        "gauge": None if soc is None else soc.gauge,
        "soc_at": None if soc is None else soc.at,
        "forget": int(change.forget_read_back),
        "read_back": change.read_back,
        "tries": change.attempts,
        "rig_tries": change.rig_errors,
        "at": change.at,
        "by": change.by,
    }


def _canonical(read_back: str | None) -> str | None:
    try:
        return None if read_back is None else str(SoftwareVersion.parse(read_back))
    except BadInput:
        return None


def car_of(row: Row[*tuple[Any, ...]]) -> Car:
    """A car from a row of `CAR`."""
    number, campaign, vin, status, batch_id, batch_no, priority, revision, *rest, soc, gauge, soc_at = row
    reading = None if soc is None else Reading(soc, gauge, soc_at)
    return Car(number, campaign, vin, status, batch_id, batch_no, priority, revision, reading, *rest)
