"""How a plan may really end: many campaigns drawn at random around it, side by side."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from campaign.errors import BadInput
from campaign.planning.forecast_course import Course
from campaign.planning.forecast_draws import Draws
from campaign.planning.forecast_stage import Table
from campaign.planning.plan import Plan
from campaign.planning.snapshot import Snapshot
from campaign.planning.uncertainty import Uncertainty

__all__ = ["FanPoint", "Forecast", "Promise", "Uncertainty", "forecast"]

FAN_POINTS = 60


@dataclass(frozen=True, slots=True)
class FanPoint:
    """How many cars are approved by `minute`: percentiles over the replications (`p5` is the pessimist's number)."""

    minute: int
    p5: int
    p20: int
    p50: int
    p80: int
    p95: int


@dataclass(frozen=True, slots=True)
class Promise:
    """One promised date: `chance` (0 to 1) that every one of its cars is approved by minute `due`.

    `late` is how many cars of it are late on average.
    """

    due: int
    cars: int
    chance: float
    late: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """Minutes by which everything is approved in 50, 80 and 95 % of the replications; promises by due date."""

    p50: int
    p80: int
    p95: int
    fan: tuple[FanPoint, ...]
    promises: tuple[Promise, ...]
    replications: int
    seed: int


def forecast(
    snapshot: Snapshot,
    plan: Plan,
    replications: int = 1000,
    seed: int = 1,
    uncertainty: Uncertainty | None = None,
) -> Forecast:
    """Play the plan's order and batches `replications` times; the same arguments always give the same forecast.

    Without an uncertainty the defaults hold. With `Uncertainty.none()` everything ends when the plan says, but for
    what `Course` does not look at.

    Raises:
        BadInput: no replication is asked for.
    """
    if replications < 1:
        raise BadInput("at least one replication is needed", where="replications")
    not_sure = uncertainty or Uncertainty()
    draws = Draws(snapshot, not_sure, replications, seed)
    approved = Course(snapshot, plan, draws, by_batch=not_sure.by_batch).approved()
    ends = np.sort(approved.max(axis=0, initial=0))
    p50, p80, p95 = (int(ends[-(-replications * share // 100) - 1]) for share in (50, 80, 95))
    return Forecast(
        p50,
        p80,
        p95,
        tuple(_fan(approved, p95)),
        tuple(_promises(snapshot, plan, approved)),
        replications,
        seed,
    )


def _fan(approved: Table, until: int) -> Iterator[FanPoint]:
    """From minute 0 on, in equal steps to `until`."""
    count = approved.shape[1]
    minutes = np.unique(np.linspace(0, until, FAN_POINTS + 1).round().astype(np.int32))
    place = np.searchsorted(minutes, approved.ravel()) * count + np.tile(np.arange(count), len(approved))
    new = np.bincount(place, minlength=(len(minutes) + 1) * count).reshape(-1, count)
    counts = np.sort(np.cumsum(new, axis=0), axis=1)
    places = [count * share // 100 for share in (5, 20, 50, 80, 95)]
    for number, minute in enumerate(minutes):
        yield FanPoint(int(minute), *(int(counts[number, at]) for at in places))


def _promises(snapshot: Snapshot, plan: Plan, approved: Table) -> Iterator[Promise]:
    """By due date, the earliest first."""
    due_of = {job.id: job.due for job in snapshot.jobs}
    promised: dict[int, list[int]] = defaultdict(list)
    for rank, name in enumerate(plan.ranks):
        due = due_of[name]
        if due is not None:
            promised[due].append(rank)
    for due, ranks in sorted(promised.items()):
        yield _promise(due, ranks, approved)


def _promise(due: int, ranks: Sequence[int], approved: Table) -> Promise:
    late = (approved[list(ranks)] > due).sum(axis=0)
    return Promise(due, len(ranks), float((late == 0).mean()), float(late.mean()))
