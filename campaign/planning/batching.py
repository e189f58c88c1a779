"""Which cars are signed together: batches made after the last stage, in the order in which cars leave it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from campaign.planning.snapshot import BatchLimits, Job

# Lateness decides; the minutes that cars wait for their sign-off only break ties.
_LATENESS = 1 << 40
_NEVER = 1 << 100


@dataclass(frozen=True, slots=True)
class Leaving:
    """A car at the end of its way: `finish` is the minute at which it left the last stage."""

    job: Job
    finish: int


def form_batches(
    leaving: Sequence[Leaving], limits: BatchLimits, sign_off_minutes: int
) -> list[list[Leaving]]:
    """Cut the cars, sorted by finish, into batches within the limits with the least weighted lateness.

    A car counts as finished when its batch is signed. Of equally late ways the one with the shortest waits
    wins. When the number of cars is no sum of sizes within the limits, the last batch is a smaller one.
    """
    cars = sorted(leaving, key=lambda car: (car.finish, _never_if_none(car.job.due), car.job.id))
    total = len(cars)
    costs = [0] + [_NEVER] * total
    cuts = [0] * (total + 1)
    for end in range(1, total + 1):
        smallest = 1 if end == total and not fills(total, limits) else limits.smallest
        costs[end], cuts[end] = _best_cut(
            cars, costs, end, range(smallest, limits.largest + 1), sign_off_minutes
        )
    batches: list[list[Leaving]] = []
    end = total
    while end:
        batches.append(cars[cuts[end] : end])
        end = cuts[end]
    return batches[::-1]


def fills(count: int, limits: BatchLimits) -> bool:
    """True when so many cars are a sum of sizes within the limits."""
    batches = -(-count // limits.largest)
    return batches * limits.smallest <= count


def _best_cut(
    cars: list[Leaving], costs: list[int], end: int, sizes: range, sign_off_minutes: int
) -> tuple[int, int]:
    """The least cost of the first `end` cars and where their last batch begins."""
    signed = cars[end - 1].finish + sign_off_minutes
    late = waits = 0
    best, cut = _NEVER, 0
    for begin in range(end - 1, max(-1, end - sizes.stop), -1):
        car = cars[begin]
        waits += signed - car.finish
        if car.job.due is not None and car.job.due < signed:
            late += car.job.weight * (signed - car.job.due)
        if end - begin >= sizes.start:
            cost = costs[begin] + late * _LATENESS + waits
            if cost < best:
                best, cut = cost, begin
    return best, cut


def _never_if_none(due: int | None) -> float:
    return float("inf") if due is None else due
