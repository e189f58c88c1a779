"""A batch's status: a function of its cars, never a second truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from campaign.domain.vehicle import Status


class BatchStatus(StrEnum):
    """Where a batch stands, as a planner and QA speak of it."""

    PLANNED = "planned"  # waits for its planned start
    OPEN = "open"  # its cars may be charged and flashed
    READY = "ready"  # every car that is left waits for QA
    APPROVED = "approved"  # every car that is left is approved or released
    CLOSED = "closed"  # every car is released or withdrawn


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch as stored: what the plan said, and when it was opened."""

    id: int
    campaign: str
    no: int
    size: int
    planned_start: datetime
    planned_end: datetime
    opened_at: datetime | None = None
    counts: Mapping[Status, int] | None = None

    @property
    def name(self) -> str:
        """What people and Prefect call it: `VBV453C-2026/B007`."""
        return f"{self.campaign}/B{self.no:03d}"

    @property
    def status(self) -> BatchStatus:
        """From its cars."""
        return batch_status(self.counts or {}, opened=self.opened_at is not None)


DONE = frozenset({Status.RELEASED, Status.WITHDRAWN})
SIGNED = DONE | {Status.APPROVED}
FOR_QA = SIGNED | {Status.FLASHED}


def batch_status(counts: Mapping[Status, int], *, opened: bool) -> BatchStatus:
    """The least advanced car decides. An opened batch without any car is closed."""
    present = {status for status, count in counts.items() if count}
    if present <= DONE and opened:
        return BatchStatus.CLOSED
    if present <= SIGNED and opened:
        return BatchStatus.APPROVED
    if present <= FOR_QA and opened:
        return BatchStatus.READY
    return BatchStatus.OPEN if opened else BatchStatus.PLANNED
