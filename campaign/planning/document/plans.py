"""A plan as JSON: times in minutes of the snapshot, cars in order of priority."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from campaign.planning.bounds import Bounds
from campaign.planning.plan import Plan, PlannedJob, Reason

Say = Callable[[Reason], str]
"""A reason in words."""


def plan_to(plan: Plan, *, start: datetime | None = None, say: Say | None = None) -> dict[str, object]:
    """The JSON form. With `start` it says what minute 0 means, with `say` each reason has its words."""
    told: dict[str, object] = {} if start is None else {"start": start.isoformat()}
    return told | {
        "makespan": plan.makespan,
        "gate": plan.gate,
        "tardiness": plan.tardiness,
        "late": len(plan.late_jobs),
        "rule": plan.rule,
        "seconds": plan.seconds,
        "binding": plan.binding,
        "ratio": ratio(plan),
        "bounds": _bounds_to(plan.bounds),
        "stages": list(plan.stages),
        "jobs": [_job_to(job, say) for job in plan.jobs],
        "batches": [
            {
                "no": no,
                "start": batch.planned_start,
                "end": batch.planned_end,
                "pilot": batch.pilot,
                "formed": batch.formed,
                "jobs": list(batch.jobs),
            }
            for no, batch in enumerate(plan.batches, 1)
        ],
        "operations": [
            {
                "job": step.job,
                "stage": plan.stages[step.stage],
                "machine": step.machine,
                "start": step.start,
                "end": step.end,
            }
            for step in plan.operations
        ],
    }


def ratio(plan: Plan) -> float | None:
    """The makespan against its bound, 1 is proven best; None when there is nothing to do."""
    return round(plan.makespan / plan.bounds.makespan, 6) if plan.bounds.makespan else None


def _bounds_to(bounds: Bounds) -> dict[str, object]:
    return {
        "makespan": bounds.makespan,
        "gate": bounds.gate,
        "tardiness": bounds.tardiness,
        "stages": {stage.stage: stage.makespan for stage in bounds.stages},
    }


def _job_to(job: PlannedJob, say: Say | None) -> dict[str, object]:
    told: dict[str, object] = {
        "id": job.id,
        "finish": job.finish,
        "batch": job.batch + 1,
        "approved": job.approved,
        "lateness": job.lateness,
    }
    if job.reason is None:
        return told
    reason: dict[str, object] = {
        "wait": job.reason.wait.value,
        "stage": job.reason.stage,
        "machine": job.reason.machine,
        "since": job.reason.since,
        "until": job.reason.until,
    }
    if say is not None:
        reason["text"] = say(job.reason)
    return told | {"reason": reason}
