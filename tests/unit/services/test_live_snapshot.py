"""The campaign as it stands, as a snapshot: started work is kept, and nobody is planned who cannot be worked on."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from campaign.domain.reasons import Code
from campaign.domain.site import Circuit
from campaign.domain.vehicle import OrderState, Status
from campaign.ports.records import OrderFact
from campaign.ports.station import JobVerdict
from campaign.services.live_snapshot import REWORK_MIN, Live, live_snapshot
from campaign.services.stages import BACK_MIN, FLASH_MIN, INSPECT_MIN
from campaign.services.yard_now import ANY_MOMENT
from tests.fakes.plant import CODE, LAYOUT, PEOPLE, vin_no
from tests.fakes.station import FakeOutcome

MINUTE = timedelta(minutes=1)
CHARGE, FLASH, INSPECT = range(3)
FAIL = FakeOutcome(JobVerdict.FAIL, "VBV4.5.2C")


def live(plant, away: frozenset[str] = frozenset()) -> Live:
    with plant.services.store.read() as uow:
        campaign = uow.campaigns.get(CODE)
        layout = uow.sites.get("anting")
        return live_snapshot(uow, campaign, layout, plant.clock.now(), away)


def job(plant, n: int, found: Live | None = None):
    """The n-th car in the snapshot, None when it is not in it."""
    jobs = (found or live(plant)).snapshot.jobs
    return next((one for one in jobs if one.id == vin_no(n)), None)


def machine(found: Live, stage: int, name: str):
    return next((one for one in found.snapshot.stages[stage].machines if one.name == name), None)


def hold(plant, scope: str, target: str):
    return plant.services.quality.set_hold(plant.actor("sun"), scope, target, "look at it")


def expected_end(plant, n: int):
    with plant.services.store.read() as uow:
        charges = {charge.vin: charge for charge in uow.charges.open("anting")}
    return charges[vin_no(n)].expected_end


# -- charging ------------------------------------------------------------------------------------------------------


def test_a_car_that_charges_keeps_its_point_and_goes_on_when_it_is_full(plant):
    plant.launch([100] * 4)
    plant.mark("charging", 1, 100)
    point, end = plant.car(1).point, expected_end(plant, 1)
    plant.advance(minutes=30)
    found = live(plant)
    left = (end - plant.clock.now()) // MINUTE
    assert (job(plant, 1, found).done, job(plant, 1, found).release) == (1, left)
    assert machine(found, CHARGE, point).free_from == left
    assert [(s.vin, s.stage, s.machine, s.end) for s in found.started if s.vin == vin_no(1)] == [
        (vin_no(1), "charge", point, end)
    ]


def test_a_point_that_was_given_is_kept_for_its_car(plant):
    plant.launch([100] * 6)
    given = {n: plant.car(n).point for n in range(1, 7) if plant.car(n).point}
    assert len(given) == 4
    found = live(plant)
    for n, point in given.items():
        assert job(plant, n, found).done == 1
        assert machine(found, CHARGE, point).free_from == job(plant, n, found).release > 0


@pytest.mark.parametrize(("late", "left"), [(-1, 1), (0, ANY_MOMENT), (500, ANY_MOMENT)])
def test_a_charge_that_should_have_ended_ends_any_moment(plant, late, left):
    plant.launch([100] * 4)
    plant.mark("charging", 1, 100)
    plant.clock.move_to(expected_end(plant, 1) + late * MINUTE)
    assert job(plant, 1).release == left


def test_a_reading_on_the_way_says_when_a_slow_charge_ends(plant):
    plant.launch([100] * 4)
    plant.mark("charging", 1, 100)
    planned = expected_end(plant, 1)
    plant.advance(hours=5)
    before = job(plant, 1).release
    plant.mark("soc", 1, 150)  # five hours, five percent: half as fast as the model
    assert job(plant, 1).release > before + 60
    assert expected_end(plant, 1) == planned, "the record of the charge stays what was expected"


def test_a_car_without_a_reading_is_taken_for_empty(plant):
    plant.launch([None, 200])
    known, unknown = job(plant, 2), job(plant, 1)
    assert unknown.release + unknown.durations[CHARGE] > known.release + known.durations[CHARGE]


def test_a_car_above_the_gate_needs_no_charging(plant):
    plant.add_cars([269, 270])
    plant.services.planning.launch(plant.actor("wang"), plant.rules, reason="test")
    assert job(plant, 1).durations[CHARGE] > 0
    assert job(plant, 2).durations[CHARGE] == 0


# -- flashing and after --------------------------------------------------------------------------------------------


def test_a_charged_car_waits_for_a_station(plant):
    plant.launch([300] * 4)
    waiting = [n for n, status in plant.statuses().items() if status is Status.CHARGED]
    assert waiting
    for n in waiting:
        assert (job(plant, n).done, job(plant, n).release) == (1, 0)
        assert job(plant, n).durations == (0, FLASH_MIN, INSPECT_MIN)


def test_a_charged_car_that_drained_goes_back_to_charging(plant):
    plant.launch([300] * 6)
    n = next(n for n, status in plant.statuses().items() if status is Status.CHARGED)
    plant.mark("soc", n, 250)
    back = job(plant, n)
    assert (back.done, back.durations[CHARGE] > 0) == (0, True)


@pytest.mark.parametrize(("elapsed", "left"), [(0, FLASH_MIN), (44, 1), (45, ANY_MOMENT), (500, ANY_MOMENT)])
def test_a_running_flash_keeps_its_station(plant, elapsed, left):
    plant.stations.held = True
    plant.launch([300] * 4)
    n = next(n for n, status in plant.statuses().items() if status is Status.FLASHING)
    plant.advance(minutes=elapsed)
    found = live(plant)
    assert (job(plant, n, found).done, job(plant, n, found).release) == (2, left)
    assert machine(found, FLASH, plant.car(n).station).free_from == left


def test_a_flashed_car_waits_for_inspection_only(plant):
    plant.launch([300] * 2)
    plant.tick(3)
    assert plant.statuses()[1] is Status.FLASHED
    assert (job(plant, 1).done, job(plant, 1).release) == (2, 0)


def test_a_failed_car_is_flashed_again_once_somebody_has_looked(plant):
    plant.add_cars([300, 300])
    plant.outcome(1, FAIL)
    plant.services.planning.launch(plant.actor("wang"), plant.rules, reason="test")
    plant.tick(4)
    assert plant.car(1).status is Status.REWORK
    assert (job(plant, 1).done, job(plant, 1).release) == (1, REWORK_MIN)


def test_a_car_that_failed_too_often_is_left_out(plant):
    plant.add_cars([300, 300])
    plant.outcome(1, FAIL)
    rules = replace(plant.rules, max_attempts=1)
    plant.services.planning.launch(plant.actor("wang"), rules, reason="test")
    plant.tick(4)
    found = live(plant)
    assert job(plant, 1, found) is None
    assert found.left_out == ((vin_no(1), Code.TOO_MANY_ATTEMPTS),)


def test_a_car_of_unknown_outcome_is_left_out_and_blocks_its_station(plant):
    plant.stations.held = True
    plant.launch([300] * 4)
    n = next(n for n, status in plant.statuses().items() if status is Status.FLASHING)
    station = plant.car(n).station
    with plant.services.store.read() as uow:
        plant.stations.kill(uow.attempts.running(CODE)[0].job_id)
    plant.tick(2)
    lost = next(n for n, status in plant.statuses().items() if status is Status.UNCERTAIN)
    found = live(plant)
    assert (vin_no(lost), Code.OUTCOME_UNKNOWN) in found.left_out
    assert len(found.down) == 1
    assert found.down[0] in ("S1", "S2")
    assert station in ("S1", "S2")
    assert machine(found, FLASH, found.down[0]) is None


def test_finished_cars_are_out(plant):
    plant.launch([300, 300, 100, 100, 100])
    plant.approve_pilot()
    signed = {n for n, s in plant.statuses().items() if s in (Status.APPROVED, Status.RELEASED)}
    assert signed
    gone = next(n for n in range(1, 6) if n not in signed)
    plant.services.control.withdraw(plant.actor("wang"), CODE, [vin_no(gone)], "sold")
    found = live(plant)
    assert {one.id for one in found.snapshot.jobs} == {
        vin_no(n) for n in range(1, 6) if n not in signed | {gone}
    }
    assert found.left_out == ()


# -- holds and what is down ----------------------------------------------------------------------------------------


def test_a_held_car_is_left_out_but_stays_at_its_point(plant):
    plant.launch([100] * 4)
    plant.mark("charging", 1, 100)
    hold(plant, "car", vin_no(1))
    found = live(plant)
    assert job(plant, 1, found) is None
    assert found.left_out == ((vin_no(1), Code.HELD),)
    assert machine(found, CHARGE, plant.car(1).point).free_from > 0
    assert all(step.vin != vin_no(1) for step in found.started)


def test_a_held_batch_is_left_out_whole(plant):
    plant.launch([100] * 8)
    other = next(n for n in range(1, 9) if plant.batch_of(n) != 1)
    cars = {vin_no(n) for n in range(1, 9) if plant.batch_of(n) == plant.batch_of(other)}
    hold(plant, "batch", f"{CODE}/B{plant.batch_of(other):03d}")
    found = live(plant)
    assert {vin for vin, _ in found.left_out} == cars
    assert {code for _, code in found.left_out} == {Code.HELD}


@pytest.mark.parametrize("scope", ["campaign", "package"])
def test_a_hold_on_everything_is_planned_as_if_it_were_lifted_now(plant, scope):
    plant.launch([100] * 4)
    hold(plant, scope, CODE if scope == "campaign" else "vbv453c")
    assert len(live(plant).snapshot.jobs) == 4


def test_a_held_station_and_a_silent_one_take_no_car(plant):
    plant.launch([100] * 4)
    hold(plant, "station", "S1")
    found = live(plant)
    assert [one.name for one in found.snapshot.stages[FLASH].machines] == ["S2"]
    assert found.down == ("S1",)
    silent = live(plant, frozenset({"S2"}))
    assert silent.down == ("S1", "S2")


def test_when_every_station_is_down_they_are_taken_to_come_back_after_a_shift(plant):
    plant.launch([100] * 4)
    machines = live(plant, frozenset({"S1", "S2"})).snapshot.stages[FLASH].machines
    assert [(one.name, one.free_from) for one in machines] == [("S1", BACK_MIN), ("S2", BACK_MIN)]


def test_a_held_point_takes_no_car(plant):
    plant.launch([300] * 4)
    hold(plant, "point", "CP-02")
    assert [one.name for one in live(plant).snapshot.stages[CHARGE].machines] == ["CP-01", "CP-03", "CP-04"]


# -- batches, promises, the site -----------------------------------------------------------------------------------


def test_cars_of_opened_batches_stay_together_and_others_are_free(plant):
    plant.add_cars([100] * 14)
    plant.services.planning.launch(plant.actor("wang"), plant.rules, reason="test")
    plant.services.reconcile.open_batch(CODE, 2)
    found = live(plant)
    second = {vin_no(n) for n in range(1, 15) if plant.batch_of(n) == 2}
    assert [set(batch) for batch in found.snapshot.batches] == [second]
    together = {frozenset(batch) for batch in found.together.batches}
    numbers = {plant.batch_of(n) for n in range(1, 15)} - {1}
    assert together == {
        frozenset(vin_no(n) for n in range(1, 15) if plant.batch_of(n) == no) for no in numbers
    }


def test_the_pilot_is_named_until_it_is_approved(plant):
    plant.launch([300, 300, 100, 100, 100])
    assert set(live(plant).snapshot.pilot) == {vin_no(n) for n in plant.pilot()}
    plant.approve_pilot()
    found = live(plant)
    assert (found.snapshot.pilot, found.snapshot.pilot_size) == ((), 0)


def test_a_promise_means_the_evening_at_the_site_and_counts_by_its_weight(plant):
    plant.launch([100, 100])
    fact = OrderFact(vin_no(1), OrderState.KNOWN, "SO-1", date(2026, 3, 3), weight=3)
    plant.services.intake.set_orders(plant.actor("han"), [fact], "promised")
    assert (job(plant, 1).due, job(plant, 1).weight) == (36 * 60, 3)  # it is 08:00: that day, 12 h, and 24
    assert (job(plant, 2).due, job(plant, 2).weight) == (None, 1)


def test_present_priorities_are_kept_in_order(plant):
    plant.launch([100] * 6)
    found = live(plant)
    assert [car.priority for car in found.cars] == sorted(car.priority for car in found.cars)
    assert found.before == tuple(one.id for one in found.snapshot.jobs)


@pytest.mark.parametrize(("limit", "scarce"), [(8.7, True), (8.8, False), (20.0, False)])
def test_only_circuits_that_cannot_carry_all_their_points_are_in_the_plan(plant, limit, scarce):
    plant.launch([100] * 4)
    root = next(person for person in PEOPLE if person.id == "root").actor("server")
    plant.services.sites.apply(root, replace(LAYOUT, circuits=(Circuit("C1", limit),)))
    stage = live(plant).snapshot.stages[CHARGE]
    assert [circuit.limit for circuit in stage.circuits] == ([8700] if scarce else [])
    assert {one.draw for one in stage.machines} == ({2200} if scarce else {0})


def test_qa_inspects_in_its_shifts_only(plant):
    plant.launch([100] * 4)  # 08:00 to 20:00, and it is 08:00
    calendar = live(plant).snapshot.stages[INSPECT].calendar
    assert calendar.covers(0, 12 * 60)
    assert not calendar.covers(12 * 60, 12 * 60 + 1)
    assert calendar.fit(12 * 60, INSPECT_MIN) == 24 * 60
