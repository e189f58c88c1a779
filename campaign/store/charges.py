"""Charge points given to cars. Partial unique indexes hold "one car per point" and "one point per car"."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import NotNullable, bindparam, func, insert, select, update

from campaign.domain.reasons import Code, because
from campaign.domain.vehicle import Car
from campaign.errors import Conflict
from campaign.ports.records import Charge, EndedCharge
from campaign.store import schema as t
from campaign.store.work import Work

_CHARGE = (
    select(
        t.Charge.id,
        t.Charge.car_id,
        t.Campaign.code,
        t.Upgrade.vin,
        t.Charge.site,
        t.Charge.point,
        t.Charge.given_at,
        t.Charge.started_at,
        t.Charge.start_soc,
        t.Charge.expected_end,
        t.Charge.ended_at,
        t.Charge.end_soc,
        t.Charge.actor,
    )
    .select_from(t.Charge)
    .join(t.Upgrade, t.Upgrade.id == t.Charge.car_id)
    .join(t.Campaign, t.Campaign.id == t.Upgrade.campaign_id)
    .where(t.Charge.ended_at.is_(None))
)
_OPEN = _CHARGE.where(t.Charge.site == bindparam("site")).order_by(t.Charge.point)
_OF_CARS = _CHARGE.where(t.Charge.car_id.in_(bindparam("cars", expanding=True)))
_AT_POINTS = _CHARGE.where(
    t.Charge.site == bindparam("site"), t.Charge.point.in_(bindparam("points", expanding=True))
)
_RECENT = (
    select(
        t.Charge.point,
        NotNullable(t.Charge.started_at),
        NotNullable(t.Charge.ended_at),
        NotNullable(t.Charge.start_soc),
        NotNullable(t.Charge.end_soc),
    )
    .where(
        t.Charge.id > select(func.max(t.Charge.id) - bindparam("among")).scalar_subquery(),
        t.Charge.site == bindparam("site"),
        t.Charge.started_at.is_not(None),
        t.Charge.ended_at.is_not(None),
        t.Charge.start_soc.is_not(None),
        t.Charge.end_soc.is_not(None),
    )
    .order_by(t.Charge.id.desc())
)
"""By the numbers of the last charges: bounded without an index that every mark would have to keep."""
_START = (
    update(t.Charge)
    .where(t.Charge.id == bindparam("charge"), t.Charge.ended_at.is_(None), t.Charge.started_at.is_(None))
    .values(
        point=bindparam("at_point"),
        started_at=bindparam("at"),
        start_soc=bindparam("soc"),
        expected_end=bindparam("end"),
        actor=bindparam("by"),
    )
)
_END = (
    update(t.Charge)
    .where(t.Charge.car_id == bindparam("car"), t.Charge.ended_at.is_(None))
    .values(ended_at=bindparam("at"), end_soc=bindparam("soc"))
)


class SqlCharges:
    """`ports.floor.Charges`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def open(self, site: str) -> list[Charge]:
        """By point."""
        return [Charge(*row) for row in self._work.rows(_OPEN, site=site)]

    def of_cars(self, car_ids: Sequence[int]) -> dict[int, Charge]:
        """By car id."""
        return {row[1]: Charge(*row) for row in self._work.rows_in(_OF_CARS, "cars", car_ids)}

    def recent(self, site: str, among: int) -> list[EndedCharge]:
        """The last given first."""
        return [EndedCharge(*row) for row in self._work.rows(_RECENT, site=site, among=among)]

    def give(self, cars: Sequence[tuple[Car, str]], site: str, at: datetime) -> None:
        """Raises Conflict when the point or the car is taken."""
        for charge in self._in_the_way(cars, site):
            raise Conflict([because(Code.POINT_TAKEN, point=charge.point, vin=charge.vin)])
        rows = [
            {"car_id": car.id, "site": site, "point": point, "given_at": at, "actor": ""}
            for car, point in cars
        ]
        self._work.run(insert(t.Charge), rows)

    def start(
        self, starts: Sequence[tuple[Car, str, int | None, datetime | None]], site: str, at: datetime, by: str
    ) -> None:
        """A car that was given another point takes that given point along. Raises Conflict."""
        charges = self._in_the_way([(car, point) for car, point, _, _ in starts], site)
        given = {charge.car_id: charge for charge in charges}
        holders = {charge.point: charge.vin for charge in charges if charge.site == site}
        turned, opened = [], []
        for car, point, soc, end in starts:
            own, holder = given.get(car.id), holders.get(point)
            if own is not None and own.started_at is not None:
                done = because(
                    Code.ALREADY_DONE, step="start_charge", by=own.by, at=own.started_at.isoformat()
                )
                raise Conflict([done])
            if holder is not None and holder != car.vin:
                raise Conflict([because(Code.POINT_TAKEN, point=point, vin=holder)])
            holders[point] = car.vin
            if own is not None:
                if own.point != point:
                    holders.pop(own.point, None)
                turned.append(
                    {"charge": own.id, "at_point": point, "at": at, "soc": soc, "end": end, "by": by}
                )
            else:
                opened.append(_opened(car, point, soc, end, site, at, by))
        self._work.guarded(_START, turned, "charge")
        self._work.run(insert(t.Charge), opened)

    def end(self, ends: Sequence[tuple[Car, int | None]], at: datetime) -> None:
        """A car without a point has nothing to free."""
        self._work.run(_END, [{"car": car.id, "at": at, "soc": soc} for car, soc in ends])

    def _in_the_way(self, cars: Sequence[tuple[Car, str]], site: str) -> list[Charge]:
        rows = self._work.rows_in(_OF_CARS, "cars", [car.id for car, _ in cars])
        rows += self._work.rows_in(_AT_POINTS, "points", [point for _, point in cars], site=site)
        return list({row[0]: Charge(*row) for row in rows}.values())


def _opened(
    car: Car, point: str, soc: int | None, end: datetime | None, site: str, at: datetime, by: str
) -> dict[str, object]:
    return {
        "car_id": car.id,
        "site": site,
        "point": point,
        "given_at": at,
        "started_at": at,
        "start_soc": soc,
        "expected_end": end,
        "actor": by,
    }
