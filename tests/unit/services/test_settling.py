"""An attempt that ended by a fault: what becomes of its car, its station, its package, and the counters."""

from __future__ import annotations

from dataclasses import replace

import pytest

from campaign.domain.events import SITE_CHAIN, Kind
from campaign.domain.flash_faults import read_note
from campaign.domain.people import SYSTEM_ID
from campaign.domain.retry import Outcome
from campaign.domain.rules import FailureThreshold
from campaign.domain.vehicle import Status
from campaign.errors import StationRejected
from campaign.ports.station import JobVerdict
from tests.fakes.plant import CODE, RULES, Plant, vin_no
from tests.fakes.station import FakeOutcome

SOURCE, TARGET = "VBV4.5.2C", "VBV4.5.3C"
STRANGER = vin_no(77)
BELOW = (("soc", "262"), ("gate", "270"), ("gauge", "display"), ("raw", "73"))
VOLTS = (("volts", "11.6"), ("min", "12.5"))


def aborted(fault: str, params: tuple[tuple[str, str], ...] = (), **more: object) -> FakeOutcome:
    return FakeOutcome(JobVerdict.ABORTED, SOURCE, fault=fault, params=params, written=False, **more)


def flash(plant: Plant, outcome: FakeOutcome, rules=RULES, *, ticks: int = 3) -> None:
    """A car above the gate and one below it, one station; the flash ends so."""
    plant.stations.take_down("S2")
    plant.stations.put_car(STRANGER, TARGET)
    plant.add_cars([300, 100])
    plant.outcome(1, outcome)
    plant.services.planning.launch(plant.actor("wang"), rules, reason="go")
    plant.tick(1 + ticks)


def holds(plant: Plant) -> list[tuple[str, str, str]]:
    with plant.services.store.read() as uow:
        return [(h.scope, h.target, h.by) for h in uow.holds.open()]


def attempts(plant: Plant, n: int = 1):
    with plant.services.store.read() as uow:
        return uow.attempts.of_car(plant.car(n))


def counters(plant: Plant) -> tuple[int, int]:
    with plant.services.store.read() as uow:
        campaign = uow.campaigns.get(CODE)
    return campaign.ended, campaign.failed


@pytest.mark.parametrize(
    "outcome",
    [
        aborted("wrong_car", (("expected", vin_no(1)), ("found", STRANGER))),
        aborted("wrong_car", (("found", STRANGER),), cable=STRANGER),
        aborted("volts_below", VOLTS, cable=STRANGER),  # the station took the answer of another car
    ],
)
def test_with_another_car_on_the_cable_the_car_goes_back_and_the_station_is_held(plant, outcome) -> None:
    flash(plant, outcome)
    car, (attempt,) = plant.car(1), attempts(plant)
    assert (car.status, car.attempts, car.read_back) == (Status.CHARGED, 0, None)
    assert (attempt.outcome, attempt.fault, attempt.read_back) == (Outcome.ABORTED, "wrong_car", None)
    assert holds(plant) == [("station", "S1", SYSTEM_ID)]
    assert counters(plant) == (0, 0)


def test_the_hold_of_the_station_says_which_car_was_found(plant) -> None:
    flash(plant, aborted("wrong_car", (("found", STRANGER),)))
    (hold,) = plant.services.boards.board(CODE).data.holds
    assert read_note(hold.why) == ("wrong_car", {"expected": vin_no(1), "found": STRANGER})


def test_the_version_of_another_car_is_never_this_cars(plant) -> None:
    """It passed, says the station, and the car on the cable is at the target: only it is not this car."""
    flash(plant, FakeOutcome(cable=STRANGER))
    assert (plant.car(1).status, plant.car(1).read_back) == (Status.UNCERTAIN, None)


def test_a_car_that_the_station_read_below_the_gate_goes_to_charging_again(plant) -> None:
    flash(plant, aborted("soc_below", BELOW))
    car = plant.car(1)
    assert (car.soc.tenths, car.attempts, car.point is not None) == (262, 0, True)
    assert [a.outcome for a in attempts(plant)] == [Outcome.ABORTED]
    plant.outcome(1, FakeOutcome())
    plant.charge(1, 300)
    plant.advance(seconds=10)
    plant.tick(2)
    assert plant.car(1).status is Status.FLASHED


def test_a_station_without_a_reading_below_the_gate_makes_no_loop(plant) -> None:
    flash(plant, aborted("soc_below"))
    assert (plant.car(1).status, len(attempts(plant)), counters(plant)) == (Status.REWORK, 1, (0, 0))


@pytest.mark.parametrize("silent", [False, True])
def test_a_condition_that_did_not_hold_is_rework_also_when_the_car_did_not_report(plant, silent) -> None:
    flash(plant, aborted("volts_below", VOLTS, silent=silent))
    car, (attempt,) = plant.car(1), attempts(plant)
    assert (car.status, car.attempts) == (Status.REWORK, 1)
    assert (attempt.fault, attempt.params) == ("volts_below", VOLTS)
    assert counters(plant)[1] == 1


def test_a_package_that_does_not_fit_one_car_is_not_held(plant) -> None:
    flash(plant, aborted("package_unfit", (("ecu", "BMS"), ("field", "hardware"))))
    assert (plant.car(1).status, holds(plant), counters(plant)[1]) == (Status.REWORK, [], 0)


@pytest.mark.parametrize("fault", ["package_damaged", "package_untrusted"])
def test_a_bad_package_is_held_once_and_its_cars_go_back(plant, fault) -> None:
    bad = FakeOutcome(JobVerdict.ERROR, SOURCE, fault=fault, params=(("file", "bms.bin"),), written=False)
    plant.add_cars([300, 300])
    for n in (1, 2):
        plant.outcome(n, bad)
    plant.services.planning.launch(plant.actor("wang"), RULES, reason="go")
    plant.tick(4)
    assert holds(plant) == [("package", RULES.package, SYSTEM_ID)]
    assert {(plant.car(n).status, plant.car(n).attempts) for n in (1, 2)} == {(Status.CHARGED, 0)}
    assert counters(plant) == (0, 0)


def test_a_package_that_is_not_there_is_brought_again_and_the_car_is_flashed(plant) -> None:
    flash(plant, FakeOutcome(JobVerdict.ERROR, SOURCE, fault="package_missing", written=False), ticks=2)
    assert (holds(plant), counters(plant)) == ([], (0, 0))
    lost = [e.fact.data for e in plant.services.views.log(SITE_CHAIN) if e.fact.kind is Kind.PACKAGE_LOST]
    assert lost
    plant.outcome(1, FakeOutcome())
    plant.tick(4)
    assert (plant.car(1).status, plant.car(1).attempts) == (Status.FLASHED, 1)


def test_what_was_never_tried_does_not_trip_the_threshold(plant) -> None:
    rules = replace(RULES, thresholds=FailureThreshold(count=0, percent=None, min_attempts=0))
    flash(plant, aborted("soc_below", BELOW), rules, ticks=2)
    assert plant.services.boards.board(CODE).threshold is None


def test_the_log_says_why_in_codes(plant) -> None:
    flash(plant, aborted("volts_below", VOLTS))
    (ended,) = [e for e in plant.services.views.story(vin_no(1)) if e.fact.kind is Kind.ATTEMPT_ENDED]
    data = ended.fact.data
    assert (data["fault"], data["params"], data["written"]) == ("volts_below", dict(VOLTS), False)
    assert (data["outcome"], data["why"]) == ("aborted", "volts_below")


@pytest.mark.parametrize(
    ("code", "held"),
    [
        ("package_untrusted", ("package", RULES.package, SYSTEM_ID)),
        ("other_car", ("station", "S1", SYSTEM_ID)),
        ("disk", ("station", "S1", SYSTEM_ID)),
    ],
)
def test_a_station_that_refuses_to_begin_names_what_is_held(plant, code, held) -> None:
    plant.stations.refuse_starts("S1", StationRejected("S1", "no", code))
    flash(plant, FakeOutcome(), ticks=2)
    assert (plant.car(1).status, plant.car(1).attempts) == (Status.CHARGED, 0)
    assert holds(plant) == [held]
