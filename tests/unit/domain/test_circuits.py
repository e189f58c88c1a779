"""A circuit feeds as many points as its limit allows, and not one more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from campaign.domain.circuits import fed
from campaign.domain.site import Charging, Circuit, Point
from tests.fakes.plant import LAYOUT

ALL = [point.name for point in LAYOUT.points]


def limited(kw: float):
    return replace(LAYOUT, circuits=(Circuit("C1", kw),))


@pytest.mark.parametrize(("kw", "count"), [(4.3, 1), (4.4, 2), (6.5, 2), (6.6, 3), (2.1, 0)])
def test_points_are_fed_up_to_the_limit_inclusive(kw, count):
    assert fed(limited(kw), [], ALL) == ALL[:count]


def test_points_in_use_count():
    assert fed(limited(4.4), ["CP-04"], ["CP-01", "CP-02"]) == ["CP-01"]


def test_another_circuit_is_not_asked():
    points = (*LAYOUT.points, Point("CP-99", "C2", 2.2))
    layout = replace(limited(2.2), circuits=(Circuit("C1", 2.2), Circuit("C2", 2.2)), points=points)
    assert fed(layout, ["CP-01"], ["CP-02", "CP-99"]) == ["CP-99"]


def test_where_cars_share_the_power_nobody_is_turned_away():
    assert fed(replace(limited(2.2), charging=Charging(77, 11)), ["CP-01"], ALL[1:]) == ALL[1:]


def test_a_point_that_the_layout_no_longer_has_draws_nothing():
    assert fed(limited(2.2), ["CP-77"], ["CP-01"]) == ["CP-01"]
