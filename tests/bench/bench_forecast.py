"""How honest the forecast's dates are: 200 campaigns of all kinds, forecast at their launch, then really played.

Each forecast sees what planning sees at the launch, and the default `Uncertainty`; then the real services play the
campaign in the simulated yard, under conditions that nobody told the forecast: a cold week with colder nights, a slow
package, tired people, stations down for hours, failures, flaws. The figure is the part of the campaigns whose last car
was approved by the forecast's P80.

The defaults of `Uncertainty` were fitted on other seeds, 10,000 to 10,139, as a site would do it from its own logs:
minutes of charges and flashes against the planned ones (median, spread within and between campaigns), minutes from a
given point to a connected car, minutes of QA, parts of failed and rejected cars, minutes to the next try. Two of them
are not what the logs say: the median of charging was moved from 1.06 to 1.08, for the last charge to end in the middle
of its forecast (a log does not tell how long a free point waits), and stations are taken to be down for 3 h every
fourth day (gaps while two cars wait are more and shorter, but miss what began before). With these the P50, P80 and P95
of those 140 campaigns were kept by 46, 81 and 96 %; nothing was changed after the 200 had been looked at.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from statistics import median

from campaign.planning.forecast import forecast
from tests.bench.measured import Measured, tell
from tests.bench.played import play

NAME = "forecast.p80_coverage"
SEEDS = range(1, 201)
WORKERS = 2
TELL_EVERY = 20


@dataclass(frozen=True, slots=True)
class Outcome:
    """When a campaign ended, and when it should have: minutes after the launch."""

    ended: int
    planned: int
    p50: int
    p80: int
    p95: int


def run() -> Measured:
    """The part of the campaigns that ended by their P80."""
    context = get_context("spawn")
    with ProcessPoolExecutor(min(WORKERS, os.cpu_count() or 1), mp_context=context) as pool:
        outcomes = []
        for outcome in pool.map(judged, SEEDS):
            outcomes.append(outcome)
            if len(outcomes) % TELL_EVERY == 0:
                tell(f"{len(outcomes)} campaigns: {_figures(outcomes)}")
    return Measured.of(
        NAME, _by(outcomes, "p80"), "", f"{len(outcomes)} campaigns played: {_figures(outcomes)}"
    )


def judged(seed: int) -> Outcome:
    """One campaign, forecast and played."""
    played = play(seed)
    said = forecast(played.snapshot, played.plan)
    return Outcome(played.ended, played.plan.makespan, said.p50, said.p80, said.p95)


def _by(outcomes: Sequence[Outcome], percentile: str) -> float:
    return sum(outcome.ended <= getattr(outcome, percentile) for outcome in outcomes) / len(outcomes)


def _figures(outcomes: Sequence[Outcome]) -> str:
    parts = ", ".join(f"{name.upper()} kept by {_by(outcomes, name):.1%}" for name in ("p50", "p80", "p95"))
    wide = median((outcome.p95 - outcome.p50) / 60 for outcome in outcomes)
    return f"{parts}, the plan's own end by {_by(outcomes, 'planned'):.1%}; P95 is {wide:.1f} h after P50 (median)"
