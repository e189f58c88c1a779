"""Whether cars change places: not without a gain, and then with numbers that fit the batches that wait."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaign.domain.identity import Vin
from campaign.domain.vehicle import Car, Status
from campaign.planning.check import check
from campaign.planning.snapshot import BatchLimits, Job, Snapshot, Stage
from campaign.services.deciding import Decision, decide
from campaign.services.live_snapshot import Live
from campaign.services.plan_writing import write_batches
from campaign.services.work import campaign_work
from tests.fakes.plant import CODE, vin_no

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
DAY = 24 * 60


def live(
    numbers: list[int], opened: frozenset[int] = frozenset(), *, pilot: bool = False, **dues: int
) -> Live:
    """Equal cars in batches `numbers`, by priority, on two points; `dues` are c0=..., c1=... in minutes."""
    cars = tuple(Car(at, CODE, Vin(f"c{at}"), Status.QUEUED, no, no, at) for at, no in enumerate(numbers))
    named = tuple(car.vin for car in cars if pilot and car.batch_no == 1)
    jobs = tuple(Job(car.vin, (100, 45, 10), due=dues.get(car.vin)) for car in cars)
    batches = [tuple(c.vin for c in cars if c.batch_no == no and c.vin not in named) for no in sorted(opened)]
    stages = (Stage.of("charge", 2), Stage.of("flash", 2), Stage.of("inspect", 2))
    snapshot = Snapshot(
        START,
        stages,
        jobs,
        BatchLimits(2, 3),
        pilot=named,
        batches=tuple(batch for batch in batches if batch),
    )
    return Live(snapshot, (), cars, (), (), opened)


def decided(found: Live, waiting: tuple[int, ...], last_no: int | None = None) -> Decision:
    """`last_no` is the last of all batches: one that was opened counts though none of its cars is left."""
    top = max([car.batch_no for car in found.cars] + list(found.open_batches), default=0)
    made = decide(found, top if last_no is None else last_no, waiting, lambda: 0.0)
    assert check(made.snapshot, made.plan) == []
    return made


def test_without_a_promise_nothing_moves():
    made = decided(live([2, 2, 2, 3, 3, 3]), (2, 3))
    assert made.regrouped == {}
    assert made.plan.ranks == [f"c{n}" for n in range(6)]
    assert sorted(made.numbers) == [2, 3]


def test_a_promise_that_is_kept_anyway_moves_nothing():
    assert decided(live([2, 2, 2, 3, 3, 3], c5=DAY), (2, 3)).regrouped == {}


def test_a_car_that_would_be_late_comes_forward_with_a_batch_that_is_signed_in_time():
    made = decided(live([2, 2, 2, 3, 3, 3, 4, 4, 4], c8=200), (2, 3, 4))
    assert made.regrouped
    assert next(batch for batch in made.plan.batches if "c8" in batch.jobs).planned_end <= 200
    assert made.plan.ranks.index("c8") < 3
    assert made.plan.tardiness == 0


def test_cars_of_opened_batches_never_change_theirs():
    made = decided(live([2, 2, 2, 3, 3, 3, 4, 4, 4], frozenset({2}), c8=200), (3, 4))
    assert not {"c0", "c1", "c2"} & set(made.regrouped)
    assert 2 not in made.regrouped.values()
    assert 2 in made.numbers


def test_the_pilot_keeps_its_number():
    made = decided(live([1, 1, 2, 2, 2, 3, 3, 3], pilot=True, c7=600), (2, 3))
    assert made.numbers[0] == 1
    assert not {"c0", "c1"} & set(made.regrouped)


def test_more_batches_than_wait_get_new_numbers_behind_the_last():
    made = decided(live([2] * 9, c8=200), (2,), last_no=7)
    assert len(made.numbers) > 1
    assert set(made.numbers) == {2, *range(8, 7 + len(made.numbers))}


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(2, 5), min_size=1, max_size=12),
    st.frozensets(st.integers(2, 5)),
    st.dictionaries(st.integers(0, 11), st.integers(50, 2000), max_size=6),
)
def test_every_batch_has_a_number_of_its_own_and_every_car_a_batch(numbers, opened, dues):
    found = live(numbers, opened, **{f"c{at}": due for at, due in dues.items()})
    waiting = tuple(sorted(set(numbers) - opened))
    made = decided(found, waiting)
    assert len(set(made.numbers)) == len(made.numbers) == len(made.plan.batches)
    assert sorted(made.plan.ranks) == sorted(car.vin for car in found.cars)
    own = {car.vin: car.batch_no for car in found.cars}
    for vin, no in made.regrouped.items():
        assert own[vin] != no
        assert not {own[vin], no} & opened
    for no, batch in zip(made.numbers, made.plan.batches, strict=True):
        assert all(made.regrouped.get(vin, own[vin]) == no for vin in batch.jobs)


# -- written ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def launched(plant):
    """Twelve cars in batches, none opened."""
    plant.add_cars([100] * 12)
    plant.services.planning.launch(plant.actor("wang"), plant.rules, reason="test")
    return plant


def move(plant, cars: list[int], no: int) -> None:
    """As a re-plan that moves these cars to a batch."""
    kept = plant.services.replanning.kept(CODE)
    with plant.services.store.read() as uow:
        left = tuple(uow.cars.unfinished(CODE))
    basis = replace(live([2]), cars=left)
    regrouped = Decision(basis.snapshot, None, (no,), {vin_no(n): no for n in cars})
    with campaign_work(plant.services.store, CODE, plant.clock.now()) as work:
        write_batches(work, basis, regrouped, replace(kept, batches=((no, kept.made_at, kept.ends_at),)))
        work.commit()


def batches(plant):
    with plant.services.store.read() as uow:
        return {batch.no: batch for batch in uow.batches.all(CODE)}


def test_a_batch_that_lost_all_its_cars_is_closed(launched):
    cars = [n for n in range(1, 13) if launched.batch_of(n) == 2]
    move(launched, cars, 3)
    found = batches(launched)
    assert (found[2].size, found[2].status.value) == (0, "closed")
    assert {launched.batch_of(n) for n in cars} == {3}
    with launched.services.store.read() as uow:
        assert 2 not in {batch.no for batch in [*uow.batches.active(CODE), *uow.batches.to_open(CODE, 99)]}


def test_a_batch_that_is_not_there_yet_is_made(launched):
    new = max(batches(launched)) + 1
    n = next(n for n in range(1, 13) if launched.batch_of(n) == 2)
    move(launched, [n], new)
    made = batches(launched)[new]
    assert (made.size, made.name, made.opened_at) == (1, f"{CODE}/B{new:03d}", None)
    assert launched.batch_of(n) == new
