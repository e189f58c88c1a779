"""A late car says what it waits for most."""

from __future__ import annotations

from campaign.planning.plan import Reason, Wait
from campaign.planning.planner import plan
from campaign.planning.snapshot import BatchLimits, Job
from tests.unit.planning.planning_cases import DAY_SHIFT, yard


def reason_of(made, car):
    return next(job.reason for job in made.jobs if job.id == car)


def test_in_time_there_is_no_reason():
    made = plan(yard([Job("car", (100, 45, 10), due=155)]))
    assert made.tardiness == 0
    assert reason_of(made, "car") is None


def test_one_minute_late_alone_in_the_yard_is_the_due_date():
    made = plan(yard([Job("car", (100, 45, 10), due=154)]))
    assert reason_of(made, "car") == Reason(Wait.DUE, "", "", 0, 155)


def test_it_waits_for_a_charge_point():
    jobs = [Job("first", (100, 45, 10), due=160), Job("second", (100, 45, 10), due=170)]
    made = plan(yard(jobs, points=1, stations=2))
    assert reason_of(made, "second") == Reason(Wait.MACHINE, "charge", "charge-1", 0, 100)


def test_it_waits_for_the_pilot():
    jobs = [Job("pilot", (100, 45, 10)), Job("car", (0, 45, 10), due=70)]
    made = plan(yard(jobs, pilot=("pilot",), stations=2))
    assert reason_of(made, "car") == Reason(Wait.GATE, "flash", "", 0, 155 + 60)


def test_it_waits_for_the_day_shift():
    jobs = [Job("car", (12 * 60, 45, 10), due=900)]
    made = plan(yard(jobs, inspection=DAY_SHIFT))
    assert reason_of(made, "car") == Reason(Wait.CLOSED, "inspect", "", 765, 24 * 60)


def test_it_waits_for_its_batch():
    jobs = [Job("early", (0, 45, 10), due=60), Job("late", (500, 45, 10))]
    made = plan(yard(jobs, batch_limits=BatchLimits(2, 2)))
    assert reason_of(made, "early") == Reason(Wait.BATCH, "", "", 55, 555)
