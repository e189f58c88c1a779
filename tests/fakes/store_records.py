"""Fake repositories of what is kept: fleet, holds, sign-offs, people, sites, the log."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from campaign.domain.batch import Batch
from campaign.domain.events import Fact, Kind
from campaign.domain.gates import Hold
from campaign.domain.identity import Vin
from campaign.domain.reasons import Code, because
from campaign.domain.signoff import Decision, SignOff, Touched
from campaign.domain.site import SiteLayout
from campaign.domain.vehicle import Car
from campaign.errors import Conflict
from campaign.ports.records import ImportRecord, ListedVehicle, OrderFact, Person, SignIn, Told, Vehicle
from tests.fakes.store_data import Work


class FakeFleet:
    def __init__(self, work: Work) -> None:
        self._work = work

    def known(self, vins: Iterable[Vin]) -> dict[Vin, Vehicle]:
        vehicles = self._work.data.vehicles
        return {vin: vehicles[vin] for vin in vins if vin in vehicles}

    def vins(self, site: str) -> set[Vin]:
        return {v.vin for v in self._work.data.vehicles.values() if v.site == site}

    def add(self, vehicles: Sequence[Vehicle]) -> None:
        data = self._work.writing
        slots = {(v.site, v.slot) for v in data.vehicles.values() if v.slot is not None}
        for vehicle in vehicles:
            if vehicle.vin in data.vehicles:
                raise self._work.conflict("fleet")
            if (vehicle.site, vehicle.slot) in slots:
                self._work.failed = Conflict([because(Code.TAKEN_BY, by="", at="", what="slot")])
                raise self._work.failed
            if vehicle.slot is not None:
                slots.add((vehicle.site, vehicle.slot))
            data.vehicles[vehicle.vin] = vehicle

    def take_in(self, rows: Sequence[ListedVehicle], site: str, import_id: int) -> None:
        self.add([
            Vehicle(
                r.vin, site, "" if r.version is None else str(r.version), r.model, r.variant, r.slot, r.soc,
                r.gauge, None, r.order_state, r.order_no, r.promised, 1, import_id,
            )
            for r in rows
        ])  # fmt: skip

    def slots_taken(self, site: str, slots: Iterable[str]) -> dict[str, Vin]:
        wanted = set(slots)
        return {
            v.slot: v.vin for v in self._work.data.vehicles.values() if v.site == site and v.slot in wanted
        }

    def set_orders(self, orders: Sequence[OrderFact]) -> None:
        vehicles = self._work.writing.vehicles
        for order in orders:
            if order.vin in vehicles:
                vehicles[order.vin] = replace(
                    vehicles[order.vin],
                    order_state=order.state,
                    order_no=order.order_no,
                    promised=order.promised,
                    weight=order.weight,
                )

    def orders_of_import(self, import_id: int) -> list[OrderFact]:
        found = [order for (number, _), order in self._work.data.prior.items() if number == import_id]
        return sorted(found, key=lambda order: order.vin)

    def remember_orders(self, import_id: int, before: Sequence[OrderFact]) -> None:
        for order in before:
            self._work.writing.prior.setdefault((import_id, order.vin), order)

    def eligible(self, site: str, version: str) -> list[Vehicle]:
        vehicles = sorted(self._work.data.vehicles.values(), key=lambda v: v.vin)
        at_version = [v for v in vehicles if (v.site, v.version) == (site, version)]
        return [v for v in at_version if self._work.open_of(v.vin) is None]

    def remove_import(self, import_id: int) -> int:
        busy = self.worked_on(import_id)
        if busy is not None:
            raise Conflict([because(Code.WORK_DONE, vin=busy)])
        vehicles = self._work.writing.vehicles
        gone = [v.vin for v in vehicles.values() if v.import_id == import_id]
        for vin in gone:
            del vehicles[vin]
        return len(gone)

    def worked_on(self, import_id: int) -> Vin | None:
        vehicles = self._work.data.vehicles
        cars = (c.vin for c in self._work.data.cars.values() if vehicles[c.vin].import_id == import_id)
        return next(cars, None)

    def add_import(
        self, kind: str, file_name: str, sha256: str, at: datetime, by: str, rows: int
    ) -> ImportRecord:
        data = self._work.writing
        record = ImportRecord(data.number("import"), kind, file_name, sha256, at, by, rows)
        data.imports[record.id] = record
        return record

    def import_by_hash(self, kind: str, sha256: str) -> ImportRecord | None:
        found = [r for r in self._work.data.imports.values() if (r.kind, r.sha256) == (kind, sha256)]
        return next((r for r in reversed(found) if r.undone_at is None), None)

    def import_by_id(self, import_id: int) -> ImportRecord | None:
        return self._work.data.imports.get(import_id)

    def undo_import(self, import_id: int, at: datetime) -> None:
        imports = self._work.writing.imports
        imports[import_id] = replace(imports[import_id], undone_at=at)


class FakeHolds:
    def __init__(self, work: Work) -> None:
        self._work = work

    def add(self, scope: str, target: str, why: str, by: str, at: datetime) -> Hold:
        data = self._work.writing
        hold = Hold(data.number("hold"), scope, target, why, by)
        data.holds[hold.id] = hold
        return hold

    def get(self, hold_id: int) -> Hold | None:
        return self._work.data.holds.get(hold_id)

    def open(self) -> list[Hold]:
        return list(self._work.data.holds.values())

    def lift(self, hold: Hold, by: str, why: str, at: datetime) -> None:
        if self._work.writing.holds.pop(hold.id, None) is None:
            raise self._work.conflict("hold")


class FakeSignOffs:
    def __init__(self, work: Work) -> None:
        self._work = work

    def add(
        self,
        batch: Batch,
        decision: str,
        person: str,
        at: datetime,
        seen_hash: str,
        reason: str,
        cars: Sequence[Car],
    ) -> SignOff:
        data = self._work.writing
        for done in self.of_batch(batch.id):
            if done.seen_hash == seen_hash:
                step, when = done.decision.value, done.at.isoformat()
                raise Conflict([because(Code.ALREADY_DONE, step=step, by=done.person, at=when)])
        number = data.number("sign_off")
        signed = SignOff(number, batch.id, Decision(decision), person, at, seen_hash, reason, len(cars))
        data.sign_offs[number] = signed
        return signed

    def of_batch(self, batch_id: int) -> list[SignOff]:
        return [s for s in self._work.data.sign_offs.values() if s.batch_id == batch_id]

    def void(self, batch_id: int, at: datetime, why: str) -> list[SignOff]:
        in_force = [
            replace(s, voided_at=at, void_why=why)
            for s in self.of_batch(batch_id)
            if s.decision is Decision.APPROVE and s.voided_at is None
        ]
        self._work.writing.sign_offs.update({s.id: s for s in in_force})
        return in_force

    def touch(self, touches: Iterable[Touched], cars: Mapping[Vin, Car]) -> None:
        for touched in touches:
            self._work.writing.touches.setdefault((cars[touched.vin].id, touched))

    def touches(self, batch_id: int) -> list[Touched]:
        data = self._work.data
        found = [touched for car_id, touched in data.touches if data.cars[car_id].batch_id == batch_id]
        return sorted(found, key=lambda t: (t.vin, t.person, t.touch))


class FakePeople:
    def __init__(self, work: Work) -> None:
        self._work = work

    def get(self, person_id: str) -> Person | None:
        return self._work.data.people.get(person_id)

    def all(self) -> list[Person]:
        return sorted(self._work.data.people.values(), key=lambda person: person.id)

    def put(self, person: Person) -> None:
        self._work.writing.people[person.id] = person

    def add_sign_in(self, sign_in: SignIn) -> None:
        data = self._work.writing
        if sign_in.person not in data.people or sign_in.sid_hash in data.sign_ins:
            raise self._work.conflict("database")
        data.sign_ins[sign_in.sid_hash] = sign_in

    def sign_in(self, sid_hash: str) -> SignIn | None:
        return self._work.data.sign_ins.get(sid_hash)

    def revoke(self, sid_hash: str, at: datetime) -> None:
        sign_ins = self._work.writing.sign_ins
        if sid_hash in sign_ins:
            found = sign_ins[sid_hash]
            sign_ins[sid_hash] = replace(found, revoked_at=found.revoked_at or at)


class FakeSites:
    def __init__(self, work: Work) -> None:
        self._work = work

    def get(self, code: str) -> SiteLayout | None:
        return self._work.data.sites.get(code)

    def put(self, layout: SiteLayout, at: datetime) -> bool:
        sites = self._work.writing.sites
        changed = sites.get(layout.code) != layout
        sites[layout.code] = layout
        return changed


class FakeLog:
    def __init__(self, work: Work) -> None:
        self._work = work

    def newest(self, chain: str, kinds: Collection[Kind], after: int) -> int:
        found = (e.seq for e in self._work.data.events if e.chain == chain and e.fact.kind in kinds)
        return max((seq for seq in found if seq > after), default=0)

    def append(self, facts: Iterable[Fact]) -> None:
        self._work.tell(facts)

    def told(self, client_ids: Iterable[str]) -> dict[str, Told]:
        wanted = set(client_ids)
        facts = [*(event.fact for event in self._work.data.events), *self._work.facts]
        return {
            f.client_id: Told(f.client_id, f.kind.value, f.vin, f.actor, f.at, f.data)
            for f in facts
            if f.client_id is not None and f.client_id in wanted
        }
