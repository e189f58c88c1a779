"""How long a car charges, at the boundaries."""

from __future__ import annotations

import pytest

from campaign.planning.charging_time import ChargeModel, charge_minutes


@pytest.mark.parametrize(
    ("soc", "minutes"),
    [
        (160, 360),  # 16 % to 27 %: the 6 h of the real case
        (269, 4),  # a tenth of a percent: 3.27 minutes, rounded up
        (270, 0),
        (271, 0),
        (50, 720),
    ],
)
def test_minutes_to_27_percent(soc, minutes):
    assert charge_minutes(soc, 270) == minutes


def test_a_stronger_point_charges_faster_but_plugging_in_still_takes_its_time():
    model = ChargeModel(minutes=60, percent=10, connect_minutes=10)
    assert charge_minutes(170, 270, model) == 70
    assert charge_minutes(270, 270, model) == 0
