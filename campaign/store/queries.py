"""Read models beside the unit of work (`ports.views.Views`)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, or_, select

from campaign.domain.campaign import Campaign
from campaign.domain.events import Event
from campaign.domain.identity import Vin
from campaign.domain.vehicle import Status
from campaign.errors import NotFound
from campaign.ports.views import BatchEvidence, BoardData, CarRow, DoneWork
from campaign.store import schema as t
from campaign.store.board import Curves, read_board
from campaign.store.chain import EVENT_COLUMNS, event_of
from campaign.store.done_work import read_done
from campaign.store.store import SqlStore
from campaign.store.unit import SqlUnit

_EVENT = select(*EVENT_COLUMNS)
_STORY = _EVENT.where(t.Event.vin == bindparam("vin")).order_by(t.Event.id).limit(bindparam("most"))
_PAGE = _EVENT.where(t.Event.chain == bindparam("chain"), t.Event.seq < bindparam("before"))
_PAGE = _PAGE.order_by(t.Event.seq.desc()).limit(bindparam("most"))
_END = 2**62

_CAR_ROW: Select[*tuple[Any, ...]] = (
    select(
        t.Upgrade.vin,
        t.Upgrade.status,
        t.Batch.no,
        t.Upgrade.priority,
        t.Upgrade.soc,
        t.Upgrade.soc_at,
        t.Upgrade.read_back,
        t.Vehicle.slot,
        t.Vehicle.order_no,
        t.Vehicle.promised,
        t.Upgrade.attempts,
        t.Upgrade.changed_at,
        t.Upgrade.changed_by,
    )
    .join(t.Batch, t.Batch.id == t.Upgrade.batch_id)
    .join(t.Vehicle, t.Vehicle.vin == t.Upgrade.vin)
    .order_by(t.Upgrade.priority, t.Upgrade.id)
)


class SqlViews:
    """`ports.views.Views`. Every method is one short reading transaction."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store
        self._curves: Curves = {}

    def token(self, campaign: str) -> int:
        """The last sequence number of the campaign's chain."""
        return self._store.token(campaign)

    def campaigns(self) -> list[Campaign]:
        """Newest first."""
        with self._store.look() as unit:
            return unit.campaigns.all()

    def board(self, campaign: str) -> BoardData:
        """Raises NotFound."""
        with self._store.look() as unit:
            return read_board(unit, campaign, self._curves)

    def done_since(self, campaign: str, since: datetime) -> tuple[DoneWork, ...]:
        """Raises NotFound."""
        with self._store.look() as unit:
            of = unit.campaigns.get(campaign)
            if of is None:
                raise NotFound(f"there is no campaign {campaign} here")
            return read_done(unit, of, since)

    def batch(self, campaign: str, no: int) -> BatchEvidence:
        """With the open holds on its cars, on itself, on its campaign and its package. Raises NotFound."""
        with self._store.look() as unit:
            of = unit.campaigns.get(campaign)
            batch = None if of is None else unit.batches.by_no(campaign, no)
            if of is None or batch is None:
                raise NotFound(f"there is no batch {no} of a campaign {campaign} here")
            cars = unit.cars.in_batch(batch.id)
            targets = {("car", str(car.vin)) for car in cars}
            targets |= {("batch", batch.name), ("campaign", campaign), ("package", of.rules.package)}
            return BatchEvidence(
                batch=batch,
                cars=tuple(cars),
                attempts=unit.attempts.last_of(cars),
                touches=tuple(unit.sign_offs.touches(batch.id)),
                holds=tuple(hold for hold in unit.holds.open() if (hold.scope, hold.target) in targets),
                sign_offs=tuple(unit.sign_offs.of_batch(batch.id)),
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
        """By priority. The number is counted only for a `text`: otherwise the counters know it."""
        with self._store.look() as unit:
            wanted = [t.Upgrade.campaign_id == unit.work.campaign_id(campaign)]
            if status is not None:
                wanted.append(t.Upgrade.status == status)
            matching = select(t.Upgrade.id).where(*wanted)
            if text.strip():
                matching = matching.join(t.Vehicle, t.Vehicle.vin == t.Upgrade.vin).where(_has(text.strip()))
                found = unit.work.rows(select(func.count()).select_from(matching.subquery()))[0][0]
            else:
                found = _counted(unit, campaign, status)
            page = matching.order_by(t.Upgrade.priority, t.Upgrade.id).limit(limit).offset(offset).subquery()
            rows = unit.work.rows(_CAR_ROW.where(t.Upgrade.id.in_(select(page.c.id))))
            return [CarRow(*row) for row in rows], found

    def find(self, text: str, limit: int = 8) -> list[Vin]:
        """In order of VIN."""
        with self._store.look() as unit:
            ends = _vins(t.Vehicle.vin.endswith(text, autoescape=True), limit)
            found = unit.work.rows(ends) or unit.work.rows(
                _vins(t.Vehicle.vin.contains(text, autoescape=True), limit)
            )
            return [row[0] for row in found]

    def story(self, vin: Vin, limit: int = 200) -> list[Event]:
        """In the order in which it was written, whatever the chain."""
        with self._store.look() as unit:
            return [event_of(row) for row in unit.work.rows(_STORY, vin=vin, most=limit)]

    def log(self, chain: str, *, before: int | None = None, limit: int = 100) -> list[Event]:
        """Events with a number below `before`."""
        with self._store.look() as unit:
            rows = unit.work.rows(_PAGE, chain=chain, before=before or _END, most=limit)
            return [event_of(row) for row in rows]


def _has(text: str) -> ColumnElement[bool]:
    part = text.upper()
    columns: tuple[Any, ...] = (t.Vehicle.vin, t.Vehicle.slot, t.Vehicle.order_no)
    return or_(*(func.upper(column).contains(part, autoescape=True) for column in columns))


def _counted(unit: SqlUnit, campaign: str, status: Status | None) -> int:
    of = unit.campaigns.get(campaign)
    counts = {} if of is None else unit.campaigns.counts(of)
    return sum(counts.values()) if status is None else counts.get(status, 0)


def _vins(where: ColumnElement[bool], limit: int) -> Select[*tuple[Any, ...]]:
    return select(t.Vehicle.vin).where(where).order_by(t.Vehicle.vin).limit(limit)
