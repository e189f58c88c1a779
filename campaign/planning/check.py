"""An independent judge of plans: it shares no code with the dispatcher and the batching."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise

from campaign.planning.check_shared import shared_violations, span
from campaign.planning.plan import Operation, Plan
from campaign.planning.snapshot import Snapshot
from campaign.planning.violations import Kind, Violation

__all__ = ["Kind", "Violation", "check"]


def check(snapshot: Snapshot, plan: Plan) -> list[Violation]:
    """Every violation in a plan, none for a good one. With unknown names nothing else can be judged."""
    strangers = list(_strangers(snapshot, plan))
    if strangers:
        return strangers
    ends = _ends(snapshot, plan)
    return [
        *_operations(snapshot, plan),
        *_ways(snapshot, plan),
        *_machines(snapshot, plan),
        *shared_violations(snapshot, plan),
        *_batches(snapshot, plan),
        *_sign_offs(snapshot, plan, ends),
        *_gate(snapshot, plan, ends),
        *_figures(snapshot, plan, ends),
    ]


def _strangers(snapshot: Snapshot, plan: Plan) -> Iterator[Violation]:
    known = {job.id for job in snapshot.jobs}
    machines = [{machine.name for machine in stage.machines} for stage in snapshot.stages]
    for operation in plan.operations:
        if operation.job not in known or not 0 <= operation.stage < len(snapshot.stages):
            yield Violation(Kind.UNKNOWN, operation.job, f"stage {operation.stage}")
        elif operation.machine not in machines[operation.stage]:
            yield Violation(Kind.UNKNOWN, operation.machine, f"at stage {operation.stage}")
    for job in [*(job.id for job in plan.jobs), *(job for batch in plan.batches for job in batch.jobs)]:
        if job not in known:
            yield Violation(Kind.UNKNOWN, job, "planned, but not in the snapshot")


def _ends(snapshot: Snapshot, plan: Plan) -> dict[str, int]:
    """When each car has left its last stage."""
    ends = {job.id: job.release for job in snapshot.jobs}
    for operation in plan.operations:
        ends[operation.job] = max(ends[operation.job], operation.end)
    return ends


def _operations(snapshot: Snapshot, plan: Plan) -> Iterator[Violation]:
    """Each needed operation once, as long as it takes, inside the open hours."""
    jobs = {job.id: job for job in snapshot.jobs}
    machines = {
        (number, machine.name): machine
        for number, stage in enumerate(snapshot.stages)
        for machine in stage.machines
    }
    counts = Counter((operation.job, operation.stage) for operation in plan.operations)
    for job in snapshot.jobs:
        for stage in range(len(snapshot.stages)):
            needed = 1 if stage >= job.done and job.durations[stage] else 0
            if counts[job.id, stage] < needed:
                yield Violation(Kind.MISSING, job.id, f"no operation at stage {stage}")
            elif counts[job.id, stage] > needed:
                yield Violation(Kind.DOUBLE, job.id, f"{counts[job.id, stage]} operations at stage {stage}")
    for operation in plan.operations:
        machine = machines[operation.stage, operation.machine]
        if operation.end - operation.start != machine.minutes(jobs[operation.job].durations[operation.stage]):
            yield Violation(Kind.DURATION, operation.job, span(operation))
        if not snapshot.stages[operation.stage].calendar.covers(operation.start, operation.end):
            yield Violation(Kind.CALENDAR, operation.job, span(operation))


def _ways(snapshot: Snapshot, plan: Plan) -> Iterator[Violation]:
    """Each car after its release, and from stage to stage."""
    ways: dict[str, list[Operation]] = defaultdict(list)
    for operation in plan.operations:
        ways[operation.job].append(operation)
    for job in snapshot.jobs:
        way = sorted(ways[job.id], key=lambda operation: operation.stage)
        for operation in way:
            if operation.start < job.release:
                yield Violation(Kind.RELEASE, job.id, f"{span(operation)} before {job.release}")
        for earlier, later in pairwise(way):
            if later.start < earlier.end:
                yield Violation(Kind.ORDER, job.id, f"{span(later)} before {span(earlier)} has ended")


def _machines(snapshot: Snapshot, plan: Plan) -> Iterator[Violation]:
    loads: dict[tuple[int, str], list[Operation]] = defaultdict(list)
    for operation in plan.operations:
        loads[operation.stage, operation.machine].append(operation)
    for number, stage in enumerate(snapshot.stages):
        for machine in stage.machines:
            load = sorted(loads[number, machine.name], key=lambda operation: operation.start)
            if load and load[0].start < machine.free_from:
                yield Violation(
                    Kind.OVERLAP, machine.name, f"{span(load[0])}, but free from {machine.free_from}"
                )
            for earlier, later in pairwise(load):
                if later.start < earlier.end:
                    yield Violation(Kind.OVERLAP, machine.name, f"{span(earlier)} and {span(later)}")


def _batches(snapshot: Snapshot, plan: Plan) -> Iterator[Violation]:
    """Each car in one batch, and the sizes: only a last batch may be too small, when the count forces it."""
    counts = Counter(job for batch in plan.batches for job in batch.jobs)
    for job in snapshot.jobs:
        if not counts[job.id]:
            yield Violation(Kind.MISSING, job.id, "in no batch")
        elif counts[job.id] > 1:
            yield Violation(Kind.DOUBLE, job.id, f"in {counts[job.id]} batches")
    limits = snapshot.batch_limits
    pilots = [batch for batch in plan.batches if batch.pilot]
    size = len(snapshot.pilot) or min(snapshot.pilot_size, len(snapshot.jobs))
    if [len(batch.jobs) for batch in pilots] != ([size] if size else []):
        yield Violation(
            Kind.BATCH_SIZE, "pilot", f"{[len(batch.jobs) for batch in pilots]} cars instead of {size}"
        )
    if pilots and snapshot.pilot and set(pilots[0].jobs) != set(snapshot.pilot):
        yield Violation(Kind.BATCH_SIZE, "pilot", "other cars than those chosen before")
    formed = sorted(tuple(sorted(batch)) for batch in snapshot.batches if batch)
    kept = sorted(tuple(sorted(batch.jobs)) for batch in plan.batches if batch.formed)
    if formed != kept:
        yield Violation(Kind.FORMED, "batches", "other cars than those formed before")
    rest = len(snapshot.jobs) - size - sum(map(len, formed))
    even = any(k * limits.smallest <= rest <= k * limits.largest for k in range(rest // limits.smallest + 1))
    new = [number for number, batch in enumerate(plan.batches) if not batch.pilot and not batch.formed]
    for number in new:
        batch = plan.batches[number]
        smallest = 1 if number == new[-1] and not even else limits.smallest
        if not smallest <= len(batch.jobs) <= limits.largest:
            yield Violation(Kind.BATCH_SIZE, f"batch {number}", f"{len(batch.jobs)} cars")


def _sign_offs(snapshot: Snapshot, plan: Plan, ends: dict[str, int]) -> Iterator[Violation]:
    """A batch lasts from the first start of its cars to the sign-off after its last car."""
    first = {job.id: job.release for job in snapshot.jobs}
    for operation in sorted(plan.operations, key=lambda operation: -operation.start):
        first[operation.job] = operation.start
    for number, batch in enumerate(plan.batches):
        effort = snapshot.pilot_sign_off_minutes if batch.pilot else snapshot.sign_off_minutes
        start, end = min(first[job] for job in batch.jobs), max(ends[job] for job in batch.jobs) + effort
        if (batch.planned_start, batch.planned_end) != (start, end):
            detail = f"{batch.planned_start}-{batch.planned_end} instead of {start}-{end}"
            yield Violation(Kind.SIGN_OFF, f"batch {number}", detail)


def _gate(snapshot: Snapshot, plan: Plan, ends: dict[str, int]) -> Iterator[Violation]:
    pilot = {job for batch in plan.batches if batch.pilot for job in batch.jobs}
    if not pilot:
        return
    approved = max(ends[job] for job in pilot) + snapshot.pilot_sign_off_minutes
    if plan.gate != approved:
        yield Violation(Kind.FIGURES, "gate", f"{plan.gate} instead of {approved}")
    for operation in plan.operations:
        if (
            operation.stage == snapshot.gate_stage
            and operation.job not in pilot
            and operation.start < approved
        ):
            yield Violation(Kind.GATE, operation.job, f"{span(operation)} before {approved}")


def _figures(snapshot: Snapshot, plan: Plan, ends: dict[str, int]) -> Iterator[Violation]:
    approved = {job: batch.planned_end for batch in plan.batches for job in batch.jobs}
    makespan = max(approved.values(), default=0)
    if plan.makespan != makespan:
        yield Violation(Kind.FIGURES, "makespan", f"{plan.makespan} instead of {makespan}")
    late = {
        job.id: max(0, approved[job.id] - job.due) if job.due is not None else 0
        for job in snapshot.jobs
        if job.id in approved
    }
    tardiness = sum(job.weight * late.get(job.id, 0) for job in snapshot.jobs)
    if plan.tardiness != tardiness:
        yield Violation(Kind.FIGURES, "tardiness", f"{plan.tardiness} instead of {tardiness}")
    if sorted(job.id for job in plan.jobs) != sorted(job.id for job in snapshot.jobs):
        yield Violation(Kind.FIGURES, "jobs", "not every car has one rank")
    for job in plan.jobs:
        expected = (ends[job.id], approved.get(job.id), late.get(job.id))
        if (job.finish, job.approved, job.lateness) != expected:
            yield Violation(Kind.FIGURES, job.id, f"finish, approval, lateness instead of {expected}")
        if (job.reason is None) != (not job.lateness):
            yield Violation(Kind.FIGURES, job.id, "late without a reason, or a reason without being late")
