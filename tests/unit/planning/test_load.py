"""Load against capacity: what is busy is never more than what is open, and no minute is lost."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

from campaign.errors import BadInput
from campaign.planning.load import LoadPoint, load
from campaign.planning.planner import plan
from campaign.planning.resources import Machine, Stage
from campaign.planning.scenario import closed_between, with_calendar
from campaign.planning.snapshot import Job
from tests.unit.planning.planning_cases import DAY_SHIFT, snapshots, yard


def loads(snapshot, step=60):
    return {stage.stage: stage.points for stage in load(snapshot, plan(snapshot), step)}


def with_points(snapshot, *machines):
    return replace(snapshot, stages=(Stage("charge", machines), *snapshot.stages[1:]))


def test_every_hour_shows_busy_and_open_machine_minutes():
    told = loads(yard([Job("car", (90, 45, 10))], points=2))
    assert told["charge"] == (LoadPoint(0, 60, 120), LoadPoint(60, 30, 120), LoadPoint(120, 0, 120))
    assert [point.busy for point in told["flash"]] == [0, 30, 15]


def test_a_closed_stage_has_no_capacity():
    night = with_calendar(yard([Job("car", (12 * 60, 45, 10))]), "inspect", DAY_SHIFT)
    capacity = [point.capacity for point in loads(night)["inspect"]]
    assert capacity[:12] == [60] * 12  # 08:00 to 20:00
    assert set(capacity[12:24]) == {0}


def test_an_outage_takes_capacity_once_however_often_it_was_told():
    one = with_points(
        yard([Job("car", (90, 45, 10), release=60)]),
        Machine("P1", outages=((30, 50), (40, 60))),
        Machine("P2"),
    )
    assert loads(one)["charge"][0] == LoadPoint(0, 0, 90)


def test_a_typhoon_takes_the_capacity_of_all():
    shut = closed_between(yard([Job("car", (30, 45, 10))], points=2), 0, 60)
    assert [loads(shut)[name][0].capacity for name in ("charge", "flash", "inspect")] == [0, 0, 0]


def test_a_machine_is_busy_with_what_was_started_before():
    running = with_points(
        yard([Job("car", (30, 45, 10), release=80, done=1)]),
        Machine("P1", 80, outages=((20, 30),)),
        Machine("P2"),
    )
    assert loads(running)["charge"][:2] == (LoadPoint(0, 50, 110), LoadPoint(60, 20, 120))


def test_without_work_there_is_no_time_to_show():
    assert loads(yard([]))["charge"] == ()


def test_a_step_has_at_least_a_minute():
    with pytest.raises(BadInput, match="step"):
        loads(yard([]), 0)


@given(snapshots())
@settings(max_examples=50, deadline=None)
def test_busy_fits_into_capacity_and_counts_every_minute_of_the_plan(snapshot):
    made = plan(snapshot)
    for number, stage in enumerate(load(snapshot, made, 50)):
        assert all(0 <= point.busy <= point.capacity for point in stage.points)
        planned = sum(step.end - step.start for step in made.operations if step.stage == number)
        assert sum(point.busy for point in stage.points) >= planned
