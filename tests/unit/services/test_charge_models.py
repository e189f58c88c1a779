"""What was read at a point moves what is expected of it, and of no other."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from campaign.domain.site import Charging, Point
from campaign.errors import BadInput
from campaign.planning.charging_time import ChargeModel, charge_minutes
from campaign.services.charge_models import ChargeModels, KeptChargeModels, charge_models
from tests.fakes.plant import CODE, LAYOUT, RULES

TARGET = RULES.charge_target_tenths
SLOW = "CP-02"
ELEVEN = 110  # tenths that a car gains in 6 h
PHYSICS = Charging(battery_kwh=77, onboard_kw=11)


def models(plant, layout=LAYOUT) -> ChargeModels:
    with plant.services.store.read() as uow:
        return charge_models(uow, layout, plant.clock.now())


def charge_once(plant, number: int, point: str, hours: float, soc: int = 175) -> None:
    """The car gains eleven points at the point, in so many hours, and is taken out of the campaign's way."""
    plant.mark("charging", number, soc, point=point)
    plant.clock.move(hours=hours)
    plant.mark("charged", number, soc + ELEVEN)


def connect(plant, number: int, point: str, soc: int = 175) -> timedelta:
    """How long the car is expected to charge there."""
    plant.mark("charging", number, soc, point=point)
    with plant.services.store.read() as uow:
        found = next(charge for charge in uow.charges.open("anting") if charge.point == point)
    return found.expected_end - plant.clock.now()


@pytest.fixture
def yard(plant):
    """Thirty cars in one batch, none of them given a point yet."""
    many = replace(RULES, batch=replace(RULES.batch, min=20, size=30, max=30, pilot=30))
    plant.add_cars([175] * 30)
    plant.rules = many
    plant.services.planning.launch(plant.actor("wang"), many, reason="test")
    with plant.services.store.write(CODE) as uow:
        for batch in uow.batches.to_open(CODE, 9):
            uow.batches.open(batch, plant.clock.now())
        uow.commit()
    return plant


def test_without_charges_a_site_charges_as_the_real_case_did(yard):
    now = models(yard)
    assert now.minutes(160, 270) == now.minutes(160, 270, SLOW) == 360
    assert now.pace(SLOW) == 1000


def test_slow_charges_at_a_point_move_its_expected_end_and_no_other(yard):
    before = connect(yard, 30, SLOW)
    yard.mark("charged", 30, 285)
    for number in range(1, 9):
        charge_once(yard, number, SLOW, hours=9)  # half as long again
    slow, other = connect(yard, 9, SLOW), connect(yard, 10, "CP-03")
    assert other == before == timedelta(hours=6)
    assert slow == timedelta(minutes=charge_minutes(175, TARGET, pace=1333))  # 8 charges against 4 of doubt
    assert (models(yard).pace(SLOW), models(yard).pace("CP-03")) == (1333, 1000)
    assert models(yard).observed(SLOW).slow


def test_a_hand_in_believes_new_charges_within_an_hour(yard):
    charge_once(yard, 1, SLOW, hours=6)
    kept = KeptChargeModels()
    with yard.services.store.read() as uow:
        first = kept.of(uow, LAYOUT, yard.clock.now())
    charge_once(yard, 2, "CP-03", hours=0.01)  # counted, though it is nonsense
    with yard.services.store.read() as uow:
        start = yard.clock.now() - timedelta(hours=0.01)
        assert kept.of(uow, LAYOUT, start + timedelta(minutes=59)) is first
        again = kept.of(uow, LAYOUT, start + timedelta(minutes=60))
    assert (first.observed("CP-03").left_out, again.observed("CP-03").left_out) == (0, 1)


def test_a_site_that_was_changed_is_believed_at_once(yard):
    kept, now = KeptChargeModels(), yard.clock.now()
    with yard.services.store.read() as uow:
        assert kept.of(uow, LAYOUT, now).minutes(160, 270) == 360
        assert kept.of(uow, replace(LAYOUT, charging=PHYSICS), now).minutes(160, 270) != 360


def test_a_clock_that_was_set_back_does_not_keep_old_models(yard):
    kept, now = KeptChargeModels(), yard.clock.now()
    with yard.services.store.read() as uow:
        first = kept.of(uow, LAYOUT, now)
        assert kept.of(uow, LAYOUT, now - timedelta(seconds=1)) is not first


def test_points_on_a_weak_circuit_are_slower_by_their_share_alone(yard):
    # 20 kW over 4 points are 5 kW each; a fifth point of 2.2 kW hangs on a circuit of its own
    strong = tuple(replace(point, kw=7.0) for point in LAYOUT.points)
    weak = replace(LAYOUT.circuits[0], name="C2", limit_kw=2.2)
    layout = replace(
        LAYOUT,
        points=(*strong, Point("CP-05", "C2", 7.0)),
        circuits=(*LAYOUT.circuits, weak),
        charging=PHYSICS,
    )
    now = models(yard, layout)
    assert now.pace("CP-01") == 1000  # most points are like it
    assert now.minutes(160, 270) == now.minutes(160, 270, "CP-01")
    net = (5 * 0.88 - 0.2) / (2.2 * 0.88 - 0.2)
    assert now.pace("CP-05") == pytest.approx(1000 * net, abs=1)
    assert now.minutes(160, 270, "CP-05") > 2 * now.minutes(160, 270)


def test_the_cold_month_of_the_site_counts_and_not_that_of_utc(yard):
    by_month = replace(PHYSICS, by_month=tuple(20.0 if month == 3 else -10.0 for month in range(1, 13)))
    layout = replace(LAYOUT, charging=by_month)
    with yard.services.store.read() as uow:
        end_of_march = yard.clock.now().replace(month=3, day=31, hour=15, minute=59)
        in_march = charge_models(uow, layout, end_of_march)
        in_april = charge_models(uow, layout, end_of_march + timedelta(minutes=1))  # midnight in Shanghai
    assert in_march.nominal == ChargeModel.of(PHYSICS, 2.2, 5.0, 20)
    assert in_april.nominal == ChargeModel.of(PHYSICS, 2.2, 5.0, -10)


def test_a_site_without_power_is_refused_with_what_to_do(yard):
    freezing = replace(PHYSICS, celsius=-20)
    dark = replace(LAYOUT, circuits=(replace(LAYOUT.circuits[0], limit_kw=2.0),), charging=freezing)
    with pytest.raises(BadInput, match="of 500 W nothing is left"):
        models(yard, dark)


def test_an_unknown_point_is_expected_to_be_as_the_site(yard):
    assert models(yard).minutes(160, 270, "gone") == 360
    assert models(yard).pace("gone") == 1000
