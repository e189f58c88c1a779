"""How late cars must be: every way of cutting the row of places into batches is tried here, the bound is the least."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.planning.snapshot import BatchLimits, Job
from campaign.planning.tardiness_bound import least_tardiness
from tests.unit.planning.planning_cases import yard


def snapshot_of(dues, *, smallest=1, weights=None, **fields):
    weights = weights or [1] * len(dues)
    jobs = [
        Job(f"car{n}", (0, 45, 10), due=due, weight=weight)
        for n, (due, weight) in enumerate(zip(dues, weights, strict=True))
    ]
    return yard(jobs, batch_limits=BatchLimits(smallest, 50), **fields)


def all_cuts(places, dues, smallest):
    """The least lateness, by trying everything."""
    if not dues:
        return 0
    best = None
    for size in range(1, len(dues) + 1):
        if size < smallest and size < len(dues):
            continue
        late = sum(max(0, places[size - 1] - due) for due in dues[:size])
        total = late + all_cuts(places[size:], dues[size:], smallest)
        best = total if best is None else min(best, total)
    return best


@given(
    st.lists(st.integers(0, 60), min_size=1, max_size=9),
    st.lists(st.integers(0, 60), min_size=9, max_size=9),
    st.integers(1, 4),
)
def test_it_is_the_least_over_all_cuts(dues, places, smallest):
    places = sorted(places)[: len(dues)]
    expected = all_cuts(places, sorted(dues), smallest)
    assert least_tardiness(snapshot_of(dues, smallest=smallest), places) == expected


def test_a_car_waits_for_the_batch_that_it_fills():
    # Two are signed together, so the first car counts at the place of the second.
    assert least_tardiness(snapshot_of([10, 50, 50, 50], smallest=2), [10, 20, 30, 40]) == 10
    assert least_tardiness(snapshot_of([10, 50, 50, 50], smallest=1), [10, 20, 30, 40]) == 0


def test_a_smaller_pilot_may_be_signed_alone():
    dues = [10, 50, 50, 50]
    assert least_tardiness(snapshot_of(dues, smallest=4, pilot_size=1), [10, 20, 30, 40]) == 0


def test_with_batches_formed_before_nothing_is_said_of_sizes():
    dues = [10, 50, 50, 50]
    formed = snapshot_of(dues, smallest=4, batches=(("car0",),))
    assert least_tardiness(formed, [10, 20, 30, 40]) == 0


@pytest.mark.parametrize(("weights", "late"), [((1, 3), 10), ((3, 3), 30), ((0, 3), 0)])
def test_the_heavier_take_the_earlier_places(weights, late):
    assert least_tardiness(snapshot_of([10, 10], weights=weights), [10, 20]) == late
