"""Holds that are not lifted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, insert, select, update

from campaign.domain.gates import Hold
from campaign.store import schema as t
from campaign.store.work import Work

_OPEN = (
    select(t.Hold.id, t.Hold.scope, t.Hold.target, t.Hold.why, t.Hold.actor)
    .where(t.Hold.lifted_at.is_(None))
    .order_by(t.Hold.id)
)
_BY_ID = _OPEN.where(t.Hold.id == bindparam("hold"))
_LIFT = (
    update(t.Hold)
    .where(t.Hold.id == bindparam("hold"), t.Hold.lifted_at.is_(None))
    .values(lifted_at=bindparam("end_at"), lifted_by=bindparam("lifter"), lift_why=bindparam("reason"))
)


class SqlHolds:
    """`ports.kept.Holds`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def add(self, scope: str, target: str, why: str, by: str, at: datetime) -> Hold:
        """With its number."""
        values = {"scope": scope, "target": target, "why": why, "actor": by, "at": at}
        return Hold(self._work.insert(insert(t.Hold), values), scope, target, why, by)

    def get(self, hold_id: int) -> Hold | None:
        """None when it was lifted."""
        row = self._work.first(_BY_ID, hold=hold_id)
        return None if row is None else Hold(*row)

    def open(self) -> list[Hold]:
        """Oldest first."""
        return [Hold(*row) for row in self._work.rows(_OPEN)]

    def lift(self, hold: Hold, by: str, why: str, at: datetime) -> None:
        """Raises Conflict when somebody lifted it before."""
        self._work.guarded(_LIFT, [{"hold": hold.id, "lifter": by, "reason": why, "end_at": at}], "hold")
