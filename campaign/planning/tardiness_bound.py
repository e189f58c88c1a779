"""How late cars must be, whatever the order: places in the row of leavings, signed batch by batch."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from campaign.planning.snapshot import Snapshot

_NEVER = 1 << 100


def least_tardiness(snapshot: Snapshot, places: Sequence[int]) -> int:
    """Weighted tardiness in car-minutes that no plan can beat.

    `places[k]` is a minute before which no k + 1 cars can be approved one by one. A batch is approved at once, so its
    cars all wait for the place of its last one, and no batch but the pilot is smaller than the limits allow. Cars are
    relaxed by layers of weight: each layer holds the cars of at least a weight, counted with the step up to it, and
    may use the earliest places and the best cuts for itself; within a layer due date order is the best assignment.
    """
    jobs = snapshot.jobs
    smallest = _smallest(snapshot)
    total = 0
    for below, weight in pairwise([0, *sorted({job.weight for job in jobs if job.weight})]):
        dues = sorted(job.due for job in jobs if job.due is not None and job.weight >= weight)
        total += (weight - below) * _least_lateness(places, dues, smallest)
    return total


def _smallest(snapshot: Snapshot) -> int:
    """The least cars that are signed together; 1 where a smaller batch may be anywhere (one was formed before)."""
    pilot = len(snapshot.pilot) or snapshot.pilot_size
    if snapshot.batches:
        return 1
    return min(snapshot.batch_limits.smallest, pilot) if pilot else snapshot.batch_limits.smallest


def _least_lateness(places: Sequence[int], dues: Sequence[int], smallest: int) -> int:
    """The least sum of lateness over all ways of cutting the row of places into batches.

    More than twice the smallest size never pays: such a batch can be cut in two, and nobody is later. The last batch
    may be smaller, because other cars, or none, may fill it.
    """
    widest = 2 * smallest - 1
    count = len(dues)
    last = len(places) - 1
    if all(places[min(k + widest, last)] <= due for k, due in enumerate(dues)):
        return 0
    costs = [0] + [_NEVER] * count
    for end in range(1, count + 1):
        signed = places[end - 1]
        least = 1 if end == count else smallest
        first = max(0, end - widest)
        if dues[first] >= signed:  # nobody of them is late
            costs[end] = min(costs[first : max(first, end - least + 1)], default=_NEVER)
            continue
        late = 0
        best = _NEVER
        for begin in range(end - 1, first - 1, -1):
            due = dues[begin]
            if due < signed:
                late += signed - due
            if end - begin >= least and costs[begin] + late < best:
                best = costs[begin] + late
        costs[end] = best
    return costs[count]
