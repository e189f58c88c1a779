"""How close the plan of 2,300 cars comes to the lower bounds, and what it costs.

The portfolio with its defaults, no search: four cases, 20 and 60 points, promises tight and overloaded. The peers in
the same run are first in first out, and the bound itself, which no plan beats.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from campaign.planning.check import check
from campaign.planning.plan import Plan
from campaign.planning.planner import plan
from tests.bench.measured import Measured, tell
from tests.bench.peers.fifo import first_in_first_out
from tests.bench.peers.judged import Judged, judged
from tests.bench.plan_cases import OVERLOADED, TIGHT, measured_case


@dataclass(frozen=True, slots=True)
class _Run:
    case: str
    plan: Plan
    cpu_s: float
    fifo: Judged

    @property
    def ratio(self) -> float:
        return self.plan.makespan / self.plan.bounds.makespan

    @property
    def peer(self) -> str:
        bound_h = self.plan.bounds.makespan / 60
        return (
            f"the lower bound, {bound_h:.1f} h; first in first out takes {self.fifo.makespan_h / bound_h:.4f} of it; "
            f"ours by {self.plan.rule}, {len(self.plan.late_jobs)} late, {self.cpu_s:.2f} s of CPU"
        )


def run() -> list[Measured]:
    """Four figures."""
    runs = {
        (points, dues): _run(points, dues, name)
        for points in (20, 60)
        for dues, name in ((TIGHT, "tight"), (OVERLOADED, "overloaded"))
    }
    over, worst = runs[60, OVERLOADED], max(runs.values(), key=lambda one: one.cpu_s)
    hours, bound = over.plan.tardiness / 60, over.plan.bounds.tardiness / 60
    tardiness = (
        f"the lower bound, {bound:,.0f} car-hours; ours {hours:,.0f} by {over.plan.rule} ({len(over.plan.late_jobs)} "
        f"late); first in first out {over.fifo.tardiness_h:,.0f}, {over.fifo.tardiness_h / bound:.3g} times the bound"
    )
    spent = ", ".join(f"{one.case} {one.cpu_s:.2f}" for one in runs.values())
    return [
        Measured.of("plan.2300.20pts.makespan_ratio", runs[20, TIGHT].ratio, "x", runs[20, TIGHT].peer),
        Measured.of("plan.2300.60pts.makespan_ratio", runs[60, TIGHT].ratio, "x", runs[60, TIGHT].peer),
        Measured.of("plan.2300.60pts.over.tardiness_ratio", hours / bound, "x", tardiness),
        Measured.of(
            "plan.2300.cpu_s", worst.cpu_s, "s", f"the four cases, bounds included: {spent} s of CPU"
        ),
    ]


def _run(points: int, dues: tuple[float, float], name: str) -> _Run:
    snapshot = measured_case(points, dues)
    spent = []
    for _ in range(3):
        began = time.process_time()
        made = plan(snapshot)
        spent.append(time.process_time() - began)
    if wrong := check(snapshot, made):
        raise RuntimeError(f"our plan breaks a rule: {wrong[0]}")
    done = _Run(
        f"{points} points {name}", made, sorted(spent)[1], judged(snapshot, first_in_first_out(snapshot))
    )
    tell(f"{done.case}: {made.makespan / 60:.1f} h, {made.tardiness / 60:,.0f} h late; {done.peer}")
    return done
