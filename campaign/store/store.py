"""`ports.store.Store` over SQLite or PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, bindparam, delete, or_, select, update

from campaign.domain.events import Break
from campaign.ports import store as port
from campaign.store import schema as t
from campaign.store.engine import make_engine, reading, writing
from campaign.store.failures import as_ours
from campaign.store.migrate import check_schema, create_or_upgrade
from campaign.store.unit import SqlUnit
from campaign.store.upsert import once
from campaign.store.verify import breaks

_TOKEN = select(t.ChainHead.seq).where(t.ChainHead.chain == bindparam("chain"))
_TAKE = (
    update(t.Lease)
    .where(
        t.Lease.name == bindparam("lease"),
        or_(t.Lease.holder == bindparam("by"), t.Lease.expires_at <= bindparam("wall", type_=t.Moment())),
    )
    .values(holder=bindparam("by"), expires_at=bindparam("until"))
)
_DROP = delete(t.Lease).where(t.Lease.name == bindparam("lease"), t.Lease.holder == bindparam("by"))


class SqlStore:
    """Opens units of work. Safe to share between threads; one per process."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @contextmanager
    def write(self, chain: str) -> Iterator[port.UnitOfWork]:
        """A writing unit: on SQLite the one writer of the file, on PostgreSQL the one of the chain."""
        with self._writing() as connection:
            yield SqlUnit(connection, chain)

    @contextmanager
    def read(self) -> Iterator[port.UnitOfWork]:
        """One consistent look."""
        with self.look() as unit:
            yield unit

    @contextmanager
    def look(self) -> Iterator[SqlUnit]:
        """As `read`, for the store's own queries."""
        with as_ours(), self.engine.connect() as connection:
            yield SqlUnit(reading(connection), None)

    def token(self, chain: str) -> int:
        """0 when the chain is empty."""
        with as_ours(), self.engine.connect() as connection:
            return connection.execute(_TOKEN, {"chain": chain}).scalar() or 0

    def take_lease(self, name: str, holder: str, wall: datetime, ttl_s: float) -> bool:
        """Compare and set: of two that come at once, one gets it."""
        until = wall + timedelta(seconds=ttl_s)
        with self._writing() as connection:
            values = {"lease": name, "by": holder, "wall": wall, "until": until}
            taken = connection.execute(_TAKE, values).rowcount
            if not taken:
                row = {"name": name, "holder": holder, "expires_at": until}
                taken = connection.execute(once(connection.dialect.name, t.Lease), row).rowcount
            connection.commit()
        return taken == 1

    def drop_lease(self, name: str, holder: str) -> None:
        """Only one's own."""
        with self._writing() as connection:
            connection.execute(_DROP, {"lease": name, "by": holder})
            connection.commit()

    def verify(self, chain: str | None = None) -> list[Break]:
        """By chain."""
        with as_ours(), self.engine.connect() as connection:
            return breaks(reading(connection), chain)

    def close(self) -> None:
        """Close the connections."""
        self.engine.dispose()

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with as_ours(), self.engine.connect() as connection:
            yield writing(connection)


def open_store(url: str, *, upgrade: bool = True) -> SqlStore:
    """The store at `sqlite:///path` or `postgresql://...`; its tables are made or brought to this version.

    With `upgrade` False a database of another version raises OldSchema instead.
    Raises BadInput for a bad URL, StoreError when the database cannot be used.
    """
    engine = make_engine(url)
    try:
        with as_ours():
            if upgrade:
                create_or_upgrade(engine)
            else:
                check_schema(engine)
    except BaseException:
        engine.dispose()
        raise
    return SqlStore(engine)
