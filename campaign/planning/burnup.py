"""The curve that a plan promises: how many cars are through a stage, or approved, by when."""

from __future__ import annotations

from bisect import bisect_right

from campaign.errors import BadInput
from campaign.planning.plan import Plan, PlannedJob

APPROVED = "approved"


def expected_curve(plan: Plan, stage: str, step_minutes: int = 60) -> list[tuple[int, int]]:
    """`(minute, cars through the stage by then)` every `step_minutes` from minute 0 until all are through.

    `stage` is the name of a stage, or `APPROVED` for signed cars. Cars that skip a stage are through it
    with the stage before; those that had it behind them already count from minute 0 (from their release
    when it is the last that they have done, as it may still be running).

    Raises:
        BadInput: the plan has no such stage, or the step is not positive.
    """
    if step_minutes < 1:
        raise BadInput("a step has at least one minute", where="step_minutes")
    ends = sorted(_ends(plan, stage))
    last = ends[-1] if ends else 0
    steps = -(-last // step_minutes)
    return [
        (minute, bisect_right(ends, minute)) for minute in range(0, steps * step_minutes + 1, step_minutes)
    ]


def _ends(plan: Plan, stage: str) -> list[int]:
    if stage == APPROVED:
        return [job.approved for job in plan.jobs]
    if stage not in plan.stages:
        raise BadInput(
            f"the plan has no stage {stage!r}", where="stage", todo=f"one of {', '.join(plan.stages)}"
        )
    number = plan.stages.index(stage)
    ends = {job.id: _already(job, number) for job in plan.jobs}
    for operation in plan.operations:
        if operation.stage <= number:
            ends[operation.job] = max(ends[operation.job], operation.end)
    return list(ends.values())


def _already(job: PlannedJob, stage: int) -> int:
    return 0 if stage < job.done - 1 else job.release
