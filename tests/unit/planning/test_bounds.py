"""Lower bounds where the best plan is known by hand."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given, settings

from campaign.planning.bounds import bounds
from campaign.planning.dispatch import dispatch
from campaign.planning.snapshot import Job, Machine, Snapshot, Stage
from tests.unit.planning.planning_cases import DAY_SHIFT, START, snapshots, yard


def test_the_longest_way_of_one_car():
    assert bounds(yard([Job("car", (100, 45, 10), release=5)])).makespan == 160


def test_flashing_binds_when_one_station_serves_many_points():
    limit = bounds(yard([Job(f"car{n}", (60, 45, 10)) for n in range(10)], points=10))
    assert limit.makespan == 60 + 10 * 45 + 10
    assert limit.binding == "flash"


def test_charging_binds_when_one_point_serves_all():
    limit = bounds(yard([Job(f"car{n}", (60, 45, 10)) for n in range(10)], points=1))
    assert limit.makespan == 10 * 60 + 45 + 10
    assert limit.binding == "charge"


def test_points_that_end_together_queue_at_the_station():
    # Two points, one station: both charges cannot end right before the last flash.
    limit = bounds(yard([Job("a", (100, 45, 10)), Job("b", (100, 45, 10))], points=2))
    assert limit.makespan == 100 + 45 + 45 + 10


def test_only_whole_flashes_fit_into_a_shift():
    stages = (Stage.of("flash", 1, DAY_SHIFT),)
    shift = Snapshot(START, stages, tuple(Job(f"car{n}", (50,)) for n in range(15)))
    assert bounds(shift).makespan == 24 * 60 + 50  # 14 fit into 720 minutes, not 14.4


def test_cars_flashed_in_the_night_wait_for_the_day_of_the_inspectors():
    limit = bounds(yard([Job("car", (700, 45, 10))], inspection=DAY_SHIFT))
    assert limit.makespan == 24 * 60 + 10


def test_no_other_car_is_flashed_before_the_earliest_pilot_is_approved():
    limit = bounds(yard([Job("quick", (0, 45, 10)), Job("slow", (30, 45, 10))], pilot_size=1))
    assert limit.gate == 45 + 10 + 60
    assert limit.makespan == 115 + 45 + 10


def test_a_pilot_chosen_before_opens_the_gate_by_its_own_cars():
    jobs = [Job("quick", (0, 45, 10)), Job("slow", (200, 45, 10))]
    assert bounds(yard(jobs, pilot=("slow",))).gate == 200 + 45 + 10 + 60


def test_a_machine_that_is_busy_does_no_work():
    jobs = tuple(Job(f"car{n}", (100,)) for n in range(3))
    stage = Stage("charge", (Machine("a"), Machine("b", free_from=1000)))
    assert bounds(Snapshot(START, (stage,), jobs)).makespan == 300


@pytest.mark.parametrize(
    ("due", "weight", "expected"), [(155, 1, 0), (154, 1, 1), (145, 3, 30), (None, 3, 0)]
)
def test_tardiness_that_nobody_can_avoid(due, weight, expected):
    assert bounds(yard([Job("car", (100, 45, 10), due=due, weight=weight)])).tardiness == expected


def test_one_place_is_not_given_to_two_promised_cars():
    jobs = [Job("a", (0, 45, 10), due=55), Job("b", (0, 45, 10), due=55, weight=2)]
    # In layers: one of the two cars waits 45 minutes with weight 1; the heavy one's second unit need not.
    assert bounds(yard(jobs)).tardiness == 45


@given(snapshots(most_cars=5))
@settings(max_examples=100, deadline=None)
def test_no_order_of_the_cars_beats_a_bound(snapshot):
    pilot_count = len(snapshot.pilot) or min(snapshot.pilot_size, len(snapshot.jobs))
    limit = bounds(snapshot)
    for order in permutations(range(len(snapshot.jobs))):
        first = {snapshot.jobs[index].id for index in order[:pilot_count]}
        if snapshot.pilot and first != set(snapshot.pilot):
            continue
        table = dispatch(snapshot, order, pilot_count)
        ends = [finish + snapshot.sign_off_minutes for finish in table.finish[pilot_count:]]
        assert max([table.gate, *ends]) >= limit.makespan
        assert table.gate >= limit.gate


def test_without_cars_or_stages_nothing_takes_time():
    assert bounds(yard([], pilot_size=5)).makespan == 0
    assert bounds(Snapshot(START, (), ())).binding == ""
