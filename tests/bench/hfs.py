"""The public hybrid flow shops in `data/hfs`, as snapshots of the planner."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from campaign.planning.document import snapshot_from
from campaign.planning.snapshot import Snapshot

FOLDER = Path(__file__).parent / "data" / "hfs"


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
    best = json.loads((FOLDER / "best_known.json").read_text())
    return [
        PublicShop(int(name), snapshot_from(json.loads((FOLDER / f"{name}.json").read_text())), makespan)
        for name, makespan in best.items()
    ]
