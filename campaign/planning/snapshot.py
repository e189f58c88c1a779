"""What a plan is made from: frozen values in integer minutes, where minute 0 is `Snapshot.start`.

Stages are passed in order, each on one of its machines. The yard is the case charge (points), flash (stations),
inspect (inspectors). Started work is kept by two numbers: the machine is free from its end on, and the car, with that
stage counted as done, is released at its end. The JSON form is `campaign.planning.document`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from campaign.errors import BadInput
from campaign.planning.resources import Circuit, Crew, Machine, Stage

__all__ = ["BatchLimits", "Circuit", "Crew", "Job", "Machine", "Snapshot", "Stage"]

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Job:
    """One car on its way. `durations` holds minutes per stage, 0 skips the stage.

    The first `done` stages are behind it. It can go on from minute `release`; it is promised for minute `due`
    (None: no promise), and a minute of lateness counts `weight` times. `pins` are (stage, machine): where it must be
    worked on, because it stands there or somebody decided so.
    """

    id: str
    durations: tuple[int, ...]
    release: int = 0
    due: int | None = None
    weight: int = 1
    done: int = 0
    variant: str = ""
    pins: tuple[tuple[int, str], ...] = ()

    def minutes_at(self, stage: int) -> int:
        """Minutes still to be done at a stage: 0 when it is skipped or behind the car."""
        return self.durations[stage] if stage >= self.done else 0

    def pinned_to(self, stage: int) -> str | None:
        """The machine that it must use at a stage, None when any will do."""
        return next((machine for at, machine in self.pins if at == stage), None)


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """Sizes of the batches that QA signs; the pilot has its own size."""

    smallest: int = 30
    largest: int = 50


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that a plan depends on, at one moment.

    `pilot` names the cars that are the pilot already; when it is empty, the planner chooses `pilot_size`
    cars. Without both there is no gate (the pilot is approved). Until the pilot is approved no other car
    may start stage `gate_stage` (rule 10). A batch is approved `sign_off_minutes` after its last car left
    the last stage, the pilot after `pilot_sign_off_minutes`. `batches` are cars that belong together already (a
    batch that was opened); the planner forms batches of the others within `batch_limits`.

    Raises:
        BadInput: a value contradicts another; `where` names it.
    """

    start: datetime
    stages: tuple[Stage, ...]
    jobs: tuple[Job, ...]
    batch_limits: BatchLimits = BatchLimits()
    pilot_size: int = 0
    pilot: tuple[str, ...] = ()
    batches: tuple[tuple[str, ...], ...] = ()
    gate_stage: int = 1
    pilot_sign_off_minutes: int = 60
    sign_off_minutes: int = 0

    def __post_init__(self) -> None:
        if self.start.utcoffset() is None:
            raise BadInput("the start has no time zone", where="start")
        if not 1 <= self.batch_limits.smallest <= self.batch_limits.largest:
            raise BadInput("batch sizes must be 1 <= smallest <= largest", where="batch_limits")
        if (self.pilot_size or self.pilot) and not 0 <= self.gate_stage < len(self.stages):
            raise BadInput(f"there is no stage {self.gate_stage}", where="gate_stage")
        if min(self.pilot_size, self.pilot_sign_off_minutes, self.sign_off_minutes) < 0:
            raise BadInput("sizes and minutes are never negative", where="snapshot")
        self._check_jobs()
        for index, stage in enumerate(self.stages):
            self._check_stage(index, stage)

    def _check_jobs(self) -> None:
        seen: set[str] = set()
        for job in self.jobs:
            if job.id in seen:
                raise BadInput("the car is listed twice", where=job.id)
            seen.add(job.id)
            if len(job.durations) != len(self.stages) or not 0 <= job.done <= len(self.stages):
                raise BadInput(f"durations and done must fit {len(self.stages)} stages", where=job.id)
            if min(job.durations, default=0) < 0 or job.release < 0 or job.weight < 0:
                raise BadInput("durations, release and weight are never negative", where=job.id)
            if job.pins:
                self._check_pins(job)
        self._check_groups(seen)

    def _check_pins(self, job: Job) -> None:
        for stage, machine in job.pins:
            if not 0 <= stage < len(self.stages):
                raise BadInput(f"pinned to stage {stage}, which there is not", where=job.id)
            if all(known.name != machine for known in self.stages[stage].machines):
                raise BadInput(f"pinned to {machine}, which stage {stage} does not have", where=job.id)

    def _check_groups(self, known: set[str]) -> None:
        """The pilot and the batches formed before: known cars, each in one of them at most."""
        if any(self.batches) and self.pilot_size and not self.pilot:
            raise BadInput("cars are in batches already, the pilot cannot be chosen any more", where="pilot")
        grouped: set[str] = set()
        for name, cars in [("pilot", self.pilot), *(("batches", batch) for batch in self.batches)]:
            if strangers := set(cars) - known:
                raise BadInput(f"not among the jobs: {', '.join(sorted(strangers))}", where=name)
            if len(set(cars)) != len(cars) or grouped & set(cars):
                raise BadInput("a car is in two batches", where=name)
            grouped |= set(cars)

    def _check_stage(self, index: int, stage: Stage) -> None:
        longest_job = max((job.minutes_at(index) for job in self.jobs), default=0)
        if longest_job and not stage.machines:
            raise BadInput("cars need this stage, but it has no machine", where=stage.name)
        slowest = max((machine.minutes(longest_job) for machine in stage.machines), default=0)
        if stage.calendar.longest is not None and slowest > stage.calendar.longest:
            raise BadInput(
                f"a car needs {slowest} minutes, the longest window has {stage.calendar.longest}",
                where=stage.name,
                todo="open longer",
            )

    def minute_of(self, moment: datetime) -> int:
        """The minute in which a moment lies; negative before the start."""
        return (moment - self.start) // _MINUTE

    def moment_of(self, minute: int) -> datetime:
        """The moment that a minute of the plan means."""
        return self.start + minute * _MINUTE
