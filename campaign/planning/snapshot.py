"""What a plan is made from: frozen values in integer minutes, where minute 0 is `Snapshot.start`.

Stages are passed in order, each by one of its identical machines. The yard is the case charge (points),
flash (stations), inspect (inspectors). Started work is kept by two numbers: the machine is free from its
end on, and the car, with that stage counted as done, is released at its end.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from campaign.errors import BadInput
from campaign.planning.calendars import Calendar

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Machine:
    """A charge point, a station, an inspector; busy before minute `free_from`."""

    name: str
    free_from: int = 0


@dataclass(frozen=True, slots=True)
class Stage:
    """One step that every car passes on one of identical machines, while its calendar is open."""

    name: str
    machines: tuple[Machine, ...]
    calendar: Calendar = field(default_factory=Calendar.round_the_clock)

    @classmethod
    def of(cls, name: str, count: int, calendar: Calendar | None = None) -> Stage:
        """A stage of `count` machines named `name-1` and so on, all free at minute 0."""
        machines = tuple(Machine(f"{name}-{number}") for number in range(1, count + 1))
        return cls(name, machines, calendar or Calendar.round_the_clock())


@dataclass(frozen=True, slots=True)
class Job:
    """One car on its way. `durations` holds minutes per stage, 0 skips the stage.

    The first `done` stages are behind it. It can go on from minute `release`; it is promised for minute `due`
    (None: no promise), and a minute of lateness counts `weight` times.
    """

    id: str
    durations: tuple[int, ...]
    release: int = 0
    due: int | None = None
    weight: int = 1
    done: int = 0
    variant: str = ""

    def minutes_at(self, stage: int) -> int:
        """Minutes still to be done at a stage: 0 when it is skipped or behind the car."""
        return self.durations[stage] if stage >= self.done else 0


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
    the last stage, the pilot after `pilot_sign_off_minutes`.

    Raises:
        BadInput: a value contradicts another; `where` names it.
    """

    start: datetime
    stages: tuple[Stage, ...]
    jobs: tuple[Job, ...]
    batch_limits: BatchLimits = BatchLimits()
    pilot_size: int = 0
    pilot: tuple[str, ...] = ()
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
        strangers = set(self.pilot) - seen
        if strangers:
            raise BadInput(
                f"pilot cars are not among the jobs: {', '.join(sorted(strangers))}", where="pilot"
            )

    def _check_stage(self, index: int, stage: Stage) -> None:
        longest_job = max((job.minutes_at(index) for job in self.jobs), default=0)
        if len({machine.name for machine in stage.machines}) != len(stage.machines):
            raise BadInput("two machines have one name", where=stage.name)
        if longest_job and not stage.machines:
            raise BadInput("cars need this stage, but it has no machine", where=stage.name)
        if stage.calendar.longest is not None and longest_job > stage.calendar.longest:
            raise BadInput(
                f"a car needs {longest_job} minutes, the longest window has {stage.calendar.longest}",
                where=stage.name,
                todo="open longer",
            )

    def minute_of(self, moment: datetime) -> int:
        """The minute in which a moment lies; negative before the start."""
        return (moment - self.start) // _MINUTE

    def moment_of(self, minute: int) -> datetime:
        """The moment that a minute of the plan means."""
        return self.start + minute * _MINUTE
