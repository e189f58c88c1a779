"""INSERT ... ON CONFLICT, which SQLAlchemy spells per database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Insert

from campaign.store.schema import Tables


def _insert(dialect: str, table: type[Tables]) -> Any:
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


@cache
def _adding(dialect: str, table: type[Tables]) -> Insert:
    statement = _insert(dialect, table)
    keys = [column.name for column in table.__table__.primary_key]
    added: Insert = statement.on_conflict_do_update(
        index_elements=keys, set_={"n": table.__table__.c.n + statement.excluded.n}
    )
    return added


@cache
def _once(dialect: str, table: type[Tables]) -> Insert:
    once: Insert = _insert(dialect, table).on_conflict_do_nothing()
    return once.execution_options(preserve_rowcount=True)


@cache
def _replacing(dialect: str, table: type[Tables]) -> Insert:
    statement = _insert(dialect, table)
    keys = [column.name for column in table.__table__.primary_key]
    others = {c.name: statement.excluded[c.name] for c in table.__table__.columns if c.name not in keys}
    replaced: Insert = statement.on_conflict_do_update(index_elements=keys, set_=others)
    return replaced


def add_up(connection: Connection, table: type[Tables], rows: Sequence[Mapping[str, Any]]) -> None:
    """Add each row's `n` to the stored one, or begin with it."""
    if rows:
        connection.execute(_adding(connection.dialect.name, table), rows)


def insert_once(connection: Connection, table: type[Tables], rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert what is not there yet; how many rows were new (of one row; of several it may be unknown)."""
    return connection.execute(_once(connection.dialect.name, table), rows).rowcount if rows else 0


def replace(connection: Connection, table: type[Tables], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert, or overwrite the row with the same key."""
    if rows:
        connection.execute(_replacing(connection.dialect.name, table), rows)
