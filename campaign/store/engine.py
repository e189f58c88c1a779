"""Engines: one way to open SQLite and PostgreSQL, so that a transaction means the same on both."""

from __future__ import annotations

import sqlite3
import time
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from campaign.errors import BadInput
from campaign.store import failures

WAIT_S = 10
"""How long a writer waits for another one before it gives up."""
WAL_AGAIN_S = 0.02


def make_engine(url: str) -> Engine:
    """An engine for `sqlite:///path` or `postgresql://...`. Opens no connection yet. Raises BadInput."""
    parsed = _parsed(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(
            parsed, hide_parameters=True, connect_args={"timeout": WAIT_S, "isolation_level": None}
        )
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        engine = create_engine(
            parsed,
            hide_parameters=True,
            pool_pre_ping=True,
            pool_size=5,
            max_overflow=15,
            connect_args={
                "connect_timeout": WAIT_S,
                "options": f"-c timezone=UTC -c lock_timeout={WAIT_S * 1000}",
            },
        )
    failures.listen(engine)
    return engine


def _parsed(url: str) -> URL:
    todo = "write it like sqlite:///var/campaign.db or postgresql://user@host/name"
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise BadInput("not the URL of a database", todo=todo) from None  # the text may hold a password
    backend = parsed.get_backend_name()
    if backend == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise BadInput(f"{backend} is not supported as a database", todo=todo)
    if parsed.database in (None, "", ":memory:"):
        raise BadInput("a database in memory cannot be shared", todo=todo)
    return parsed


def _set_up_sqlite(connection: Any, _record: object) -> None:
    """WAL: readers never wait. FULL: a power cut loses no commit, because a lost mark is a broken car."""
    cursor = connection.cursor()
    _switch_to_wal(cursor)
    for pragma in (
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={WAIT_S * 1000}",
        "cache_size=-16000",  # at most 16 MB: a list of 100,000 cars does not write its pages twice
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _switch_to_wal(cursor: Any) -> None:
    """SQLite does not wait by itself here, as it does for every other lock: several that open a new file at once."""
    deadline = time.monotonic() + WAIT_S
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as locked:
            if locked.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
        time.sleep(WAL_AGAIN_S)


def _begin_sqlite(connection: Connection) -> None:
    """The driver's own transactions are off (`isolation_level` None): a writer locks before it reads."""
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def writing(connection: Connection) -> Connection:
    """The connection, set for a transaction that writes."""
    return connection.execution_options(writing=True)


def reading(connection: Connection) -> Connection:
    """The connection, set for one consistent look. On SQLite a transaction is that already."""
    if connection.dialect.name == "sqlite":
        return connection
    return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
