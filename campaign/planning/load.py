"""Load against capacity: how much of each stage's open machine time a plan uses, hour by hour."""

from __future__ import annotations

from dataclasses import dataclass

from campaign.errors import BadInput
from campaign.planning.calendars import Window, apart
from campaign.planning.plan import Plan
from campaign.planning.resources import Machine, Stage
from campaign.planning.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class LoadPoint:
    """Machine-minutes in the step that begins at `minute`: `busy` of `capacity`, which is never less."""

    minute: int
    busy: int
    capacity: int


@dataclass(frozen=True, slots=True)
class StageLoad:
    """One stage, from minute 0 to the end of the plan."""

    stage: str
    points: tuple[LoadPoint, ...]


def load(snapshot: Snapshot, plan: Plan, step: int = 60) -> tuple[StageLoad, ...]:
    """What every stage does in each `step` minutes, all stages over the same time.

    Capacity is open time of its machines without their outages. A machine that is not free at the start counts as
    busy until then: it works on a car that was started before.

    Raises:
        BadInput: the step is not positive.
    """
    if step < 1:
        raise BadInput("a step has at least one minute", where="step")
    steps = -(-plan.makespan // step)
    work: list[list[Window]] = [[] for _ in snapshot.stages]
    for operation in plan.operations:
        work[operation.stage].append((operation.start, operation.end))
    return tuple(
        StageLoad(stage.name, _points(stage, work[number], step, steps))
        for number, stage in enumerate(snapshot.stages)
    )


def _points(stage: Stage, work: list[Window], step: int, steps: int) -> tuple[LoadPoint, ...]:
    busy, out = [0] * steps, [0] * steps
    for span in work:
        _spread(stage, span, step, busy)
    for machine in stage.machines:
        for outage in apart(machine.outages):
            _spread(stage, outage, step, out)
        for span in _before_free(machine):
            _spread(stage, span, step, busy)
    opened = [stage.calendar.opened(minute * step) for minute in range(steps + 1)]
    return tuple(
        LoadPoint(at * step, busy[at], (opened[at + 1] - opened[at]) * len(stage.machines) - out[at])
        for at in range(steps)
    )


def _spread(stage: Stage, span: Window, step: int, into: list[int]) -> None:
    """Add the minutes of a span to the steps that it touches, as far as the stage is open."""
    begin, end = max(0, span[0]), min(span[1], len(into) * step)
    for at in range(begin // step, -(-end // step)):
        first, last = max(begin, at * step), min(end, (at + 1) * step)
        into[at] += stage.calendar.opened(last) - stage.calendar.opened(first)


def _before_free(machine: Machine) -> list[Window]:
    """When it works on what was started before the plan: until it is free, without its outages."""
    spans, at = [], 0
    for begin, end in apart(machine.outages):
        if begin >= machine.free_from:
            break
        if begin > at:
            spans.append((at, begin))
        at = max(at, end)
    if at < machine.free_from:
        spans.append((at, machine.free_from))
    return spans
