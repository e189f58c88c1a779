"""The JSON form of snapshots and plans: what is short stays short, and what is written is read back the same."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings

from campaign.planning.calendars import DAY, WEEK, Calendar
from campaign.planning.check import check
from campaign.planning.document import plan_to, snapshot_from, snapshot_to
from campaign.planning.planner import plan
from campaign.planning.resources import Circuit, Crew, Machine, Stage
from campaign.planning.snapshot import BatchLimits, Job, Snapshot
from tests.unit.planning.document_cases import yard
from tests.unit.planning.planning_cases import snapshots

ROOT = Path(__file__).parents[3]
CHINA = timezone(timedelta(hours=8))
START = datetime(2026, 1, 5, 8, tzinfo=CHINA)  # a Monday
SHIFT = ((480, 1200),)


def job(**fields):
    """What the first car of a yard becomes."""
    return snapshot_from(yard(jobs=[{"id": "A", "durations": [360, 45, 10]} | fields])).jobs[0]


def stage(**fields):
    """What one stage becomes."""
    told = {"name": "flash", "machines": 2} | fields
    return snapshot_from({"start": START.isoformat(), "stages": [told], "jobs": []}).stages[0]


def test_a_plain_flow_shop_is_two_lists():
    snapshot = snapshot_from({"stages": [2, 3, 2], "jobs": [[10, 20, 5], [7, 9, 4]]})
    assert [len(stage.machines) for stage in snapshot.stages] == [2, 3, 2]
    assert [job.durations for job in snapshot.jobs] == [(10, 20, 5), (7, 9, 4)]
    assert (snapshot.pilot_size, snapshot.batch_limits) == (0, BatchLimits(1, 1))


SUPPLY = {"circuit": "C1", "draw_w": 2300}


def test_a_stage_has_named_machines_with_what_is_special_about_them():
    told = stage(
        machines=["ST-1", {"name": "ST-2", "free_from": 30, "outages": [[100, 200]], "pace": 1100} | SUPPLY],
        circuits=[{"name": "C1", "limit_w": 9000, "base_w": 500, "full_until": "2026-01-05T08:20"}],
        crew={"people": 4, "attend": 5, "travel": 3, "shifts": {"windows": {"daily": [["08:00", "20:00"]]}}},
    )  # fmt: skip
    assert told == Stage(
        "flash",
        (Machine("ST-1"), Machine("ST-2", 30, ((100, 200),), 1100, "C1", 2300)),
        circuits=(Circuit("C1", 9000, 500, 20),),
        crew=Crew(4, 5, 3, Calendar.daily(480, 1200, START)),
    )


@pytest.mark.parametrize(
    ("windows", "meant"),
    [
        ([["08:00", "12:00"], ["12:00", "20:00"]], Calendar.daily(480, 1200, START)),
        ({"daily": [["22:00", "06:00"]]}, Calendar.daily(1320, 360, START)),
        ({"daily": [[480, 1200]]}, Calendar.daily(480, 1200, START)),
        ({"daily": [["0:00", "24:00"]]}, Calendar.daily(0, DAY, START)),
        ({"mon-fri": [["08:00", "20:00"]]}, Calendar.weekly(dict.fromkeys(range(5), SHIFT), START)),
        ({"sat-mon": [["08:00", "20:00"]]}, Calendar.weekly(dict.fromkeys([5, 6, 0], SHIFT), START)),
        (
            {"mon": [["08:00", "12:00"]], "mon-tue": [["13:00", "20:00"]]},
            Calendar.weekly({0: [(480, 720), (780, 1200)], 1: [(780, 1200)]}, START),
        ),
    ],
)
def test_windows_are_by_day_or_by_weekday(windows, meant):
    assert stage(calendar={"windows": windows}).calendar == meant


def test_holidays_close_a_whole_local_day():
    calendar = stage(calendar={"holidays": ["2026-01-06"], "closed": [["2026-01-07T00:00", 2700]]}).calendar
    assert calendar == Calendar.round_the_clock().closing((16 * 60, 16 * 60 + DAY), (16 * 60 + DAY, 2700))


def test_moments_are_minutes_of_the_plan_and_without_an_offset_those_of_the_start():
    assert job(due="2026-01-05T20:00").due == 12 * 60
    assert job(due="2026-01-05T20:00+00:00").due == 20 * 60
    assert job(release="2026-01-05T09:30:59").release == 90


def test_a_car_that_came_before_the_start_is_there_and_may_be_late_already():
    assert job(release="2026-01-04T09:30").release == 0
    assert (job(due="2026-01-05T07:00").due, job(due=-60).due, job(due=None).due) == (-60, -60, None)


def test_what_runs_holds_its_machine_and_releases_its_car_at_the_end():
    snapshot = snapshot_from(
        yard(
            jobs=[
                {
                    "id": "A",
                    "durations": [360, 45, 10],
                    "stage_done": 1,
                    "machine": "ST-2",
                    "running_until": 95,
                }
            ]
        )
    )
    assert snapshot.stages[1].machines == (Machine("ST-1"), Machine("ST-2", free_from=95))
    assert snapshot.jobs[0] == Job("A", (360, 45, 10), release=95, done=2)


def test_stages_that_are_done_are_counted_or_the_last_one_is_named():
    assert job(stage_done="flash") == job(stage_done=2) == Job("A", (360, 45, 10), done=2)


def test_a_pilot_is_so_many_cars_or_those_that_are_named():
    chosen = snapshot_from(yard(gates={"pilot": 2, "stage": "flash", "sign_off_minutes": 30}))
    named = snapshot_from(yard(gates={"pilot": ["B"], "stage": 2}))
    assert (chosen.pilot_size, chosen.gate_stage, chosen.pilot_sign_off_minutes) == (2, 1, 30)
    assert (named.pilot, named.gate_stage, named.pilot_sign_off_minutes) == (("B",), 2, 60)


def test_batches_have_limits_effort_and_cars_that_belong_together_already():
    told = snapshot_from(yard(batches={"smallest": 60, "sign_off_minutes": 15, "formed": [["B"], ["A"]]}))
    assert (told.batch_limits, told.sign_off_minutes) == (BatchLimits(60, 60), 15)
    assert told.batches == (("B",), ("A",))


@given(snapshots())
@settings(max_examples=100, deadline=None)
def test_a_snapshot_survives_the_way_through_a_file(snapshot):
    assert snapshot_from(json.loads(json.dumps(snapshot_to(snapshot)))) == snapshot


@pytest.mark.parametrize(
    "calendar",
    [
        Calendar(((0, 240),), 480, 30),
        Calendar(((100, 100 + DAY),), DAY, 480),
        Calendar(((0, WEEK),), WEEK, 5),
        Calendar(((1200, 4000),), WEEK, 480),
        Calendar.weekly({6: [(1200, 480)], 0: [(600, 700)]}, START),
        Calendar(closed=((0, 10), (10, 20))),
        Calendar(phase=7),
    ],
)
def test_hours_of_any_kind_survive(calendar):
    snapshot = Snapshot(START, (replace(Stage.of("flash", 1), calendar=calendar),), ())
    assert snapshot_from(snapshot_to(snapshot)) == snapshot


def test_the_usual_is_not_written():
    plain = {"stages": [2, 3], "jobs": [[10, 20], [7, 9]]}
    told = snapshot_to(snapshot_from(plain))
    assert told["jobs"][1] == {"id": "job-2", "durations": [7, 9]}
    assert set(told) == {"start", "stages", "jobs"}


def test_the_start_without_an_offset_is_utc():
    assert snapshot_from(yard(start="2026-01-05T08:00")).start == datetime(2026, 1, 5, 8, tzinfo=UTC)


DOCUMENTED = re.findall(
    r"^```json\n(.*?)^```", (ROOT / "docs" / "planning.md").read_text("utf-8"), re.M | re.S
)


@pytest.mark.parametrize("example", DOCUMENTED)
def test_what_the_documentation_shows_can_be_planned(example):
    snapshot = snapshot_from(json.loads(example))
    made = plan(snapshot)
    assert check(snapshot, made) == []
    told = plan_to(made, start=snapshot.start, say=lambda reason: reason.wait.value)
    assert json.loads(json.dumps(told)) == told
    assert len(DOCUMENTED) == 2


def test_a_plan_tells_its_bounds_and_of_late_cars_why():
    late = yard(
        jobs=[
            {"id": "A", "durations": [0, 45, 10], "due": 60},
            {"id": "B", "durations": [0, 45, 10], "due": 54},
        ]
    )
    told = plan_to(plan(snapshot_from(late)), say=lambda reason: f"waits for {reason.machine}")
    a, b = (next(job for job in told["jobs"] if job["id"] == name) for name in "AB")
    assert (told["makespan"], told["ratio"], told["late"]) == (65, 1.0, 2)
    assert (told["bounds"]["makespan"], set(told["bounds"]["stages"])) == (65, {"charge", "flash", "inspect"})
    assert b["reason"]["wait"] == "due"
    assert (a["lateness"], a["batch"], a["reason"]["text"]) == (5, 2, "waits for inspect-1")
    assert "reason" not in plan_to(plan(snapshot_from(yard())))["jobs"][0]


def test_a_plan_of_nothing_has_no_ratio():
    told = plan_to(plan(snapshot_from({"stages": [1], "jobs": []})))
    assert (told["ratio"], told["jobs"], told["late"]) == (None, [], 0)
