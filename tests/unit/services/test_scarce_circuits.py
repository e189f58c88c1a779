"""Charge points are given as their circuit can feed them, and the floor goes on with the others when one ends."""

from dataclasses import replace

import pytest

from campaign.domain.site import Circuit
from tests.fakes.plant import LAYOUT
from tests.unit.services.test_held_points import points


@pytest.fixture
def scarce(plant):
    """The circuit of the four points carries two of them."""
    plant.services.sites.apply(plant.actor("root"), replace(LAYOUT, circuits=(Circuit("C1", 4.4),)))
    return plant


def test_no_more_points_are_given_than_their_circuit_feeds(scarce):
    scarce.launch([100] * 4)
    assert set(points(scarce)) == {"CP-01", "CP-02"}
    assert scarce.tick().points == 0


def test_a_car_that_is_full_makes_room_for_the_next(scarce):
    scarce.launch([100] * 4)
    first = next(n for n in range(1, 5) if scarce.car(n).point)
    scarce.charge(first)
    scarce.tick()
    assert len(points(scarce)) == 2
