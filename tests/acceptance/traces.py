"""What a campaign leaves behind, read from the files themselves: the database's rows, the stations' journals.

Shares no code with the product, so that it can witness for it.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RECONCILED = ("attempt.opened", "attempt.started", "car.point_given", "batch.opened", "campaign.complete")
"""Events that only the flows write."""


@contextmanager
def reading(database: Path) -> Iterator[sqlite3.Connection]:
    """A connection that cannot write."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)
    try:
        yield connection
    finally:
        connection.close()


def rows(database: Path, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """What a query finds."""
    with reading(database) as connection:
        return connection.execute(sql, values).fetchall()


@dataclass(frozen=True, slots=True)
class Pulse:
    """A sign of life of the reconciler: its lease and the last event that it wrote."""

    holder: str
    until: str
    event: int

    def later_than(self, before: Pulse) -> bool:
        """Whether a reconciler lived after `before`: it renewed or took the lease, or did something."""
        return self.event > before.event or (bool(self.until) and self.until > before.until)


def pulse(database: Path) -> Pulse:
    """The reconciler's newest sign of life."""
    marks = ", ".join("?" * len(RECONCILED))
    [(event,)] = rows(
        database, f"SELECT coalesce(max(id), 0) FROM event WHERE kind IN ({marks})", *RECONCILED
    )
    leases = rows(database, "SELECT holder, expires_at FROM lease WHERE name LIKE 'advance:%'")
    holder, until = leases[0] if leases else ("", "")
    return Pulse(holder, until, event)


def share_at_target(database: Path) -> float:
    """The share of the cars that were flashed, by their status."""
    counts = dict(rows(database, "SELECT status, count(*) FROM upgrade GROUP BY status"))
    flashed = sum(counts.get(status, 0) for status in ("flashed", "approved", "released"))
    return flashed / max(1, sum(counts.values()))


@dataclass(frozen=True, slots=True)
class Journal:
    """What a station wrote down about one job."""

    station: str
    job: str
    vin: str
    starts: int
    verdict: str | None
    version: str | None


def journals(stations: Path) -> list[Journal]:
    """Every journal of every station."""
    return [journal_of(path) for path in sorted(stations.glob("*/jobs/*.jsonl"))]


def journal_of(path: Path) -> Journal:
    """One journal, record by record."""
    records = [json.loads(line) for line in path.read_text().splitlines() if line.startswith("{")]
    starts = [record for record in records if record["record"] == "start"]
    ends = [record for record in records if record["record"] == "end"]
    end = ends[0] if ends else {}
    return Journal(
        path.parent.parent.name,
        path.stem,
        starts[0]["vin"] if starts else "",
        len(starts),
        end.get("verdict"),
        (end.get("read_back") or {}).get("version"),
    )


def versions(cars: Path) -> Counter[str]:
    """Cars by the version that they really run."""
    return Counter(json.loads(path.read_text())["version"] for path in cars.glob("*.json"))


def steps(database: Path) -> dict[str, list[str]]:
    """Every car's steps in their order, from the log alone."""
    found: dict[str, list[str]] = {}
    for vin, data in rows(database, "SELECT vin, data FROM event WHERE kind = 'car.step' ORDER BY id"):
        found.setdefault(vin, []).append(json.loads(data)["step"])
    return found


def recount(database: Path) -> dict[str, tuple[Any, Any]]:
    """Kept counters beside what the rows themselves say, for each kind of counter."""
    with reading(database) as connection:

        def both(kept: str, counted: str) -> tuple[Any, Any]:
            return sorted(connection.execute(kept)), sorted(connection.execute(counted))

        return {
            "cars of the campaign by status": both(
                "SELECT campaign_id, status, n FROM campaign_count WHERE n != 0",
                "SELECT campaign_id, status, count(*) FROM upgrade GROUP BY 1, 2",
            ),
            "cars of a batch by status": both(
                "SELECT batch_id, status, n FROM batch_count WHERE n != 0",
                "SELECT batch_id, status, count(*) FROM upgrade GROUP BY 1, 2",
            ),
            "cars that ever reached a milestone": both(
                "SELECT status, sum(n) FROM burn GROUP BY 1",
                """SELECT status, count(DISTINCT vin) FROM (
                       SELECT vin, json_extract(data, '$.to') AS status FROM event WHERE kind = 'car.step')
                   WHERE status IN ('charged', 'flashed', 'approved', 'released') GROUP BY 1""",
            ),
            "attempts that ended": both(
                "SELECT ended, failed FROM campaign",
                """SELECT sum(outcome != 'never_started'), sum(outcome NOT IN ('never_started', 'pass'))
                   FROM attempt WHERE ended_at IS NOT NULL""",
            ),
            "attempts of each car": both(
                "SELECT vin, attempts FROM upgrade WHERE attempts > 0",
                """SELECT vin, count(*) FROM attempt JOIN upgrade ON upgrade.id = car_id
                   WHERE outcome != 'never_started' GROUP BY 1""",
            ),
        }
