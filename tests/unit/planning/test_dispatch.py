"""The stage dispatcher: who gets a machine, and never before it may."""

from __future__ import annotations

from heapq import heapify

from campaign.planning.calendars import Calendar
from campaign.planning.dispatch import dispatch, run_stage
from campaign.planning.snapshot import Job, Machine, Stage
from tests.unit.planning.planning_cases import DAY_SHIFT, START, yard

ALWAYS = Calendar.round_the_clock()


def starts(calendar, free, arrivals, minutes):
    """Start by rank."""
    machines = [(minute, number) for number, minute in enumerate(free)]
    heapify(machines)
    return {rank: start for rank, start, _, _ in run_stage(calendar, machines, arrivals, minutes)}


def test_a_machine_that_comes_free_takes_the_waiting_car_of_the_highest_priority():
    assert starts(ALWAYS, [0], [(0, 2), (5, 1), (5, 0)], [10, 10, 10]) == {2: 0, 0: 10, 1: 20}


def test_a_machine_does_not_wait_for_a_car_that_comes_later():
    assert starts(ALWAYS, [0], [(1, 0), (0, 1)], [10, 10]) == {1: 0, 0: 10}


def test_an_idle_machine_starts_no_car_before_its_arrival():
    # The second machine was idle since minute 0; the clock stands at 50 when both cars arrive.
    assert starts(ALWAYS, [0, 0], [(50, 0), (50, 1)], [10, 10]) == {0: 50, 1: 50}


def test_a_machine_is_not_used_before_it_is_free():
    assert starts(ALWAYS, [30, 100], [(0, 0), (0, 1)], [50, 50]) == {0: 30, 1: 80}


def test_before_closing_time_a_shorter_car_goes_in_front_of_one_that_no_longer_fits():
    closing, opening = 12 * 60, 24 * 60
    assert starts(DAY_SHIFT, [closing - 60], [(0, 0), (0, 1)], [90, 60]) == {1: closing - 60, 0: opening}


def test_a_car_that_arrives_after_another_did_not_fit_still_gets_the_rest_of_the_shift():
    closing, opening = 12 * 60, 24 * 60
    got = starts(DAY_SHIFT, [closing - 60], [(0, 0), (closing - 50, 1)], [90, 30])
    assert got == {0: opening, 1: closing - 50}


def test_after_the_night_the_highest_priority_goes_first_though_it_came_in_the_night():
    closing, opening = 12 * 60, 24 * 60
    assert starts(DAY_SHIFT, [0], [(closing, 1), (opening - 1, 0)], [10, 10]) == {0: opening, 1: opening + 10}


def test_looking_through_many_cars_that_do_not_fit_ends():
    cars = 40
    got = starts(DAY_SHIFT, [0], [(600, rank) for rank in range(cars)], [200] * (cars - 1) + [60])
    assert len(got) == cars
    assert all(DAY_SHIFT.covers(start, start + 60) for start in got.values())


def test_a_car_skips_stages_of_no_minutes_and_those_behind_it():
    table = dispatch(
        yard([Job("skips", (0, 45, 10)), Job("done", (100, 45, 10), release=7, done=2)]), [0, 1], 0
    )
    assert table.starts == [[-1, -1], [0, -1], [45, 7]]
    assert table.finish == [55, 17]


def test_other_cars_charge_but_are_not_flashed_before_the_pilot_is_approved():
    jobs = [Job("pilot", (0, 45, 10)), Job("other", (20, 45, 10)), Job("flashed", (20, 45, 10), done=2)]
    table = dispatch(yard(jobs, pilot_size=1, stations=2), [0, 1, 2], 1)
    assert table.gate == 45 + 10 + 60
    assert table.starts[0][1] == 0
    assert table.starts[1] == [0, table.gate, -1]
    assert table.starts[2][2] < table.gate


def test_a_stage_in_shifts_holds_the_next_one_up():
    night = Calendar.daily(22 * 60, 6 * 60, START)
    snapshot = yard([Job("car", (60, 45, 10))])
    stages = (snapshot.stages[0], Stage("flash", (Machine("bench"),), night), snapshot.stages[2])
    table = dispatch(yard([Job("car", (60, 45, 10))]), [0], 0)
    in_shifts = dispatch(type(snapshot)(START, stages, snapshot.jobs), [0], 0)
    assert table.starts[1] == [60]
    assert in_shifts.starts[1] == [14 * 60]
