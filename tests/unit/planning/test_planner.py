"""The plan as a whole: sound, no better than the bounds allow, and close to them."""

from __future__ import annotations

import gc
import time

import pytest
from hypothesis import given, settings

from campaign.planning.bounds import bounds
from campaign.planning.check import check
from campaign.planning.options import PlanOptions
from campaign.planning.planner import plan
from campaign.planning.snapshot import BatchLimits, Job
from tests.unit.planning.planning_cases import reference, snapshots, yard


@given(snapshots())
@settings(max_examples=500, deadline=None)
def test_no_plan_breaks_a_rule_or_beats_a_bound(snapshot):
    made, limit = plan(snapshot), bounds(snapshot)
    assert check(snapshot, made) == []
    assert made.makespan >= limit.makespan
    assert made.gate >= limit.gate
    assert made.tardiness >= limit.tardiness


@given(snapshots())
@settings(max_examples=50, deadline=None)
def test_the_same_snapshot_gives_the_same_plan(snapshot):
    assert plan(snapshot) == plan(snapshot)


@pytest.mark.parametrize(("points", "ratio", "late"), [(20, 1.003, 0), (60, 1.001, 2)])
def test_2300_cars_are_planned_close_to_the_limit_with_hardly_a_late_one(points, ratio, late):
    snapshot = reference(points=points)
    made = plan(snapshot)
    assert check(snapshot, made) == []
    assert 1 <= made.makespan / bounds(snapshot).makespan <= ratio
    assert len(made.late_jobs) <= late


def test_overloaded_campaign_stays_near_the_tardiness_bound_in_a_second():
    snapshot = reference(due_from=0.03, due_to=0.55)
    gc.collect()
    began = time.process_time()
    made = plan(snapshot)
    assert time.process_time() - began < 1
    assert check(snapshot, made) == []
    assert made.rule.startswith("tardiness cost")
    assert 1 <= made.tardiness / bounds(snapshot).tardiness <= 1.08


def test_by_due_date_alone_the_overloaded_campaign_is_later():
    snapshot = reference(due_from=0.03, due_to=0.55)
    assert plan(snapshot).tardiness < plan(snapshot, PlanOptions(look_aheads=())).tardiness


def test_the_rank_of_a_car_is_its_place_pilot_first_then_by_due_date():
    jobs = [
        Job("none", (100, 45, 10)),
        Job("friday", (100, 45, 10), due=5000),
        Job("tuesday", (100, 45, 10), due=2000),
        Job("charged", (0, 45, 10)),
    ]
    made = plan(yard(jobs, pilot_size=1))
    assert made.ranks == ["charged", "tuesday", "friday", "none"]


def test_a_car_alone_goes_straight_through():
    made = plan(yard([Job("car", (100, 45, 10), release=5, due=100)]))
    assert [(step.stage, step.machine, step.start, step.end) for step in made.operations] == [
        (0, "charge-1", 5, 105),
        (1, "flash-1", 105, 150),
        (2, "inspect-1", 150, 160),
    ]
    assert (made.makespan, made.tardiness, made.late_jobs) == (160, 60, ("car",))


def test_lateness_counts_to_the_sign_off_of_the_batch_and_by_weight():
    jobs = [Job("first", (0, 45, 10), due=60, weight=3), Job("second", (0, 45, 10))]
    made = plan(yard(jobs, batch_limits=BatchLimits(2, 2), sign_off_minutes=5))
    assert made.batches[0].planned_end == 45 + 45 + 10 + 5
    assert made.tardiness == 3 * (105 - 60)


def test_without_cars_there_is_an_empty_plan():
    made = plan(yard([], pilot_size=20))
    assert (made.operations, made.batches, made.makespan) == ((), (), 0)


def test_a_car_through_all_stages_waits_for_its_sign_off_only():
    made = plan(yard([Job("car", (100, 45, 10), release=30, done=3)], sign_off_minutes=20))
    assert made.operations == ()
    assert [(batch.planned_start, batch.planned_end) for batch in made.batches] == [(30, 50)]
