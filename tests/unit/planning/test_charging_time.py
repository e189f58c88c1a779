"""How long a car charges: the real case, physics, and the boundaries of both."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.domain.site import Charging
from campaign.errors import BadInput
from campaign.planning.charging_time import ChargeModel, auxiliary_watts, charge_minutes

CARS = Charging(battery_kwh=77, onboard_kw=11)

socs = st.integers(0, 1000)
powers = st.floats(1.5, 22)
celsius = st.floats(-40, 50)


def physics(
    point_kw: float = 2.2, share_kw: float = 2.2, at: float = 10, charging: Charging = CARS
) -> ChargeModel:
    return ChargeModel.of(charging, point_kw, share_kw, at)


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


def test_what_arrives_in_the_battery_is_power_times_efficiency_less_what_the_car_uses():
    # 2.2 kW * 0.88 - 0.2 kW = 1.736 kW; 10 % of 77 kWh is 7.7 kWh: 266.1 minutes, and 10 to connect
    assert charge_minutes(170, 270, physics()) == 267 + 10


@pytest.mark.parametrize(("soc", "minutes"), [(269, 13), (270, 0), (271, 0)])
def test_nothing_is_connected_for_a_car_at_its_target(soc, minutes):
    assert charge_minutes(soc, 270, physics()) == minutes


def test_the_six_hours_of_the_real_case_are_a_weak_point_at_one_degree_of_frost():
    by_physics = physics(at=-1, charging=replace(CARS, connect_min=0))
    assert charge_minutes(160, 270, by_physics) == pytest.approx(charge_minutes(160, 270), rel=0.01)


@pytest.mark.parametrize(
    ("at", "watts"), [(40, 200), (10, 200), (9, 230), (0, 500), (-9, 770), (-10, 800), (-30, 800)]
)
def test_a_cold_car_uses_more_for_itself(at, watts):
    assert auxiliary_watts(at) == watts


@pytest.mark.parametrize(
    "weakest",
    [
        physics(point_kw=2.2, share_kw=7),
        physics(point_kw=7, share_kw=2.2),
        physics(point_kw=7, share_kw=7, charging=replace(CARS, onboard_kw=2.2)),
    ],
)
def test_the_weakest_of_point_circuit_and_car_decides(weakest):
    assert weakest == physics(2.2, 2.2)


def test_a_point_that_only_heats_the_car_is_refused_with_what_to_do():
    with pytest.raises(BadInput, match="of 900 W nothing is left for the battery at -10 degrees") as refused:
        physics(point_kw=0.9, at=-10)  # 792 W arrive, 800 W are used
    assert "fewer points" in refused.value.todo
    assert charge_minutes(260, 270, physics(point_kw=0.91, at=-10)) > 0  # 0.8 W are left: a month


@given(soc=socs, target=socs, model=st.builds(physics, powers, powers, celsius))
def test_a_fuller_car_never_charges_longer(soc, target, model):
    assert charge_minutes(soc, target, model) >= charge_minutes(soc + 1, target, model)
    assert (charge_minutes(soc, target, model) == 0) == (soc >= target)


@given(soc=socs, one=powers, other=powers, at=celsius)
def test_more_power_never_takes_longer(soc, one, other, at):
    weak, strong = sorted((one, other))
    assert charge_minutes(soc, 800, physics(strong, 22, at)) <= charge_minutes(
        soc, 800, physics(weak, 22, at)
    )


@given(soc=socs, power=powers, one=celsius, other=celsius)
def test_warmer_air_never_takes_longer(soc, power, one, other):
    cold, warm = sorted((one, other))
    assert charge_minutes(soc, 800, physics(power, at=warm)) <= charge_minutes(
        soc, 800, physics(power, at=cold)
    )


@given(
    soc=st.integers(0, 799), pace=st.integers(500, 2000), model=st.builds(physics, powers, powers, celsius)
)
def test_a_pace_stretches_the_charging_and_not_the_connecting(soc, pace, model):
    bare = replace(model, connect_minutes=0)
    paced = charge_minutes(soc, 800, model, pace)
    assert paced == charge_minutes(soc, 800, bare, pace) + model.connect_minutes
    assert paced - model.connect_minutes == pytest.approx(
        float(bare.per_percent) * (800 - soc) / 10 * pace / 1000, abs=1
    )


@given(st.integers(1, 500), st.integers(500, 2000))
def test_the_pace_of_what_the_model_says_is_that_pace(gained, pace):
    model = ChargeModel(3600, 10, 10)  # 36 minutes a tenth: a minute is less than 3 thousandths
    assert model.pace_of(gained, charge_minutes(0, gained, model, pace)) == pytest.approx(pace, abs=28)
