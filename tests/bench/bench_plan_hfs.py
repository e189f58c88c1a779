"""Public hybrid flow shops (`data/hfs`), each planned within 3 s: how far above the best known makespan on average.

They have no calendars, dues or pilots: the same core plans them from a plain list of stages.
"""

from __future__ import annotations

import statistics
import time

from campaign.planning.check import check
from campaign.planning.options import PlanOptions
from campaign.planning.planner import plan
from tests.bench.hfs import public_shops
from tests.bench.measured import Measured, tell

NAME = "plan.hfs.gap_percent"
SECONDS = 2.9  # and the rules before: within 3 s in all


def run() -> Measured:
    """The mean gap in percent."""
    gaps = []
    for shop in public_shops():
        began = time.monotonic()
        made = plan(shop.snapshot, PlanOptions(search_s=SECONDS, watch=time.monotonic))
        took = time.monotonic() - began
        if wrong := check(shop.snapshot, made):
            raise RuntimeError(f"instance {shop.number}: {wrong[0]}")
        gaps.append(100 * (made.makespan / shop.best_known - 1))
        tell(
            f"{shop.number:5} {shop.size:13} best known {shop.best_known}, bound {made.bounds.makespan}, "
            f"ours {made.makespan}: {gaps[-1]:.2f} % ({took:.1f} s, {made.rule})"
        )
    said = (
        f"best known makespans of {len(gaps)} public instances (Naderi, Ruiz, Roshanaei 2023), within 3 s each: "
        f"median gap {statistics.median(gaps):.2f} %, largest {max(gaps):.2f} %"
    )
    return Measured.of(NAME, statistics.mean(gaps), "%", said)
