"""Batches with the counts of their cars."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, false, insert, select, update

from campaign.domain.batch import Batch
from campaign.domain.campaign import Campaign
from campaign.domain.identity import Vin
from campaign.domain.reasons import Code, because
from campaign.domain.vehicle import Car, Status
from campaign.errors import BadInput, Conflict, NotFound
from campaign.ports.records import Place, PlannedBatch
from campaign.store import schema as t
from campaign.store.bulk import NewCar, insert_cars
from campaign.store.fleet import IS_OPEN
from campaign.store.work import Work

_BATCH: Select[*tuple[Any, ...]] = select(
    t.Batch.id,
    t.Campaign.code,
    t.Batch.no,
    t.Batch.size,
    t.Batch.planned_start,
    t.Batch.planned_end,
    t.Batch.opened_at,
).join(t.Campaign, t.Campaign.id == t.Batch.campaign_id)
BATCH_OF_CAMPAIGN = _BATCH.where(t.Batch.campaign_id == bindparam("campaign"))

_BY_ID = _BATCH.where(t.Batch.id == bindparam("batch"))
_BY_NO = BATCH_OF_CAMPAIGN.where(t.Batch.no == bindparam("no"))
_ALL = BATCH_OF_CAMPAIGN.order_by(t.Batch.no)
_TO_OPEN = (
    BATCH_OF_CAMPAIGN.where(t.Batch.opened_at.is_(None))
    .order_by(t.Batch.planned_start, t.Batch.no)
    .limit(bindparam("most"))
)
_ACTIVE = BATCH_OF_CAMPAIGN.where(t.Batch.opened_at.is_not(None), t.Batch.closed_at.is_(None)).order_by(
    t.Batch.no
)
_COUNTS = select(t.BatchCount.batch_id, t.BatchCount.status, t.BatchCount.n).where(
    t.BatchCount.batch_id.in_(bindparam("ids", expanding=True)), t.BatchCount.n > 0
)
_NUMBERS = select(t.Batch.no, t.Batch.id, t.Batch.opened_at).where(
    t.Batch.campaign_id == bindparam("campaign")
)
_READINGS: Select[*tuple[Any, ...]] = (
    select(t.Vehicle.vin, t.Vehicle.soc, t.Vehicle.gauge, t.Vehicle.soc_at, t.Campaign.code)
    .outerjoin(t.Upgrade, and_(t.Upgrade.vin == t.Vehicle.vin, IS_OPEN))
    .outerjoin(t.Campaign, t.Campaign.id == t.Upgrade.campaign_id)
    .where(t.Vehicle.vin.in_(bindparam("vins", expanding=True)))
)
_OPEN = (
    update(t.Batch)
    .where(t.Batch.id == bindparam("batch"), t.Batch.opened_at.is_(None))
    .values(opened_at=bindparam("at"))
)
_PLAN_AGAIN = (
    update(t.Batch)
    .where(t.Batch.id == bindparam("batch"))
    .values(planned_start=bindparam("begin"), planned_end=bindparam("end"))
)
_REGROUP = (
    update(t.Upgrade)
    .where(
        t.Upgrade.id == bindparam("car"),
        t.Upgrade.batch_id == bindparam("was_in"),
        t.Upgrade.status == bindparam("was"),
        t.Upgrade.batch_open == false(),
    )
    .values(batch_id=bindparam("to"))
)
_RESIZE = (
    update(t.Batch)
    .where(t.Batch.id == bindparam("batch"), t.Batch.opened_at.is_(None))
    .values(size=t.Batch.size + bindparam("more"))
)
_OPEN_CARS = update(t.Upgrade).where(t.Upgrade.batch_id == bindparam("batch")).values(batch_open=True)


class SqlBatches:
    """`ports.floor.Batches`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def add(
        self, campaign: Campaign, batches: Sequence[PlannedBatch], places: Sequence[Place], at: datetime
    ) -> None:
        """Raises Conflict for a car that is in an open upgrade, NotFound for one that is not in the fleet."""
        self._work.run(insert(t.Batch), [_values(campaign, batch) for batch in batches])
        numbers = {no: (key, opened) for no, key, opened in self._work.rows(_NUMBERS, campaign=campaign.id)}
        readings = self._readings([place.vin for place in places])
        cars = []
        for place in places:
            if place.batch_no not in numbers:
                raise BadInput(
                    "a car is planned for a batch that does not exist", where=f"batch {place.batch_no}"
                )
            batch_id, opened = numbers[place.batch_no]
            cars.append(NewCar(place.vin, batch_id, opened is not None, place.priority, *readings[place.vin]))
        with self._work.changing() as connection:
            insert_cars(connection, campaign.id, cars, at)
        for batch_id, n in Counter(car.batch_id for car in cars).items():
            self._work.counters.entered(campaign.id, batch_id, Status.QUEUED, n)

    def get(self, batch_id: int) -> Batch | None:
        """By id."""
        return self._one(self._work.rows(_BY_ID, batch=batch_id))

    def by_no(self, campaign: str, no: int) -> Batch | None:
        """By its number in the campaign."""
        return self._one(self._work.rows(_BY_NO, campaign=self._work.campaign_id(campaign), no=no))

    def all(self, campaign: str) -> list[Batch]:
        """By number."""
        return self._of(_ALL, campaign)

    def to_open(self, campaign: str, limit: int) -> list[Batch]:
        """Not opened yet, by planned start."""
        return self._of(_TO_OPEN, campaign, most=limit)

    def active(self, campaign: str) -> list[Batch]:
        """Opened, with a car left on its way."""
        self._work.flush_counters()
        return self._of(_ACTIVE, campaign)

    def open(self, batch: Batch, at: datetime) -> None:
        """Its cars may now be worked on."""
        if self._work.run(_OPEN, {"batch": batch.id, "at": at}):
            self._work.run(_OPEN_CARS, {"batch": batch.id})
            self._work.counters.opened(batch.id, at)

    def plan_again(self, times: Sequence[tuple[Batch, datetime, datetime]]) -> None:
        """One executemany."""
        values = [{"batch": batch.id, "begin": start, "end": end} for batch, start, end in times]
        self._work.run(_PLAN_AGAIN, values)

    def regroup(self, moves: Sequence[tuple[Car, Batch]]) -> None:
        """Guards on the cars and on both batches."""
        rows = [
            {"car": car.id, "was_in": car.batch_id, "was": car.status, "to": batch.id} for car, batch in moves
        ]
        self._work.guarded(_REGROUP, rows, "batch")
        more: Counter[int] = Counter()
        for car, batch in moves:
            self._work.counters.regrouped(car.batch_id, batch.id, car.status)
            more[car.batch_id] -= 1
            more[batch.id] += 1
        sizes = [{"batch": batch, "more": n} for batch, n in sorted(more.items())]
        self._work.guarded(_RESIZE, sizes, "batch")

    def _of(self, statement: Select[*tuple[Any, ...]], campaign: str, **values: object) -> list[Batch]:
        rows = self._work.rows(statement, campaign=self._work.campaign_id(campaign), **values)
        return self.with_counts(rows)

    def _one(self, rows: Sequence[Row[*tuple[Any, ...]]]) -> Batch | None:
        return self.with_counts(rows)[0] if rows else None

    def with_counts(self, rows: Sequence[Row[*tuple[Any, ...]]]) -> list[Batch]:
        """Batches from rows of their columns, each with its counts."""
        self._work.flush_counters()
        counts: defaultdict[int, dict[Status, int]] = defaultdict(dict)
        for batch_id, status, n in self._work.rows_in(_COUNTS, "ids", [row[0] for row in rows]):
            counts[batch_id][status] = n
        return [
            Batch(key, campaign, no, size, start, end, opened, counts[key])
            for key, campaign, no, size, start, end, opened in rows
        ]

    def _readings(self, vins: Iterable[Vin]) -> dict[Vin, tuple[Any, ...]]:
        """SOC, gauge and time of each vehicle, all None without a reading."""
        found: dict[Vin, tuple[Any, ...]] = {}
        wanted = list(vins)
        for vin, soc, gauge, soc_at, campaign in self._work.rows_in(_READINGS, "vins", wanted):
            if campaign is not None:
                raise Conflict([because(Code.TAKEN_BY, by=campaign, at="", what=vin)])
            read = soc is not None and soc_at is not None
            found[vin] = (soc, gauge, soc_at) if read else (None, None, None)
        if missing := [vin for vin in wanted if vin not in found]:
            raise NotFound(f"VIN {missing[0]} is not in the fleet")
        return found


def _values(campaign: Campaign, batch: PlannedBatch) -> dict[str, object]:
    return {
        "campaign_id": campaign.id,
        "no": batch.no,
        "size": batch.size,
        "planned_start": batch.planned_start,
        "planned_end": batch.planned_end,
    }
