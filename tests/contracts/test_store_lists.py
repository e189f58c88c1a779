"""Lists taken in at once, and long ones looked up at once: the same answers as one by one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import pytest

from campaign.domain.events import SITE_CHAIN
from campaign.domain.identity import SoftwareVersion, Vin
from campaign.domain.soc import Gauge
from campaign.domain.vehicle import OrderState
from campaign.errors import Conflict
from campaign.ports.records import Vehicle
from campaign.ports.store import Store
from tests.contracts.store_world import NOW, SITE, SOURCE, vehicle, vin

LONG = 6_000  # longer than what is looked up value by value


@dataclass(frozen=True)
class Row:
    """A line of a list."""

    vin: Vin
    version: SoftwareVersion | None = None
    soc: int | None = None
    gauge: Gauge = Gauge.DISPLAY
    model: str = ""
    variant: str = ""
    slot: str | None = None
    order_no: str | None = None
    order_state: OrderState = OrderState.UNKNOWN
    promised: date | None = None


FULL = Row(
    vin(2), SoftwareVersion.parse(SOURCE), 269, Gauge.BMS, "ID.4 X", "白 Pro", "A-17", "SO-1", OrderState.KNOWN,
    date(2026, 11, 20),
)  # fmt: skip


def test_a_listed_car_comes_back_as_the_list_said_and_its_soc_has_no_time(store: Store) -> None:
    with store.write(SITE_CHAIN) as uow:
        record = uow.fleet.add_import("vehicles", "cars.xlsx", "a" * 64, NOW, "wang", 2)
        uow.fleet.take_in([FULL, Row(vin(1))], SITE, record.id)
        uow.commit()
    with store.read() as uow:
        found = uow.fleet.known([vin(1), vin(2)])
    assert found[vin(2)] == Vehicle(
        vin(2), SITE, SOURCE, "ID.4 X", "白 Pro", "A-17", 269, Gauge.BMS, None, OrderState.KNOWN, "SO-1",
        date(2026, 11, 20), 1, record.id,
    )  # fmt: skip
    assert found[vin(1)] == Vehicle(vin(1), SITE, "", import_id=record.id)


def test_a_list_with_a_car_of_the_fleet_is_a_conflict(store: Store) -> None:
    with store.write(SITE_CHAIN) as uow:
        uow.fleet.add([vehicle(1)])
        record = uow.fleet.add_import("vehicles", "cars.xlsx", "a" * 64, NOW, "wang", 1)
        with pytest.raises(Conflict):
            uow.fleet.take_in([Row(vin(1))], SITE, record.id)


def test_a_long_list_is_looked_up_as_a_short_one(store: Store) -> None:
    there = [replace(vehicle(number), slot=f"S-{number}") for number in (1, 2_999, LONG)]
    with store.write(SITE_CHAIN) as uow:
        uow.fleet.add(there)
        uow.commit()
    asked = [vin(number) for number in range(1, LONG + 500)]
    slots = [f"S-{number}" for number in range(1, LONG)] + ['"', "A\\", "车位"]
    with store.read() as uow:
        assert uow.fleet.known(asked) == {car.vin: car for car in there}
        assert uow.fleet.slots_taken(SITE, slots) == {"S-1": vin(1), "S-2999": vin(2_999)}
        assert uow.fleet.slots_taken("elsewhere", slots) == {}
