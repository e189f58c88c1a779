"""100,000 cars with 43 times the points, stations and inspectors, after 10,000 with 4 times: closeness, time, memory.

Overloaded, so that both try every rule of the portfolio. One process plans both; its largest memory is that of the
larger one: snapshot, plan and interpreter together.
"""

from __future__ import annotations

import resource
import time

from campaign.planning.check import check
from campaign.planning.plan import Plan
from campaign.planning.planner import plan
from tests.bench.measured import Measured, tell
from tests.bench.peers.fifo import first_in_first_out
from tests.bench.peers.judged import judged
from tests.bench.plan_cases import OVERLOADED, measured_case


def run() -> list[Measured]:
    """Four figures."""
    _, small_s, _, _ = _planned(10_000, 4)
    made, large_s, peak_mb, fifo = _planned(100_000, 43)
    ratio, bound_h = made.makespan / made.bounds.makespan, made.bounds.makespan / 60
    close = (
        f"the lower bound, {bound_h:.1f} h; ours by {made.rule} ({len(made.late_jobs)} late); first in first out "
        f"takes {fifo / bound_h:.4f} of it"
    )
    return [
        Measured.of("plan.100k.makespan_ratio", ratio, "x", close),
        Measured.of("plan.100k.cpu_s", large_s, "s", "the portfolio with its bounds on one core"),
        Measured.of(
            "plan.growth.100k_over_10k",
            large_s / small_s,
            "x",
            f"10000 cars in {small_s:.2f} s of CPU, 100000 in {large_s:.2f}; in proportion it would be 10",
        ),
        Measured.of(
            "plan.100k.rss_mb", peak_mb, "MB", "the most memory that the process had until the plan was made"
        ),
    ]


def _planned(cars: int, scale: int) -> tuple[Plan, float, float, float]:
    """The plan, its CPU seconds, the peak of the process in MB (before anything is checked), fifo's hours."""
    snapshot = measured_case(60, OVERLOADED, cars=cars, scale=scale)
    began = time.process_time()
    made = plan(snapshot)
    seconds = time.process_time() - began
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    tell(f"{cars} cars: {seconds:.2f} s of CPU, {peak_mb:.0f} MB, {made.makespan / 60:.1f} h, {made.rule}")
    if wrong := check(snapshot, made):
        raise RuntimeError(f"our plan breaks a rule: {wrong[0]}")
    return made, seconds, peak_mb, judged(snapshot, first_in_first_out(snapshot)).makespan_h
