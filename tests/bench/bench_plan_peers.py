"""Weighted tardiness of 2,300 cars that cannot all be in time, by peers and by ours: car-hours, less is better.

Waves of 40 and first in first out are what people do by hand. CP-SAT and pyjobshop get a minute on the clock each and
two workers (three minutes when they found nothing in one), ours its portfolio; then both get our plan to start from.
Every timetable is batched by our batching and passes our check, or the row says what it breaks.
"""

from __future__ import annotations

import time

from campaign.planning.plan import Plan
from campaign.planning.planner import plan
from campaign.planning.priority import choose_pilot
from campaign.planning.snapshot import Snapshot
from tests.bench.measured import Goal, Measured, tell
from tests.bench.peers.fifo import first_in_first_out
from tests.bench.peers.judged import Judged, judged, of_plan
from tests.bench.peers.solvers import solved
from tests.bench.peers.waves import waves
from tests.bench.plan_cases import OVERLOADED, measured_case

NAME = "plan.2300.60pts.over.tardiness_hours"
ALONE_S, PATIENT_S, HINTED_S = 60.0, 180.0, 30.0  # three minutes when one gave nothing


def run() -> list[Measured]:
    """One figure per peer."""
    snapshot = measured_case(60, OVERLOADED)
    began = time.process_time()
    made = plan(snapshot)
    seconds = time.process_time() - began
    tell(f"ours: {of_plan(snapshot, made)}, {seconds:.2f} s of CPU")
    return [
        _waves(snapshot, made, seconds),
        _fifo(snapshot, made, seconds),
        _solver("cp_sat", "OR-Tools CP-SAT", snapshot, made, seconds),
        _solver("pyjobshop", "pyjobshop", snapshot, made, seconds),
    ]


def _waves(snapshot: Snapshot, ours: Plan, seconds: float) -> Measured:
    kind = judged(snapshot, waves(snapshot, overlapping=True))
    said = f"waves of 40; when the next wave takes machines as they come free: {kind}"
    return _figure("waves", said, judged(snapshot, waves(snapshot)), ours, seconds)


def _fifo(snapshot: Snapshot, ours: Plan, seconds: float) -> Measured:
    kind = judged(snapshot, first_in_first_out(snapshot, choose_pilot(snapshot)))
    said = f"first in, first out; with our pilot instead of the first 20: {kind}"
    return _figure("fifo", said, judged(snapshot, first_in_first_out(snapshot)), ours, seconds)


def _solver(name: str, title: str, snapshot: Snapshot, ours: Plan, seconds: float) -> Measured:
    tell(f"{title}: {ALONE_S:g} s alone, then {HINTED_S:g} s from our plan")
    seconds_alone = ALONE_S
    alone = solved(name, ALONE_S)
    if alone is None:
        seconds_alone = PATIENT_S
        tell(f"{title} found nothing; {PATIENT_S:g} s more")
        alone = solved(name, PATIENT_S)
    hinted = solved(name, HINTED_S, hint=True)
    if alone is None and hinted is None:
        raise RuntimeError(f"{title} found nothing, not even from our plan")
    if alone is None:
        said = f"{title} found nothing in {seconds_alone:g} s; this is what it made of our plan in {HINTED_S:g} s"
        return _figure(name, said, judged(snapshot, hinted), ours, seconds)
    after = "nothing" if hinted is None else f"{judged(snapshot, hinted)}"
    said = f"{title} in {seconds_alone:g} s ({alone.note}); from our plan in {HINTED_S:g} s: {after}"
    return _figure(name, said, judged(snapshot, alone), ours, seconds)


def _figure(peer: str, said: str, found: Judged, ours: Plan, seconds: float) -> Measured:
    hours = ours.tardiness / 60
    tell(f"{peer}: {found}; {said}")
    wrong = f" BREAKS {found.violations[0]}!" if found.violations else ""
    ours_too = f"{hours:,.0f} h, {ours.makespan / 60:.1f} h long, in {seconds:.2f} s of CPU"
    text = f"{found.tardiness_h / hours:.3g} times ours ({ours_too}). {found.makespan_h:.1f} h long: {said}{wrong}"
    return Measured.of(f"{NAME}.{peer}", found.tardiness_h, "h", text, Goal(round(hours), at_least=True))
