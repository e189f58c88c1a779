"""What plans are compared with: the measured campaign, peers that keep the rules, a judge who sees when they do not."""

import pytest

from campaign.planning.calendars import Calendar
from campaign.planning.check import Kind
from campaign.planning.planner import plan
from tests.bench.bench_replan import FAILED, midway
from tests.bench.peers.fifo import first_in_first_out
from tests.bench.peers.judged import Starts, judged, of_plan
from tests.bench.peers.nights import closed_times
from tests.bench.peers.waves import waves
from tests.bench.plan_cases import OVERLOADED, START, TIGHT, measured_case

SMALL = measured_case(20, OVERLOADED, cars=240)


def test_the_measured_campaign_is_the_one_of_the_notes():
    whole = measured_case(60, TIGHT)
    charges = [job.durations[0] for job in whole.jobs if job.durations[0]]
    assert (len(whole.jobs), max(charges)) == (2300, 720)  # 5 % of charge to 27 %
    assert 0.71 <= len(charges) / 2300 <= 0.76  # 22 of 30 points of SOC are below
    assert 355 <= sum(charges) / len(charges) <= 365  # six hours on average
    promised = [job for job in whole.jobs if job.due is not None]
    assert 0.67 <= len(promised) / 2300 <= 0.73
    assert {job.due % 1440 for job in promised} == {12 * 60}  # 20:00, the start being at 08:00
    assert 0.17 <= sum(job.weight == 3 for job in whole.jobs) / 2300 <= 0.23


@pytest.mark.parametrize(
    "timetable",
    [
        first_in_first_out(SMALL),
        first_in_first_out(SMALL, pilot=range(100, 120)),
        waves(SMALL),
        waves(SMALL, overlapping=True),
    ],
    ids=["fifo", "fifo with another pilot", "waves", "overlapping waves"],
)
def test_peers_keep_every_rule_and_beat_no_bound(timetable):
    found, ours = judged(SMALL, timetable), plan(SMALL)
    assert found.violations == []
    assert found.makespan_h * 60 >= ours.bounds.makespan
    assert found.tardiness_h * 60 >= ours.bounds.tardiness


def test_waves_are_later_when_a_wave_has_each_stage_to_itself():
    assert judged(SMALL, waves(SMALL)).makespan_h > judged(SMALL, waves(SMALL, overlapping=True)).makespan_h


def test_our_own_plan_is_judged_as_it_says_itself():
    made = plan(SMALL)
    starts = [[-1] * len(SMALL.jobs) for _ in SMALL.stages]
    index_of = {job.id: index for index, job in enumerate(SMALL.jobs)}
    for step in made.operations:
        starts[step.stage][index_of[step.job]] = step.start
    pilot = [index_of[car] for car in made.batches[0].jobs]
    assert judged(SMALL, Starts(starts, pilot)) == of_plan(SMALL, made)


@pytest.mark.parametrize(
    ("stage", "minute", "kind"), [(0, 0, Kind.OVERLAP), (2, 13 * 60, Kind.CALENDAR), (1, 0, Kind.GATE)]
)
def test_a_timetable_that_breaks_a_rule_is_told_so(stage, minute, kind):
    timetable = first_in_first_out(SMALL)
    starts = [list(row) for row in timetable.of]
    last = max(range(len(SMALL.jobs)), key=starts[stage].__getitem__)
    starts[stage][last] = minute
    assert kind in {wrong.kind for wrong in judged(SMALL, Starts(starts, timetable.pilot)).violations}


def test_solvers_are_told_the_nights_and_the_hours_before_the_first_morning():
    day = Calendar.daily(10 * 60, 20 * 60, START)  # the start is at 08:00
    assert closed_times(day, 2000) == [(0, 120), (720, 1560)]
    assert closed_times(Calendar.round_the_clock(), 2000) == []


def test_in_the_middle_begun_work_goes_on_and_cars_on_failed_machines_start_again():
    made = plan(SMALL)
    minute = made.batches[2].planned_end
    rest = midway(SMALL, made, minute, FAILED)
    signed = {car for batch in made.batches if batch.planned_end <= minute for car in batch.jobs}
    assert {job.id for job in rest.jobs} == {job.id for job in SMALL.jobs} - signed
    left = {job.id: job for job in rest.jobs}
    running = [step for step in made.operations if step.start < minute < step.end and step.job in left]
    assert running
    for step in running:
        job = left[step.job]
        if step.machine in FAILED:
            assert (job.done <= step.stage, job.release) == (True, 0)
        else:
            assert (job.done, job.release) == (step.stage + 1, step.end - minute)
