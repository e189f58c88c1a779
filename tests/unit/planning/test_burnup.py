"""The curve that the board draws progress against."""

from __future__ import annotations

import pytest

from campaign.errors import BadInput
from campaign.planning.burnup import APPROVED, expected_curve
from campaign.planning.planner import plan
from campaign.planning.snapshot import BatchLimits, Job
from tests.unit.planning.planning_cases import yard

JOBS = [Job("charged", (0, 45, 10)), Job("short", (60, 45, 10)), Job("long", (130, 45, 10))]
PLAN = plan(yard(JOBS, batch_limits=BatchLimits(3, 3), sign_off_minutes=5))


def test_cars_charged_by_the_hour():
    assert expected_curve(PLAN, "charge", 60) == [(0, 1), (60, 2), (120, 2), (180, 3)]


def test_cars_flashed_by_the_minute_of_their_end():
    assert dict(expected_curve(PLAN, "flash", 1))[44] == 0
    assert dict(expected_curve(PLAN, "flash", 1))[45] == 1


def test_all_are_approved_at_once_with_their_batch():
    assert expected_curve(PLAN, APPROVED, PLAN.makespan) == [(0, 0), (PLAN.makespan, 3)]


def test_a_car_that_is_being_flashed_counts_as_flashed_from_its_end_and_as_charged_at_once():
    running = plan(yard([Job("running", (100, 45, 10), release=30, done=2)]))
    assert expected_curve(running, "charge", 10) == [(0, 1)]
    assert expected_curve(running, "flash", 10) == [(0, 0), (10, 0), (20, 0), (30, 1)]


def test_without_cars_the_curve_is_flat():
    assert expected_curve(plan(yard([])), "flash") == [(0, 0)]


@pytest.mark.parametrize(("stage", "step"), [("paint", 60), ("flash", 0)])
def test_an_unknown_stage_or_no_step_is_refused(stage, step):
    with pytest.raises(BadInput):
        expected_curve(PLAN, stage, step)
