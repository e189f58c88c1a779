"""From a snapshot to a plan: a few orders of priority are laid out, the best one is the plan."""

from __future__ import annotations

from collections.abc import Iterator

from campaign.errors import BadInput
from campaign.planning.bounds import Bounds, bounds
from campaign.planning.drafting import Draft, drafted
from campaign.planning.options import PlanOptions, Rule
from campaign.planning.plan import Plan
from campaign.planning.priority import (
    choose_pilot,
    due_date_order,
    longest_first_order,
    order_as_before,
    tardiness_cost_order,
)
from campaign.planning.search import improved
from campaign.planning.snapshot import Snapshot
from campaign.planning.writing import written


def plan(snapshot: Snapshot, options: PlanOptions | None = None) -> Plan:
    """The best plan of a small portfolio: least weighted tardiness, then least makespan.

    The same snapshot and options always give the same plan, unless a watch limits the search. It ends at a plan that
    no other can beat.
    """
    options = options or PlanOptions()
    watch = options.watch or (lambda: 0.0)
    began = watch()
    limits = bounds(snapshot)
    best: Draft | None = None
    for draft in _drafts(snapshot, options, limits):
        if best is None or draft.score < best.score:
            best = draft
        if reached(best, limits):
            break
    if best is None:
        raise BadInput("a plan needs a rule to order cars by", where="rules")
    if not reached(best, limits):
        best = improved(snapshot, best, limits, options)
    return written(snapshot, best, limits, watch() - began)


def reached(draft: Draft, limits: Bounds) -> bool:
    """Whether no plan can be better."""
    return draft.tardiness <= limits.tardiness and draft.makespan <= limits.makespan


def _drafts(snapshot: Snapshot, options: PlanOptions, limits: Bounds) -> Iterator[Draft]:
    pilot = choose_pilot(snapshot)
    for rule, order in _orders(snapshot, pilot, options, limits):
        yield drafted(snapshot, rule, order, len(pilot))


def _orders(
    snapshot: Snapshot, pilot: tuple[int, ...], options: PlanOptions, limits: Bounds
) -> Iterator[tuple[str, list[int]]]:
    for rule in options.rules:
        match rule:
            case Rule.DUE_DATE:
                yield rule, due_date_order(snapshot, pilot, options.seed)
            case Rule.TARDINESS_COST:
                for minutes in options.look_aheads:
                    name = f"{rule} {minutes}"
                    yield name, tardiness_cost_order(snapshot, pilot, options.seed, minutes)
            case Rule.LONGEST_FIRST:
                yield rule, longest_first_order(snapshot, pilot, limits.binding)
            case Rule.AS_BEFORE:
                yield rule, order_as_before(snapshot, pilot, options.before)
