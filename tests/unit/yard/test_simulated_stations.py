"""Stations in memory mean what the agents mean."""

from datetime import UTC, datetime, timedelta

import pytest

from campaign.domain.identity import Vin
from campaign.errors import StationBusy, StationRejected
from campaign.ports.station import FlashJob, JobState, JobVerdict, StartAnswer
from campaign.yard.pace import HandClock
from campaign.yard.simulated_stations import Luck, SimulatedStations
from campaign.yard.world import VirtualCar, World

START = datetime(2026, 3, 2, tzinfo=UTC)
CAR, OTHER = Vin("LSVUA6E44P2123456"), Vin("LSVUA6E46P2123457")
OLD, NEW = "VBV4.5.2C", "VBV4.5.3C"


def job(vin=CAR, number=1):
    return FlashJob(f"{number:032x}", vin, OLD, NEW, "package")


def stations_of(luck=None, version=OLD):
    clock = HandClock(START)
    world = World([VirtualCar(CAR, version, 300, START), VirtualCar(OTHER, OLD, 300, START)])
    return (
        SimulatedStations(["S1", "S2"], world, clock, luck or Luck(fail=0, error=0, unknown=0)),
        clock,
        world,
    )


def test_a_flash_takes_its_time_and_the_car_reports_the_target():
    stations, clock, world = stations_of()
    assert stations.start("S1", job()) is StartAnswer.STARTED
    assert stations.report("S1", job().job_id).state is JobState.RUNNING
    assert world.version(CAR) == OLD
    ends = stations.next_end()
    assert timedelta(minutes=40) <= ends - START <= timedelta(minutes=55)
    clock.move_to(ends)
    report = stations.report("S1", job().job_id)
    assert (report.state, report.verdict, report.read_back.version) == (JobState.ENDED, JobVerdict.PASS, NEW)
    assert stations.next_end() is None


def test_a_second_start_of_a_job_is_the_same_job_and_of_another_one_is_busy():
    stations, _, _ = stations_of()
    stations.start("S1", job())
    assert stations.start("S1", job()) is StartAnswer.ALREADY
    with pytest.raises(StationBusy):
        stations.start("S1", job(OTHER, 2))
    assert stations.identify("S1").busy_with == job().job_id
    with pytest.raises(StationBusy):
        stations.read_back("S1", CAR)


def test_a_job_that_was_never_started_is_told_so():
    stations, _, _ = stations_of()
    assert stations.report("S1", job().job_id).state is JobState.NONE


def test_a_failed_flash_leaves_the_old_version():
    stations, clock, world = stations_of(Luck(fail=1, error=0, unknown=0))
    stations.start("S1", job())
    clock.move_to(stations.next_end())
    report = stations.report("S1", job().job_id)
    assert (report.verdict, report.read_back.version, world.version(CAR)) == (JobVerdict.FAIL, OLD, OLD)


def test_a_rig_error_is_told_from_a_failure():
    stations, clock, _ = stations_of(Luck(fail=0, error=1, unknown=0))
    stations.start("S1", job())
    clock.move_to(stations.next_end())
    assert stations.report("S1", job().job_id).verdict is JobVerdict.ERROR


def test_an_unknown_outcome_blocks_the_station_until_it_is_cleared():
    stations, clock, _ = stations_of(Luck(fail=0, error=0, unknown=1))
    stations.start("S1", job())
    clock.move_to(stations.next_end())
    report = stations.report("S1", job().job_id)
    assert (report.state, report.read_back) == (JobState.UNKNOWN, None)
    assert stations.identify("S1").blocked_by == job().job_id
    with pytest.raises(StationRejected, match="unknown"):
        stations.start("S1", job(OTHER, 2))
    assert stations.read_back("S1", CAR).version in (OLD, NEW)
    stations.clear("S1", job().job_id)
    assert stations.start("S1", job(OTHER, 2)) is StartAnswer.STARTED


def test_a_car_at_another_version_fails_and_one_at_the_target_is_flashed_again():
    stations, clock, _ = stations_of(version="VBV4.4.0A")
    stations.start("S1", job())
    clock.move_to(stations.next_end())
    assert stations.report("S1", job().job_id).verdict is JobVerdict.FAIL
    stations, clock, _ = stations_of(version=NEW)
    stations.start("S1", job())
    clock.move_to(stations.next_end())
    assert stations.report("S1", job().job_id).verdict is JobVerdict.PASS


def test_the_same_luck_comes_to_the_same_car():
    ends = set()
    for _ in range(2):
        stations, _, _ = stations_of()
        stations.start("S1", job())
        ends.add(stations.next_end())
    assert len(ends) == 1
