"""Batches for the sign-off: within the limits, and no later than they must be."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.planning.batching import Leaving, fills, form_batches
from campaign.planning.snapshot import BatchLimits, Job


def leaving(finishes, dues=None):
    dues = dues or [None] * len(finishes)
    return [
        Leaving(Job(f"car{number:02d}", (), due=due), finish)
        for number, (finish, due) in enumerate(zip(finishes, dues, strict=True))
    ]


def sizes(batches):
    return [len(batch) for batch in batches]


def cost(batches, sign_off):
    return sum(
        max(0, batch[-1].finish + sign_off - car.job.due) * car.job.weight
        for batch in batches
        for car in batch
        if car.job.due is not None
    )


def all_cuts(cars, limits):
    """Every way of cutting cars in order of finish."""
    if not cars:
        return [[]]
    return [
        [cars[:size], *rest]
        for size in range(limits.smallest, min(limits.largest, len(cars)) + 1)
        for rest in all_cuts(cars[size:], limits)
    ]


def test_a_promised_car_is_not_held_up_by_the_batch_it_would_fill():
    cars = leaving([10, 20, 30, 500], [40, 40, 40, None])
    assert sizes(form_batches(cars, BatchLimits(1, 4), 0))[-1] == 1
    assert sizes(form_batches(cars, BatchLimits(4, 4), 0)) == [4]


def test_of_equally_late_ways_the_one_with_the_shortest_waits():
    assert sizes(form_batches(leaving([10, 11, 12, 500, 501, 502, 503]), BatchLimits(3, 4), 0)) == [3, 4]


@pytest.mark.parametrize(("count", "expected"), [(2, [2]), (3, [3]), (4, [4]), (5, [4, 1]), (6, [3, 3])])
def test_only_when_the_count_forces_it_the_last_batch_is_too_small(count, expected):
    made = sizes(form_batches(leaving([10 * number for number in range(count)]), BatchLimits(3, 4), 0))
    assert sum(made) == count
    assert len(made) == len(expected)
    assert all(3 <= size <= 4 for size in (made if fills(count, BatchLimits(3, 4)) else made[:-1]))


def test_no_cars_no_batches():
    assert form_batches([], BatchLimits(30, 50), 0) == []


@given(
    st.lists(st.tuples(st.integers(0, 300), st.none() | st.integers(0, 300)), max_size=11),
    st.integers(1, 3),
    st.integers(0, 2),
    st.sampled_from([0, 20]),
)
def test_no_other_cut_is_less_late(cars, smallest, more, sign_off):
    limits = BatchLimits(smallest, smallest + more)
    made = form_batches(leaving(*map(list, zip(*cars, strict=True))) if cars else [], limits, sign_off)
    together = [car for batch in made for car in batch]
    assert sorted(car.job.id for car in together) == [f"car{number:02d}" for number in range(len(cars))]
    assert all(earlier.finish <= later.finish for earlier, later in pairwise(together))
    if fills(len(cars), limits):
        assert all(limits.smallest <= size <= limits.largest for size in sizes(made))
        assert cost(made, sign_off) == min(cost(cut, sign_off) for cut in all_cuts(together, limits))
