"""What the planner says: who goes where and when, which batch is signed when, and why a car is late."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from campaign.planning.bounds import Bounds


@dataclass(frozen=True, slots=True)
class Operation:
    """One car on one machine of one stage (an index), from minute `start` to `end`."""

    job: str
    stage: int
    machine: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class PlannedBatch:
    """Cars that QA signs together; from the first start of one of them to the sign-off.

    `formed` says that they belonged together before (the snapshot's `batches`).
    """

    jobs: tuple[str, ...]
    planned_start: int
    planned_end: int
    pilot: bool
    formed: bool = False


class Wait(StrEnum):
    """What a late car waits for most."""

    DUE = "due"  # nothing: alone in the yard it would be late too
    MACHINE = "machine"  # a machine that works on others, `Reason.machine` free at `Reason.until`
    GATE = "gate"  # the approval of the pilot at `until`
    CLOSED = "closed"  # the stage opens again at `until`
    BATCH = "batch"  # the last car of its batch, through at `until`


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a car is late: it waits from minute `since` to `until`, mostly, at a stage ("" for its batch)."""

    wait: Wait
    stage: str
    machine: str
    since: int
    until: int


@dataclass(frozen=True, slots=True)
class PlannedJob:
    """One car's fate: through the last stage at `finish`, signed with batch number `batch` at `approved`.

    `lateness` is the minutes after its due date, 0 when in time or without one; a late car has a `reason`. `release`
    and `done` are the snapshot's.
    """

    id: str
    release: int
    done: int
    finish: int
    batch: int
    approved: int
    lateness: int
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Who goes where and when, in minutes of the snapshot.

    `jobs` are in order of priority. `batches` are in order of their sign-off, the pilot first. `tardiness`
    sums weight x lateness in car-minutes. `gate` is the minute from which cars outside the pilot may start
    the gated stage (0 without a pilot). `rule` names the order that won, `seconds` is what it took by the watch that
    was given (0 without one: planning itself reads no clock).
    """

    stages: tuple[str, ...]
    operations: tuple[Operation, ...]
    batches: tuple[PlannedBatch, ...]
    jobs: tuple[PlannedJob, ...]
    gate: int
    makespan: int
    tardiness: int
    rule: str
    bounds: Bounds
    seconds: float = 0.0

    @property
    def late_jobs(self) -> tuple[str, ...]:
        """Ids of the cars that miss their due date, by priority."""
        return tuple(job.id for job in self.jobs if job.lateness)

    @property
    def binding(self) -> str:
        """The stage that decides how long it takes ("" without stages)."""
        return self.bounds.binding

    @property
    def ranks(self) -> list[str]:
        """Ids of the cars by priority: the place in this list is a car's rank, lower goes first."""
        return [job.id for job in self.jobs]
