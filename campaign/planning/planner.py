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

OVERLOADED = 0.005
"""With fewer late cars than this share, due dates are the better order, and another is not worth its time."""


def plan(snapshot: Snapshot, options: PlanOptions | None = None) -> Plan:
    """The best plan of a small portfolio: least weighted tardiness, then least makespan.

    The same snapshot and options always give the same plan, unless a watch limits the search. It ends at a plan that
    no other can beat. Raises BadInput without a rule, and when work can never start.
    """
    options = options or PlanOptions()
    watch = options.watch or (lambda: 0.0)
    began = watch()
    limits = bounds(snapshot)
    best = _best_of_portfolio(snapshot, options, limits)
    best = improved(snapshot, best, limits, options)
    return written(snapshot, best, limits, watch() - began)


def _best_of_portfolio(snapshot: Snapshot, options: PlanOptions, limits: Bounds) -> Draft:
    """Each rule is tried as long as it may help."""
    pilot = choose_pilot(snapshot)
    best: Draft | None = None
    for rule in options.rules:
        for name, order in _orders(snapshot, pilot, options, limits, rule):
            if best is not None and not _may_help(rule, best, limits):
                break
            draft = drafted(snapshot, name, order, len(pilot))
            if best is None or draft.score < best.score:
                best = draft
    if best is None:
        raise BadInput("a plan needs a rule to order cars by", where="rules")
    return best


def _may_help(rule: Rule, best: Draft, limits: Bounds) -> bool:
    """Levels are for the makespan, look-aheads for a campaign that is too much for its dates."""
    if rule is Rule.TARDINESS_COST:
        return best.tardiness > limits.tardiness and best.late_share > OVERLOADED
    if rule is Rule.LONGEST_FIRST:
        return not best.promised and best.makespan > limits.makespan
    return best.makespan > limits.makespan or (rule is Rule.AS_BEFORE and best.tardiness > limits.tardiness)


def _orders(
    snapshot: Snapshot, pilot: tuple[int, ...], options: PlanOptions, limits: Bounds, rule: Rule
) -> Iterator[tuple[str, list[int]]]:
    match rule:
        case Rule.DUE_DATE:
            for level in options.levels:
                yield f"{rule}, level {level:g}", due_date_order(snapshot, pilot, options.seed, level)
        case Rule.TARDINESS_COST:
            for minutes in options.look_aheads:
                yield f"{rule} {minutes}", tardiness_cost_order(snapshot, pilot, options.seed, minutes)
        case Rule.LONGEST_FIRST:
            yield rule, longest_first_order(snapshot, pilot, limits.binding)
        case Rule.AS_BEFORE:
            yield rule, order_as_before(snapshot, pilot, options.before)
