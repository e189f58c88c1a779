"""What would make promises feasible: machines, hours or days more, each the least amount that was found to do.

A remedy is proven by a plan that keeps every promise which any plan can keep. How many plans are tried is limited.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from campaign.planning.alone import impossible
from campaign.planning.bounds import bounds
from campaign.planning.calendars import DAY, Calendar
from campaign.planning.options import PlanOptions, Rule
from campaign.planning.plan import Plan
from campaign.planning.planner import plan as planned
from campaign.planning.resources import Stage
from campaign.planning.scenario import opened_longer, postponed, stage_at, with_machines
from campaign.planning.snapshot import Snapshot

__all__ = ["Remedy", "RemedyKind", "impossible", "remedies"]

HOUR = 60
MOST_PLANS, MOST_CARS = 40, 100_000
"""For all remedies together: plans tried, and cars laid out by them."""
MOST_STAGES = 2
"""Stages that each kind of remedy is tried at."""

_FEW = 8  # machines more that are tried where there are hardly any
_QUICK = PlanOptions(rules=(Rule.DUE_DATE, Rule.TARDINESS_COST), look_aheads=(120,))


class RemedyKind(StrEnum):
    """What there is more of."""

    MACHINES = "machines"
    HOURS = "hours"
    DAYS = "days"


@dataclass(frozen=True, slots=True)
class Remedy:
    """`amount` machines more at a stage; minutes a day that it is open longer (`DAY`: round the clock), with its crew;
    or days that every promise is later (the stage is "").

    `late` cars stay late then: those that no plan can bring in time. `makespan` is when all is done then.
    """

    kind: RemedyKind
    stage: str
    amount: int
    late: int
    makespan: int


def remedies(
    snapshot: Snapshot, plan: Plan, options: PlanOptions | None = None, *, most_plans: int | None = None
) -> tuple[Remedy, ...]:
    """The least amounts that help, at the stages where late cars wait most; none when no car is late.

    Each is alone: not one of several to take together. What does not help up to four times the machines, or round
    the clock, is left out. With `options` plans are made as they say, else by few rules; `most_plans` limits them.
    """
    if not plan.late_jobs:
        return ()
    if most_plans is None:
        most_plans = min(MOST_PLANS, MOST_CARS // len(snapshot.jobs))
    hopeless = frozenset(impossible(snapshot))
    curable = not hopeless.issuperset(plan.late_jobs)
    search = _Search(snapshot, hopeless if curable else frozenset(), options or _QUICK, most_plans)
    waited = _waited_for(plan)
    closing = [stage for stage in waited if _night(snapshot.stages[stage_at(snapshot, stage)])]
    found: list[Remedy | None] = [_days(plan, search)]
    found += [_hours(stage, search) for stage in closing[:MOST_STAGES]]
    if curable:
        found += [_machines(stage, search) for stage in waited[:MOST_STAGES]]
    return tuple(remedy for remedy in reversed(found) if remedy is not None)


Scenario = Callable[[Snapshot, int], Snapshot]
"""The snapshot with an amount of a remedy."""


class _Search:
    """Looks for good plans: those in which only cars of `allowed` are late. It makes so many at most."""

    def __init__(
        self, snapshot: Snapshot, allowed: frozenset[str], options: PlanOptions, most_plans: int
    ) -> None:
        self.snapshot, self.allowed = snapshot, allowed
        self._options, self._left = options, most_plans
        jobs = (replace(job, due=None) if job.id in allowed else job for job in snapshot.jobs)
        self._others = replace(snapshot, jobs=tuple(jobs))

    def least(self, scenario: Scenario, most: int) -> tuple[int, Plan] | None:
        """The least amount from 1 to `most` with a good plan: doubled until there is one, then halved."""
        if not self._thinkable(scenario, most):
            return None
        low, amount = 0, 1
        while low < most:
            made = self._good(scenario, amount)
            if made is not None:
                return self.between(low, amount, made, scenario)
            low, amount = amount, min(2 * amount, most)
        return None

    def between(self, low: int, high: int, best: Plan, scenario: Scenario) -> tuple[int, Plan]:
        """The least amount above `low`, which is too little, up to `high`, which the plan `best` proves."""
        while high - low > 1:
            middle = (low + high) // 2
            made = self._good(scenario, middle)
            if made is None:
                low = middle
            else:
                best, high = made, middle
        return high, best

    def _good(self, scenario: Scenario, amount: int) -> Plan | None:
        """A good plan, None when none was found or none may be tried any more."""
        if not self._left or not self._thinkable(scenario, amount):
            return None
        self._left -= 1
        made = planned(scenario(self.snapshot, amount), self._options)
        return made if self.allowed.issuperset(made.late_jobs) else None

    def _thinkable(self, scenario: Scenario, amount: int) -> bool:
        """Whether the bounds leave room for a good plan: they cost far less than a plan."""
        return not bounds(scenario(self._others, amount)).tardiness


def _days(plan: Plan, search: _Search) -> Remedy:
    """The plan itself proves that its greatest lateness is enough."""

    def later(snapshot: Snapshot, days: int) -> Snapshot:
        return postponed(snapshot, days * DAY)

    latest = max(job.lateness for job in plan.jobs if job.id not in search.allowed)
    days, made = search.between(0, -(-latest // DAY), plan, later)
    late = sum(job.lateness > days * DAY for job in plan.jobs) if made is plan else len(made.late_jobs)
    return Remedy(RemedyKind.DAYS, "", days, late, made.makespan)


def _hours(stage: str, search: _Search) -> Remedy | None:
    most = -(-_night(search.snapshot.stages[stage_at(search.snapshot, stage)]) // HOUR)

    def longer(snapshot: Snapshot, hours: int) -> Snapshot:
        return opened_longer(snapshot, stage, DAY if hours == most else hours * HOUR)

    found = search.least(longer, most)
    if found is None:
        return None
    hours, made = found
    amount = DAY if hours == most else hours * HOUR
    return Remedy(RemedyKind.HOURS, stage, amount, len(made.late_jobs), made.makespan)


def _machines(stage: str, search: _Search) -> Remedy | None:
    there = len(search.snapshot.stages[stage_at(search.snapshot, stage)].machines)

    def more(snapshot: Snapshot, count: int) -> Snapshot:
        return with_machines(snapshot, stage, count)

    found = search.least(more, max(_FEW, 3 * there))
    if found is None:
        return None
    count, made = found
    return Remedy(RemedyKind.MACHINES, stage, count, len(made.late_jobs), made.makespan)


def _waited_for(plan: Plan) -> list[str]:
    """The binding stage and those that late cars wait for, the stage of most of them first."""
    waits = Counter(job.reason.stage for job in plan.jobs if job.reason is not None)
    waits[plan.binding] += 0
    return sorted((stage for stage in plan.stages if stage in waits), key=lambda stage: -waits[stage])


def _night(stage: Stage) -> int:
    """Minutes a day that the stage or its crew could be open longer, 0 when both are round the clock."""
    calendars = [stage.calendar, *([stage.crew.calendar] if stage.crew else [])]
    return max(_gap(calendar) for calendar in calendars)


def _gap(calendar: Calendar) -> int:
    """The longest time from the end of one window to the beginning of the next, a day at most."""
    opens = [*(window[0] for window in calendar.windows[1:]), calendar.windows[0][0] + calendar.cycle]
    return min(DAY, max(after - window[1] for window, after in zip(calendar.windows, opens, strict=True)))
