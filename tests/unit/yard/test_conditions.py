"""What all of a simulated campaign shares: off unless asked for, always the same for a seed, and felt when it is on."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from campaign.domain.identity import Vin
from campaign.domain.vehicle import Status
from campaign.errors import StationUnreachable
from campaign.ports.station import FlashJob, JobState, StartAnswer
from campaign.yard.conditions import Conditions
from campaign.yard.crew import Habits
from campaign.yard.outages import Outages
from campaign.yard.pace import HandClock
from campaign.yard.simulated_stations import Luck, SimulatedStations
from campaign.yard.weather import FAIR, Weather
from campaign.yard.world import VirtualCar, World
from tests.fakes.small_yard import LUCKY, case_of, small_yard

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
CAR = Vin("LSVUA6E44P2123456")
HOUR = timedelta(hours=1)


def test_fair_weather_takes_nothing_off():
    assert FAIR.minutes(START, START + 3 * HOUR) == 180
    assert FAIR.minutes(START, START) == 0


def test_a_cold_week_slows_all_of_the_time_down():
    assert Weather(pace=0.8).minutes(START, START + 5 * HOUR) == pytest.approx(240)


def test_a_night_takes_its_part_off_from_dusk_to_dawn_only():
    weather = Weather(seed=3, night=0.4)
    assert weather.minutes(START, START + 12 * HOUR) == pytest.approx(720)
    night = weather.minutes(START + 12 * HOUR, START + 24 * HOUR)
    assert 0.6 * 720 <= night < 720
    whole = weather.minutes(START, START + 48 * HOUR)
    pieces = sum(weather.minutes(START + n * HOUR, START + (n + 1) * HOUR) for n in range(48))
    assert whole == pytest.approx(pieces)


def test_night_follows_the_clock_of_the_site():
    weather = Weather(seed=3, zone="Asia/Shanghai", night=0.4)
    morning_there = datetime(2026, 3, 2, 0, tzinfo=UTC)
    assert weather.minutes(morning_there, morning_there + 12 * HOUR) == pytest.approx(720)
    assert weather.minutes(morning_there + 12 * HOUR, morning_there + 13 * HOUR) < 60


def test_all_cars_charge_in_one_weather():
    world = World([VirtualCar(CAR, "VBV4.5.2C", 160.0, START)], weather=Weather(pace=0.5))
    world.connect(CAR, START)
    assert world.soc(CAR, START + 12 * HOUR) == 270


def test_stations_without_outages_are_never_down():
    outages = Outages(["S1"], START, per_day=0.0, hours=4.0, seed=1)
    assert outages.until("S1", START + 100 * HOUR) is None
    assert outages.next_end(START) is None


def test_an_outage_ends_when_it_says_and_comes_again_for_the_same_seed():
    outages = Outages(["S1", "S2"], START, per_day=2.0, hours=4.0, seed=1)
    moments = [START + n * HOUR / 2 for n in range(200)]
    down = [at for at in moments if outages.until("S1", at)]
    assert down
    until = outages.until("S1", down[0])
    assert outages.until("S1", until - timedelta(seconds=1)) == until
    assert outages.next_end(down[0]) <= until
    again = Outages(["S1", "S2"], START, per_day=2.0, hours=4.0, seed=1)
    assert [again.until("S1", at) for at in moments] == [outages.until("S1", at) for at in moments]
    assert [again.until("S2", at) for at in moments] != [outages.until("S1", at) for at in moments]


def test_a_station_that_is_down_starts_nothing_and_what_runs_on_it_ends():
    clock = HandClock(START)
    world = World([VirtualCar(CAR, "VBV4.5.2C", 300, START)])
    outages = Outages(["S1"], START, per_day=1.0, hours=3.0, seed=2)
    begins = next(at for n in range(20_000) if outages.until("S1", at := START + n * timedelta(minutes=1)))
    job = FlashJob("0" * 32, CAR, "VBV4.5.2C", "VBV4.5.3C", "package")
    clock.move_to(begins - timedelta(minutes=10))
    stations = SimulatedStations(["S1"], world, clock, Luck(fail=0, error=0, unknown=0), outages)
    assert stations.start("S1", job) is StartAnswer.STARTED
    clock.move_to(begins)
    assert stations.identify("S1").busy_with == job.job_id
    clock.move_to(stations.next_end())
    assert stations.report("S1", job.job_id).state is JobState.ENDED
    with pytest.raises(StationUnreachable):
        stations.identify("S1")
    with pytest.raises(StationUnreachable):
        stations.start("S1", replace(job, job_id="1" * 32))
    clock.move_to(stations.next_back())
    assert stations.identify("S1").busy_with is None


def test_conditions_are_drawn_by_their_seed():
    assert Conditions.drawn(7) == Conditions.drawn(7)
    assert Conditions.drawn(7) != Conditions.drawn(8)


def test_usual_conditions_are_the_usual_yard():
    usual = Conditions(1)
    layout = case_of(1).layout
    assert usual.weather(layout).minutes(START, START + HOUR) == 60
    assert usual.outages(layout, START).next_end(START) is None
    assert replace(usual.luck(), grid=Luck().grid) == Luck()
    habits = replace(usual.habits(), inspect_spread=0.0, pilot_sign_off=timedelta())
    assert habits == Habits()


def signed_after(folder, habits):
    """Until the first car is approved."""
    folder.mkdir()
    with small_yard(folder, 24, luck=LUCKY, habits=habits) as yard:
        yard.run(until=lambda seen: seen.released or seen.counts.get(Status.APPROVED, 0))
        return yard.clock.now() - yard.case.start


def test_slow_people_and_a_late_signature_make_it_longer(tmp_path):
    usual = signed_after(tmp_path / "usual", Habits(flaws=0))
    pen = Habits(flaws=0, pilot_sign_off=timedelta(hours=2))
    assert signed_after(tmp_path / "pen", pen) >= usual + 2 * HOUR
    slow = Habits(flaws=0, inspect=timedelta(minutes=30))
    assert signed_after(tmp_path / "slow", slow) > usual + HOUR
    rounds = Habits(flaws=0, round_every=timedelta(minutes=45))
    assert signed_after(tmp_path / "rounds", rounds) > usual
