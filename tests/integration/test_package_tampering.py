"""What was released never changes: the database itself refuses, whoever sends the statement."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from campaign.domain.events import SITE_CHAIN
from campaign.domain.package import Package, PackageState, Stamp
from campaign.errors import CampaignError
from campaign.store import SqlStore
from tests.contracts.store_world import NOW, later
from tests.contracts.test_store_packages import KEY, added, draft, released

COLUMNS = (
    "name", "source", "target", "instruction", "text", "drafted_by", "drafted_at", "digest", "key", "signature",
    "released_by", "released_at",
)  # fmt: skip


def run(store: SqlStore, statement: str) -> None:
    """Raw SQL, as somebody with the file or the password would send it."""
    with store.engine.connect().execution_options(writing=True) as connection:
        connection.execute(text(statement))
        connection.commit()


@pytest.fixture
def package(sql_store: SqlStore) -> Package:
    """One that is released."""
    added(sql_store, draft(), draft("P2"))
    return released(sql_store, draft())


def now(store: SqlStore, name: str = "P1") -> Package | None:
    with store.read() as uow:
        return uow.packages.get(name)


def other(column: str) -> str:
    """Another value for a column, as SQL."""
    return f"'{later(days=1).isoformat()}'" if column.endswith("_at") else "'other'"


@pytest.mark.parametrize("column", COLUMNS)
def test_a_released_package_never_changes(sql_store: SqlStore, package: Package, column: str) -> None:
    with pytest.raises(CampaignError):
        run(sql_store, f"UPDATE package SET {column} = {other(column)} WHERE name = 'P1'")
    assert now(sql_store) == package


@pytest.mark.parametrize("column", COLUMNS)
def test_it_does_not_change_on_the_way_to_obsolete_either(
    sql_store: SqlStore, package: Package, column: str
) -> None:
    end = "state = 'obsolete', obsolete_by = 'x', obsolete_at = released_at"
    with pytest.raises(CampaignError):
        run(sql_store, f"UPDATE package SET {end}, {column} = {other(column)} WHERE name = 'P1'")
    assert now(sql_store) == package


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE package SET state = 'draft' WHERE name = 'P1'",
        "UPDATE package SET state = 'obsolete' WHERE name = 'P1'",
        "UPDATE package SET name = name WHERE name = 'P1'",
        "UPDATE package SET state = 'released' WHERE name = 'P2'",
        "UPDATE package SET text = '{}' WHERE name = 'P2'",
        "DELETE FROM package WHERE name = 'P1'",
        "DELETE FROM package",
        "INSERT INTO package (name, state, source, target, instruction, text, drafted_by, drafted_at,"
        " obsolete_why) SELECT 'P3', 'released', source, target, instruction, text, drafted_by, drafted_at, ''"
        " FROM package WHERE name = 'P1'",
    ],
)
def test_there_is_no_way_around_the_two_moves(sql_store: SqlStore, package: Package, statement: str) -> None:
    with pytest.raises(CampaignError):
        run(sql_store, statement)
    assert now(sql_store) == package
    assert now(sql_store, "P2") == draft("P2")
    assert now(sql_store, "P3") is None


def test_it_is_not_overwritten_by_another_insert(sql_store: SqlStore, package: Package) -> None:
    replacing = (
        "INSERT OR REPLACE INTO package (name, state, source, target, instruction, text, drafted_by, drafted_at,"
        " obsolete_why) SELECT name, 'draft', source, target, instruction, '{}', drafted_by, drafted_at, ''"
        " FROM package WHERE name = 'P1'"
    )
    truncating = "TRUNCATE package"
    with pytest.raises(CampaignError):
        run(sql_store, replacing if sql_store.engine.dialect.name == "sqlite" else truncating)
    assert now(sql_store) == package


def test_an_obsolete_package_stays_so(sql_store: SqlStore, package: Package) -> None:
    with sql_store.write(SITE_CHAIN) as uow:
        ended = uow.packages.end(package, Stamp("huangbo", NOW), "why")
        uow.commit()
    for statement in (
        "UPDATE package SET state = 'released' WHERE name = 'P1'",
        "UPDATE package SET obsolete_why = 'other' WHERE name = 'P1'",
        "DELETE FROM package WHERE name = 'P1'",
    ):
        with pytest.raises(CampaignError):
            run(sql_store, statement)
    assert now(sql_store) == ended
    assert ended.state is PackageState.OBSOLETE


def test_a_key_is_never_trusted_again_behind_the_back(sql_store: SqlStore) -> None:
    with sql_store.write(SITE_CHAIN) as uow:
        uow.packages.trust(KEY)
        uow.commit()
    with sql_store.write(SITE_CHAIN) as uow:
        uow.packages.revoke(KEY, Stamp("root", NOW), "lost")
        uow.commit()
    with sql_store.read() as uow:
        keys = uow.packages.keys()
    again = "INSERT INTO trusted_key (key, name, trusted_by, trusted_at, revoke_why)"
    again += " SELECT key, name, trusted_by, trusted_at, '' FROM trusted_key"
    if sql_store.engine.dialect.name == "sqlite":
        again = again.replace("INSERT", "INSERT OR REPLACE")
    for statement in (
        "UPDATE trusted_key SET revoked_at = NULL, revoked_by = NULL",
        "UPDATE trusted_key SET name = 'other'",
        "DELETE FROM trusted_key",
        again,
    ):
        with pytest.raises(CampaignError):
            run(sql_store, statement)
    with sql_store.read() as uow:
        assert uow.packages.keys() == keys
