"""The cars of the site and the lists that they came in."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import bindparam, delete, exists, insert, select, text, update

from campaign.domain.identity import Vin
from campaign.domain.reasons import Code, because
from campaign.errors import Conflict
from campaign.ports.records import ImportRecord, ListedVehicle, OrderFact, Vehicle
from campaign.store import schema as t
from campaign.store.bulk import insert_listed, insert_vehicles
from campaign.store.upsert import once
from campaign.store.work import Work

VEHICLE_COLUMNS = (
    t.Vehicle.vin,
    t.Vehicle.site,
    t.Vehicle.version,
    t.Vehicle.model,
    t.Vehicle.variant,
    t.Vehicle.slot,
    t.Vehicle.soc,
    t.Vehicle.gauge,
    t.Vehicle.soc_at,
    t.Vehicle.order_state,
    t.Vehicle.order_no,
    t.Vehicle.promised,
    t.Vehicle.weight,
    t.Vehicle.import_id,
)

MANY = 5_000
"""From this many on, a list is looked up in another way than one value at a time."""

IS_OPEN = text("upgrade.status NOT IN ('released', 'withdrawn')")
"""As in the partial index: "a car with an open upgrade"."""

_KNOWN = select(*VEHICLE_COLUMNS).where(t.Vehicle.vin.in_(bindparam("vins", expanding=True)))
_VINS = select(t.Vehicle.vin).where(t.Vehicle.site == bindparam("site"))
_SLOTS = select(t.Vehicle.slot, t.Vehicle.vin).where(
    t.Vehicle.site == bindparam("site"), t.Vehicle.slot.in_(bindparam("slots", expanding=True))
)
_PARKED = select(t.Vehicle.slot, t.Vehicle.vin).where(
    t.Vehicle.site == bindparam("site"), t.Vehicle.slot.is_not(None)
)
# One parameter however many there are; each database has its own way.
_PRESENT = select(t.Vehicle.vin).where(text("vehicle.vin = ANY(:vins)"))
_PRESENT_SQLITE = select(t.Vehicle.vin).where(text("vehicle.vin IN (SELECT value FROM json_each(:vins))"))
_ELIGIBLE = (
    select(*VEHICLE_COLUMNS)
    .where(t.Vehicle.site == bindparam("site"), t.Vehicle.version == bindparam("version"))
    .where(~exists().where(t.Upgrade.vin == t.Vehicle.vin, IS_OPEN))
    .order_by(t.Vehicle.vin)
)
_SET_ORDER = (
    update(t.Vehicle)
    .where(t.Vehicle.vin == bindparam("of_vin"))
    .values(
        order_state=bindparam("order_state"),
        order_no=bindparam("order_no"),
        promised=bindparam("promised"),
        weight=bindparam("weight"),
    )
)
_PRIOR = (
    select(
        t.PriorOrder.vin,
        t.PriorOrder.state,
        t.PriorOrder.order_no,
        t.PriorOrder.promised,
        t.PriorOrder.weight,
    )
    .where(t.PriorOrder.import_id == bindparam("import_id"))
    .order_by(t.PriorOrder.vin)
)
_WORKED_ON = (
    select(t.Upgrade.vin)
    .join(t.Vehicle, t.Vehicle.vin == t.Upgrade.vin)
    .where(t.Vehicle.import_id == bindparam("import_id"))
    .limit(1)
)
_IMPORT = select(
    t.Import.id,
    t.Import.kind,
    t.Import.file_name,
    t.Import.sha256,
    t.Import.at,
    t.Import.actor,
    t.Import.rows,
    t.Import.undone_at,
)
_IMPORT_BY_ID = _IMPORT.where(t.Import.id == bindparam("import_id"))
_IMPORT_BY_HASH = (
    _IMPORT.where(
        t.Import.kind == bindparam("kind"),
        t.Import.sha256 == bindparam("sha256"),
        t.Import.undone_at.is_(None),
    )
    .order_by(t.Import.id.desc())
    .limit(1)
)
_UNDO = update(t.Import).where(t.Import.id == bindparam("number")).values(undone_at=bindparam("undone"))


class SqlFleet:
    """`ports.fleet.Fleet`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def known(self, vins: Iterable[Vin]) -> dict[Vin, Vehicle]:
        """By VIN. Of a long list most are usually new: those that are there are looked up first, at once."""
        wanted = list(vins)
        if len(wanted) > MANY:
            wanted = self._present(wanted)
        return {row[0]: Vehicle(*row) for row in self._work.rows_in(_KNOWN, "vins", wanted)}

    def _present(self, vins: Sequence[Vin]) -> list[Vin]:
        sqlite = self._work.dialect == "sqlite"
        values = json.dumps(vins) if sqlite else [str(vin) for vin in vins]
        return [row[0] for row in self._work.rows(_PRESENT_SQLITE if sqlite else _PRESENT, vins=values)]

    def vins(self, site: str) -> set[Vin]:
        """All of the site."""
        return {row[0] for row in self._work.rows(_VINS, site=site)}

    def add(self, vehicles: Sequence[Vehicle]) -> None:
        """In bulk, past SQLAlchemy: a list of 100,000 rows should take about a second."""
        with self._work.changing() as connection:
            insert_vehicles(connection, vehicles)

    def take_in(self, rows: Sequence[ListedVehicle], site: str, import_id: int) -> None:
        """In bulk, past SQLAlchemy and without a value per car in between."""
        with self._work.changing() as connection:
            insert_listed(connection, rows, site, import_id)

    def slots_taken(self, site: str, slots: Iterable[str]) -> dict[str, Vin]:
        """By slot. For a long list all cars that stand in a slot are looked through: no more than the site has."""
        wanted = set(slots)
        if len(wanted) > MANY:
            return {str(row[0]): row[1] for row in self._work.rows(_PARKED, site=site) if row[0] in wanted}
        return {str(row[0]): row[1] for row in self._work.rows_in(_SLOTS, "slots", wanted, site=site)}

    def set_orders(self, orders: Sequence[OrderFact]) -> None:
        """In bulk; a VIN that is not in the fleet is ignored."""
        self._work.run(
            _SET_ORDER,
            [
                {
                    "of_vin": order.vin,
                    "order_state": order.state,
                    "order_no": order.order_no,
                    "promised": order.promised,
                    "weight": order.weight,
                }
                for order in orders
            ],
        )

    def orders_of_import(self, import_id: int) -> list[OrderFact]:
        """By VIN."""
        return [OrderFact(*row) for row in self._work.rows(_PRIOR, import_id=import_id)]

    def remember_orders(self, import_id: int, before: Sequence[OrderFact]) -> None:
        """The first memory of a VIN counts: it is what was there before the import."""
        rows = [
            {
                "import_id": import_id,
                "vin": order.vin,
                "state": order.state,
                "order_no": order.order_no,
                "promised": order.promised,
                "weight": order.weight,
            }
            for order in before
        ]
        self._work.run(once(self._work.dialect, t.PriorOrder), rows)

    def eligible(self, site: str, version: str) -> list[Vehicle]:
        """By VIN."""
        return [Vehicle(*row) for row in self._work.rows(_ELIGIBLE, site=site, version=version)]

    def remove_import(self, import_id: int) -> int:
        """Raises Conflict when one of them was worked on."""
        busy = self.worked_on(import_id)
        if busy is not None:
            raise Conflict([because(Code.WORK_DONE, vin=busy)])
        return self._work.run(
            delete(t.Vehicle).where(t.Vehicle.import_id == bindparam("of")), {"of": import_id}
        )

    def worked_on(self, import_id: int) -> Vin | None:
        """Any one."""
        row = self._work.first(_WORKED_ON, import_id=import_id)
        return None if row is None else row[0]

    def add_import(
        self, kind: str, file_name: str, sha256: str, at: datetime, by: str, rows: int
    ) -> ImportRecord:
        """With its number."""
        record = ImportRecord(0, kind, file_name, sha256, at, by, rows)
        number = self._work.insert(
            insert(t.Import),
            {"kind": kind, "file_name": file_name, "sha256": sha256, "at": at, "actor": by, "rows": rows},
        )
        return replace(record, id=number)

    def import_by_hash(self, kind: str, sha256: str) -> ImportRecord | None:
        """The newest one."""
        row = self._work.first(_IMPORT_BY_HASH, kind=kind, sha256=sha256)
        return None if row is None else ImportRecord(*row)

    def import_by_id(self, import_id: int) -> ImportRecord | None:
        """Undone or not."""
        row = self._work.first(_IMPORT_BY_ID, import_id=import_id)
        return None if row is None else ImportRecord(*row)

    def undo_import(self, import_id: int, at: datetime) -> None:
        """Its rows are taken out by `remove_import`."""
        self._work.run(_UNDO, {"number": import_id, "undone": at})
