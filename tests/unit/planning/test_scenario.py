"""What-if snapshots: one thing differs, all else is as it was."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaign.errors import BadInput
from campaign.planning.calendars import DAY, Calendar
from campaign.planning.resources import Circuit, Crew, Machine, Stage
from campaign.planning.scenario import (
    closed_between,
    opened_longer,
    postponed,
    with_calendar,
    with_cars,
    with_machines,
)
from campaign.planning.snapshot import Job, Snapshot
from tests.unit.planning.planning_cases import DAY_SHIFT, START, snapshots, yard

CAR = Job("car", (100, 45, 10), due=900)


def names(snapshot, stage):
    return [machine.name for machine in snapshot.stages[stage].machines]


def flash_only(*machines, jobs=(), **fields):
    stage = Stage("flash", machines, circuits=(Circuit("C1", 5000),))
    return Snapshot(START, (stage,), tuple(jobs), **fields)


def test_more_machines_stand_beside_the_old_ones():
    then = with_machines(yard([CAR], points=2), "charge", 2)
    assert names(then, 0) == ["charge-1", "charge-2", "charge+1", "charge+2"]
    assert names(then, 1) == ["flash-1"]


def test_new_machines_have_names_that_nobody_has():
    twice = with_machines(with_machines(yard([CAR]), "flash", 1), "flash", 1)
    assert names(twice, 1) == ["flash-1", "flash+1", "flash+2"]


def test_a_new_machine_works_at_the_usual_pace_and_on_its_own_supply():
    slow = [Machine(f"P{n}", pace=1200, circuit="C1", draw=1000) for n in range(3)]
    then = with_machines(flash_only(*slow, Machine("P9", pace=900)), "flash", 1)
    assert then.stages[0].machines[-1] == Machine("flash+1", pace=1200)


def test_the_machine_that_could_work_first_is_taken_away():
    broken, busy, free = Machine("A", outages=((0, 9999),)), Machine("B", 50), Machine("C")
    once = with_machines(flash_only(free, busy, broken), "flash", -1)
    assert names(once, 0) == ["B", "A"]
    assert names(with_machines(once, "flash", -1), 0) == ["A"]


def test_where_a_car_stands_is_taken_away_last_and_its_pin_with_it():
    jobs = [Job("here", (45,), pins=((0, "A"),))]
    two = flash_only(Machine("A"), Machine("B"), Machine("C"), jobs=jobs)
    assert names(with_machines(two, "flash", -2), 0) == ["A"]
    moved = with_machines(
        flash_only(Machine("A"), Machine("B", 5), jobs=[Job("here", (45,), pins=((0, "A"), (0, "B")))]),
        "flash",
        -1,
    )
    assert moved.jobs[0].pins == ((0, "B"),)


@pytest.mark.parametrize(("stage", "change"), [("paint", 1), ("flash", -1), ("flash", -2)])
def test_a_stage_that_is_not_there_or_keeps_no_machine_is_refused(stage, change):
    with pytest.raises(BadInput) as told:
        with_machines(yard([CAR]), stage, change)
    assert told.value.where


def test_a_stage_without_work_may_lose_its_last_machine():
    assert names(with_machines(yard([]), "flash", -1), 1) == []


def test_cars_more_have_the_mix_of_the_fleet():
    fleet = [Job(f"{n}", (100 * n, 45, 10), due=n, weight=n % 3, variant="ab"[n % 2]) for n in range(40)]
    then = with_cars(yard(fleet), 80)
    extra = then.jobs[40:]
    assert [job.id for job in extra[:2]] == ["extra-1", "extra-2"]
    assert Counter((job.durations, job.due, job.weight, job.variant) for job in extra) == Counter(
        {(job.durations, job.due, job.weight, job.variant): 2 for job in fleet}
    )


def test_cars_more_have_their_whole_way_before_them():
    begun = Job("begun", (0, 45, 10), release=70, done=1, pins=((1, "flash-1"),))
    (extra,) = with_cars(yard([begun, replace(CAR, pins=((0, "charge-1"),), release=30)]), 1).jobs[2:]
    assert extra == replace(CAR, id="extra-1")
    (only,) = with_cars(yard([begun]), 1).jobs[1:]
    assert (only.done, only.release, only.pins) == (0, 0, ())


def test_no_car_more_changes_nothing_and_an_empty_yard_has_nothing_to_copy():
    assert with_cars(yard([]), 0) == yard([])
    for snapshot, count in ((yard([]), 1), (yard([CAR]), -1)):
        with pytest.raises(BadInput, match="cars"):
            with_cars(snapshot, count)


def test_a_car_that_has_such_a_name_keeps_it():
    then = with_cars(yard([replace(CAR, id="extra-1")]), 1)
    assert [job.id for job in then.jobs] == ["extra-1", "extra-2"]


def test_a_typhoon_closes_every_stage_and_its_crew():
    crew = Crew(2, 5)
    stages = (replace(Stage.of("flash", 2), crew=crew), Stage.of("inspect", 1, DAY_SHIFT))
    then = closed_between(Snapshot(START, stages, ()), 100, 400)
    assert not then.stages[0].calendar.covers(399, 401)
    assert then.stages[0].calendar.covers(400, 500)
    assert then.stages[0].crew is not None
    assert then.stages[0].crew.calendar.fit(99, 5) == 400
    assert then.stages[1].calendar.fit(50, 60) == 400


def test_a_closing_that_does_not_end_is_refused():
    with pytest.raises(BadInput, match="closed"):
        closed_between(yard([]), 100, 100)


def test_one_stage_gets_other_hours():
    then = with_calendar(yard([CAR], inspection=DAY_SHIFT), "inspect", Calendar.round_the_clock())
    assert then == yard([CAR])
    with pytest.raises(BadInput, match="inspect"):
        with_calendar(then, "inspect", Calendar.daily(480, 485, START))


def test_a_stage_that_goes_on_longer_takes_its_crew_along_and_stays_closed_on_closed_days():
    stage = replace(Stage.of("flash", 1, DAY_SHIFT.closing((0, 60))), crew=Crew(1, 5, calendar=DAY_SHIFT))
    (longer,) = opened_longer(Snapshot(START, (stage,), ()), "flash", 60).stages
    assert longer.crew is not None
    assert (longer.calendar.fit(0, 13 * 60 - 60), longer.crew.calendar.longest) == (60, 13 * 60)
    (always,) = opened_longer(Snapshot(START, (stage,), ()), "flash", DAY).stages
    assert always.calendar == Calendar.round_the_clock().closing((0, 60))


def test_promises_move_and_cars_without_one_stay():
    then = postponed(yard([CAR, Job("free", (1, 1, 1))]), DAY)
    assert [job.due for job in then.jobs] == [900 + DAY, None]


@given(snapshots(), st.integers(0, 5))
@settings(max_examples=50, deadline=None)
def test_what_was_added_can_be_taken_away_again(snapshot, count):
    stage = snapshot.stages[0].name
    more = with_machines(snapshot, stage, count)
    assert len(more.stages[0].machines) == len(snapshot.stages[0].machines) + count
    fewer = with_machines(more, stage, -count)
    assert len(fewer.stages[0].machines) == len(snapshot.stages[0].machines)
    assert fewer.jobs == snapshot.jobs or any(job.pins for job in snapshot.jobs)
