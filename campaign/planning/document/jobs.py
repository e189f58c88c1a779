"""Cars in JSON: `[360, 45, 10]`, minutes per stage, or an object; what runs now holds its machine until it ends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from campaign.planning.document.values import (
    MOST_MINUTES,
    Fields,
    Minutes,
    items,
    shown,
    text,
    whole,
    wrong,
)
from campaign.planning.resources import Stage
from campaign.planning.snapshot import Job

MOST_WEIGHT = 1_000_000

_FIELDS = (
    "id", "durations", "release", "due", "weight", "variant", "stage_done", "machine", "running_until", "pins",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Running:
    """Work that has begun: it holds a machine of a stage until a minute. `where` is the car's path."""

    where: str
    stage: int
    machine: str
    until: int


class Jobs:
    """Reads cars over the stages that they pass."""

    def __init__(self, stages: Sequence[Stage], minutes: Minutes) -> None:
        self._stages, self._minutes = stages, minutes
        self._at = {stage.name: index for index, stage in enumerate(stages)}
        self._machines = [{machine.name for machine in stage.machines} for stage in stages]
        self.running: list[Running] = []

    def read(self, raw: object, where: str, number: int) -> Job:
        """The car in place `number`, counted from 1; what runs on it is kept in `running`. Raises BadInput."""
        if isinstance(raw, list):
            return Job(f"job-{number}", self._durations(raw, where))
        fields = Fields(raw, where, _FIELDS)
        due = fields.get("due")
        job = Job(
            id=fields.text("id", f"job-{number}"),
            durations=self._durations(fields["durations"], fields.at("durations")),
            release=self._minutes.read(fields["release"], fields.at("release")) if "release" in fields else 0,
            due=None if due is None else self._minutes.read(due, fields.at("due"), least=-MOST_MINUTES),
            weight=fields.whole("weight", 1, most=MOST_WEIGHT),
            done=self._done(fields),
            variant=fields.text("variant", ""),
            pins=tuple(self._pins(fields)),
        )
        return self._begun(job, fields) if "running_until" in fields or "machine" in fields else job

    def stage(self, raw: object, where: str) -> int:
        """A stage by its name, or by its number from 0. Raises BadInput."""
        if not isinstance(raw, str):
            return whole(raw, where, most=max(0, len(self._stages) - 1))
        if raw not in self._at:
            raise wrong(f"there is no stage {shown(raw)}", where, f"one of {', '.join(self._at)}")
        return self._at[raw]

    def _durations(self, raw: object, where: str) -> tuple[int, ...]:
        durations = tuple(whole(minutes, path) for path, minutes in items(raw, where))
        if len(durations) != len(self._stages):
            what = f"{len(durations)} durations for {len(self._stages)} stages"
            raise wrong(what, where, "write minutes for each stage, 0 skips it")
        return durations

    def _done(self, fields: Fields) -> int:
        """How many stages are behind it: their number, or the name of the last one."""
        if "stage_done" not in fields:
            return 0
        raw, where = fields["stage_done"], fields.at("stage_done")
        return (
            self.stage(raw, where) + 1 if isinstance(raw, str) else whole(raw, where, most=len(self._stages))
        )

    def _pins(self, fields: Fields) -> Iterator[tuple[int, str]]:
        if "pins" not in fields:
            return
        raw, where = fields["pins"], fields.at("pins")
        if not isinstance(raw, Mapping):
            raise wrong(f"{shown(raw)} is not an object", where, 'write {"flash": "ST-2"}')
        for stage, machine in raw.items():
            index = self.stage(stage, where)
            yield index, self._machine(index, machine, f"{where}.{stage}")

    def _machine(self, stage: int, raw: object, where: str) -> str:
        name = text(raw, where)
        if name not in self._machines[stage]:
            what = f"stage {self._stages[stage].name} has no machine {shown(name)}"
            raise wrong(what, where, "name one of its machines")
        return name

    def _begun(self, job: Job, fields: Fields) -> Job:
        """The stage after those that are done runs now: it counts as done, and the car goes on at its end."""
        if "release" in fields:
            raise wrong("a running car goes on when its work ends", fields.at("release"), "leave it out")
        if job.done == len(self._stages):
            raise wrong(
                "it runs, but all stages are done", fields.at("stage_done"), "count finished stages only"
            )
        until = self._minutes.read(fields["running_until"], fields.at("running_until"))
        machine = self._machine(job.done, fields["machine"], fields.at("machine"))
        if job.pinned_to(job.done) not in (None, machine):
            raise wrong("it is pinned to another machine", fields.at("machine"), "name one machine")
        self.running.append(Running(fields.where, job.done, machine, until))
        return replace(job, done=job.done + 1, release=until)


def busy(stages: Sequence[Stage], running: Iterable[Running]) -> tuple[Stage, ...]:
    """The stages with machines that are not free before the end of what runs on them.

    Raises:
        BadInput: two cars run on one machine.
    """
    until: dict[tuple[int, str], int] = {}
    for work in running:
        if (work.stage, work.machine) in until:
            what = f"another car runs on {shown(work.machine)} already"
            raise wrong(what, f"{work.where}.machine", "name the machine on which it stands")
        until[work.stage, work.machine] = work.until
    return tuple(
        replace(
            stage,
            machines=tuple(
                replace(machine, free_from=max(machine.free_from, until.get((index, machine.name), 0)))
                for machine in stage.machines
            ),
        )
        for index, stage in enumerate(stages)
    )


def job_to(job: Job, stages: Sequence[Stage]) -> dict[str, object]:
    """Its JSON form, without what is as usual."""
    told: dict[str, object] = {"id": job.id, "durations": list(job.durations)}
    if job.due is not None:
        told["due"] = job.due
    if job.weight != 1:
        told["weight"] = job.weight
    unusual: dict[str, object] = {
        "release": job.release,
        "variant": job.variant,
        "stage_done": job.done,
        "pins": {stages[stage].name: machine for stage, machine in job.pins},
    }
    return told | {name: value for name, value in unusual.items() if value}
