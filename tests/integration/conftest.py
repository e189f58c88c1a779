"""Databases for the store's integration tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from campaign.store import SqlStore, open_store


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def sql_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database without tables, of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{request.getfixturevalue('tmp_path')}/campaign.db"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def sql_store(sql_url: str) -> Iterator[SqlStore]:
    """A store with its tables, of each kind in turn."""
    store = open_store(sql_url)
    yield store
    store.close()
