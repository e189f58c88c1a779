"""The tables: models and migrations agree, versions are told apart, hot queries never walk a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import event, text

from campaign.domain.events import SITE_CHAIN
from campaign.domain.vehicle import Status, Step
from campaign.errors import BadInput, OldSchema
from campaign.store import SqlStore, check_schema, create_or_upgrade, open_store
from campaign.store.engine import make_engine
from campaign.store.queries import SqlViews
from campaign.store.schema import Tables
from tests.contracts.store_world import CODE, NOW, SITE, car_of, change, launch, vin


def test_models_and_migrations_agree(sql_store: SqlStore) -> None:
    with sql_store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Tables.metadata) == []


def test_a_database_is_made_once(sql_url: str) -> None:
    open_store(sql_url).close()
    store = open_store(sql_url)
    launch(store)
    store.close()
    again = open_store(sql_url, upgrade=False)
    assert again.token(CODE) == 1
    again.close()


def test_four_that_start_at_once_make_one_database(sql_url: str) -> None:
    def start(_: int) -> int:
        store = open_store(sql_url)
        token = store.token(SITE_CHAIN)
        store.close()
        return token

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(start, range(4))) == [0, 0, 0, 0]


def test_an_empty_database_is_named_with_what_to_do(sql_url: str) -> None:
    with pytest.raises(OldSchema, match="no tables yet; run: campaign init"):
        open_store(sql_url, upgrade=False)


def test_an_older_database_is_upgraded_and_keeps_its_rows(sql_url: str) -> None:
    engine = make_engine(sql_url)
    create_or_upgrade(engine, "0001")
    with engine.begin() as connection:
        insert = "INSERT INTO site (code, layout, applied_at) VALUES ('yard', '{}', :at)"
        connection.execute(text(insert), {"at": str(NOW)})
    with pytest.raises(OldSchema, match="0001, this program needs"):
        check_schema(engine)
    create_or_upgrade(engine)
    check_schema(engine)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT layout FROM site")).scalar_one() == "{}"
    engine.dispose()


@pytest.mark.parametrize("upgrade", [True, False])
def test_a_newer_database_is_left_alone(sql_store: SqlStore, sql_url: str, upgrade: bool) -> None:
    with sql_store.engine.connect().execution_options(writing=True) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        connection.commit()
    with pytest.raises(OldSchema, match="9999, newer than this program"):
        open_store(sql_url, upgrade=upgrade)


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://u:secret@h/d", "sqlite://", "sqlite:///:memory:"])
def test_a_url_that_is_not_ours_is_named_without_its_secrets(url: str) -> None:
    with pytest.raises(BadInput) as refused:
        make_engine(url)
    assert "secret" not in str(refused.value)


HOT: dict[str, Callable[[SqlStore, SqlViews], Any]] = {
    "next for a point": lambda s, _: _read(s, lambda u: u.cars.next_for_point(CODE, 10)),
    "next for a station": lambda s, _: _read(s, lambda u: u.cars.next_for_station(CODE, 10)),
    "by status": lambda s, _: _read(s, lambda u: u.cars.by_status(CODE, Status.APPROVED, 50)),
    "latest": lambda s, _: _read(s, lambda u: u.cars.latest([vin(1), vin(99)])),
    "in a batch": lambda s, _: _read(s, lambda u: u.cars.in_batch(1)),
    "to open": lambda s, _: _read(s, lambda u: u.batches.to_open(CODE, 1)),
    "active": lambda s, _: _read(s, lambda u: u.batches.active(CODE)),
    "running": lambda s, _: _read(s, lambda u: u.attempts.running(CODE)),
    "evidence due": lambda s, _: _read(s, lambda u: u.evidence.due(CODE, 4)),
    "last at a station": lambda s, _: _read(s, lambda u: u.sql_attempts.last_at(SITE, "S1")),
    "evidence of attempts": lambda s, _: _read(s, lambda u: u.evidence.of([1, 2])),
    "open charges": lambda s, _: _read(s, lambda u: u.charges.open(SITE)),
    "recent charges": lambda s, _: _read(s, lambda u: u.charges.recent(SITE, 100)),
    "charges of cars": lambda s, _: _read(s, lambda u: u.charges.of_cars([1, 2])),
    "told": lambda s, _: _read(s, lambda u: u.log.told(["a"])),
    "touches": lambda s, _: _read(s, lambda u: u.sign_offs.touches(1)),
    "open holds": lambda s, _: _read(s, lambda u: u.holds.open()),
    "a package": lambda s, _: _read(s, lambda u: u.packages.get("P1")),
    "stations that hold it": lambda s, _: _read(s, lambda u: u.stagings.ready(SITE, "d1")),
    "token": lambda s, _: s.token(CODE),
    "a mark": lambda s, _: _mark(s),
    "a page of cars": lambda _, v: v.cars(CODE),
    "a page of cars by status": lambda _, v: v.cars(CODE, status=Status.QUEUED),
    "a story": lambda _, v: v.story(vin(1)),
    "a page of the log": lambda _, v: v.log(CODE),
}


def _read(store: SqlStore, ask: Callable[[Any], Any]) -> Any:
    with store.read() as uow:
        return ask(uow)


def _mark(store: SqlStore) -> None:
    """What a technician's marks and a station's start do in one unit, without commit."""
    car = car_of(store, vin(1))
    with store.write(CODE) as uow:
        uow.charges.start([(car, "P1", 200, None)], SITE, NOW, "tech")
        uow.charges.end([(car, 270)], NOW)
        uow.cars.move([change(car, Step.CHARGED)])
        uow.attempts.open(car, SITE, "S1", "J1", NOW)


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlStore]:
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('plans')}/campaign.db")
    launch(store, cars=60, per_batch=10, opened=2)
    yield store
    store.close()


@pytest.mark.parametrize("name", HOT)
def test_hot_queries_never_walk_a_table(planned: SqlStore, name: str) -> None:
    steps = [step for statement in _plans(planned, HOT[name]) for step in statement]
    assert steps
    walks = [step for step in steps if step.startswith("SCAN") and "anon" not in step]
    assert walks == []


@pytest.mark.parametrize("name", ["next for a point", "next for a station", "by status", "to open", "active"])
def test_what_is_next_comes_out_of_an_index_in_order(planned: SqlStore, name: str) -> None:
    steps = [step for statement in _plans(planned, HOT[name]) for step in statement]
    assert not any("TEMP B-TREE" in step for step in steps)
    if name.startswith("next"):
        assert any("USING INDEX ix_upgrade_next" in step for step in steps)


def _plans(store: SqlStore, ask: Callable[[SqlStore, SqlViews], Any]) -> list[list[str]]:
    """What SQLite does for each statement that `ask` sends."""
    sent: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, values: Any, _context: Any, _many: bool) -> None:
        sent.append((statement, values[0] if isinstance(values, list) else values))

    event.listen(store.engine, "before_cursor_execute", note)
    ask(store, SqlViews(store))
    event.remove(store.engine, "before_cursor_execute", note)
    reads = [(s, values) for s, values in sent if s.startswith(("SELECT", "UPDATE"))]
    with store.engine.connect() as connection:
        return [
            [row[-1] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
            for statement, values in reads
        ]
