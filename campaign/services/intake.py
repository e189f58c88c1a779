"""Lists taken in: checked against the fleet first, written in one transaction, undone while nobody worked on a car.

Reading files is the edge's work (`campaign.files`); here a list is rows with their places. The same file twice is a
no-op; a row that contradicts the fleet is a finding beside those of the file.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from campaign.domain.events import SITE_CHAIN, Fact, Kind
from campaign.domain.identity import Vin, look_alikes
from campaign.domain.people import Actor, Right, Role
from campaign.domain.reasons import Code, because
from campaign.errors import NotFound, Refused
from campaign.ports.clock import Clock
from campaign.ports.records import ImportRecord, OrderFact, Vehicle
from campaign.ports.store import Store, UnitOfWork
from campaign.services.access import need, need_reason
from campaign.services.lists import Checked, Finding, Imported, Listed, ListedCar, ListedOrder, ListKind, R

__all__ = ["Checked", "Finding", "Imported", "Intake", "ListKind", "Listed", "ListedCar", "ListedOrder"]


class Intake:
    """Use cases of planners and sales."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def check_vehicles(self, actor: Actor, listed: Listed[ListedCar], site: str) -> Checked[ListedCar]:
        """What an import would do; writes nothing."""
        need(actor, Right.IMPORT)
        with self._store.read() as uow:
            return self._vehicles(uow, listed, site)

    def import_vehicles(self, actor: Actor, listed: Listed[ListedCar], site: str) -> Imported[ListedCar]:
        """Take in the cars that nothing speaks against, all or none."""
        need(actor, Right.IMPORT)
        now = self._clock.now()
        with self._store.write(SITE_CHAIN) as uow:
            checked = self._vehicles(uow, listed, site)
            if checked.already is not None:
                return Imported(checked.already, checked)
            record = self._record(uow, actor, ListKind.VEHICLES, listed, len(checked.new), now)
            uow.fleet.take_in(checked.new, site, record.id)
            uow.commit()
        return Imported(record, checked)

    def check_orders(self, actor: Actor, listed: Listed[ListedOrder], site: str) -> Checked[ListedOrder]:
        """What an import would do; writes nothing."""
        need(actor, Right.ORDERS)
        with self._store.read() as uow:
            return self._orders(uow, listed, site)

    def import_orders(self, actor: Actor, listed: Listed[ListedOrder], site: str) -> Imported[ListedOrder]:
        """Set the orders of known cars; what they were before is kept, to undo it."""
        need(actor, Right.ORDERS)
        now = self._clock.now()
        with self._store.write(SITE_CHAIN) as uow:
            checked = self._orders(uow, listed, site)
            if checked.already is not None:
                return Imported(checked.already, checked)
            record = self._record(uow, actor, ListKind.ORDERS, listed, len(checked.new), now)
            facts = [_order(row) for row in checked.new]
            uow.fleet.remember_orders(record.id, _before(uow, facts))
            uow.fleet.set_orders(facts)
            uow.commit()
        self._nudge(actor, [fact.vin for fact in facts], f"import {record.id}")
        return Imported(record, checked)

    def set_orders(self, actor: Actor, facts: Sequence[OrderFact], reason: str) -> None:
        """What sales says about single cars. Raises NotFound."""
        need(actor, Right.ORDERS)
        why = need_reason(reason)
        now = self._clock.now()
        with self._store.write(SITE_CHAIN) as uow:
            known = uow.fleet.known([fact.vin for fact in facts])
            missing = [fact.vin for fact in facts if fact.vin not in known]
            if missing:
                raise NotFound(f"not in the fleet: {', '.join(missing)}")
            uow.fleet.set_orders(facts)
            uow.log.append(
                Fact(
                    Kind.ORDER_SET,
                    actor.id,
                    now,
                    actor.device,
                    fact.vin,
                    reason=why,
                    data={"state": fact.state.value, "order": fact.order_no, "promised": fact.promised},
                )
                for fact in facts
            )
            uow.commit()
        self._nudge(actor, [fact.vin for fact in facts], why)

    def undo(self, actor: Actor, import_id: int, reason: str) -> ImportRecord:
        """Take an import back, while none of its cars was worked on. Raises Refused, NotFound."""
        need(actor, Right.IMPORT)
        why = need_reason(reason)
        now = self._clock.now()
        orders: list[OrderFact] = []
        with self._store.write(SITE_CHAIN) as uow:
            record = uow.fleet.import_by_id(import_id)
            if record is None or record.undone_at is not None:
                raise NotFound(f"there is no import {import_id} to undo")
            if record.kind == ListKind.VEHICLES:
                worked = uow.fleet.worked_on(import_id)
                if worked is not None:
                    raise Refused([because(Code.WORK_DONE, Role.PLANNER, vin=worked)])
                uow.fleet.remove_import(import_id)
            else:
                orders = uow.fleet.orders_of_import(import_id)
                uow.fleet.set_orders(orders)
            uow.fleet.undo_import(import_id, now)
            told = {"import": import_id, "kind": record.kind, "file": record.file_name}
            uow.log.append([Fact(Kind.IMPORT_UNDONE, actor.id, now, actor.device, reason=why, data=told)])
            uow.commit()
        self._nudge(actor, [order.vin for order in orders], why)
        return record

    def _vehicles(self, uow: UnitOfWork, listed: Listed[ListedCar], site: str) -> Checked[ListedCar]:
        already = uow.fleet.import_by_hash(ListKind.VEHICLES, listed.sha256)
        known = uow.fleet.known([row.vin for row in listed.rows])
        taken = uow.fleet.slots_taken(site, [row.slot for row in listed.rows if row.slot])
        if not known and not taken:
            return Checked(list(listed.rows), 0, [], already)
        new, findings, same = [], [], 0
        for row in listed.rows:
            finding = _against(row, known.get(row.vin), taken)
            if finding is not None:
                findings.append(finding)
            elif row.vin in known:
                same += 1
            else:
                new.append(row)
        return Checked(new, same, findings, already)

    def _orders(self, uow: UnitOfWork, listed: Listed[ListedOrder], site: str) -> Checked[ListedOrder]:
        already = uow.fleet.import_by_hash(ListKind.ORDERS, listed.sha256)
        known = uow.fleet.known([row.vin for row in listed.rows if row.vin is not None])
        fleet: set[str] | None = None
        new, findings, same = [], [], 0
        for row in listed.rows:
            if row.vin is None:
                continue  # an order without a car yet: the file's own warning says so
            vehicle = known.get(row.vin)
            if vehicle is None:
                fleet = fleet if fleet is not None else set(uow.fleet.vins(site))
                like = " ".join(look_alikes(row.vin, fleet, most=3))
                reason = because(Code.VIN_UNKNOWN, Role.PLANNER, vin=row.vin, like=like)
                findings.append(Finding(row.sheet, row.row, row.vin, reason))
            elif _order(row) == _order_of(vehicle):
                same += 1
            else:
                new.append(row)
        return Checked(new, same, findings, already)

    def _record(
        self, uow: UnitOfWork, actor: Actor, kind: ListKind, listed: Listed[R], rows: int, now: datetime
    ) -> ImportRecord:
        record = uow.fleet.add_import(kind, listed.file_name, listed.sha256, now, actor.id, rows)
        told = {
            "import": record.id,
            "kind": kind.value,
            "file": listed.file_name,
            "sha256": listed.sha256,
            "rows": rows,
        }
        uow.log.append([Fact(Kind.IMPORT_DONE, actor.id, now, actor.device, data=told)])
        return record

    def _nudge(self, actor: Actor, vins: Sequence[Vin], why: str) -> None:
        """Tell the campaigns whose cars have new orders: their reconcilers wake up."""
        cars: dict[str, list[str]] = defaultdict(list)
        with self._store.read() as uow:
            for car in uow.cars.latest(vins).values():
                cars[car.campaign].append(car.vin)
        for code, mine in cars.items():
            with self._store.write(code) as uow:
                now = self._clock.now()
                uow.log.append(
                    [Fact(Kind.ORDER_SET, actor.id, now, actor.device, reason=why, data={"vins": mine})]
                )
                uow.commit()


def _against(row: ListedCar, known: Vehicle | None, taken: dict[str, Vin]) -> Finding | None:
    if known is not None and not _agrees(row, known):
        reason = because(
            Code.VIN_DIFFERS, Role.PLANNER, vin=row.vin, version=known.version, slot=known.slot or ""
        )
        return Finding(row.sheet, row.row, row.vin, reason)
    if row.slot and taken.get(row.slot, row.vin) != row.vin:
        reason = because(Code.SLOT_TAKEN, Role.PLANNER, slot=row.slot, vin=taken[row.slot])
        return Finding(row.sheet, row.row, row.vin, reason)
    return None


def _agrees(row: ListedCar, known: Vehicle) -> bool:
    """What the list says is what the fleet has; what it leaves out does not contradict."""
    version = "" if row.version is None else str(row.version)
    return (not version or version == known.version) and (not row.slot or row.slot == known.slot)


def _order(row: ListedOrder) -> OrderFact:
    if row.vin is None:
        raise NotFound("an order without a car cannot be set")
    return OrderFact(row.vin, row.state, row.order_no, row.promised, row.weight)


def _order_of(vehicle: Vehicle) -> OrderFact:
    return OrderFact(vehicle.vin, vehicle.order_state, vehicle.order_no, vehicle.promised, vehicle.weight)


def _before(uow: UnitOfWork, facts: Iterable[OrderFact]) -> list[OrderFact]:
    return [_order_of(vehicle) for vehicle in uow.fleet.known([fact.vin for fact in facts]).values()]
