"""A snapshot from its JSON form (docs/planning.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from campaign.errors import BadInput
from campaign.planning.document.jobs import Jobs, busy
from campaign.planning.document.stages import stage_from
from campaign.planning.document.values import (
    MOST_MACHINES,
    Fields,
    Minutes,
    items,
    read_moment,
    text,
    whole,
    wrong,
)
from campaign.planning.resources import Stage
from campaign.planning.snapshot import BatchLimits, Job, Snapshot

DEFAULT_START = datetime(2026, 1, 5, tzinfo=UTC)
"""What minute 0 means when nothing says it: a Monday, midnight."""
ALONE = BatchLimits(1, 1)
"""Without batches every car is finished by itself."""

GATED = 1
SIGN_OFF = 60
_MOST_IN_BATCH = 10_000
_YEARS = range(1970, 3000)


def snapshot_from(raw: object) -> Snapshot:
    """The snapshot that a JSON document means.

    Raises:
        BadInput: something is unknown, of a wrong type, out of range or contradicts another; `where` is the path to
            it, such as `jobs[3].durations`, and `todo` says what would be right.
    """
    fields = Fields(raw, "", ("start", "stages", "jobs", "gates", "batches"))
    minutes = Minutes(_start(fields))
    stages = _stages(fields, minutes)
    jobs = Jobs(stages, minutes)
    cars = tuple(
        jobs.read(item, path, number) for number, (path, item) in enumerate(items(fields["jobs"], "jobs"), 1)
    )
    gates, batches = _gates(fields, jobs), _batches(fields)
    stages = busy(stages, jobs.running)
    try:
        return Snapshot(
            minutes.start,
            stages,
            cars,
            batches.limits,
            gates.pilot_size,
            gates.pilot,
            batches.formed,
            gates.stage,
            gates.sign_off_minutes,
            batches.sign_off_minutes,
        )
    except BadInput as refused:
        raise _placed(refused, stages, cars) from None


@dataclass(frozen=True, slots=True)
class _Gates:
    pilot_size: int
    pilot: tuple[str, ...]
    stage: int
    sign_off_minutes: int


@dataclass(frozen=True, slots=True)
class _Batches:
    limits: BatchLimits
    formed: tuple[tuple[str, ...], ...]
    sign_off_minutes: int


def _start(fields: Fields) -> datetime:
    if "start" not in fields:
        return DEFAULT_START
    moment = read_moment(fields["start"], "start")
    if moment.year not in _YEARS:
        raise wrong(f"the year {moment.year}", "start", f"a year from {_YEARS[0]} to {_YEARS[-1]}")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _stages(fields: Fields, minutes: Minutes) -> tuple[Stage, ...]:
    stages: list[Stage] = []
    for number, (path, item) in enumerate(items(fields["stages"], "stages"), 1):
        stage = stage_from(item, path, number, minutes)
        if any(known.name == stage.name for known in stages):
            raise wrong("another stage has this name", f"{path}.name", "give each stage a name of its own")
        stages.append(stage)
        if sum(len(known.machines) for known in stages) > MOST_MACHINES:
            raise wrong("too many machines", f"{path}.machines", f"{MOST_MACHINES} of all stages at most")
    return tuple(stages)


def _gates(fields: Fields, jobs: Jobs) -> _Gates:
    known = ("pilot", "pilot_size", "stage", "sign_off_minutes")
    gates = Fields(fields.get("gates", {}), "gates", known)
    raw = gates.get("pilot", [])
    pilot = _ids(raw, "gates.pilot") if isinstance(raw, list) else ()
    if not isinstance(raw, list) and "pilot_size" in gates:
        raise wrong("two sizes of the pilot", "gates.pilot_size", "write one of them")
    size = gates.whole("pilot_size" if isinstance(raw, list) else "pilot", 0)
    stage = gates.get("stage", GATED)
    # A number may be out of range as long as there is no pilot; the snapshot judges that.
    index = jobs.stage(stage, "gates.stage") if isinstance(stage, str) else whole(stage, "gates.stage")
    return _Gates(size, pilot, index, gates.whole("sign_off_minutes", SIGN_OFF))


def _batches(fields: Fields) -> _Batches:
    if "batches" not in fields:
        return _Batches(ALONE, (), 0)
    batches = Fields(fields["batches"], "batches", ("smallest", "largest", "sign_off_minutes", "formed"))
    usual = BatchLimits()
    smallest = batches.whole("smallest", usual.smallest, least=1, most=_MOST_IN_BATCH)
    largest = batches.whole("largest", max(usual.largest, smallest), least=1, most=_MOST_IN_BATCH)
    formed = tuple(_ids(cars, path) for path, cars in batches.items("formed"))
    return _Batches(BatchLimits(smallest, largest), formed, batches.whole("sign_off_minutes", 0))


def _ids(raw: object, where: str) -> tuple[str, ...]:
    return tuple(text(car, path) for path, car in items(raw, where))


def _placed(refused: BadInput, stages: Sequence[Stage], jobs: Sequence[Job]) -> BadInput:
    """What the snapshot itself refused, with a path of the document."""
    places = {
        "batch_limits": ("batches", "let smallest be no larger than largest"),
        "gate_stage": ("gates.stage", "name the stage that waits for the pilot"),
        "pilot": ("gates.pilot", "name cars of the list, each once"),
        "batches": ("batches.formed", "name cars of the list, each once"),
    }
    places |= {job.id: (f"jobs[{index}]", "mend this car") for index, job in enumerate(jobs)}
    places |= {stage.name: (f"stages[{index}]", "add a machine") for index, stage in enumerate(stages)}
    where, todo = places.get(refused.where, (refused.where, "see docs/planning.md"))
    return wrong(refused.what, where, refused.todo or todo)
