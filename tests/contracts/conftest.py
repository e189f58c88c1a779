"""Every store: the fake, SQLite and PostgreSQL, each empty and with its tables."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text

from campaign.ports.store import Store
from campaign.ports.views import Views
from campaign.store import SqlStore, open_store
from campaign.store.queries import SqlViews
from campaign.store.schema import Tables
from tests.fakes.store import FakeStore
from tests.fakes.views import FakeViews
from tests.servers.postgres import PostgresCluster


@dataclass(frozen=True)
class Kept:
    """A store with its views."""

    store: Store
    views: Views


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database with its tables, to be copied."""
    path = tmp_path_factory.mktemp("template") / "campaign.db"
    open_store(f"sqlite:///{path}").close()
    return path


@pytest.fixture(scope="session")
def postgres_store(postgres_cluster: PostgresCluster) -> Iterator[SqlStore]:
    """One database for all of them: making one takes a second, emptying it much less."""
    store = open_store(postgres_cluster.url(postgres_cluster.database()))
    yield store
    store.close()


@pytest.fixture(params=["fake", "sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def kept(request: pytest.FixtureRequest) -> Iterator[Kept]:
    """Each kind of store in turn."""
    if request.param == "fake":
        fake = FakeStore()
        yield Kept(fake, FakeViews(fake))
    elif request.param == "sqlite":
        path = request.getfixturevalue("tmp_path") / "campaign.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        sqlite = open_store(f"sqlite:///{path}", upgrade=False)
        yield Kept(sqlite, SqlViews(sqlite))
        sqlite.close()
    else:
        postgres: SqlStore = request.getfixturevalue("postgres_store")
        empty(postgres)
        yield Kept(postgres, SqlViews(postgres))


def empty(postgres: SqlStore) -> None:
    """Take out every row, past the triggers that refuse it."""
    with postgres.engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("; ".join(f'DELETE FROM "{name}"' for name in Tables.metadata.tables)))


@pytest.fixture
def store(kept: Kept) -> Store:
    """Each kind of store in turn."""
    return kept.store


@pytest.fixture
def views(kept: Kept) -> Views:
    """The views of the same store."""
    return kept.views
