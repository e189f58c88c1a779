"""How much a planner tries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

Watch = Callable[[], float]
"""Seconds by some clock; only differences count. It is given from outside: planning itself reads no clock."""


class Rule(StrEnum):
    """Orders of priority that the planner can try."""

    DUE_DATE = "due date"
    TARDINESS_COST = "tardiness cost"  # once for each look-ahead
    AS_BEFORE = "as before"  # `PlanOptions.before`: nothing moves that does not have to
    LONGEST_FIRST = "longest first"  # most minutes left on the binding stage


PORTFOLIO = (Rule.DUE_DATE, Rule.TARDINESS_COST, Rule.LONGEST_FIRST)


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """`levels` and `look_aheads` (minutes) are the parameters of the due date rule and of the ATC rule that are tried.

    `rules` are tried in this order; one alone is the quickest re-plan. `before` are ids by their present priority, for
    `AS_BEFORE`. `search_s` seconds of local search follow by the `watch`; `search_tries` limits them without a clock,
    so that the same snapshot and options always give the same plan.
    """

    seed: int = 1
    rules: tuple[Rule, ...] = PORTFOLIO
    levels: tuple[float, ...] = (1.0, 1.2, 1.6, 2.0)
    look_aheads: tuple[int, ...] = (10, 120, 480)
    before: tuple[str, ...] = ()
    search_tries: int = 0
    search_s: float = 0.0
    watch: Watch | None = None
