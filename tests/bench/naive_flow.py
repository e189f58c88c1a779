"""The peer: a Prefect flow with one task per car and step, as a newcomer to Prefect would write it.

Runs in its own process against a server named by PREFECT_API_URL: `python -m tests.bench.naive_flow DATABASE CARS`.
Every task writes one row to SQLite and nothing else. Prints the CPU seconds that the process used in the flow.
"""

from __future__ import annotations

import sqlite3
import sys
import time

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.futures import wait

STEPS = ("charge", "flash", "release")


def _write(database: str, car: int, step: str) -> int:
    with sqlite3.connect(database, timeout=60) as connection:
        connection.execute("INSERT INTO done (car, step) VALUES (?, ?)", (car, step))
    connection.close()
    return car


@task(cache_policy=NO_CACHE)
def charge(database: str, car: int) -> int:
    """One car is charged."""
    return _write(database, car, "charge")


@task(cache_policy=NO_CACHE)
def flash(database: str, car: int) -> int:
    """One car is flashed."""
    return _write(database, car, "flash")


@task(cache_policy=NO_CACHE)
def approve_and_release(database: str, car: int) -> int:
    """One car leaves."""
    return _write(database, car, "release")


@flow
def campaign(database: str, cars: int) -> int:
    """Every car through its three steps; how many came to the end."""
    last = []
    for car in range(cars):
        charged = charge.submit(database, car)
        flashed = flash.submit(database, charged)
        last.append(approve_and_release.submit(database, flashed))
    wait(last)
    return sum(1 for future in last if future.state.is_completed())


def main() -> None:
    """Set the table up, run the flow, check it, print its CPU seconds."""
    database, cars = sys.argv[1], int(sys.argv[2])
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE done (car INTEGER, step TEXT)")
    began = time.process_time()
    done = campaign(database, cars)
    used = time.process_time() - began
    rows = connection.execute("SELECT count(*) FROM done").fetchone()[0]
    if done != cars or rows != cars * len(STEPS):
        sys.exit(f"the peer's flow brought {done} of {cars} cars to the end, with {rows} rows")
    print(used)


if __name__ == "__main__":
    main()
