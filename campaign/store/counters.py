"""Counters kept with each change, so that a page costs the same at 2,300 and at 1,000,000 cars."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, func, select, text, update
from sqlalchemy.sql.expression import bindparam

from campaign.domain.batch import DONE
from campaign.domain.vehicle import Status
from campaign.store import schema as t
from campaign.store.upsert import adding

MILESTONES: dict[Status, int] = {Status.CHARGED: 1, Status.FLASHED: 2, Status.APPROVED: 4, Status.RELEASED: 8}
"""What the burn-up counts, with the bit in `upgrade.reached` that makes each car count once."""

_LEFT = (
    select(func.count())
    .where(
        t.BatchCount.batch_id == t.Batch.id,
        t.BatchCount.n > 0,
        text("batch_count.status NOT IN ('released', 'withdrawn')"),
    )
    .correlate(t.Batch)
    .scalar_subquery()
)
_CLOSE = update(t.Batch).where(
    t.Batch.id == bindparam("batch"), t.Batch.opened_at.is_not(None), t.Batch.closed_at.is_(None), _LEFT == 0
)
_CLOSE = _CLOSE.values(closed_at=bindparam("at"))


class Counters:
    """The differences of one unit of work, written at commit or before they are read."""

    def __init__(self) -> None:
        self._campaign: Counter[tuple[int, Status]] = Counter()
        self._batch: Counter[tuple[int, Status]] = Counter()
        self._burn: Counter[tuple[int, datetime, Status]] = Counter()
        self._done: dict[int, datetime] = {}

    def entered(self, campaign: int, batch: int, status: Status, n: int) -> None:
        """`n` cars begin in a status."""
        self._campaign[campaign, status] += n
        self._batch[batch, status] += n

    def moved(self, campaign: int, batch: int, was: Status, to: Status, at: datetime) -> None:
        """One car went from a status to another."""
        self._campaign[campaign, was] -= 1
        self._campaign[campaign, to] += 1
        self._batch[batch, was] -= 1
        self._batch[batch, to] += 1
        if to in DONE:
            self._done[batch] = at

    def regrouped(self, was: int, to: int, status: Status) -> None:
        """One car went from a batch to another."""
        self._batch[was, status] -= 1
        self._batch[to, status] += 1

    def reached(self, campaign: int, status: Status, at: datetime) -> None:
        """One car reached a milestone for the first time."""
        self._burn[campaign, at.replace(minute=0, second=0, microsecond=0), status] += 1

    def opened(self, batch: int, at: datetime) -> None:
        """A batch was opened; it may have no car left."""
        self._done[batch] = at

    def flush(self, connection: Connection) -> None:
        """Write the differences; close the batches that have no car left on its way."""
        campaign = ({"campaign_id": c, "status": s, "n": n} for (c, s), n in _changed(self._campaign))
        batch = ({"batch_id": b, "status": s, "n": n} for (b, s), n in _changed(self._batch))
        burn = ({"campaign_id": c, "hour": h, "status": s, "n": n} for (c, h, s), n in _changed(self._burn))
        for table, rows in ((t.CampaignCount, campaign), (t.BatchCount, batch), (t.Burn, burn)):
            if values := list(rows):
                connection.execute(adding(connection.dialect.name, table), values)
        if self._done:
            connection.execute(_CLOSE, [{"batch": b, "at": at} for b, at in self._done.items()])
            self._done.clear()
        for counter in (self._campaign, self._batch, self._burn):
            counter.clear()


K = TypeVar("K")


def _changed(counter: Counter[K]) -> Iterable[tuple[K, int]]:
    # In one order everywhere: two writers that touch the same rows never wait for each other in a circle.
    return sorted((item for item in counter.items() if item[1]), key=lambda item: str(item[0]))
