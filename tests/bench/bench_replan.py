"""A re-plan in the middle of 2,300 cars, after a station and six points have failed: by one rule, and the portfolio.

The campaign has run by its plan until about a quarter of the cars are signed. Work that has begun is kept: the machine
is free and the car goes on when it ends. Cars on what failed start that stage again elsewhere. The pilot is approved.
In CPU seconds: the planner is one thread, and the machine may have other work.
"""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta

from campaign.planning.check import check
from campaign.planning.options import PlanOptions, Rule
from campaign.planning.plan import Operation, Plan
from campaign.planning.planner import plan
from campaign.planning.resources import Machine, Stage
from campaign.planning.snapshot import Job, Snapshot
from tests.bench.measured import Measured, tell
from tests.bench.plan_cases import TIGHT, measured_case

LEFT = 1734
FAILED = frozenset({"flash-1", *(f"charge-{number}" for number in range(1, 7))})
ROUNDS = 9


def run() -> list[Measured]:
    """Two figures."""
    whole = measured_case(60, TIGHT)
    before = plan(whole)
    signed, minute = 0, 0
    for batch in before.batches:
        if len(whole.jobs) - signed <= LEFT:
            break
        signed, minute = signed + len(batch.jobs), batch.planned_end
    rest = midway(whole, before, minute, FAILED)
    tell(f"minute {minute}: {len(rest.jobs)} cars left")
    one, said = max(
        _timed(rest, PlanOptions(rules=(Rule.AS_BEFORE,), before=tuple(before.ranks))),
        _timed(rest, PlanOptions(rules=(Rule.DUE_DATE,))),
    )
    all_rules, how = _timed(rest, PlanOptions())
    left = f"{len(rest.jobs)} cars left of {len(whole.jobs)}, {len(FAILED)} machines failed"
    return [
        Measured.of("replan.2300.one_rule_ms", one * 1000, "ms", f"{left}; {said}, the slower of two rules"),
        Measured.of("replan.2300.portfolio_s", all_rules, "s", f"{left}; {how}"),
    ]


def _timed(snapshot: Snapshot, options: PlanOptions) -> tuple[float, str]:
    """The median of the CPU seconds, and what came out."""
    spent = []
    for _ in range(ROUNDS):
        began = time.process_time()
        made = plan(snapshot, options)
        spent.append(time.process_time() - began)
    if wrong := check(snapshot, made):
        raise RuntimeError(f"our plan breaks a rule: {wrong[0]}")
    said = f"{made.rule}: {made.makespan / 60:.1f} h more, {made.tardiness / 60:,.0f} car-hours late"
    tell(f"{statistics.median(spent) * 1000:.0f} ms, {said}")
    return statistics.median(spent), said


def midway(snapshot: Snapshot, made: Plan, minute: int, failed: Collection[str]) -> Snapshot:
    """What is left of a plan at a minute, when these machines fail."""
    signed = {car for batch in made.batches if batch.planned_end <= minute for car in batch.jobs}
    done: dict[str, int] = defaultdict(int)
    ready: dict[str, int] = defaultdict(int)
    busy: dict[str, int] = {}
    for step in made.operations:
        if step.start < minute and not _broken_off(step, minute, failed):
            done[step.job] = max(done[step.job], step.stage + 1)
            ready[step.job] = max(ready[step.job], step.end - minute)
            busy[step.machine] = max(busy.get(step.machine, 0), step.end - minute)
    start = snapshot.start + timedelta(minutes=minute)
    return Snapshot(
        start,
        tuple(_stage(stage, busy, failed, minute) for stage in snapshot.stages),
        tuple(
            _job(job, done[job.id], ready[job.id], minute) for job in snapshot.jobs if job.id not in signed
        ),
        snapshot.batch_limits,
        sign_off_minutes=snapshot.sign_off_minutes,
    )


def _broken_off(step: Operation, minute: int, failed: Collection[str]) -> bool:
    return step.machine in failed and step.end > minute


def _stage(stage: Stage, busy: dict[str, int], failed: Collection[str], minute: int) -> Stage:
    calendar = replace(stage.calendar, phase=(stage.calendar.phase + minute) % stage.calendar.cycle)
    machines = tuple(
        Machine(machine.name, busy.get(machine.name, 0))
        for machine in stage.machines
        if machine.name not in failed
    )
    return Stage(stage.name, machines, calendar)


def _job(job: Job, done: int, ready: int, minute: int) -> Job:
    due = None if job.due is None else job.due - minute
    return replace(job, due=due, done=done, release=max(0, ready))
