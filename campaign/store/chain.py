"""The append-only log of a unit of work: sealed and written at commit."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from campaign.domain.events import GENESIS, Event, Fact, Kind, canonical_data, seal
from campaign.ports.records import Told
from campaign.store import schema as t
from campaign.store.upsert import once
from campaign.store.work import Work

_HEAD = (
    select(t.ChainHead.seq, t.ChainHead.digest)
    .where(t.ChainHead.chain == bindparam("chain"))
    .with_for_update()
)
_SET_HEAD = update(t.ChainHead).where(t.ChainHead.chain == bindparam("of_chain"))
_SET_HEAD = _SET_HEAD.values(seq=bindparam("seq"), digest=bindparam("digest"), at=bindparam("at"))
_INSERT = insert(t.Event)
NO_HEAD = (0, GENESIS)

EVENT_COLUMNS = (
    t.Event.chain,
    t.Event.seq,
    t.Event.kind,
    t.Event.actor,
    t.Event.at,
    t.Event.device,
    t.Event.vin,
    t.Event.batch_no,
    t.Event.reason,
    t.Event.data,
    t.Event.client_id,
    t.Event.claimed_at,
    t.Event.previous,
    t.Event.digest,
)

_TOLD = select(t.Event.client_id, t.Event.kind, t.Event.vin, t.Event.actor, t.Event.at, t.Event.data).where(
    t.Event.client_id.in_(bindparam("clients", expanding=True))
)
_NEWEST = select(func.coalesce(func.max(t.Event.seq), 0)).where(
    t.Event.chain == bindparam("chain"),
    t.Event.seq > bindparam("after"),
    t.Event.kind.in_(bindparam("kinds", expanding=True)),
)


class SqlLog:
    """`ports.store.Log`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def append(self, facts: Iterable[Fact]) -> None:
        """Kept in order until commit."""
        with self._work.changing():
            self._work.facts.extend(facts)

    def told(self, client_ids: Iterable[str]) -> dict[str, Told]:
        """Recorded ones of any chain, and those of this very unit."""
        wanted = set(client_ids)
        told = {
            f.client_id: Told(f.client_id, f.kind.value, f.vin, f.actor, f.at, f.data)
            for f in self._work.facts
            if f.client_id is not None and f.client_id in wanted
        }
        for client_id, kind, vin, actor, at, data in self._work.rows_in(_TOLD, "clients", sorted(wanted)):
            told[str(client_id)] = Told(str(client_id), kind.value, vin, actor, at, json.loads(data))
        return told

    def newest(self, chain: str, kinds: Collection[Kind], after: int) -> int:
        """It walks what was told behind `after`."""
        return int(self._work.rows(_NEWEST, chain=chain, kinds=list(kinds), after=after)[0][0])


def lock(connection: Connection, chain: str) -> tuple[int, str]:
    """Take the head row of a chain, made first if it is new: writers of one chain go one after the other."""
    row = connection.execute(_HEAD, {"chain": chain}).first()
    if row is None:
        empty = {"chain": chain, "seq": NO_HEAD[0], "digest": NO_HEAD[1], "at": None}
        connection.execute(once(connection.dialect.name, t.ChainHead), empty)
        row = connection.execute(_HEAD, {"chain": chain}).one()
    return row[0], row[1]


def write(connection: Connection, chain: str, head: tuple[int, str], facts: Sequence[Fact]) -> None:
    """Seal facts after the head and move the head."""
    if not facts:
        return
    events = seal(chain, *head, facts)
    connection.execute(_INSERT, [_values(event) for event in events])
    last = events[-1]
    connection.execute(
        _SET_HEAD, {"of_chain": chain, "seq": last.seq, "digest": last.digest, "at": last.fact.at}
    )


def _values(event: Event) -> dict[str, Any]:
    fact = event.fact
    return {
        "chain": event.chain,
        "seq": event.seq,
        "kind": fact.kind,
        "actor": fact.actor,
        "at": fact.at,
        "device": fact.device,
        "vin": fact.vin,
        "batch_no": fact.batch_no,
        "reason": fact.reason,
        "data": canonical_data(fact.data),
        "client_id": fact.client_id,
        "claimed_at": fact.claimed_at,
        "previous": event.previous,
        "digest": event.digest,
    }


def event_of(row: Sequence[Any]) -> Event:
    """An event as it was written, from `EVENT_COLUMNS`."""
    (
        chain,
        seq,
        kind,
        actor,
        at,
        device,
        vin,
        batch_no,
        reason,
        data,
        client_id,
        claimed_at,
        previous,
        digest,
    ) = row
    fact = Fact(kind, actor, at, device, vin, batch_no, reason, json.loads(data), client_id, claimed_at)
    return Event(chain, seq, fact, previous, digest)
