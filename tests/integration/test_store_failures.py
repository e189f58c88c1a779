"""A database that cannot be used: one clear line, no secret in it, and nothing half written."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, make_url, text

from campaign.domain.events import SITE_CHAIN
from campaign.domain.vehicle import Status, Step
from campaign.errors import BadInput, OldSchema, StoreError
from campaign.store import SqlStore, open_store
from tests.contracts.store_world import CODE, NOW, SITE, car_of, change, fact, fill, launch, vehicle, vin
from tests.servers.process import free_port

ROOT = Path(__file__).parents[2]

WRITER = """
import sys
from tests.contracts.store_world import *
from campaign.store import open_store

store = open_store(sys.argv[1])
for number in (1, 2, 3):
    with store.write(CODE) as uow:
        uow.cars.move([change(uow.cars.latest([vin(number)])[vin(number)], Step.CHARGED)])
        uow.log.append([fact(number)])
        if number == 3:
            uow.work.flush_counters()
            print("in the middle", flush=True)
            sys.stdin.read()
        uow.commit()
"""


@pytest.fixture
def sqlite_file(tmp_path: Path) -> Path:
    return tmp_path / "campaign.db"


def opened(path: Path) -> SqlStore:
    return open_store(f"sqlite:///{path}")


def one_line(refused: pytest.ExceptionInfo[StoreError], *words: str) -> None:
    said = str(refused.value)
    assert all(word in said for word in words), said
    assert "\n" not in said
    assert not any(inner in said for inner in ("INSERT", "UPDATE", "sqlite3", "psycopg"))


def test_a_killed_writer_loses_only_what_it_had_not_committed(sql_store: SqlStore, sql_url: str) -> None:
    campaign = launch(sql_store)
    before = sql_store.token(CODE)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, sql_url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert writer.stdout is not None
    assert writer.stdin is not None
    assert writer.stdout.readline() == "in the middle\n"
    writer.send_signal(signal.SIGKILL)
    writer.wait(timeout=30)
    writer.stdin.close()
    writer.stdout.close()
    assert [car_of(sql_store, vin(n)).status for n in (1, 2, 3)] == [
        Status.CHARGED,
        Status.CHARGED,
        Status.QUEUED,
    ]
    assert sql_store.token(CODE) == before + 2
    assert sql_store.verify() == []
    with sql_store.write(CODE) as uow:
        assert uow.campaigns.counts(campaign) == {Status.CHARGED: 2, Status.QUEUED: 2}
        uow.cars.move([change(uow.cars.latest([vin(3)])[vin(3)], Step.CHARGED)])
        uow.commit()


def test_a_full_disk_keeps_nothing_of_the_change(sqlite_file: Path) -> None:
    store = opened(sqlite_file)
    launch(store)
    with store.engine.connect() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()

    def limit(connection: Any, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages + 4}")

    store.engine.dispose()
    event.listen(store.engine, "connect", limit)
    before, token = car_of(store, vin(1)), store.token(CODE)

    def mark() -> None:
        with store.write(CODE) as uow:
            uow.cars.move([change(before, Step.CHARGED)])
            uow.log.append(fact(number) for number in range(200))
            uow.commit()

    with pytest.raises(StoreError) as refused:
        mark()
    one_line(refused, "disk", "full", "nothing of this change was kept")
    assert car_of(store, vin(1)) == before
    assert store.token(CODE) == token
    assert store.verify() == []
    event.remove(store.engine, "connect", limit)
    store.engine.dispose()
    mark()
    assert store.token(CODE) == token + 200
    store.close()


def test_a_full_disk_in_the_middle_of_a_bulk_list(sqlite_file: Path) -> None:
    store = opened(sqlite_file)

    def limit(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA max_page_count=100")

    store.engine.dispose()
    event.listen(store.engine, "connect", limit)
    with pytest.raises(StoreError) as refused:
        fill(store, 5000)
    one_line(refused, "disk", "full")
    with store.read() as uow:
        assert uow.fleet.vins(SITE) == set()
    store.close()


def test_a_database_that_another_program_holds(sqlite_file: Path) -> None:
    store = opened(sqlite_file)

    def wait_little(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA busy_timeout=20")

    store.engine.dispose()
    event.listen(store.engine, "connect", wait_little)
    other = sqlite3.connect(sqlite_file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError) as refused:
        fill(store, 1)
    one_line(refused, "locked by another program")
    with store.read() as uow:
        assert uow.fleet.vins(SITE) == set()  # readers do not wait
    other.close()
    fill(store, 1)
    store.close()


def test_a_database_opened_for_reading_only(sqlite_file: Path) -> None:
    store = opened(sqlite_file)

    def only_read(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA query_only=ON")

    store.engine.dispose()
    event.listen(store.engine, "connect", only_read)
    with pytest.raises(StoreError) as refused:
        fill(store, 1)
    one_line(refused, "read-only")
    store.close()


def test_a_file_that_is_something_else(sqlite_file: Path) -> None:
    sqlite_file.write_text("VIN;SOC\n" * 1000)
    with pytest.raises(StoreError) as refused:
        opened(sqlite_file)
    one_line(refused, "not a database")


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as refused:
        open_store(f"sqlite:///{tmp_path}/missing/campaign.db")
    one_line(refused, "cannot be opened", "folder exists")


def test_a_table_that_is_missing(sqlite_file: Path) -> None:
    store = opened(sqlite_file)
    with sqlite3.connect(sqlite_file) as raw:
        raw.execute("DROP TABLE burn")
    launch(store)
    with store.write(CODE) as uow:
        uow.cars.move([change(uow.cars.latest([vin(1)])[vin(1)], Step.CHARGED)])
        with pytest.raises(OldSchema, match="campaign init"):
            uow.commit()
    store.close()


def test_a_text_that_no_database_can_keep(sql_store: SqlStore) -> None:
    """Half a surrogate pair, as a broken decoder leaves it."""
    with sql_store.write(SITE_CHAIN) as uow:
        with pytest.raises(BadInput, match="characters that cannot be stored"):
            uow.fleet.add([vehicle(1), replace(vehicle(2), model="ID.\ud800")])
        with pytest.raises(BadInput):
            uow.commit()
    with sql_store.write(SITE_CHAIN) as uow, pytest.raises(BadInput):
        uow.holds.add("car", vin(1), "\ud800", "qa1", NOW)
    with sql_store.read() as uow:
        assert uow.fleet.vins(SITE) == set()


@pytest.mark.postgres
def test_a_server_that_is_not_there(postgres_url: str) -> None:
    url = (
        make_url(postgres_url).set(port=free_port(), password="s3cret").render_as_string(hide_password=False)
    )
    with pytest.raises(StoreError) as refused:
        open_store(url)
    one_line(refused, "cannot be reached")
    assert "s3cret" not in str(refused.value)


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"password": "s3cret"}, "refuses this user or password"),
        ({"database": "nowhere"}, "no such database"),
    ],
)
def test_a_server_that_refuses(postgres_url: str, wrong: dict[str, str], words: str) -> None:
    url = make_url(postgres_url).set(**wrong).render_as_string(hide_password=False)
    with pytest.raises(StoreError) as refused:
        open_store(url)
    one_line(refused, words)
    assert "s3cret" not in str(refused.value)


@pytest.mark.postgres
def test_a_connection_that_the_server_cuts_is_replaced(postgres_url: str) -> None:
    store = open_store(postgres_url)
    launch(store)
    before = car_of(store, vin(1))

    def cut_in_the_middle() -> None:
        with store.write(CODE) as uow:
            uow.cars.move([change(before, Step.CHARGED)])
            _cut(store)
            uow.commit()

    with pytest.raises(StoreError) as refused:
        cut_in_the_middle()
    one_line(refused)
    assert car_of(store, vin(1)) == before
    store.close()


def _cut(store: SqlStore) -> None:
    others = "pid <> pg_backend_pid() AND datname = current_database()"
    with store.engine.connect() as connection:
        connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"))


@pytest.mark.postgres
def test_a_reading_unit_cannot_write_even_by_mistake(postgres_url: str) -> None:
    store = open_store(postgres_url)
    with pytest.raises(StoreError) as refused, store.read() as uow:
        _connection(uow)("DELETE FROM vehicle")
    one_line(refused, "read-only")
    store.close()


def _connection(uow: Any) -> Callable[[str], Any]:
    return lambda statement: uow.work.connection.execute(text(statement))
