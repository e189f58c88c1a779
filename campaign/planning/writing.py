"""A draft written as a plan: names instead of indices, and for each late car what it waited for."""

from __future__ import annotations

from collections.abc import Iterator

from campaign.planning.bounds import Bounds
from campaign.planning.drafting import Batch, Draft, lateness
from campaign.planning.plan import Operation, Plan, PlannedBatch, PlannedJob, Reason, Wait
from campaign.planning.snapshot import Job, Snapshot


def written(snapshot: Snapshot, draft: Draft, limits: Bounds, seconds: float) -> Plan:
    """The plan of a draft."""
    first_start, operations = _operations(snapshot, draft)
    rank_of = {snapshot.jobs[index].id: rank for rank, index in enumerate(draft.order)}
    fates: dict[str, PlannedJob] = {}
    batches = []
    for number, batch in enumerate(draft.batches):
        start = min(first_start.get(car.job.id, car.job.release) for car in batch.cars)
        ids = tuple(car.job.id for car in batch.cars)
        batches.append(PlannedBatch(ids, start, batch.end, batch.pilot, batch.formed))
        for car in batch.cars:
            job, late = car.job, lateness(car, batch.end)
            why = _reason(snapshot, draft, batch, job, rank_of[job.id]) if late else None
            fates[job.id] = PlannedJob(
                job.id, job.release, job.done, car.finish, number, batch.end, late, why
            )
    return Plan(
        stages=tuple(stage.name for stage in snapshot.stages),
        operations=tuple(operations),
        batches=tuple(batches),
        jobs=tuple(fates[snapshot.jobs[index].id] for index in draft.order),
        gate=draft.table.gate,
        makespan=draft.makespan,
        tardiness=draft.tardiness,
        rule=draft.rule,
        bounds=limits,
        seconds=seconds,
    )


def _operations(snapshot: Snapshot, draft: Draft) -> tuple[dict[str, int], list[Operation]]:
    """Each car's first start, and all operations by stage and priority."""
    first_start: dict[str, int] = {}
    operations = []
    for number, stage in enumerate(snapshot.stages):
        rows = zip(draft.order, draft.table.starts[number], draft.table.machines[number], strict=True)
        for index, start, at in rows:
            if start >= 0:
                job, machine = snapshot.jobs[index], stage.machines[at]
                end = start + machine.minutes(job.durations[number])
                operations.append(Operation(job.id, number, machine.name, start, end))
                if job.id not in first_start:
                    first_start[job.id] = start
    return first_start, operations


def _reason(snapshot: Snapshot, draft: Draft, batch: Batch, job: Job, rank: int) -> Reason:
    """Where a late car waits longest. Without any wait that would help, its due date is the reason."""
    waits = list(_waits(snapshot, draft, job, rank))
    effort = snapshot.pilot_sign_off_minutes if batch.pilot else snapshot.sign_off_minutes
    finish = draft.table.finish[rank]
    waits.append(Reason(Wait.BATCH, "", "", finish, batch.end - effort))
    late = batch.end - (job.due or 0)
    if sum(wait.until - wait.since for wait in waits) < late:
        return Reason(Wait.DUE, "", "", job.release, batch.end)
    return max(waits, key=lambda wait: wait.until - wait.since)


def _waits(snapshot: Snapshot, draft: Draft, job: Job, rank: int) -> Iterator[Reason]:
    """What kept the car before each stage that it passes."""
    ready = job.release
    for number, stage in enumerate(snapshot.stages):
        start = draft.table.starts[number][rank]
        if start < 0:
            continue
        machine = stage.machines[draft.table.machines[number][rank]]
        minutes = machine.minutes(job.durations[number])
        gated = draft.pilot_count and number == snapshot.gate_stage and rank >= draft.pilot_count
        gate = min(start, draft.table.gate) if gated else ready
        opens = stage.calendar.fit(max(ready, gate), minutes)
        shares = {
            Wait.GATE: (gate - ready, gate),
            Wait.CLOSED: (opens - max(ready, gate), opens),
            Wait.MACHINE: (start - opens, start),
        }
        wait = max(shares, key=lambda kind: shares[kind][0])
        name = machine.name if wait is Wait.MACHINE else ""
        yield Reason(wait, stage.name, name, ready, start if wait is Wait.MACHINE else shares[wait][1])
        ready = start + minutes
