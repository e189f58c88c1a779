"""Planning again while a campaign runs: what moves, what stays, what is told, and what is never touched."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from campaign.domain.causes import Cause
from campaign.domain.events import SITE_CHAIN, Fact, Kind
from campaign.domain.people import SYSTEM
from campaign.domain.reasons import Code
from campaign.domain.site import Point
from campaign.domain.vehicle import OrderState, Status
from campaign.errors import NotAllowed, NotFound, Refused
from campaign.files.order_list import OrderRow
from campaign.planning.disturbances import OVERDUE, QUIET
from campaign.ports.records import OrderFact
from campaign.ports.station import JobVerdict
from campaign.services.lists import Listed
from campaign.services.replanning import LOOK_ANYWAY, LOOK_EVERY, Replanning
from campaign.yard.pace import HandClock
from tests.fakes.plant import CODE, LAYOUT, PEOPLE, vin_no
from tests.fakes.station import FakeOutcome

PROMISED = date(2026, 3, 3)
CARS = 16


def planned(plant, n: int = CARS, socs: int = 100) -> None:
    """A campaign of equal cars, launched, with the pilot open."""
    plant.add_cars([socs] * n)
    plant.services.planning.launch(plant.actor("wang"), plant.rules, reason="test")
    plant.tick()


def replan(plant, why: str = "look again", by: str = "wang"):
    return plant.services.replanning.replan(plant.actor(by), CODE, why=why)


def promise(plant, n: int, day: date = PROMISED, weight: int = 1) -> None:
    fact = OrderFact(vin_no(n), OrderState.KNOWN, f"SO-{n}", day, weight)
    plant.services.intake.set_orders(plant.actor("han"), [fact], "sales called")


def order_list(n: int) -> Listed[OrderRow]:
    """A list of sales with one car."""
    row = OrderRow("SO-9", OrderState.KNOWN, vin_no(n), PROMISED, 1, "CN", "", "orders", 2)
    return Listed("orders.csv", "ab" * 32, [row])


def order(plant) -> list[int]:
    """Numbers of the cars that are left, by priority."""
    with plant.services.store.read() as uow:
        return [int(car.vin[9:]) for car in uow.cars.unfinished(CODE)]


def batches(plant):
    with plant.services.store.read() as uow:
        return {batch.no: batch for batch in uow.batches.all(CODE)}


def told(plant):
    """The newest event of the campaign."""
    return plant.services.views.log(CODE, limit=1)[0].fact


def waiting_car(plant) -> int:
    """The last car by priority of a batch that is not opened."""
    opened = {no for no, batch in batches(plant).items() if batch.opened_at is not None}
    return next(n for n in reversed(order(plant)) if plant.batch_of(n) not in opened)


# -- what a re-plan does -------------------------------------------------------------------------------------------


def test_a_launch_keeps_its_plan(plant):
    planned(plant)
    kept = plant.services.replanning.kept(CODE)
    assert (kept.cause, kept.by, kept.cars, kept.moved) == (Cause.LAUNCHED, "wang", CARS, ())
    assert {step.stage for step in kept.steps} == {"charge", "flash", "inspect"}
    assert kept.ends_at >= kept.bound_ends_at > kept.gate_at > kept.made_at


def test_nothing_moves_when_nothing_happened(plant):
    planned(plant)
    before = order(plant), {no: batch.size for no, batch in batches(plant).items()}
    kept = replan(plant)
    assert (kept.rule, kept.moved_count, kept.cars) == ("as before", 0, CARS)
    assert (order(plant), {no: batch.size for no, batch in batches(plant).items()}) == before


def test_a_promised_car_of_a_batch_that_waits_comes_forward(plant):
    planned(plant)
    n = waiting_car(plant)
    was, no = order(plant).index(n), plant.batch_of(n)
    promise(plant, n, weight=3)
    kept = replan(plant)
    assert order(plant).index(n) < was
    assert kept.moved_count > 0
    move = next(move for move in kept.moved if move.vin == vin_no(n))
    assert (move.was, move.why) == (was, "asked")
    assert move.now == order(plant).index(n)
    assert plant.batch_of(n) != 1, f"it was in {no}; the pilot is never regrouped"


def test_moves_give_every_car_of_the_plan_a_place_of_its_own(plant):
    planned(plant)
    with plant.services.store.read() as uow:
        places = sorted(car.priority for car in uow.cars.unfinished(CODE))
    promise(plant, waiting_car(plant), weight=3)
    replan(plant)
    with plant.services.store.read() as uow:
        assert sorted(car.priority for car in uow.cars.unfinished(CODE)) == places


def test_regrouped_batches_have_their_cars_counted(plant):
    planned(plant)
    promise(plant, waiting_car(plant), weight=3)
    replan(plant)
    with plant.services.store.read() as uow:
        for batch in uow.batches.all(CODE):
            cars = uow.cars.in_batch(batch.id)
            assert batch.size == len(cars) == sum((batch.counts or {}).values())
    assert sum(batch.size for batch in batches(plant).values()) == CARS


def test_started_work_stays_where_it_is(plant):
    planned(plant)
    with plant.services.store.read() as uow:
        given = {charge.vin: charge for charge in uow.charges.open("anting")}
    opened = {no: batch for no, batch in batches(plant).items() if batch.opened_at is not None}
    members = {n: plant.batch_of(n) for n in order(plant) if plant.batch_of(n) in opened}
    for number in (waiting_car(plant), order(plant)[-2]):
        promise(plant, number, weight=3)
    kept = replan(plant)
    assert kept.moved_count > 0
    with plant.services.store.read() as uow:
        assert {charge.vin: charge for charge in uow.charges.open("anting")} == given
    assert {n: plant.batch_of(n) for n in members} == members
    for no, batch in opened.items():
        assert batches(plant)[no].planned_start == batch.planned_start
    starts = {step.vin: step.machine for step in kept.steps if step.stage == "charge"}
    assert {vin: starts[vin] for vin in given} == {vin: charge.point for vin, charge in given.items()}


def test_the_plan_comes_with_one_event_that_tells_why_and_what(plant):
    planned(plant)
    first = plant.services.replanning.kept(CODE)
    promise(plant, waiting_car(plant), weight=3)
    token = plant.services.store.token(CODE)
    kept = replan(plant, "the customer called")
    assert plant.services.store.token(CODE) == token + 1
    fact = told(plant)
    assert (fact.kind, fact.actor, fact.reason) == (Kind.REPLANNED, "wang", "the customer called")
    assert (fact.data["cause"], fact.data["moved"], fact.data["cars"]) == ("asked", kept.moved_count, CARS)
    assert fact.data["ended"].startswith(f"{first.ends_at:%Y-%m-%dT%H:%M}")
    assert fact.data["ends"].startswith(f"{kept.ends_at:%Y-%m-%dT%H:%M}")
    regrouped = {vin for vins in fact.data["batches"].values() for vin in vins}
    assert regrouped
    for no, vins in fact.data["batches"].items():
        assert {plant.services.views.batch(CODE, int(no)).batch.no} == {int(no)}
        assert set(vins) <= {car.vin for car in plant.services.views.batch(CODE, int(no)).cars}
    assert plant.services.store.verify(CODE) == []


def test_the_newest_plan_is_in_force_and_the_others_are_history(plant):
    planned(plant)
    replan(plant, "first")
    last = replan(plant, "second")
    assert plant.services.replanning.kept(CODE) == last
    assert [plan.why for plan in plant.services.replanning.history(CODE)] == ["second", "first", "test"]
    assert all(not plan.steps for plan in plant.services.replanning.history(CODE))


def test_a_plan_that_is_written_is_the_plan_that_the_store_has(plant):
    planned(plant)
    kept = replan(plant)
    assert plant.services.replanning.kept(CODE).steps == kept.steps
    found = batches(plant)
    for no, start, end in kept.batches:
        assert found[no].planned_end == end
        assert found[no].opened_at is not None or found[no].planned_start == start


def test_held_cars_are_left_out_and_keep_their_place(plant):
    planned(plant)
    n = waiting_car(plant)
    with plant.services.store.read() as uow:
        place = uow.cars.latest([vin_no(n)])[vin_no(n)].priority
    plant.services.quality.set_hold(plant.actor("sun"), "car", vin_no(n), "scratch")
    kept = replan(plant)
    assert (kept.cars, kept.left_out) == (CARS - 1, 1)
    assert plant.car(n).priority == place


def test_a_campaign_whose_cars_are_all_held_has_an_empty_plan(plant):
    planned(plant, 4)
    for n in range(1, 5):
        plant.services.quality.set_hold(plant.actor("sun"), "car", vin_no(n), "scratch")
    kept = replan(plant)
    assert (kept.cars, kept.left_out, kept.steps, kept.late_count) == (0, 4, (), 0)


def test_late_cars_are_named_with_what_they_wait_for(plant):
    planned(plant)
    for n in range(1, CARS + 1):
        promise(plant, n, date(2026, 3, 2))
    kept = replan(plant)
    assert kept.late_count == len(kept.late) > 0
    assert all(car.approved > car.due for car in kept.late)
    assert all(car.reason is not None for car in kept.late)
    assert kept.tardiness_min > 0


# -- who may, and when ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("person", ["li", "chen", "han", "root", "xu"])
def test_only_a_planner_plans_again(plant, person):
    planned(plant, 4)
    with pytest.raises(NotAllowed):
        replan(plant, by=person)


def test_a_person_says_why(plant):
    planned(plant, 4)
    with pytest.raises(Refused) as refused:
        replan(plant, "  ")
    assert refused.value.reasons[0].code is Code.REASON_MISSING


def test_a_campaign_that_is_over_is_not_planned(plant):
    planned(plant, 4)
    plant.services.control.stop(plant.actor("wang"), CODE, "enough")
    with pytest.raises(Refused) as refused:
        replan(plant)
    assert refused.value.reasons[0].code is Code.CAMPAIGN_STATE
    assert plant.services.replanning.tend(CODE) is None


def test_what_is_not_there_is_not_found(plant):
    for asked in (
        replan,
        lambda p: p.services.replanning.tend(CODE),
        lambda p: p.services.replanning.kept(CODE),
    ):
        with pytest.raises(NotFound):
            asked(plant)


# -- tending -------------------------------------------------------------------------------------------------------


def tend(plant, minutes: float = 6):
    """A look some minutes later."""
    plant.advance(minutes=minutes)
    return plant.services.replanning.tend(CODE)


def test_a_quiet_campaign_is_left_as_it_is(plant):
    planned(plant)
    token = plant.services.store.token(CODE)
    assert [tend(plant) for _ in range(3)] == [None] * 3
    assert plant.services.store.token(CODE) == token


def hold_station(plant):
    return plant.services.quality.set_hold(plant.actor("sun"), "station", "S1", "burnt smell")


def test_a_station_that_is_held_and_back_is_planned_for_both_times(plant):
    planned(plant)
    held = hold_station(plant)
    down = tend(plant)
    assert (down.cause, down.why, down.by) == (Cause.DOWN, "S1", SYSTEM.id)
    assert {step.machine for step in down.steps if step.stage == "flash"} == {"S2"}
    plant.services.quality.lift_hold(plant.actor("sun"), held.id, "fine again")
    back = tend(plant)
    assert (back.cause, back.why) == (Cause.BACK, "S1")
    assert {step.machine for step in back.steps if step.stage == "flash"} == {"S1", "S2"}


def test_a_station_that_an_administrator_drains_is_seen_though_the_site_tells_of_it(plant):
    planned(plant)
    assert tend(plant) is None
    with plant.services.store.write(SITE_CHAIN) as uow:  # as `stations.drain` does it
        uow.holds.add("station", "S2", "maintenance", "root", plant.clock.now())
        uow.log.append([Fact(Kind.STATION_DRAINED, "root", plant.clock.now())])
        uow.commit()
    assert tend(plant).cause == Cause.DOWN


def test_a_burst_makes_one_plan(plant):
    planned(plant)
    hold_station(plant)
    assert tend(plant) is not None
    plant.services.quality.set_hold(plant.actor("sun"), "point", "CP-01", "fuse")
    plant.services.quality.set_hold(plant.actor("sun"), "point", "CP-02", "fuse")
    seconds = QUIET.total_seconds()
    assert tend(plant, (seconds - 1) / 60) is None
    kept = tend(plant, LOOK_EVERY.total_seconds() / 60)
    assert (kept.cause, kept.why) == (Cause.DOWN, "CP-01, CP-02")
    assert tend(plant) is None


def test_between_two_looks_nothing_is_read(plant):
    planned(plant)
    tend(plant)
    hold_station(plant)
    assert tend(plant, LOOK_EVERY.total_seconds() / 60 - 0.1) is None
    assert tend(plant, 0.1) is not None


CAUSES = {
    Cause.HELD: lambda p: p.services.quality.set_hold(p.actor("sun"), "car", vin_no(1), "scratch"),
    Cause.ORDERS: lambda p: promise(p, 2),
    Cause.SITE: lambda p: p.services.sites.apply(
        next(person for person in PEOPLE if person.id == "root").actor("server"),
        replace(LAYOUT, points=(*LAYOUT.points, Point("CP-05", "C1", 2.2))),
    ),
    Cause.RESUMED: lambda p: [
        p.services.control.pause(p.actor("wang"), CODE, "storm"),
        p.services.control.resume(p.actor("wang"), CODE, "over"),
    ],
}


@pytest.mark.parametrize("cause", CAUSES)
def test_what_disturbs_a_plan_makes_a_new_one_once(plant, cause):
    planned(plant)
    CAUSES[cause](plant)
    assert tend(plant).cause == cause
    assert tend(plant) is None


def test_orders_that_are_taken_back_disturb_the_plan_as_new_ones_do(plant):
    planned(plant)
    listed = plant.services.intake.import_orders(plant.actor("han"), order_list(2), "anting")
    assert tend(plant).cause == Cause.ORDERS
    plant.services.intake.undo(plant.actor("wang"), listed.record.id, "wrong list")
    assert tend(plant).cause == Cause.ORDERS
    assert plant.car(2).promised is None


def test_a_lifted_hold_brings_the_car_back_into_the_plan(plant):
    planned(plant)
    held = plant.services.quality.set_hold(plant.actor("sun"), "car", vin_no(1), "scratch")
    assert tend(plant).cars == CARS - 1
    plant.services.quality.lift_hold(plant.actor("sun"), held.id, "polished")
    kept = tend(plant)
    assert (kept.cause, kept.cars) == (Cause.LIFTED, CARS)


def test_a_failed_flash_is_planned_again(plant):
    plant.add_cars([300] * 6)
    plant.services.planning.launch(plant.actor("wang"), plant.rules, reason="test")
    plant.outcome(plant.pilot()[0], FakeOutcome(JobVerdict.FAIL, "VBV4.5.2C"))
    plant.tick(4)
    kept = tend(plant)
    assert kept.cause == Cause.REWORK
    assert Status.REWORK in plant.statuses().values()


def test_a_car_that_charges_far_too_long_is_planned_for(plant):
    planned(plant, 4)
    plant.mark("charging", 1, 100)
    with plant.services.store.read() as uow:
        end = next(c.expected_end for c in uow.charges.open("anting") if c.vin == vin_no(1))
    plant.clock.move_to(end + OVERDUE)
    assert plant.services.replanning.tend(CODE) is None
    plant.clock.move_to(end + OVERDUE + LOOK_ANYWAY)
    kept = plant.services.replanning.tend(CODE)
    assert (kept.cause, kept.why) == (Cause.SLOW, vin_no(1))


def test_a_shift_change_is_seen_by_time_alone(plant):
    planned(plant)
    assert tend(plant) is None
    kept = tend(plant, 12 * 60)
    assert (kept.cause, kept.why) == (Cause.SHIFT, "")
    assert tend(plant) is None


def test_a_paused_campaign_is_not_planned_until_it_goes_on(plant):
    planned(plant)
    plant.services.control.pause(plant.actor("wang"), CODE, "storm")
    hold_station(plant)
    assert tend(plant) is None
    plant.services.control.resume(plant.actor("wang"), CODE, "over")
    assert tend(plant).cause == Cause.RESUMED


def test_another_process_goes_on_from_what_the_last_plan_saw(plant):
    planned(plant)
    hold_station(plant)
    made = tend(plant)
    other = Replanning(plant.services.store, plant.clock)
    plant.advance(minutes=6)
    assert other.tend(CODE) is None
    assert other.kept(CODE).made_at == made.made_at


def test_a_silent_station_is_planned_without_and_a_planner_elsewhere_knows(plant):
    planned(plant)
    silent: set[str] = {"S2"}
    keeper = Replanning(plant.services.store, plant.clock, lambda: frozenset(silent))
    plant.advance(minutes=6)
    kept = keeper.tend(CODE)
    assert (kept.cause, kept.why) == (Cause.DOWN, "S2")
    assert {step.machine for step in replan(plant).steps if step.stage == "flash"} == {"S1"}
    silent.clear()
    plant.advance(minutes=6)
    assert keeper.tend(CODE).cause == Cause.BACK


def test_a_campaign_that_is_older_than_kept_plans_gets_its_first_one(plant):
    planned(plant)
    with plant.services.store.write(CODE) as uow:
        uow.plans.keep(replace(plant.services.replanning.kept(CODE), seen=""))
        uow.commit()
    assert tend(plant).cause == Cause.LAUNCHED
    assert tend(plant) is None


def test_a_clock_that_is_set_back_stops_no_look(plant):
    planned(plant)
    tend(plant)
    hold_station(plant)
    earlier = Replanning(plant.services.store, HandClock(plant.clock.now() - timedelta(hours=1)))
    assert earlier.tend(CODE).cause == Cause.DOWN
