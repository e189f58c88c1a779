"""Stages where a start takes more than a free machine: circuits, crews, outages, paces and pins."""

from __future__ import annotations

import pytest

from campaign.errors import BadInput
from campaign.planning.calendars import Calendar
from campaign.planning.check import check
from campaign.planning.planner import plan
from campaign.planning.snapshot import BatchLimits, Circuit, Crew, Job, Machine, Snapshot, Stage
from tests.unit.planning.planning_cases import DAY_SHIFT, START


def planned(stage, minutes, pins=None):
    """(machine, start, end) of each car at the one stage; the plan is sound."""
    jobs = tuple(
        Job(f"car{number}", (need,), pins=((0, pins[number]),) if pins and number in pins else ())
        for number, need in enumerate(minutes)
    )
    snapshot = Snapshot(START, (stage,), jobs, batch_limits=BatchLimits(1, 50))
    made = plan(snapshot)
    assert check(snapshot, made) == []
    by_job = {step.job: (step.machine, step.start, step.end) for step in made.operations}
    return [by_job[job.id] for job in jobs]


def points(count, **fields):
    return tuple(Machine(f"P-{number}", **fields) for number in range(1, count + 1))


def starts(stage, minutes):
    return sorted(start for _, start, _ in planned(stage, minutes))


@pytest.mark.parametrize(("limit", "expected"), [(4600, [0, 0, 60]), (4599, [0, 60, 120]), (6900, [0, 0, 0])])
def test_a_circuit_feeds_as_many_as_its_limit_and_not_one_more(limit, expected):
    stage = Stage("charge", points(3, circuit="C1", draw=2300), circuits=(Circuit("C1", limit),))
    assert starts(stage, [60, 60, 60]) == expected


def test_what_others_draw_counts():
    stage = Stage("charge", points(2, circuit="C1", draw=2300), circuits=(Circuit("C1", 4600, base=1),))
    assert starts(stage, [60, 60]) == [0, 60]


def test_a_circuit_with_a_stale_meter_counts_as_full_until_it_is_read():
    stage = Stage(
        "charge", points(2, circuit="C1", draw=2300), circuits=(Circuit("C1", 9999, full_until=90),)
    )
    assert starts(stage, [60, 60]) == [90, 90]


def test_a_machine_that_is_busy_at_the_start_draws_too():
    busy = Machine("P-0", free_from=40, circuit="C1", draw=2300)
    stage = Stage("charge", (busy, *points(1, circuit="C1", draw=2300)), circuits=(Circuit("C1", 2300),))
    assert starts(stage, [60]) == [40]


def test_one_circuit_that_is_full_does_not_hold_up_another():
    machines = (Machine("P-1", circuit="C1", draw=5), Machine("P-2", circuit="C2", draw=5))
    stage = Stage("charge", machines, circuits=(Circuit("C1", 5, full_until=500), Circuit("C2", 5)))
    assert planned(stage, [60, 60]) == [("P-2", 0, 60), ("P-2", 60, 120)]


def test_no_work_touches_an_outage():
    stage = Stage("flash", points(1, outages=((60, 100),)))
    assert starts(stage, [60, 60]) == [0, 100]
    assert starts(stage, [61]) == [100]


def test_a_short_car_goes_before_the_outage_that_a_long_one_does_not_fit_before():
    stage = Stage("flash", points(1, outages=((60, 100),)))
    assert planned(stage, [90, 60]) == [("P-1", 100, 190), ("P-1", 0, 60)]


def test_a_slow_machine_takes_longer_rounded_up():
    stage = Stage("charge", points(1, pace=1101))
    assert planned(stage, [10]) == [("P-1", 0, 12)]


def test_a_pinned_car_waits_for_its_machine_while_others_pass():
    stage = Stage("flash", (Machine("A", free_from=100), Machine("B")))
    assert planned(stage, [45, 45], pins={0: "A"}) == [("A", 100, 145), ("B", 0, 45)]


def test_one_technician_starts_one_car_after_the_other():
    stage = Stage("charge", points(3), crew=Crew(people=1, attend=10, travel=5))
    assert starts(stage, [60, 60, 60]) == [5, 20, 35]


def test_two_technicians_start_two_at_once():
    stage = Stage("charge", points(3), crew=Crew(people=2, attend=10))
    assert starts(stage, [60, 60, 60]) == [0, 0, 10]


def test_outside_their_shift_nobody_starts_a_car_but_what_runs_goes_on():
    stage = Stage("charge", points(1), crew=Crew(1, attend=10, travel=0, calendar=DAY_SHIFT))
    assert starts(stage, [12 * 60 - 5, 60]) == [0, 24 * 60]


def test_shifts_that_never_meet_the_opening_hours_are_refused_instead_of_looked_for_for_ever():
    night = Calendar.daily(20 * 60, 8 * 60, START)
    stage = Stage("charge", points(1), DAY_SHIFT, crew=Crew(1, attend=10, calendar=night))
    with pytest.raises(BadInput, match="never start") as refused:
        planned(stage, [60])
    assert refused.value.where == "charge"


@pytest.mark.parametrize(
    ("machines", "more", "where"),
    [
        ((Machine("P", pace=0),), {}, "P"),
        ((Machine("P", draw=-1),), {}, "P"),
        ((Machine("P", outages=((5, 5),)),), {}, "P"),
        ((Machine("P", circuit="C9"),), {}, "P"),
        ((Machine("P", circuit="C1", draw=11),), {"circuits": (Circuit("C1", 10),)}, "P"),
        ((Machine("P"),), {"circuits": (Circuit("C1", 10), Circuit("C1", 20))}, "charge"),
        ((Machine("P"),), {"crew": Crew(0, 5)}, "charge"),
        ((Machine("P"),), {"crew": Crew(1, 0)}, "charge"),
        ((Machine("P"),), {"crew": Crew(1, 700, 21, DAY_SHIFT)}, "charge"),
    ],
)
def test_a_contradiction_among_machines_is_refused_with_its_place(machines, more, where):
    with pytest.raises(BadInput) as refused:
        Stage("charge", machines, **more)
    assert refused.value.where == where
