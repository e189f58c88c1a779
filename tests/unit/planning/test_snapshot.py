"""A snapshot refuses what cannot be planned, and says where."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from campaign.errors import BadInput
from campaign.planning.snapshot import BatchLimits, Job, Machine, Snapshot, Stage
from tests.unit.planning.planning_cases import DAY_SHIFT, START, yard

CAR = Job("car", (60, 45, 10))


@pytest.mark.parametrize(
    ("jobs", "fields", "where"),
    [
        ([CAR, CAR], {}, "car"),
        ([Job("car", (60, 45))], {}, "car"),
        ([Job("car", (60, 45, -1))], {}, "car"),
        ([Job("car", (60, 45, 10), release=-1)], {}, "car"),
        ([Job("car", (60, 45, 10), done=4)], {}, "car"),
        ([CAR], {"pilot": ("stranger",)}, "pilot"),
        ([CAR], {"pilot_size": 1, "gate_stage": 3}, "gate_stage"),
        ([CAR], {"pilot_size": -1}, "snapshot"),
        ([CAR], {"pilot_size": 1, "batches": (("car",),)}, "pilot"),
        ([CAR], {"batch_limits": BatchLimits(5, 4)}, "batch_limits"),
        ([CAR], {"batch_limits": BatchLimits(0, 4)}, "batch_limits"),
        ([CAR], {"stations": 0}, "flash"),
        ([Job("car", (60, 45, 721))], {"inspection": DAY_SHIFT}, "inspect"),
    ],
)
def test_a_contradiction_is_refused_with_its_place(jobs, fields, where):
    with pytest.raises(BadInput) as refused:
        yard(jobs, **fields)
    assert refused.value.where == where


def test_a_start_without_a_zone_is_refused():
    with pytest.raises(BadInput, match="time zone"):
        Snapshot(datetime(2026, 1, 5), (), ())  # noqa: DTZ001 - what is refused


def test_two_machines_of_one_name_are_refused():
    with pytest.raises(BadInput, match="one name"):
        Snapshot(START, (Stage("flash", (Machine("bench"), Machine("bench"))),), ())


def test_a_stage_that_nobody_needs_any_more_may_have_no_machine():
    assert yard([Job("car", (60, 45, 10), done=1)], points=0).jobs[0].minutes_at(0) == 0


def test_minutes_and_moments_are_the_same_thing():
    snapshot = yard([CAR])
    moment = datetime(2026, 1, 6, 8, 30, 59, tzinfo=UTC)
    assert snapshot.minute_of(moment) == 24 * 60 + 30
    assert snapshot.moment_of(24 * 60 + 30) == moment - timedelta(seconds=59)
    assert snapshot.minute_of(START - timedelta(seconds=1)) == -1
