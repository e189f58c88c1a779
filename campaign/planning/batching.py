"""Which cars are signed together: batches made after the last stage, in the order in which cars leave it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from campaign.planning.snapshot import BatchLimits, Job

_NEVER = 1 << 100
_FAR = 1 << 60  # later than any minute: no due date


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
    cuts = _best_cuts(cars, limits, sign_off_minutes)
    batches: list[list[Leaving]] = []
    end = len(cars)
    while end:
        batches.append(cars[cuts[end] : end])
        end = cuts[end]
    return batches[::-1]


def fills(count: int, limits: BatchLimits) -> bool:
    """True when so many cars are a sum of sizes within the limits."""
    batches = -(-count // limits.largest)
    return batches * limits.smallest <= count


def _best_cuts(cars: list[Leaving], limits: BatchLimits, sign_off_minutes: int) -> list[int]:
    """For each number of cars, where the last batch of their best way begins.

    Lateness decides; the minutes that cars wait for their sign-off break ties. The inner loop walks back from the end
    of a batch; the waits of its cars come from a running sum.
    """
    total = len(cars)
    dues = [_FAR if car.job.due is None else car.job.due for car in cars]
    weights = [car.job.weight for car in cars]
    finished = list(accumulate((car.finish for car in cars), initial=0))
    lates, waits = [0] + [_NEVER] * total, [0] * (total + 1)
    cuts = [0] * (total + 1)
    even = fills(total, limits)
    for end in range(1, total + 1):
        smallest = 1 if end == total and not even else limits.smallest
        signed = cars[end - 1].finish + sign_off_minutes
        first = max(0, end - limits.largest)
        best, least_wait, late, cut = _NEVER, 0, 0, 0
        begin = end - 1
        if min(dues[first:end]) >= signed:  # nobody of them is late: only whole batches need a look
            begin = end - smallest
        while begin >= first:
            due = dues[begin]
            if due < signed:
                late += weights[begin] * (signed - due)
            if end - begin >= smallest and lates[begin] + late <= best:
                wait = waits[begin] + signed * (end - begin) - finished[end] + finished[begin]
                if lates[begin] + late < best or wait < least_wait:
                    best, least_wait, cut = lates[begin] + late, wait, begin
            begin -= 1
        lates[end], waits[end], cuts[end] = best, least_wait, cut
    return cuts


def _never_if_none(due: int | None) -> float:
    return float("inf") if due is None else due
