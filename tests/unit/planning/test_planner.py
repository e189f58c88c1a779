"""The plan as a whole: sound, no better than the bounds allow, and close to them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from campaign.errors import BadInput
from campaign.planning.bounds import bounds
from campaign.planning.check import check
from campaign.planning.options import PlanOptions, Rule
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


def test_overloaded_campaign_stays_near_the_tardiness_bound():
    snapshot = reference(due_from=0.03, due_to=0.55)
    made = plan(snapshot)
    assert check(snapshot, made) == []
    assert made.rule.startswith("tardiness cost")
    assert 1 <= made.tardiness / bounds(snapshot).tardiness <= 1.06


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


@given(snapshots(most_cars=8))
@settings(max_examples=60, deadline=None)
def test_a_searched_plan_breaks_no_rule_and_is_no_worse(snapshot):
    found, first = plan(snapshot, PlanOptions(search_tries=12)), plan(snapshot)
    assert check(snapshot, found) == []
    assert (found.tardiness, found.makespan) <= (first.tardiness, first.makespan)
    assert found.makespan >= found.bounds.makespan


def test_a_re_plan_as_before_keeps_the_order_though_another_would_be_better():
    jobs = [Job("late", (100, 45, 10), due=5000), Job("soon", (100, 45, 10), due=200)]
    kept = plan(yard(jobs, points=1), PlanOptions(rules=(Rule.AS_BEFORE,), before=("late", "soon")))
    assert kept.ranks == ["late", "soon"]
    assert plan(yard(jobs, points=1)).ranks == ["soon", "late"]


def test_a_car_that_is_new_to_the_order_comes_last_by_due_date():
    jobs = [Job("new2", (10, 45, 10), due=900), Job("new1", (10, 45, 10), due=800), Job("old", (10, 45, 10))]
    kept = plan(yard(jobs), PlanOptions(rules=(Rule.AS_BEFORE,), before=("old",)))
    assert kept.ranks == ["old", "new1", "new2"]


def test_without_a_rule_there_is_no_plan():
    with pytest.raises(BadInput, match="rule"):
        plan(yard([Job("car", (100, 45, 10))]), PlanOptions(rules=()))


def test_seconds_are_those_of_the_watch_that_was_given():
    ticks = iter(range(100))
    assert plan(yard([]), PlanOptions(watch=lambda: float(next(ticks)))).seconds == 1.0
    assert plan(yard([])).seconds == 0.0


def test_a_search_by_the_watch_ends_when_its_time_is_up():
    ticks = iter(range(1000))
    jobs = [Job(f"car{n}", (7 * n % 50 + 1, 11 * n % 40 + 1, 13 * n % 30 + 1)) for n in range(12)]
    made = plan(yard(jobs, points=3), PlanOptions(search_s=20, watch=lambda: float(next(ticks))))
    assert made.seconds <= 25


def test_batches_that_were_formed_stay_together_and_are_signed_when_their_last_car_is_through():
    jobs = [Job(f"car{n}", (0, 45, 10)) for n in range(5)]
    made = plan(yard(jobs, batches=(("car0", "car4"),), batch_limits=BatchLimits(1, 3)))
    formed = [batch for batch in made.batches if batch.formed]
    assert [batch.jobs for batch in formed] == [("car0", "car4")]
    last = max(step.end for step in made.operations if step.job in ("car0", "car4"))
    assert formed[0].planned_end == last
