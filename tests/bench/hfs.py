"""The public hybrid flow shops in `data/hfs`, as snapshots of the planner."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from campaign.planning.snapshot import BatchLimits, Job, Snapshot, Stage

FOLDER = Path(__file__).parent / "data" / "hfs"
START = datetime(2026, 1, 5, 8, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PublicShop:
    """An instance by its number in the set, and the least makespan that is known for it."""

    number: int
    snapshot: Snapshot
    best_known: int

    @property
    def size(self) -> str:
        """Jobs x stages x machines a stage."""
        stages = self.snapshot.stages
        return f"{len(self.snapshot.jobs)} x {len(stages)} x {len(stages[0].machines)}"


def public_shops() -> list[PublicShop]:
    """All that are kept here, by number."""
    return [_read(file) for file in sorted(FOLDER.glob("*.json"))]


def _read(file: Path) -> PublicShop:
    raw = json.loads(file.read_text())
    stages = tuple(Stage.of(f"stage-{number}", count) for number, count in enumerate(raw["stages"], 1))
    jobs = tuple(Job(f"job-{number}", tuple(row)) for number, row in enumerate(raw["jobs"], 1))
    # Nothing is signed here: a batch of one ends with its job.
    return PublicShop(int(file.stem), Snapshot(START, stages, jobs, BatchLimits(1, 1)), raw["best_known"])
