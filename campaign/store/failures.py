"""Every failure of a database or its driver becomes one of ours, here and nowhere else.

A message names what is wrong and what to do, in one line, without SQL, parameters or the password of a URL.
"""

from __future__ import annotations

import re
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from sqlalchemy import Engine, Table, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import SQLAlchemyError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from campaign.domain.reasons import Code, Reason, because
from campaign.errors import BadInput, BrokenRule, CampaignError, Conflict, OldSchema, StoreError
from campaign.store.schema import Tables

CHANGED = because(Code.CHANGED_SINCE, what="database")

REASONS: dict[str, Reason] = {
    "ux_vehicle_slot": because(Code.TAKEN_BY, by="", at="", what="slot"),
    "pk_vehicle": because(Code.CHANGED_SINCE, what="fleet"),
    "uq_campaign_code": because(Code.ALREADY_LAUNCHED, campaign=""),
    "ux_batch_no": because(Code.CHANGED_SINCE, what="batch"),
    "ux_upgrade_open": because(Code.TAKEN_BY, by="", at="", what="car"),
    "ux_charge_point": because(Code.POINT_TAKEN, point="", vin=""),
    "ux_charge_car": because(Code.POINT_TAKEN, point="", vin=""),
    "ux_attempt_station": because(Code.TAKEN_BY, by="", at="", what="station"),
    "ux_attempt_car": because(Code.FLASH_RUNNING, station=""),
    "ux_attempt_job": because(Code.CHANGED_SINCE, what="job"),
    "ux_evidence_journal": because(Code.CHANGED_SINCE, what="evidence"),
    "ux_signoff_seen": because(Code.CHANGED_SINCE, what="signoff"),
    "ux_event_client": because(Code.CHANGED_SINCE, what="client_id"),
    "pk_package": because(Code.CHANGED_SINCE, what="package"),
    "ux_package_digest": because(Code.CHANGED_SINCE, what="package"),
    "pk_trusted_key": because(Code.CHANGED_SINCE, what="key"),
    "fk_upgrade_vin": because(Code.WORK_DONE, vin=""),
}
"""What a violated "only one" says when two came at the same moment; repositories ask first and say more."""


def _columns() -> dict[str, str]:
    """SQLite names the columns of a violated index, not the index."""
    named: dict[str, str] = {}
    for table in Tables.metadata.tables.values():
        for index in table.indexes:
            if index.unique:
                named[", ".join(f"{table.name}.{column.name}" for column in index.columns)] = str(index.name)
        named[_primary(table)] = f"pk_{table.name}"
    # Only one of a car: the open upgrade shares its column with nothing else that is unique.
    return named | {"campaign.code": "uq_campaign_code"}


def _primary(table: Table) -> str:
    return ", ".join(f"{table.name}.{column.name}" for column in table.primary_key.columns)


_BY_COLUMNS = _columns()
_SQLITE_UNIQUE = re.compile(r"UNIQUE constraint failed: (?:index ')?([\w., ]+)")

_SQLITE = (
    ("locked", "the database is locked by another program; try again, or look for a program that hangs"),
    ("busy", "the database is locked by another program; try again, or look for a program that hangs"),
    ("readonly", "the database cannot be written: its file or folder is read-only for this user"),
    ("full", "the disk of the database is full; nothing of this change was kept"),
    ("unable to open", "the database file cannot be opened: check that its folder exists and may be written"),
    ("not a database", "the file is not a database of this program"),
    ("malformed", "the database file is damaged; restore the last backup"),
    ("disk i/o", "the disk of the database does not read or write; check it before going on"),
)

_UNREACHABLE = "the database server cannot be reached: check that it runs, its address and the network"
_REFUSED = "the database server refuses this user or password"

_POSTGRES = (
    ("53100", "the disk of the database is full; nothing of this change was kept"),
    ("53300", "the database server has no connection left"),
    ("53", "the database server is out of resources"),
    ("25006", "the database cannot be written: the server is read-only"),
    ("55P03", "the database is locked by another program; try again"),
    ("57P0", "the database server is shutting down or starting"),
    ("57014", "the database server stopped a query that took too long"),
    ("28", _REFUSED),
    ("3D000", "the database server has no such database"),
    ("42501", "this user of the database lacks a right on its tables"),
    ("08", "the database server cannot be reached"),
    ("58", "the database server cannot read or write its disk"),
    ("XX", "the database server reports a damage"),
)

_CONNECTING = (
    ("password", _REFUSED),
    ("pg_hba.conf", _REFUSED),
    ("does not exist", "the database server has no such database or user"),
    ("too many", "the database server has no connection left"),
    ("starting up", "the database server is starting; try again"),
    ("shutting down", "the database server is shutting down"),
)

_OLD = "the database lacks a table or column of this version; run: campaign init"


def listen(engine: Engine) -> None:
    """Translate at the engine, so that a repository raises ours at the very statement."""
    event.listen(engine, "handle_error", _handle)


def _handle(context: ExceptionContext) -> None:
    if isinstance(context.original_exception, CampaignError):
        raise context.original_exception
    raise translated(context.original_exception) from context.original_exception


@contextmanager
def as_ours() -> Iterator[None]:
    """For what does not pass through the engine's own execution: raw cursors, the pool."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise translated(error) from error
    except _postgres_error() as error:
        raise translated(error) from error


def _postgres_error() -> type[Exception]:
    """Asked only when something was raised; psycopg is not loaded for the sake of SQLite."""
    psycopg = sys.modules.get("psycopg")
    return sqlite3.Error if psycopg is None else cast("type[Exception]", psycopg.Error)


def translated(error: BaseException) -> CampaignError:
    """Ours for theirs."""
    if isinstance(error, PoolTimeout):
        return StoreError("the database is busy: no connection became free; try again")
    if isinstance(error, StatementError) and error.orig is not None:
        error = error.orig
    if isinstance(error, CampaignError):
        return error
    if isinstance(error, ValueError):  # a NUL or half a surrogate pair
        return BadInput("a text holds characters that cannot be stored", todo="remove them")
    state = getattr(error, "sqlstate", None)
    constraint = getattr(getattr(error, "diag", None), "constraint_name", None)
    if type(error).__module__.startswith("psycopg"):
        return _of_postgres(error, state, constraint)
    return _of_sqlite(error)


def _of_sqlite(error: BaseException) -> CampaignError:
    said = str(error)
    if found := _SQLITE_UNIQUE.search(said):
        columns = found.group(1).strip()
        return Conflict([REASONS.get(_BY_COLUMNS.get(columns, columns), CHANGED)])
    if "FOREIGN KEY" in said:
        return Conflict([CHANGED])
    if "no such table" in said or "no such column" in said or "has no column" in said:
        return OldSchema(_OLD)
    low = said.lower()
    for part, text in _SQLITE:
        if part in low:
            return StoreError(text)
    return _unknown(error)


def _of_postgres(error: BaseException, state: str | None, constraint: str | None) -> CampaignError:
    if state is None:  # before there was a session; the server says why in words only
        return StoreError(next((text for part, text in _CONNECTING if part in str(error)), _UNREACHABLE))
    if state in ("23505", "23503"):
        return Conflict([REASONS.get(constraint or "", CHANGED)])
    if state in ("40001", "40P01"):  # the server chose this writer to lose
        return Conflict([CHANGED])
    if state in ("42P01", "42703"):
        return OldSchema(_OLD)
    for beginning, text in _POSTGRES:
        if state.startswith(beginning):
            return StoreError(text)
    return _unknown(error)


_OURS = ("ProgrammingError", "IntegrityError", "InterfaceError")


def _unknown(error: BaseException) -> CampaignError:
    """A bug of ours or an unknown failure: its kind, not its text, which may hold data."""
    code = getattr(error, "sqlstate", None) or getattr(error, "sqlite_errorname", None) or ""
    kind = f"{type(error).__name__} {code}".strip()
    if isinstance(error, SQLAlchemyError) or type(error).__name__ in _OURS:
        return BrokenRule(f"the database refused a statement of this program ({kind})")
    return StoreError(f"the database failed ({kind})")
