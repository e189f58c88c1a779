"""What would make promises feasible: the least amount, proven by a plan, and nothing where nothing helps."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import pytest
from hypothesis import given, settings

from campaign.planning.calendars import DAY, Calendar
from campaign.planning.options import PlanOptions, Rule
from campaign.planning.planner import plan
from campaign.planning.remedies import HOUR, Remedy, RemedyKind, impossible, remedies
from campaign.planning.resources import Circuit, Crew, Machine, Stage
from campaign.planning.scenario import opened_longer, postponed, with_machines
from campaign.planning.snapshot import BatchLimits, Job, Snapshot
from tests.unit.planning.planning_cases import DAY_SHIFT, START, snapshots


def found(snapshot):
    return {(remedy.kind, remedy.stage): remedy for remedy in remedies(snapshot, plan(snapshot))}


def flashes(count, *, due, stations=1, calendar=None, **fields):
    """Cars that need a flash of 45 minutes only."""
    stage = Stage.of("flash", stations, calendar)
    jobs = tuple(Job(f"car{number}", (45,), due=due) for number in range(count))
    return Snapshot(START, (stage,), jobs, BatchLimits(1, 1), **fields)


def test_nothing_is_said_when_nothing_is_late():
    assert remedies(flashes(4, due=180), plan(flashes(4, due=180))) == ()


def test_the_least_number_of_stations_that_keeps_every_promise():
    told = found(flashes(12, due=180))  # one station flashes four
    assert told[RemedyKind.MACHINES, "flash"] == Remedy(RemedyKind.MACHINES, "flash", 2, 0, 180)


@pytest.mark.parametrize("due", [45, 89])
def test_stations_for_every_car_are_found_up_to_four_times_as_many(due):
    assert found(flashes(9, due=due))[RemedyKind.MACHINES, "flash"].amount == 8
    assert (RemedyKind.MACHINES, "flash") not in found(flashes(10, due=due))


def test_days_are_the_least_whole_number():
    told = found(flashes(4 * 32, due=DAY))  # 32 cars fit into a day
    assert told[RemedyKind.DAYS, ""] == Remedy(RemedyKind.DAYS, "", 3, 0, 4 * DAY)


def test_a_stage_that_closes_may_go_on_longer():
    night = flashes(18, due=24 * HOUR, calendar=DAY_SHIFT)  # 16 before 20:00, two more need 90 minutes
    assert found(night)[RemedyKind.HOURS, "flash"].amount == 2 * HOUR
    assert opened_longer(night, "flash", 2 * HOUR).stages[0].calendar.covers(0, 14 * HOUR)


def test_all_hours_are_told_as_round_the_clock():
    whole = flashes(32, due=24 * HOUR, calendar=DAY_SHIFT)
    assert found(whole)[RemedyKind.HOURS, "flash"].amount == DAY


def test_a_crew_goes_on_with_its_stage():
    crew = Crew(1, 5, calendar=DAY_SHIFT)
    snapshot = flashes(18, due=24 * HOUR)
    snapshot = replace(snapshot, stages=(replace(snapshot.stages[0], crew=crew),))
    assert found(snapshot)[RemedyKind.HOURS, "flash"].amount == 1 * HOUR  # the last starts at 20:45


def test_hours_do_not_help_where_it_never_closes():
    assert {kind for kind, _ in found(flashes(12, due=180))} == {RemedyKind.MACHINES, RemedyKind.DAYS}


def test_a_promise_that_nobody_can_keep_does_not_hide_what_helps_the_others():
    told = found(replace(base := flashes(12, due=180), jobs=(*base.jobs, Job("over", (45,), due=-2000))))
    assert told[RemedyKind.MACHINES, "flash"].late == 1
    assert told[RemedyKind.MACHINES, "flash"].amount == 3
    assert told[RemedyKind.DAYS, ""] == Remedy(RemedyKind.DAYS, "", 1, 1, 13 * 45)


def test_when_only_hopeless_cars_are_late_days_are_what_helps():
    told = found(flashes(1, due=-1))
    assert told == {(RemedyKind.DAYS, ""): Remedy(RemedyKind.DAYS, "", 1, 0, 45)}


@pytest.mark.parametrize(("most", "kinds"), [(1, ["machines", "days"]), (0, ["days"])])
def test_no_more_plans_are_made_than_allowed(most, kinds):
    looks = count()
    options = PlanOptions(watch=lambda: float(next(looks)))  # every plan looks at its beginning and its end
    snapshot = flashes(12, due=180)
    assert [remedy.kind for remedy in remedies(snapshot, plan(snapshot), options, most_plans=most)] == kinds
    assert next(looks) == 2 * most


DUE_DATE_ONLY = PlanOptions(rules=(Rule.DUE_DATE,))


@given(snapshots(most_cars=8))
@settings(max_examples=40, deadline=None)
def test_every_remedy_is_proven_by_its_plan(snapshot):
    made, hopeless = plan(snapshot, DUE_DATE_ONLY), set(impossible(snapshot))
    for remedy in remedies(snapshot, made, DUE_DATE_ONLY):
        proofs = [plan(with_remedy(snapshot, remedy), DUE_DATE_ONLY)]
        if remedy.kind is RemedyKind.DAYS:  # the plan as it is may prove it too
            later = [replace(job, lateness=max(0, job.lateness - remedy.amount * DAY)) for job in made.jobs]
            proofs.append(replace(made, jobs=tuple(later)))
        proven = [proof for proof in proofs if len(proof.late_jobs) == remedy.late]
        assert any(hopeless.issuperset(proof.late_jobs) for proof in proven)
        assert remedy.makespan in {proof.makespan for proof in proven}


def with_remedy(snapshot, remedy):
    match remedy.kind:
        case RemedyKind.MACHINES:
            return with_machines(snapshot, remedy.stage, remedy.amount)
        case RemedyKind.HOURS:
            return opened_longer(snapshot, remedy.stage, remedy.amount)
        case RemedyKind.DAYS:
            return postponed(snapshot, remedy.amount * DAY)


@given(snapshots())
@settings(max_examples=50, deadline=None)
def test_no_plan_brings_an_impossible_car_in_time(snapshot):
    assert set(impossible(snapshot)) <= set(plan(snapshot).late_jobs)


def test_a_car_alone_waits_for_closed_hours_running_work_full_circuits_and_the_named_pilot():
    stage = Stage(
        "flash", (Machine("A", 30, circuit="C", draw=1),), circuits=(Circuit("C", 9, full_until=50),)
    )
    at = {"due": 50 + 45 - 1}
    assert impossible(Snapshot(START, (stage,), (Job("car", (45,), **at),))) == ("car",)
    assert impossible(Snapshot(START, (stage,), (Job("car", (45,), due=95),))) == ()
    night = flashes(1, due=24 * HOUR + 44, calendar=Calendar.daily(8 * 60, 9 * 60, START))
    assert impossible(replace(night, jobs=(replace(night.jobs[0], release=20),))) == ("car0",)
    piloted = flashes(2, due=45 + 60 + 44, stations=2, pilot=("car0",), gate_stage=0)
    assert impossible(piloted) == ("car1",)


def test_a_pinned_car_waits_for_its_own_machine():
    stage = Stage("flash", (Machine("A"), Machine("B", 100)))
    jobs = (Job("here", (45,), due=45), Job("there", (45,), due=45, pins=((0, "B"),)))
    assert impossible(Snapshot(START, (stage,), jobs)) == ("there",)
