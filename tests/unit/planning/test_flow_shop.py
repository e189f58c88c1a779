"""A plain flow shop: the fast evaluation says what the dispatcher does, and searching finds shorter ways."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.planning.calendars import Calendar
from campaign.planning.dispatch import dispatch
from campaign.planning.document import snapshot_from
from campaign.planning.flow_shop import FlowShop
from campaign.planning.options import PlanOptions
from campaign.planning.planner import plan
from campaign.planning.snapshot import Job
from tests.unit.planning.planning_cases import DAY_SHIFT, yard

minutes = st.integers(0, 30)


@given(
    st.lists(st.tuples(minutes, minutes, minutes), min_size=1, max_size=12),
    st.integers(1, 3),
    st.integers(1, 3),
    st.randoms(use_true_random=False),
)
def test_the_fast_evaluation_says_what_the_dispatcher_does(durations, points, stations, random):
    jobs = [Job(f"job{n}", row) for n, row in enumerate(durations)]
    snapshot = yard(jobs, points=points, stations=stations)
    order = list(range(len(jobs)))
    random.shuffle(order)
    shop = FlowShop.of(snapshot)
    table = dispatch(snapshot, order, 0, as_they_come=True)
    assert shop is not None
    assert shop.makespan(order) == max(table.finish)
    assert all(sorted(first) == sorted(order) for first in shop.first_orders())


@pytest.mark.parametrize(
    "changed",
    [
        yard([Job("a", (1, 1, 1), due=5)]),
        yard([Job("a", (1, 1, 1), release=1)]),
        yard([Job("a", (1, 1, 1), pins=((0, "charge-1"),))]),
        yard([Job("a", (1, 1, 1))], pilot_size=1),
        yard([Job("a", (1, 1, 1))], inspection=DAY_SHIFT),
        yard([Job("a", (1, 1, 1))], inspection=Calendar.round_the_clock().closing((5, 6))),
    ],
)
def test_where_more_than_the_makespan_counts_it_is_no_plain_flow_shop(changed):
    assert FlowShop.of(changed) is None


def test_searching_finds_a_shorter_way_than_the_rules_and_never_one_below_the_bound():
    jobs = [[7 * n % 19 + 1, 11 * n % 23 + 1, 13 * n % 17 + 1, 5 * n % 13 + 1] for n in range(30)]
    snapshot = snapshot_from({"stages": [2, 3, 2, 2], "jobs": jobs})
    first, found = plan(snapshot), plan(snapshot, PlanOptions(search_tries=200))
    assert found.bounds.makespan <= found.makespan < first.makespan
    assert found == plan(snapshot, PlanOptions(search_tries=200))
    assert replace(found, rule=first.rule) != first
