"""Whether a plan stays as it is or cars change their places: nothing moves unless it is worth it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from campaign.planning.options import PORTFOLIO, PlanOptions, Rule, Watch
from campaign.planning.plan import Plan
from campaign.planning.planner import plan
from campaign.planning.snapshot import Snapshot
from campaign.services.live_snapshot import Live

WORTH = 2
"""Percent of weighted tardiness or of the makespan that a new order must gain before cars change places."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A plan with the numbers of its batches. `regrouped` is the new batch of cars that change theirs."""

    snapshot: Snapshot
    plan: Plan
    numbers: tuple[int, ...]
    regrouped: Mapping[str, int]


def options(live: Live, watch: Watch | None = None) -> PlanOptions:
    """The present order first, then all that may be better."""
    return PlanOptions(rules=(Rule.AS_BEFORE, *PORTFOLIO), before=live.before, watch=watch)


def decide(live: Live, last_no: int, waiting: tuple[int, ...], watch: Watch) -> Decision:
    """The present order and batches, or, where that is clearly better, new ones of what is not opened yet.

    `waiting` are the numbers of batches that are not opened, `last_no` is the last number of all.
    """
    own: dict[str, int] = {car.vin: car.batch_no for car in live.cars}
    stay = plan(live.together, PlanOptions(rules=(Rule.AS_BEFORE,), before=live.before, watch=watch))
    kept = Decision(live.together, stay, _numbers(stay, own, (), last_no), {})
    if stay.tardiness <= stay.bounds.tardiness and not _shorter(stay.bounds.makespan, stay.makespan):
        return kept
    fresh = plan(live.snapshot, options(live, watch))
    if not _better(fresh, stay):
        return replace(kept, plan=replace(stay, seconds=stay.seconds + fresh.seconds))
    numbers = _numbers(fresh, own, waiting, last_no)
    of = {vin: no for no, batch in zip(numbers, fresh.batches, strict=True) for vin in batch.jobs}
    regrouped = {vin: no for vin, no in of.items() if own[vin] != no}
    fresh = replace(fresh, seconds=stay.seconds + fresh.seconds)
    return Decision(live.snapshot, fresh, numbers, regrouped)


def _better(fresh: Plan, stay: Plan) -> bool:
    if fresh.tardiness != stay.tardiness:
        return _shorter(fresh.tardiness, stay.tardiness)
    return _shorter(fresh.makespan, stay.makespan)


def _shorter(fresh: int, stay: int) -> bool:
    return fresh * 100 <= stay * (100 - WORTH) and fresh < stay


def _numbers(made: Plan, own: Mapping[str, int], waiting: tuple[int, ...], last_no: int) -> tuple[int, ...]:
    """Batches that belong together keep their number; others take that of most of their cars, or a new one."""
    free, numbers = dict.fromkeys(waiting), []
    for batch in made.batches:
        votes = Counter(own[vin] for vin in batch.jobs)
        if batch.pilot or batch.formed:
            numbers.append(votes.most_common(1)[0][0])
            continue
        no = next((no for no, _ in votes.most_common() if no in free), next(iter(free), None))
        if no is None:
            no = last_no = last_no + 1
        free.pop(no, None)
        numbers.append(no)
    return tuple(numbers)
