"""Every store: the fake, SQLite and PostgreSQL, each fresh and with its tables."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from campaign.ports.store import Store
from campaign.ports.views import Views
from campaign.store import open_store
from campaign.store.queries import SqlViews
from tests.fakes.store import FakeStore
from tests.fakes.views import FakeViews


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


def store_url(request: pytest.FixtureRequest, kind: str) -> Iterator[str]:
    """The URL of a fresh database with its tables."""
    if kind == "sqlite":
        path = request.getfixturevalue("tmp_path") / "campaign.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    cluster = request.getfixturevalue("postgres_cluster")
    template = cluster.template("store", lambda url: open_store(url).close())
    name = cluster.database(template)
    yield cluster.url(name)
    cluster.drop(name)


@pytest.fixture(params=["fake", "sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def kept(request: pytest.FixtureRequest) -> Iterator[Kept]:
    """Each kind of store in turn."""
    if request.param == "fake":
        fake = FakeStore()
        yield Kept(fake, FakeViews(fake))
        return
    for url in store_url(request, request.param):
        sql = open_store(url, upgrade=False)
        yield Kept(sql, SqlViews(sql))
        sql.close()


@pytest.fixture
def store(kept: Kept) -> Store:
    """Each kind of store in turn."""
    return kept.store


@pytest.fixture
def views(kept: Kept) -> Views:
    """The views of the same store."""
    return kept.views
