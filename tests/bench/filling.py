"""Fills a SQLite store up with a campaign's past and future, by SQL alone: set-up of a benchmark, no way for data in.

Every new row is a copy of one that the services wrote, with its own keys; so the schema may grow without this file.
Digests of the new events are random: the chain would not verify.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

PER_BATCH = 50
LATER = "2036-01-01T00:00:00.000000+00:00"


def fill_up(database: Path, extra: int) -> int:
    """Add `extra` upgrades (a multiple of 100) to the one campaign there: half released, half queued for later.

    Returns how many upgrades there are then.
    """
    if extra % (2 * PER_BATCH):
        raise ValueError(f"{extra} is no multiple of {2 * PER_BATCH}")
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-400000", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("BEGIN")
        filling = _Filling(connection, extra)
        filling.fleet()
        filling.batches()
        filling.upgrades()
        filling.history()
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode=WAL")
        total = int(connection.execute("SELECT count(*) FROM upgrade").fetchone()[0])
    with database.open("rb") as file:  # else the first looks wait for the disk to swallow the fill
        os.fsync(file.fileno())
    return total


class _Filling:
    """Car number i of 1 to `extra` is in batch (i - 1) / 50; the first half has left."""

    def __init__(self, connection: sqlite3.Connection, extra: int) -> None:
        self.connection, self.extra, self.half = connection, extra, extra // 2
        connection.execute("CREATE TEMP TABLE n (i INTEGER PRIMARY KEY)")
        connection.execute(
            "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ?) INSERT INTO n SELECT i FROM c",
            (extra,),
        )
        self.last = {table: self._number(f"SELECT max(id) FROM {table}") for table in _NUMBERED}
        self.vin = "printf('LSVZ%013d', i)"
        self.car = f"{self.last['upgrade']} + i"
        self.batch = f"{self.last['batch'] + 1} + (i - 1) / {PER_BATCH}"
        self.no = f"2 + (i - 1) / {PER_BATCH}"
        self.past, self.future = f"i <= {self.half}", f"i > {self.half}"

    def fleet(self) -> None:
        """Cars without a slot."""
        self.copy("vehicle", "soc < 200", "1", {"vin": self.vin, "slot": "NULL"})

    def batches(self) -> None:
        """Closed ones between the pilot and those at work, and ones to open in ten years after them; with counts."""
        first = f"(i - 1) % {PER_BATCH} = 0"
        there = self._number("SELECT max(no) FROM batch") - 1
        for way in (-1, 1):  # in two steps: no number may stand twice on the way
            self.connection.execute(
                "UPDATE batch SET no = ? * abs(no) + ? WHERE abs(no) > 1",
                (way, max(0, way) * self.half // PER_BATCH),
            )
        keys = {"id": self.batch, "no": self.no, "size": str(PER_BATCH)}
        self.copy("batch", "closed_at IS NOT NULL", f"{first} AND {self.past}", keys)
        later = keys | {
            "no": f"{there} + {self.no}",
            "planned_start": f"'{LATER}'",
            "planned_end": f"'{LATER}'",
        }
        self.copy("batch", "opened_at IS NULL", f"{first} AND {self.future}", later)
        count = {"batch_id": self.batch, "n": str(PER_BATCH)}
        self.copy("batch_count", "status = 'released'", f"{first} AND {self.past}", count)
        self.copy("batch_count", "status = 'queued'", f"{first} AND {self.future}", count)
        for status in ("released", "queued"):
            self.connection.execute(
                "UPDATE campaign_count SET n = n + ? WHERE status = ?", (self.half, status)
            )

    def upgrades(self) -> None:
        """The cars' ways; those to come have the last priorities."""
        keys = {"id": self.car, "vin": self.vin, "batch_id": self.batch, "priority": "1000000 + i"}
        self.copy("upgrade", "status = 'released'", self.past, keys)
        self.copy("upgrade", "status = 'queued' AND NOT batch_open", self.future, keys)

    def history(self) -> None:
        """What the cars that have left did leave: a charge, an attempt, a touch and an event each."""
        own = {"id": "NULL", "car_id": self.car}
        self.copy("charge", "ended_at IS NOT NULL", self.past, own)
        self.copy(
            "attempt", "ended_at IS NOT NULL", self.past, own | {"job_id": "lower(hex(randomblob(16)))"}
        )
        self.copy("touch", "1", self.past, {"car_id": self.car})
        head = self._number("SELECT max(seq) FROM chain_head")
        sealed = {"id": "NULL", "seq": f"{head} + i", "vin": self.vin, "digest": "lower(hex(randomblob(32)))"}
        campaign_event = "kind = 'car.step' AND client_id IS NULL"
        self.copy("event", campaign_event, self.past, sealed)
        self.connection.execute("UPDATE chain_head SET seq = ? WHERE seq = ?", (head + self.half, head))

    def copy(self, table: str, template: str, cars: str, values: Mapping[str, str]) -> None:
        """One copy of the first row that fits `template` for each car in `cars`, with some columns of its own."""
        columns = [row[1] for row in self.connection.execute(f"PRAGMA table_info({table})")]
        taken = ", ".join(values.get(column, f"t.{column}") for column in columns)
        source = f"(SELECT * FROM {table} WHERE {template} LIMIT 1) t"
        done = self.connection.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {taken} FROM n, {source} WHERE {cars} ORDER BY i"
        )
        if not done.rowcount:
            raise RuntimeError(f"no row of {table} fits {template}")

    def _number(self, query: str) -> int:
        return int(self.connection.execute(query).fetchone()[0])


_NUMBERED = ("batch", "upgrade")
