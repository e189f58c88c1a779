"""What can be wrong with a plan."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What can be wrong with a plan."""

    UNKNOWN = "unknown"  # a car, stage or machine that the snapshot does not have
    MISSING = "missing"  # a car without an operation that it needs, or in no batch
    DOUBLE = "double"  # a car twice at a stage or in two batches
    DURATION = "duration"  # shorter or longer than the work takes
    RELEASE = "release"  # before the car is released
    ORDER = "order"  # before the stage in front has ended
    OVERLAP = "overlap"  # two cars on one machine at once, or a machine that is not free yet
    CALENDAR = "calendar"  # outside the open windows
    OUTAGE = "outage"  # on a machine while it is out
    CIRCUIT = "circuit"  # more drawn than a circuit gives, or a start while its meter is stale
    CREW = "crew"  # more starts at once than there are technicians, or outside their shifts
    PIN = "pin"  # on another machine than the one that the car is pinned to
    GATE = "gate"  # another car's gated stage before the pilot is approved
    BATCH_SIZE = "batch size"  # too small or too large
    SIGN_OFF = "sign-off"  # a batch's start or end does not follow from its cars
    FORMED = "formed"  # a batch that was formed before has other cars now
    FIGURES = "figures"  # makespan, tardiness or a car's fate differ from the operations


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that a plan must not do: `where` names the car, machine or batch, `detail` the numbers."""

    kind: Kind
    where: str
    detail: str
