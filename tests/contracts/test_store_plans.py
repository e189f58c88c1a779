"""Plans and forecasts: found as they were kept, steps of the newest only, places and times set in bulk."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from campaign.domain.events import Kind
from campaign.domain.vehicle import Car, Status, Step
from campaign.errors import Conflict, NotFound
from campaign.planning.plan import Wait
from campaign.ports.plans import KeptForecast, KeptPlan, LateCar, LateReason, Moved, PlannedStep
from campaign.ports.store import Store
from tests.contracts.store_world import (
    CODE,
    NOW,
    TO_FLASHED,
    TO_RELEASED,
    car_of,
    fact,
    later,
    launch,
    vin,
    walk,
)


def step(number: int, stage: str, machine: str, start: int) -> PlannedStep:
    return PlannedStep(vin(number), stage, machine, later_whole(start), later_whole(start + 45))


def later_whole(minutes: int):
    return later(minutes=minutes).replace(microsecond=0)


def plan(**changed: object) -> KeptPlan:
    """A plan with everything in it; one step began before it was made."""
    because = LateReason(Wait.MACHINE, "flash", "S1", later_whole(60), later_whole(95))
    made = KeptPlan(
        campaign=CODE,
        made_at=NOW,
        by="planner",
        cause="down",
        why="S1 夜班",
        rule="due date",
        seconds=0.25,
        ends_at=later(hours=9),
        gate_at=None,
        bound_ends_at=later(hours=8),
        binding="flash",
        cars=4,
        late=(
            LateCar(vin(2), later_whole(100), later_whole(200), because),
            LateCar(vin(3), later_whole(-5), later_whole(210)),
        ),
        tardiness_min=315,
        moved=(Moved(vin(1), 0, 3, "down S1"), Moved(vin(2), 3, 0, "orders")),
        moved_count=7,
        batches=((1, later_whole(0), later_whole(300)), (2, later_whole(30), later_whole(400))),
        steps=(
            step(1, "charge", "P1", -30),
            step(2, "charge", "P1", 15),
            step(3, "charge", "P2", 0),
            step(1, "flash", "S1", 20),
        ),
        late_count=2,
        left_out=1,
        seen='{"down":["S1"]}',
    )
    return replace(made, **changed)


def keep(store: Store, *plans: KeptPlan) -> None:
    for one in plans:
        with store.write(CODE) as uow:
            uow.plans.keep(one)
            uow.commit()


def test_a_plan_is_found_as_it_was_kept(store: Store) -> None:
    launch(store)
    keep(store, plan(gate_at=later(hours=2)))
    with store.read() as uow:
        assert uow.plans.latest(CODE) == plan(gate_at=later(hours=2))
        assert uow.plans.seen(CODE) == (NOW, '{"down":["S1"]}')


def test_a_campaign_without_a_plan_has_none(store: Store) -> None:
    launch(store)
    with store.read() as uow:
        assert uow.plans.latest(CODE) is None
        assert uow.plans.seen(CODE) is None
        assert uow.plans.history(CODE, 9) == []
        with pytest.raises(NotFound):
            uow.plans.latest("C9")


def test_only_the_newest_plan_keeps_its_steps(store: Store) -> None:
    launch(store)
    first, second = plan(why="first"), plan(why="second", made_at=later(hours=1), late=(), late_count=0)
    keep(store, first, second)
    with store.read() as uow:
        assert uow.plans.latest(CODE) == second
        parts = {"late": (), "batches": (), "steps": ()}
        newest = [replace(second, **parts), replace(first, seen="", **parts)]
        assert uow.plans.history(CODE, 9) == newest
        assert uow.plans.history(CODE, 1) == newest[:1]


def test_a_plan_without_anything_in_it_is_kept_too(store: Store) -> None:
    launch(store)
    empty = plan(late=(), moved=(), batches=(), steps=(), cars=0, seen="")
    keep(store, empty)
    with store.read() as uow:
        assert uow.plans.latest(CODE) == empty


def test_plans_of_two_campaigns_stay_apart(store: Store) -> None:
    launch(store)
    launch(store, code="C2", first=11)
    keep(store, plan(), plan(campaign="C2", why="other"))
    with store.read() as uow:
        assert uow.plans.latest(CODE) == plan()
        assert uow.plans.latest("C2") == plan(campaign="C2", why="other")


def test_what_was_not_committed_is_not_kept(store: Store) -> None:
    launch(store)
    with store.write(CODE) as uow:
        uow.plans.keep(plan())
    with store.read() as uow:
        assert uow.plans.latest(CODE) is None


def forecast(number: int = 0, **changed: object) -> KeptForecast:
    fan = ((later_whole(0), 0, 0, 1, 1, 2), (later_whole(60), 1, 2, 2, 3, 4))
    promises = ((date(2026, 11, 9), 3, 0.875, 0.25),)
    times = (later(hours=8), later(hours=9), later(hours=12))
    return replace(KeptForecast(number, CODE, NOW, 4, 1, *times, fan, promises, 1000), **changed)


def test_forecasts_are_found_newest_first_as_they_were(store: Store) -> None:
    launch(store)
    with store.write(CODE) as uow:
        first = uow.forecasts.add(forecast())
        second = uow.forecasts.add(forecast(at=later(minutes=15), fan=(), promises=()))
        uow.commit()
    assert first == forecast(first.id)
    assert 0 < first.id < second.id
    with store.read() as uow:
        assert uow.forecasts.latest(CODE) == second
        assert uow.forecasts.of(CODE, 9) == [second, first]
        assert uow.forecasts.of(CODE, 1) == [second]


def test_without_a_forecast_there_is_none(store: Store) -> None:
    launch(store)
    with store.read() as uow:
        assert uow.forecasts.latest(CODE) is None


def test_unfinished_are_all_that_were_not_signed_by_priority(store: Store) -> None:
    launch(store, cars=6)
    walk(store, [vin(1)], *TO_RELEASED)
    walk(store, [vin(2)], Step.WITHDRAW)
    walk(store, [vin(3)], *TO_FLASHED, Step.APPROVE)
    walk(store, [vin(5)], *TO_FLASHED)
    with store.read() as uow:
        left = uow.cars.unfinished(CODE)
    assert [(car.vin, car.status) for car in left] == [
        (vin(4), Status.QUEUED),
        (vin(5), Status.FLASHED),
        (vin(6), Status.QUEUED),
    ]
    assert left[0] == car_of(store, vin(4))


def test_a_new_place_is_no_step(store: Store) -> None:
    launch(store)
    before = car_of(store, vin(4))
    with store.write(CODE) as uow:
        uow.cars.rank([(car_of(store, vin(4)), 0), (car_of(store, vin(1)), 3)])
        uow.commit()
    assert car_of(store, vin(4)) == replace(before, priority=0)
    with store.read() as uow:
        assert [car.vin for car in uow.cars.unfinished(CODE)] == [vin(4), vin(2), vin(3), vin(1)]


def test_batches_open_in_the_order_of_their_planned_starts(store: Store) -> None:
    launch(store, cars=6, opened=0)

    def waiting() -> list[int]:
        with store.read() as uow:
            return [batch.no for batch in uow.batches.to_open(CODE, 9)]

    assert waiting() == [1, 2, 3]
    with store.write(CODE) as uow:
        first, _, third = uow.batches.to_open(CODE, 9)
        uow.batches.plan_again([(third, NOW, later(hours=1)), (first, later(hours=2), later(hours=5))])
        uow.commit()
    assert waiting() == [3, 1, 2], "of two that start together the lower number goes first"
    with store.read() as uow:
        again = uow.batches.by_no(CODE, 3)
    assert again is not None
    assert (again.planned_start, again.planned_end) == (NOW, later(hours=1))


def test_the_newest_event_of_a_kind_is_looked_for_behind_a_place(store: Store) -> None:
    launch(store)
    with store.write(CODE) as uow:
        uow.log.append([fact(kind=Kind.ORDER_SET), fact(), fact(kind=Kind.HOLD_SET), fact()])
        uow.commit()
    with store.read() as uow:
        assert uow.log.newest(CODE, (Kind.ORDER_SET,), 0) == 2
        assert uow.log.newest(CODE, (Kind.ORDER_SET, Kind.HOLD_SET), 0) == 4
        assert uow.log.newest(CODE, (Kind.ORDER_SET,), 2) == 0
        assert uow.log.newest("C9", (Kind.ORDER_SET,), 0) == 0


def test_cars_change_their_batch_with_sizes_and_counts(store: Store) -> None:
    launch(store, cars=4, opened=0)
    walk(store, [vin(1)], Step.CHARGED)
    with store.write(CODE) as uow:
        first, second = uow.batches.all(CODE)
        cars = uow.cars.latest([vin(1), vin(2), vin(3)])
        uow.batches.regroup([(cars[vin(1)], second), (cars[vin(2)], second), (cars[vin(3)], first)])
        uow.commit()
    with store.read() as uow:
        first, second = uow.batches.all(CODE)
        assert [car.vin for car in uow.cars.in_batch(first.id)] == [vin(3)]
        assert [car.vin for car in uow.cars.in_batch(second.id)] == [vin(1), vin(2), vin(4)]
    assert (first.size, first.counts) == (1, {Status.QUEUED: 1})
    assert (second.size, second.counts) == (3, {Status.QUEUED: 2, Status.CHARGED: 1})
    assert car_of(store, vin(1)).batch_no == 2


def test_a_batch_that_lost_all_its_cars_is_closed_when_it_opens(store: Store) -> None:
    launch(store, cars=4, opened=0)
    with store.write(CODE) as uow:
        first, second = uow.batches.all(CODE)
        uow.batches.regroup([(car, first) for car in uow.cars.in_batch(second.id)])
        uow.batches.open(second, NOW)
        uow.commit()
    with store.read() as uow:
        assert uow.batches.active(CODE) == []
        assert [batch.no for batch in uow.batches.to_open(CODE, 9)] == [1]


def to_the_second(store: Store, car: Car) -> None:
    with store.write(CODE) as uow:
        batch = uow.batches.by_no(CODE, 2)
        assert batch is not None
        uow.batches.regroup([(car, batch)])
        uow.commit()


@pytest.mark.parametrize("opened", [1, 2])
def test_no_car_leaves_or_enters_an_opened_batch(store: Store, opened: int) -> None:
    launch(store, cars=4, opened=0)
    with store.write(CODE) as uow:
        batch = uow.batches.by_no(CODE, opened)
        assert batch is not None
        uow.batches.open(batch, NOW)
        uow.commit()
    with pytest.raises(Conflict):
        to_the_second(store, car_of(store, vin(1)))
    assert car_of(store, vin(1)).batch_no == 1


def test_a_car_that_moved_on_since_it_was_loaded_keeps_its_batch(store: Store) -> None:
    launch(store, cars=4, opened=0)
    loaded = car_of(store, vin(1))
    walk(store, [vin(1)], Step.CHARGED)
    with pytest.raises(Conflict):
        to_the_second(store, loaded)
    assert car_of(store, vin(1)).batch_no == 1
