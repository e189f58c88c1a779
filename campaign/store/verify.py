"""Walking the chains in bounded memory (rule 7)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, text

from campaign.domain.events import GENESIS, Break, Event, Fact, Kind, first_break

CHUNK = 2000

_CHAINS = text("SELECT chain FROM chain_head UNION SELECT DISTINCT chain FROM event ORDER BY 1")
_HEAD = text("SELECT seq, digest FROM chain_head WHERE chain = :chain")
_COLUMNS = (
    "seq, kind, actor, at, device, vin, batch_no, reason, data, client_id, claimed_at, previous, digest"
)
_FROM_START = text(f"SELECT {_COLUMNS} FROM event WHERE chain = :chain ORDER BY seq LIMIT {CHUNK}")  # noqa: S608 - our own names
_AFTER = text(f"SELECT {_COLUMNS} FROM event WHERE chain = :chain AND seq > :seq ORDER BY seq LIMIT {CHUNK}")  # noqa: S608


def breaks(connection: Connection, chain: str | None) -> list[Break]:
    """The first break of each broken chain, or of one; what was never written is not broken."""
    chains = [chain] if chain is not None else [row[0] for row in connection.execute(_CHAINS)]
    found = []
    for name in chains:
        head = connection.execute(_HEAD, {"chain": name}).first()
        # Rows without a head: it was taken away, to hide what was cut off.
        witness = (0, GENESIS) if head is None else (head[0], head[1])
        broken = first_break(name, _events(connection, name), witness)
        if broken is not None:
            found.append(broken)
    return found


def _events(connection: Connection, chain: str) -> Iterator[tuple[Event, str]]:
    rows = connection.execute(_FROM_START, {"chain": chain}).all()
    while rows:
        for row in rows:
            yield _event(chain, row)
        rows = connection.execute(_AFTER, {"chain": chain, "seq": rows[-1][0]}).all()


def _event(chain: str, row: Any) -> tuple[Event, str]:
    """The row as it stands, untyped: a tampered one may hold anything, and is named, not stumbled over."""
    seq, kind, actor, at, device, vin, batch_no, reason, data, client_id, claimed_at, previous, digest = row
    try:
        moment, claimed = _moment(at), None if claimed_at is None else _moment(claimed_at)
        fact = Fact(Kind(kind), actor, moment, device, vin, batch_no, reason, {}, client_id, claimed)
        if not isinstance(data, str):
            raise TypeError("data is no text")
    except (ValueError, TypeError):
        unreadable = Fact(Kind.MARK_KEPT, "", datetime.min.replace(tzinfo=UTC))
        return Event(chain, seq, unreadable, previous, "unreadable"), ""
    return Event(chain, seq, fact, previous, digest), data


def _moment(stored: Any) -> datetime:
    moment = datetime.fromisoformat(stored) if isinstance(stored, str) else stored
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise TypeError("not a time")
    return moment.astimezone(UTC)
