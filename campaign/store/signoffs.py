"""QA decisions, and who touched what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, insert, select, update

from campaign.domain.batch import Batch
from campaign.domain.identity import Vin
from campaign.domain.reasons import Code, because
from campaign.domain.signoff import Decision, SignOff, Touched
from campaign.domain.vehicle import Car
from campaign.errors import Conflict
from campaign.store import schema as t
from campaign.store.upsert import once
from campaign.store.work import Work

_SIGNOFF = select(
    t.SignOff.id,
    t.SignOff.batch_id,
    t.SignOff.decision,
    t.SignOff.person,
    t.SignOff.at,
    t.SignOff.seen_hash,
    t.SignOff.reason,
    t.SignOff.cars,
    t.SignOff.voided_at,
    t.SignOff.void_why,
).order_by(t.SignOff.id)
_OF_BATCH: Select[*tuple[Any, ...]] = _SIGNOFF.where(t.SignOff.batch_id == bindparam("batch"))
_SAME = _OF_BATCH.where(t.SignOff.seen_hash == bindparam("seen"))
_IN_FORCE = _OF_BATCH.where(t.SignOff.decision == Decision.APPROVE, t.SignOff.voided_at.is_(None))
_VOID = (
    update(t.SignOff)
    .where(t.SignOff.id == bindparam("signoff"), t.SignOff.voided_at.is_(None))
    .values(voided_at=bindparam("ended_at"), void_why=bindparam("reason_why"))
)
_TOUCHES = (
    select(t.Touch.person, t.Upgrade.vin, t.Touch.kind)
    .join(t.Upgrade, t.Upgrade.id == t.Touch.car_id)
    .where(t.Upgrade.batch_id == bindparam("batch"))
    .order_by(t.Upgrade.vin, t.Touch.person, t.Touch.kind)
)


class SqlSignOffs:
    """`ports.kept.SignOffs`."""

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
        """Raises Conflict for what was decided already, naming who did."""
        same = self._work.first(_SAME, batch=batch.id, seen=seen_hash)
        if same is not None:
            done = SignOff(*same)
            step, when = done.decision.value, done.at.isoformat()
            raise Conflict([because(Code.ALREADY_DONE, step=step, by=done.person, at=when)])
        signed = SignOff(0, batch.id, Decision(decision), person, at, seen_hash, reason, len(cars))
        number = self._work.insert(
            insert(t.SignOff),
            {
                "batch_id": batch.id,
                "decision": signed.decision,
                "person": person,
                "at": at,
                "seen_hash": seen_hash,
                "reason": reason,
                "cars": len(cars),
                "void_why": "",
            },
        )
        self._work.run(insert(t.SignOffCar), [{"signoff_id": number, "car_id": car.id} for car in cars])
        return replace(signed, id=number)

    def of_batch(self, batch_id: int) -> list[SignOff]:
        """Oldest first."""
        return [SignOff(*row) for row in self._work.rows(_OF_BATCH, batch=batch_id)]

    def void(self, batch_id: int, at: datetime, why: str) -> list[SignOff]:
        """As they are afterwards."""
        ended = [
            replace(SignOff(*row), voided_at=at, void_why=why)
            for row in self._work.rows(_IN_FORCE, batch=batch_id)
        ]
        values = [{"signoff": signed.id, "ended_at": at, "reason_why": why} for signed in ended]
        self._work.guarded(_VOID, values, "signoff")
        return ended

    def touch(self, touches: Iterable[Touched], cars: Mapping[Vin, Car]) -> None:
        """Once per person, car and kind."""
        rows = [{"car_id": cars[t.vin].id, "person": t.person, "kind": t.touch} for t in touches]
        self._work.run(once(self._work.dialect, t.Touch), rows)

    def touches(self, batch_id: int) -> list[Touched]:
        """By VIN."""
        return [Touched(*row) for row in self._work.rows(_TOUCHES, batch=batch_id)]
