"""What if: a snapshot with other machines, cars, hours or closed days; every answer is a new one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import count as count_up
from itertools import islice
from statistics import median_low

from campaign.errors import BadInput
from campaign.planning.calendars import DAY, Calendar
from campaign.planning.resources import NOMINAL, Machine, Stage
from campaign.planning.snapshot import Job, Snapshot


def with_machines(snapshot: Snapshot, stage_name: str, change: int) -> Snapshot:
    """`change` machines more at a stage, or fewer when negative.

    New ones bring their own supply and work at the usual pace of the stage. Those go first that nobody is pinned to,
    and of them the ones that could work first; whoever was pinned to one that is gone may go anywhere.

    Raises:
        BadInput: there is no such stage, not that many machines, or none is left for the cars that need one.
    """
    index = stage_at(snapshot, stage_name)
    machines = snapshot.stages[index].machines
    if change >= 0:
        return _with_stage(snapshot, index, machines=(*machines, *_new(snapshot.stages[index], change)))
    if -change > len(machines):
        raise BadInput(f"{-change} machines fewer, but there are {len(machines)}", where=stage_name)
    gone = _dispensable(snapshot, index, -change)
    jobs = tuple(_unpinned(job, gone) if job.pins else job for job in snapshot.jobs)
    left = tuple(machine for machine in machines if (index, machine.name) not in gone)
    return _with_stage(replace(snapshot, jobs=jobs), index, machines=left)


def with_cars(snapshot: Snapshot, count: int) -> Snapshot:
    """`count` cars more, `extra-1` and so on, with the mix of the cars that have nothing behind them yet.

    They stand in the yard from minute 0 and are like cars spread evenly over the list: durations, promise, weight
    and variant.

    Raises:
        BadInput: the count is negative, or there is no car to be like.
    """
    if count < 0:
        raise BadInput(f"{count} cars more", where="cars", todo="give a number from 0 on")
    models = [job for job in snapshot.jobs if not job.done] or list(snapshot.jobs)
    if count and not models:
        raise BadInput("there is no car that others could be like", where="cars")
    names = _unused("extra-", (job.id for job in snapshot.jobs), count)
    extra = (
        replace(models[place * len(models) // count], id=name, release=0, done=0, pins=())
        for place, name in enumerate(names)
    )
    return replace(snapshot, jobs=(*snapshot.jobs, *extra))


def closed_between(snapshot: Snapshot, begin: int, end: int) -> Snapshot:
    """Nothing works from minute `begin` to `end`, no stage and nobody of a crew: a holiday, a typhoon.

    Raises:
        BadInput: it does not end after it begins.
    """
    if begin >= end:
        raise BadInput(f"closed from {begin} to {end}", where="closed", todo="let it end after it begins")
    return replace(snapshot, stages=tuple(_closed(stage, begin, end) for stage in snapshot.stages))


def with_calendar(snapshot: Snapshot, stage_name: str, calendar: Calendar) -> Snapshot:
    """One stage works at other hours; closed days are those of the new calendar.

    Raises:
        BadInput: there is no such stage, or its work does not fit into the new windows.
    """
    return _with_stage(snapshot, stage_at(snapshot, stage_name), calendar=calendar)


def opened_longer(snapshot: Snapshot, stage_name: str, minutes: int) -> Snapshot:
    """One stage and its crew go on so many minutes longer every day; `DAY` is round the clock, on closed weekdays too.

    Raises:
        BadInput: there is no such stage.
    """
    index = stage_at(snapshot, stage_name)
    stages = list(snapshot.stages)
    crew = stages[index].crew
    if crew is not None:
        crew = replace(crew, calendar=_longer(crew.calendar, minutes))
    stages[index] = replace(stages[index], calendar=_longer(stages[index].calendar, minutes), crew=crew)
    return replace(snapshot, stages=tuple(stages))


def postponed(snapshot: Snapshot, minutes: int) -> Snapshot:
    """Every promise that much later."""
    jobs = tuple(job if job.due is None else replace(job, due=job.due + minutes) for job in snapshot.jobs)
    return replace(snapshot, jobs=jobs)


def stage_at(snapshot: Snapshot, name: str) -> int:
    """The index of the stage of that name. Raises BadInput."""
    for index, stage in enumerate(snapshot.stages):
        if stage.name == name:
            return index
    known = ", ".join(stage.name for stage in snapshot.stages)
    raise BadInput(f"there is no stage {name!r}", where="stage", todo=f"one of {known}" if known else "")


def _with_stage(
    snapshot: Snapshot,
    index: int,
    *,
    machines: tuple[Machine, ...] | None = None,
    calendar: Calendar | None = None,
) -> Snapshot:
    stages = list(snapshot.stages)
    old = stages[index]
    stages[index] = replace(
        old,
        machines=old.machines if machines is None else machines,
        calendar=old.calendar if calendar is None else calendar,
    )
    return replace(snapshot, stages=tuple(stages))


def _new(stage: Stage, count: int) -> list[Machine]:
    pace = median_low(machine.pace for machine in stage.machines) if stage.machines else NOMINAL
    names = _unused(f"{stage.name}+", (machine.name for machine in stage.machines), count)
    return [Machine(name, pace=pace) for name in names]


def _dispensable(snapshot: Snapshot, index: int, count: int) -> set[tuple[int, str]]:
    """The stage and name of the machines that are taken away."""
    pinned = {pin for job in snapshot.jobs for pin in job.pins}
    machines = enumerate(snapshot.stages[index].machines)
    ranked = sorted(
        machines, key=lambda at: ((index, at[1].name) in pinned, bool(at[1].outages), at[1].free_from, -at[0])
    )
    return {(index, machine.name) for _, machine in ranked[:count]}


def _unpinned(job: Job, gone: set[tuple[int, str]]) -> Job:
    return replace(job, pins=tuple(pin for pin in job.pins if pin not in gone))


def _longer(calendar: Calendar, minutes: int) -> Calendar:
    return Calendar(closed=calendar.closed) if minutes >= DAY else calendar.longer(minutes)


def _closed(stage: Stage, begin: int, end: int) -> Stage:
    crew = stage.crew
    if crew is not None:
        crew = replace(crew, calendar=crew.calendar.closing((begin, end)))
    return replace(stage, calendar=stage.calendar.closing((begin, end)), crew=crew)


def _unused(prefix: str, taken: Iterable[str], count: int) -> list[str]:
    """The first so many names `prefix1`, `prefix2` ... that nobody has."""
    known = set(taken)
    return list(islice((name for name in (f"{prefix}{n}" for n in count_up(1)) if name not in known), count))
