"""A batch opens before its time only where free points would have nothing to do."""

from dataclasses import replace

import pytest

from campaign.domain.identity import Vin
from campaign.ports.records import Vehicle
from campaign.services.charging import WORK_ENOUGH
from tests.fakes.plant import CODE, RULES, vin_no

CARS = WORK_ENOUGH + 60


@pytest.fixture
def launched(plant):
    """A campaign of many cars with one SOC by their list, read by nobody yet."""

    def launch(soc: int):
        cars = [Vehicle(Vin(vin_no(n)), "anting", "VBV4.5.2C", soc=soc) for n in range(1, CARS + 1)]
        with plant.services.store.write("site") as uow:
            uow.fleet.add(cars)
            uow.commit()
        rules = replace(RULES, batch=replace(RULES.batch, size=10, min=8, max=12))
        plant.services.planning.launch(plant.actor("wang"), rules, reason="go")
        plant.tick(3)
        with plant.services.store.read() as uow:
            batches = uow.batches.all(CODE)
        return sum(batch.size for batch in batches if batch.opened_at is not None)

    return launch


def test_low_cars_open_only_what_the_points_can_take(launched):
    assert launched(100) < WORK_ENOUGH


def test_unread_cars_are_work_enough_and_do_not_open_the_whole_campaign(launched):
    opened = launched(300)
    assert WORK_ENOUGH <= opened < CARS
