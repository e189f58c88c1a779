"""A charge point on hold takes no further car; what charges there goes on."""

import pytest

from campaign.domain.marks import MarkAnswer
from campaign.domain.reasons import Code
from campaign.domain.vehicle import Status
from campaign.errors import NotFound
from tests.fakes.plant import CODE


def hold(plant, point: str):
    return plant.services.quality.set_hold(plant.actor("sun"), "point", point, "fuse blown")


def points(plant) -> dict[str, str]:
    """Points in use, with the last digits of their cars."""
    with plant.services.store.read() as uow:
        return {charge.point: charge.vin[-1] for charge in uow.charges.open("anting")}


def test_a_held_point_is_given_to_nobody_until_the_hold_is_lifted(plant):
    plant.add_cars([100] * 6)
    plant.services.planning.launch(plant.actor("wang"), plant.rules, reason="test")
    held = hold(plant, "CP-02")
    plant.tick()
    assert set(points(plant)) == {"CP-01", "CP-03", "CP-04"}
    plant.services.quality.lift_hold(plant.actor("sun"), held.id, "repaired")
    plant.tick()
    assert set(points(plant)) == {"CP-01", "CP-02", "CP-03", "CP-04"}


def test_a_car_that_charges_there_goes_on(plant):
    plant.launch([100, 100])
    plant.mark("charging", 1)
    hold(plant, plant.car(1).point)
    assert plant.mark("charged", 1, 300).answer is MarkAnswer.DONE


def test_a_car_that_was_given_the_point_takes_another_one(plant):
    plant.launch([100, 100])
    given = plant.car(1).point
    hold(plant, given)
    refused = plant.mark("charging", 1, point=given)
    assert (refused.answer, refused.reasons[0].code) == (MarkAnswer.REFUSED, Code.HELD)
    assert plant.mark("charging", 1).answer is MarkAnswer.DONE
    assert plant.car(1).status is Status.CHARGING
    assert plant.car(1).point not in (None, given)


def test_a_hold_is_on_something_that_can_be_held(plant):
    plant.launch([100])
    with pytest.raises(NotFound, match="point"):
        plant.services.quality.set_hold(plant.actor("sun"), "circuit", "C1", "smoke")
    with plant.services.store.read() as uow:
        assert uow.holds.open() == []
        assert uow.campaigns.get(CODE) is not None
