"""INSERT ... ON CONFLICT, which SQLAlchemy spells per database."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Insert

from campaign.store.schema import Tables


def _insert(dialect: str, table: type[Tables]) -> Any:
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


@cache
def adding(dialect: str, table: type[Tables]) -> Insert:
    """Add a row's `n` to the stored one, or begin with it."""
    statement = _insert(dialect, table)
    added: Insert = statement.on_conflict_do_update(
        index_elements=_keys(table), set_={"n": table.__table__.c.n + statement.excluded.n}
    )
    return added


@cache
def once(dialect: str, table: type[Tables]) -> Insert:
    """Insert what is not there yet; `rowcount` says whether one row was new."""
    statement: Insert = _insert(dialect, table).on_conflict_do_nothing()
    return statement.execution_options(preserve_rowcount=True)


@cache
def replacing(dialect: str, table: type[Tables]) -> Insert:
    """Insert, or overwrite the row with the same key."""
    statement, keys = _insert(dialect, table), _keys(table)
    others = {c.name: statement.excluded[c.name] for c in table.__table__.columns if c.name not in keys}
    replaced: Insert = statement.on_conflict_do_update(index_elements=keys, set_=others)
    return replaced


def _keys(table: type[Tables]) -> list[str]:
    return [column.name for column in table.__table__.primary_key]
