"""Making and upgrading the tables with Alembic, and refusing a database of another version."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from campaign.errors import OldSchema
from campaign.store.engine import writing
from campaign.store.failures import as_ours

_ALONE = text("SELECT pg_advisory_xact_lock(20260105)")


@cache
def _config() -> tuple[Config, str]:
    """The migrations of this installed package, and their newest revision."""
    config = Config()
    folder = Path(__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    head = ScriptDirectory.from_config(config).get_current_head()
    return config, str(head)


def current_revision(connection: Connection) -> str | None:
    """Which migration the database is at; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def create_or_upgrade(engine: Engine, to: str = "head") -> None:
    """Bring the tables to this version (or on the way to it, to revision `to`) in one transaction."""
    config, head = _config()
    with as_ours(), engine.connect() as plain, writing(plain) as connection:
        if connection.dialect.name == "postgresql":  # two that start at once: the second finds it done
            connection.execute(_ALONE)
        revision = current_revision(connection)
        if revision == head:
            return
        _refuse_unknown(revision)
        config.attributes["connection"] = connection
        command.upgrade(config, to)
        connection.commit()


def check_schema(engine: Engine) -> None:
    """Raises OldSchema, with what to do, unless the tables are of this version."""
    _, head = _config()
    with as_ours(), engine.connect() as connection:
        revision = current_revision(connection)
    if revision == head:
        return
    if revision is None:
        raise OldSchema("the database has no tables yet; run: campaign init")
    _refuse_unknown(revision)
    raise OldSchema(f"the database is at version {revision}, this program needs {head}; run: campaign init")


def _refuse_unknown(revision: str | None) -> None:
    config, head = _config()
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if revision is not None and revision not in known:
        raise OldSchema(
            f"the database is at version {revision}, newer than this program ({head}); use the newer program"
        )
