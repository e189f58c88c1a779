"""Rows by the hundred thousand: the driver's own way in, past SQLAlchemy's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection

from campaign.domain.events import stamp
from campaign.domain.identity import Vin
from campaign.domain.soc import Gauge
from campaign.domain.vehicle import OrderState
from campaign.ports.records import ListedVehicle, Vehicle
from campaign.store.failures import as_ours, translated

Row = tuple[Any, ...]

_VEHICLE = (
    "vin", "site", "version", "model", "variant", "slot", "soc", "gauge", "soc_at", "order_state", "order_no",
    "promised", "weight", "import_id",
)  # fmt: skip
_UPGRADE = (
    "campaign_id", "vin", "status", "batch_id", "batch_open", "priority", "revision", "reached",
    "soc", "gauge", "soc_at", "attempts", "rig_errors", "changed_at", "changed_by",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class NewCar:
    """A place in a plan with the ids that it hangs on, and what is known of the vehicle's SOC."""

    vin: Vin
    batch_id: int
    batch_open: bool
    priority: int
    soc: int | None
    gauge: Gauge | None
    soc_at: datetime | None


def insert_vehicles(connection: Connection, vehicles: Sequence[Vehicle]) -> None:
    """Insert vehicles, in the order of the key, so that the index grows at its end."""
    moment, day = _spelling(connection)
    rows = (
        (
            str(v.vin), v.site, v.version, v.model, v.variant, v.slot, v.soc, v.gauge.value, moment(v.soc_at),
            v.order_state.value, v.order_no, day(v.promised), v.weight, v.import_id,
        )
        for v in sorted(vehicles, key=attrgetter("vin"))
    )  # fmt: skip
    _insert(connection, "vehicle", _VEHICLE, rows)


def insert_listed(connection: Connection, listed: Sequence[ListedVehicle], site: str, import_id: int) -> None:
    """Insert the cars of a list. No time goes with their SOC, and nobody gave them a weight."""
    _, day = _spelling(connection)
    gauges = {gauge: gauge.value for gauge in Gauge}
    states = {state: state.value for state in OrderState}
    spelled = lru_cache(maxsize=256)(str)  # a list knows few versions
    rows = (
        (
            str(v.vin), site, "" if v.version is None else spelled(v.version), v.model, v.variant, v.slot, v.soc,
            gauges[v.gauge], None, states[v.order_state], v.order_no, day(v.promised), 1, import_id,
        )
        for v in sorted(listed, key=attrgetter("vin"))
    )  # fmt: skip
    _insert(connection, "vehicle", _VEHICLE, rows)


def insert_cars(connection: Connection, campaign_id: int, cars: Sequence[NewCar], at: datetime) -> None:
    """Insert upgrades, each `queued` since `at`."""
    moment, _ = _spelling(connection)
    added = moment(at)
    rows = (
        (
            campaign_id, str(c.vin), "queued", c.batch_id, c.batch_open, c.priority, 0, 0, c.soc,
            None if c.gauge is None else c.gauge.value, moment(c.soc_at), 0, 0, added, "",
        )
        for c in cars
    )  # fmt: skip
    _insert(connection, "upgrade", _UPGRADE, rows)


def _spelling(
    connection: Connection,
) -> tuple[Callable[[datetime | None], Any], Callable[[date | None], Any]]:
    """How times and days are handed to the driver; as `schema.columns.Moment` does it."""
    if connection.dialect.name == "sqlite":
        return stamp, lambda day: None if day is None else day.isoformat()
    return lambda moment: moment, lambda day: day


def _insert(connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
    names, marks = ", ".join(columns), ", ".join("?" * len(columns))
    with as_ours(), closing(connection.connection.cursor()) as opened:
        cursor: Any = opened
        try:
            if connection.dialect.name == "sqlite":
                cursor.execute("PRAGMA cache_size = -65536")  # 64 MB: else pages are written several times
                cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)  # noqa: S608 - our own names
                cursor.execute("PRAGMA cache_size = -2000")  # as it was
                return
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        except ValueError as error:  # a text that cannot be stored
            raise translated(error) from None
