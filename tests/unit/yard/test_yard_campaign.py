"""A small yard goes through its whole campaign in virtual time, and the proof believes it."""

import time
from datetime import timedelta

import pytest

from campaign.domain.events import Kind
from campaign.domain.people import Role
from campaign.domain.vehicle import Status
from campaign.yard.crew import Habits
from campaign.yard.fast_forward import let_flashes_end
from campaign.yard.proof import log_of, prove_campaign
from campaign.yard.simulated_stations import Luck
from tests.fakes.small_yard import CAREFUL, CODE, LUCKY, small_yard

SECONDS = 20.0  # a quiet machine needs about one; this one may be busy


def proved(yard):
    return prove_campaign(yard.services.store, yard.services.views, CODE)


def test_forty_cars_from_import_to_the_last_release(tmp_path):
    began = time.monotonic()
    with small_yard(tmp_path, 40) as yard:
        stands = yard.run()
        proof = proved(yard)
    assert stands.complete
    assert stands.counts == {Status.RELEASED: 40}
    assert (proof.violations, proof.released, proof.attempts) == ((), 40, 40)
    assert proof.whole
    assert time.monotonic() - began < SECONDS


def test_failures_rig_errors_lost_outcomes_and_flaws_all_come_to_a_good_end(tmp_path):
    luck, habits = Luck(fail=0.1, error=0.1, unknown=0.1), Habits(flaws=0.3)
    with small_yard(tmp_path, 40, luck=luck, habits=habits) as yard:
        stands = yard.run()
        proof = proved(yard)
        steps = {e.fact.data["step"] for e in log_of(yard.services.views, CODE) if e.fact.kind is Kind.CAR}
    assert stands.counts == {Status.RELEASED: 40}
    assert proof.violations == ()
    assert proof.attempts > 40
    assert {"flash_failed", "rig_failed", "lost", "retry", "reject"} <= steps


def test_sales_answer_for_cars_that_only_wait_for_their_order(tmp_path):
    with small_yard(tmp_path, 40, seed=2) as yard:
        silent = [car.vin for car in yard.case.cars if car.order_state.value == "unknown"]
        assert silent
        stands = yard.run()
        told = [vin for e in log_of(yard.services.views, CODE) if e.fact.kind is Kind.ORDER_SET
                for vin in e.fact.data["vins"]]  # fmt: skip
    assert stands.complete
    assert sorted(told) == sorted(silent)


def test_going_live_leaves_no_flash_on_a_simulated_station(tmp_path):
    with small_yard(tmp_path, 40) as yard:
        yard.run(until=lambda seen: seen.released > 0)
        let_flashes_end(yard.services, yard.clock, yard.stations, CODE)
        with yard.services.store.read() as uow:
            running = uow.attempts.running(CODE)
    assert running == []
    assert yard.stations.next_end() is None


def test_a_crew_that_is_replaced_goes_on_where_the_other_stopped(tmp_path):
    with small_yard(tmp_path, 30) as yard:
        yard.run(until=lambda seen: seen.counts.get(Status.FLASHED, 0) > 5)
        yard.crew = yard.rehearsal.crew(yard.services, yard.staff, CAREFUL)
        stands = yard.run()
        assert stands.complete
        assert proved(yard).whole


def test_after_the_failure_threshold_the_planner_goes_on_with_a_reason(tmp_path):
    with small_yard(tmp_path, 40, luck=Luck(fail=0.5, error=0, unknown=0)) as yard:
        yard.run(until=lambda seen: _resumed(yard))
        events = list(log_of(yard.services.views, CODE))
    tripped = next(e for e in events if e.fact.kind is Kind.THRESHOLD_TRIPPED)
    resumed = next(e for e in events if e.fact.kind is Kind.CAMPAIGN_RESUMED)
    assert resumed.fact.at > tripped.fact.at
    assert resumed.fact.reason
    between = [e for e in events if tripped.seq < e.seq < resumed.seq]
    assert not [e for e in between if e.fact.kind is Kind.ATTEMPT_OPENED]


def _resumed(yard):
    return any(e.fact.kind is Kind.CAMPAIGN_RESUMED for e in yard.services.views.log(CODE, limit=300))


def test_a_car_that_used_up_its_tries_leaves_the_campaign(tmp_path):
    with small_yard(tmp_path, 6, luck=Luck(fail=1, error=0, unknown=0)) as yard:
        stands = yard.run()
        events = list(log_of(yard.services.views, CODE))
    assert stands.counts == {Status.WITHDRAWN: 6}
    assert sum(e.fact.kind is Kind.ATTEMPT_OPENED for e in events) == 6 * yard.case.rules.max_attempts


def test_qa_signs_in_the_day_shift_only(tmp_path):
    with small_yard(tmp_path, 40) as yard:
        yard.run()
        signed = [e.fact.at for e in log_of(yard.services.views, CODE) if e.fact.kind is Kind.SIGNED]
    assert signed
    for moment in signed:
        assert yard.case.layout.shift_at(moment).shift.qa


def test_a_car_withdrawn_while_it_charges_does_not_charge_on(tmp_path):
    with small_yard(tmp_path, 12) as yard:
        yard.run(until=lambda seen: seen.counts.get(Status.CHARGING, 0) > 0)
        vin = sorted(yard.world.charging)[0]
        planner = yard.staff.actor(yard.staff.with_role(Role.PLANNER)[0])
        yard.services.control.withdraw(planner, CODE, [vin], "sold as it is")
        yard.clock.move(minutes=15)
        yard.crew.round()
        assert vin not in yard.world.charging
        stands = yard.run()
    assert stands.counts == {Status.RELEASED: 11, Status.WITHDRAWN: 1}


def test_charging_cars_are_read_on_their_way_where_that_is_the_habit(tmp_path):
    with small_yard(tmp_path, 12, habits=Habits(flaws=0, points_every=timedelta(hours=1))) as yard:
        stands = yard.run()
        read = [e.fact for e in log_of(yard.services.views, CODE) if e.fact.kind is Kind.SOC_READ]
        proof = proved(yard)
    assert stands.complete
    assert proof.whole
    rising = [fact.data["soc"] for fact in read if fact.vin == read[-1].vin]
    assert len(rising) > 2
    assert rising == sorted(rising)


def test_the_reconciler_and_the_crew_do_nothing_twice(tmp_path):
    with small_yard(tmp_path, 12, luck=LUCKY) as yard:
        yard.run(until=lambda seen: seen.counts.get(Status.CHARGING, 0) > 0)
        yard.crew.round()
        yard.services.reconcile.tick(CODE)
        token = yard.services.store.token(CODE)
        yard.crew.round()
        assert not yard.services.reconcile.tick(CODE).acted
        assert yard.services.store.token(CODE) == token


@pytest.mark.parametrize("vehicles", [1, 3])
def test_a_yard_of_very_few_cars_is_one_pilot(tmp_path, vehicles):
    with small_yard(tmp_path, vehicles) as yard:
        assert yard.run().counts == {Status.RELEASED: vehicles}
        assert proved(yard).whole
