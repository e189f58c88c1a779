"""The reconciler over a real store: a station on hold leads to a new plan, and what has begun stays where it is."""

from campaign.domain.causes import Cause
from campaign.domain.events import Kind
from campaign.domain.people import SYSTEM_ID
from campaign.domain.vehicle import Status
from campaign.yard.at_once import AtOnce
from flows.reconciling import End, keep_going
from tests.fakes.plant import CODE


def keep(plant, *, minutes: int):
    """A reconciler's run of so many looks, a minute apart."""
    left = iter(range(minutes))
    leave = lambda: None if next(left, None) is not None else End.HANDED_ON  # noqa: E731
    wait = lambda _: plant.advance(minutes=1)  # noqa: E731
    return keep_going(plant.services, CODE, leave, wait, poll_s=0.25, tell=lambda _: None, aside=AtOnce())


def started(plant):
    """What runs: charges and attempts."""
    with plant.services.store.read() as uow:
        return uow.charges.open("anting"), uow.attempts.running(CODE)


def plans(plant):
    events = plant.services.views.log(CODE, limit=1000)
    return [event.fact for event in reversed(events) if event.fact.kind is Kind.REPLANNED]


def test_a_station_on_hold_is_planned_without_and_started_work_stays(plant):
    plant.stations.held = True
    plant.add_cars([300] * 4 + [100] * 10)
    plant.services.planning.launch(plant.actor("wang"), plant.rules, reason="test")
    keep(plant, minutes=6)
    charges, attempts = started(plant)
    assert {attempt.station for attempt in attempts} == {"S1", "S2"}
    assert len(charges) == 4
    assert plans(plant) == []
    plant.services.quality.set_hold(plant.actor("sun"), "station", "S1", "burnt smell")
    kept = keep(plant, minutes=6)
    assert (kept.end, kept.planned) == (End.HANDED_ON, 1)
    [fact] = plans(plant)
    assert (fact.actor, fact.data["cause"], fact.reason) == (SYSTEM_ID, "down", "S1")
    plan = plant.services.replanning.kept(CODE)
    assert plan.cause == Cause.DOWN
    later = {step.machine for step in plan.steps if step.stage == "flash" and step.start > plan.made_at}
    assert later == {"S2"}
    running = {step.machine for step in plan.steps if step.stage == "flash" and step.start <= plan.made_at}
    assert running == {"S1", "S2"}, "the flash on the held station goes on, and the plan says so"
    assert started(plant) == (charges, attempts)
    assert sum(status is Status.FLASHING for status in plant.statuses().values()) == 2


def test_what_is_given_next_follows_the_new_plan(plant):
    plant.add_cars([100] * 14)
    plant.services.planning.launch(plant.actor("wang"), plant.rules, reason="test")
    keep(plant, minutes=6)
    given = {charge.vin for charge in started(plant)[0]}
    held = next(car for car in plant.cars() if car.vin not in given)
    plant.services.quality.set_hold(plant.actor("sun"), "car", held.vin, "scratch")
    assert keep(plant, minutes=6).planned == 1
    first = plant.services.replanning.kept(CODE)
    assert (first.cause, first.left_out) == (Cause.HELD, 1)
    assert all(step.vin != held.vin for step in first.steps)
