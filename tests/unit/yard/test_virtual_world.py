"""Virtual cars charge and drain by the planner's model, in memory and as files."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from campaign.domain.identity import Vin
from campaign.planning.charging_time import charge_minutes
from campaign.yard.world import FASTEST, SLOWEST, VirtualCar, World, pace_of

START = datetime(2026, 3, 2, tzinfo=UTC)
CAR = Vin("LSVUA6E44P2123456")


def world_of(soc=160.0, folder=None):
    return World([VirtualCar(CAR, "VBV4.5.2C", soc, START)], folder)


def test_a_car_at_16_percent_reaches_the_gate_after_six_hours():
    world = world_of()
    world.connect(CAR, START)
    assert charge_minutes(160, 270) == 360
    assert world.soc(CAR, START + timedelta(hours=6)) == 270
    assert world.soc(CAR, START + timedelta(hours=6) - timedelta(minutes=4)) == 268
    assert world.full_at(CAR, 270) == START + timedelta(hours=6)


def test_a_parked_car_drains_a_little():
    world = world_of(285.0)
    assert world.soc(CAR, START) == 285
    assert world.soc(CAR, START + timedelta(days=1)) == 282
    assert world.soc(CAR, START + timedelta(days=6)) < 270
    assert world.full_at(CAR, 290) is None


def test_a_car_is_never_over_full_or_below_empty():
    world = world_of(990.0)
    world.connect(CAR, START)
    assert world.soc(CAR, START + timedelta(days=2)) == 1000
    assert world_of(0.5).soc(CAR, START + timedelta(days=30)) == 0


def test_pulling_the_cable_keeps_what_was_charged():
    world = world_of()
    world.connect(CAR, START)
    world.connect(CAR, START + timedelta(hours=1))
    world.disconnect(CAR, START + timedelta(hours=6))
    assert world.charging == set()
    assert world.soc(CAR, START + timedelta(hours=6)) == 270


def test_each_car_has_a_pace_of_its_own_that_stays():
    assert pace_of(CAR, 1) == pace_of(CAR, 1)
    assert SLOWEST <= pace_of(CAR, 1) <= FASTEST
    assert pace_of(CAR, 1) != pace_of(CAR, 2)


def test_the_files_are_what_the_stations_driver_reads(tmp_path):
    world_of(271.6).save(tmp_path, START)
    told = json.loads((tmp_path / f"{CAR}.json").read_text())
    assert (told["vin"], told["version"], told["soc_display"], told["soc_bms"]) == (
        CAR,
        "VBV4.5.2C",
        271,
        306,
    )


def test_a_world_that_ended_goes_on_from_its_files(tmp_path):
    first = world_of(200.0)
    first.save(tmp_path, START)
    live = World.load(tmp_path, seed=1)
    live.connect(CAR, START)
    again = World.load(tmp_path, seed=1)
    assert again.charging == {CAR}
    later = START + timedelta(hours=5)
    assert again.soc(CAR, later) == live.soc(CAR, later) > 285


def test_what_a_car_runs_stays_the_stations_business(tmp_path):
    world_of(280.0).save(tmp_path, START)
    live = World.load(tmp_path, seed=1)
    file = tmp_path / f"{CAR}.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"version": "VBV4.5.3C"}))
    assert live.reading(CAR, START + timedelta(hours=8)) == pytest.approx(279, abs=1)
    assert json.loads(file.read_text())["version"] == "VBV4.5.3C"
