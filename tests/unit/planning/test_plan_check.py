"""The judge of plans finds each planted fault, and names it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from campaign.planning.calendars import Calendar
from campaign.planning.check import Kind, check
from campaign.planning.planner import plan
from campaign.planning.snapshot import BatchLimits, Circuit, Crew, Job, Machine, Snapshot, Stage
from tests.unit.planning.planning_cases import DAY_SHIFT, START, yard

JOBS = [Job(f"car{number}", (60 * number, 45, 10), release=10 * number, due=600) for number in range(12)]
SNAPSHOT = yard(JOBS, inspection=DAY_SHIFT, pilot_size=3, batch_limits=BatchLimits(3, 5))
PLAN = plan(SNAPSHOT)


def operation(job, stage):
    return next(step for step in PLAN.operations if (step.job, step.stage) == (job, stage))


def planted(job, stage, **changes):
    """The plan with one operation changed."""
    old = operation(job, stage)
    return replace(
        PLAN, operations=tuple(replace(step, **changes) if step is old else step for step in PLAN.operations)
    )


def moved(job, stage, start):
    old = operation(job, stage)
    return planted(job, stage, start=start, end=start + old.end - old.start)


def regrouped(*batches):
    return replace(PLAN, batches=batches)


def kinds(faulty, snapshot=SNAPSHOT):
    return {violation.kind for violation in check(snapshot, faulty)}


def test_the_plan_without_a_planted_fault_is_sound():
    assert check(SNAPSHOT, PLAN) == []


def test_two_cars_on_one_machine_at_once():
    first, second = [
        step for step in PLAN.operations if step.stage == 1 and step.job in PLAN.batches[1].jobs
    ][:2]
    faulty = moved(second.job, 1, first.start + 1)
    assert Kind.OVERLAP in kinds(faulty)


def test_two_cars_that_follow_each_other_to_the_minute_do_not_overlap():
    flashes = sorted((step for step in PLAN.operations if step.stage == 1), key=lambda step: step.start)
    assert Kind.OVERLAP not in kinds(moved(flashes[-1].job, 1, flashes[-2].end))
    assert Kind.OVERLAP in kinds(moved(flashes[-1].job, 1, flashes[-2].end - 1))


def test_a_machine_that_is_not_free_yet():
    busy = tuple(Machine(machine.name, 1) for machine in SNAPSHOT.stages[0].machines)
    stages = (Stage("charge", busy), *SNAPSHOT.stages[1:])
    early = replace(SNAPSHOT, jobs=tuple(replace(job, release=0) for job in JOBS), stages=stages)
    faulty = moved(min((step for step in PLAN.operations if not step.stage), key=lambda s: s.start).job, 0, 0)
    assert Kind.OVERLAP in kinds(faulty, early)


def test_a_start_before_the_release_of_the_car():
    assert kinds(moved("car11", 0, 109)) >= {Kind.RELEASE}


def test_a_flash_before_the_charge_has_ended():
    end_of_charge = operation("car11", 0).end
    assert Kind.ORDER in kinds(moved("car11", 1, end_of_charge - 1))


def test_a_flash_before_the_pilot_is_approved():
    other = PLAN.batches[1].jobs[0]
    assert Kind.GATE in kinds(moved(other, 1, PLAN.gate - 1))
    assert Kind.GATE not in kinds(moved(other, 1, PLAN.gate))


def test_an_inspection_over_the_night():
    last = max((step for step in PLAN.operations if step.stage == 2), key=lambda step: step.start)
    closing = 12 * 60
    assert Kind.CALENDAR in kinds(moved(last.job, 2, closing - 9))
    assert Kind.CALENDAR not in kinds(moved(last.job, 2, closing - 10))


def test_a_car_without_an_operation_that_it_needs():
    lost = operation("car5", 1)
    faulty = replace(PLAN, operations=tuple(step for step in PLAN.operations if step is not lost))
    assert Kind.MISSING in kinds(faulty)


def test_a_car_that_is_nowhere_in_the_plan():
    faulty = replace(
        PLAN,
        operations=tuple(step for step in PLAN.operations if step.job != "car5"),
        batches=tuple(replace(b, jobs=tuple(job for job in b.jobs if job != "car5")) for b in PLAN.batches),
        jobs=tuple(job for job in PLAN.jobs if job.id != "car5"),
    )
    named = {(violation.kind, violation.where) for violation in check(SNAPSHOT, faulty)}
    assert (Kind.MISSING, "car5") in named


def test_a_car_twice_at_one_stage():
    faulty = replace(PLAN, operations=(*PLAN.operations, operation("car5", 1)))
    assert Kind.DOUBLE in kinds(faulty)


def test_a_car_that_charges_though_it_has_nothing_to_charge():
    idle = replace(operation("car5", 0), job="car0", start=0, end=0)
    assert Kind.DOUBLE in kinds(replace(PLAN, operations=(*PLAN.operations, idle)))


def test_a_flash_shorter_than_it_takes():
    assert Kind.DURATION in kinds(planted("car5", 1, end=operation("car5", 1).end - 1))


@pytest.mark.parametrize("changes", [{"job": "stranger"}, {"machine": "flash-99"}, {"stage": 7}])
def test_names_that_the_snapshot_does_not_have(changes):
    faulty = replace(PLAN, operations=(*PLAN.operations, replace(operation("car5", 1), **changes)))
    assert kinds(faulty) == {Kind.UNKNOWN}


def test_a_car_in_two_batches():
    pilot, first, *rest = PLAN.batches
    faulty = regrouped(pilot, replace(first, jobs=(*first.jobs[:-1], rest[0].jobs[0])), *rest)
    assert kinds(faulty) >= {Kind.DOUBLE, Kind.MISSING}


def test_a_batch_above_or_below_its_limits():
    pilot, *rest = PLAN.batches
    everyone = tuple(job for batch in rest for job in batch.jobs)
    large = replace(rest[0], jobs=everyone, planned_end=rest[-1].planned_end)
    small = replace(rest[0], jobs=everyone[:2])
    others = replace(rest[-1], jobs=everyone[2:7])
    last = replace(rest[-1], jobs=everyone[7:])
    assert Kind.BATCH_SIZE in kinds(regrouped(pilot, large))
    assert Kind.BATCH_SIZE in kinds(regrouped(pilot, small, others, last))


def test_a_pilot_of_another_size():
    pilot, *rest = PLAN.batches
    assert Kind.BATCH_SIZE in kinds(regrouped(replace(pilot, jobs=pilot.jobs[:2]), *rest))


def test_a_pilot_of_other_cars_than_those_chosen_before():
    chosen = replace(SNAPSHOT, pilot=("car9", "car10", "car11"))
    assert Kind.BATCH_SIZE in kinds(PLAN, chosen)
    assert check(chosen, plan(chosen)) == []


def test_a_batch_signed_before_its_last_car_is_inspected():
    pilot, first, *rest = PLAN.batches
    faulty = regrouped(pilot, replace(first, planned_end=first.planned_end - 1), *rest)
    assert Kind.SIGN_OFF in kinds(faulty)


@pytest.mark.parametrize("changes", [{"makespan": 1}, {"tardiness": -1}, {"gate": 0}])
def test_figures_that_do_not_follow_from_the_operations(changes):
    assert kinds(replace(PLAN, **changes)) == {Kind.FIGURES}


def test_a_rank_list_with_a_car_missing():
    assert kinds(replace(PLAN, jobs=PLAN.jobs[1:])) == {Kind.FIGURES}


def shared(**fields):
    """One stage of two machines on one circuit, with a technician; and its plan."""
    machines = tuple(Machine(f"P-{number}", circuit="C1", draw=10, **fields) for number in (1, 2))
    stage = Stage("charge", machines, circuits=(Circuit("C1", 10),), crew=Crew(1, attend=5))
    jobs = tuple(Job(f"car{number}", (60,), pins=((0, "P-1"),) if not number else ()) for number in range(3))
    snapshot = Snapshot(START, (stage,), jobs, batch_limits=BatchLimits(1, 5), batches=(("car0", "car1"),))
    made = plan(snapshot)
    assert check(snapshot, made) == []
    return snapshot, made


def faulty_start(start, machine="P-2", **fields):
    """The kinds of fault when the last car starts then."""
    snapshot, made = shared(**fields)
    last = max(made.operations, key=lambda step: step.start)
    wrong = replace(last, machine=machine, start=start, end=start + 60)
    steps = tuple(wrong if step is last else step for step in made.operations)
    return kinds(replace(made, operations=steps), snapshot)


def test_more_on_a_circuit_than_it_gives():
    assert Kind.CIRCUIT in faulty_start(119)
    assert Kind.CIRCUIT not in faulty_start(120)


def test_a_start_while_the_meter_is_stale():
    snapshot, made = shared()
    stale = replace(snapshot.stages[0], circuits=(Circuit("C1", 10, full_until=1),))
    assert Kind.CIRCUIT in kinds(made, replace(snapshot, stages=(stale,)))


def test_two_starts_at_once_for_one_technician():
    assert Kind.CREW in faulty_start(64)
    assert Kind.CREW not in faulty_start(65)


def test_a_start_when_no_technician_is_on_shift():
    snapshot, made = shared()
    later = replace(
        snapshot.stages[0], crew=Crew(1, attend=5, calendar=Calendar.daily(9 * 60, 20 * 60, START))
    )
    assert Kind.CREW in kinds(made, replace(snapshot, stages=(later,)))


def test_work_during_an_outage():
    assert Kind.OUTAGE in faulty_start(200, outages=((259, 300),))
    assert Kind.OUTAGE not in faulty_start(199, outages=((259, 300),))


def test_a_pinned_car_on_another_machine():
    snapshot, made = shared()
    steps = tuple(replace(step, machine="P-2") if step.job == "car0" else step for step in made.operations)
    assert Kind.PIN in kinds(replace(made, operations=steps), snapshot)


def test_a_formed_batch_with_another_car():
    snapshot, made = shared()
    assert Kind.FORMED in kinds(made, replace(snapshot, batches=(("car0", "car2"),)))


def test_a_late_car_without_a_reason():
    jobs = tuple(replace(job, reason=None) for job in PLAN.jobs)
    late = any(job.lateness for job in PLAN.jobs)
    assert late
    assert kinds(replace(PLAN, jobs=jobs)) == {Kind.FIGURES}
