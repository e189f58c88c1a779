"""The order in which cars are preferred: one list for every stage, which live work follows too.

The pilot is first. Then either the due date rules, with cars without one last and levelled, or the apparent
tardiness cost (ATC), which lets light late cars wait when not all can be in time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import exp
from random import Random

from campaign.planning.snapshot import Job, Snapshot, Stage

# Keeps cars that are nearly through (nothing left but the sign-off) from dividing by zero.
_LEAST_PACE = 0.01


def choose_pilot(snapshot: Snapshot) -> tuple[int, ...]:
    """Indices of the pilot's cars: those named, else the quickest through, one of every variant first.

    Cars at the gate already (nothing to charge) open the pilot gate within hours; a charging pilot would
    take a day and keep every station idle until then. Of equally quick cars the one due first is taken.
    """
    if not (snapshot.pilot or snapshot.pilot_size):
        return ()
    speed = {index: (_alone(snapshot, index), _due(snapshot, index)) for index in range(len(snapshot.jobs))}
    quickest = sorted(speed, key=speed.__getitem__)
    if snapshot.pilot:
        named = set(snapshot.pilot)
        return tuple(index for index in quickest if snapshot.jobs[index].id in named)
    of_variant: dict[str, int] = {}
    for index in quickest:
        of_variant.setdefault(snapshot.jobs[index].variant, index)
    chosen = list(of_variant.values())[: snapshot.pilot_size]
    taken = set(chosen)
    rest = [index for index in quickest if index not in taken]
    chosen += rest[: snapshot.pilot_size - len(chosen)]
    return tuple(sorted(chosen, key=speed.__getitem__))


def due_date_order(snapshot: Snapshot, pilot: tuple[int, ...], seed: int, level: float = 1.0) -> list[int]:
    """The pilot, then by due date (then the heavier, the longer first), then cars without one, levelled.

    `level` is down to what longest first goes, in multiples of the charge that comes as fast as the rest can take.
    """
    with_due, without = _others(snapshot, pilot)
    jobs = snapshot.jobs
    with_due.sort(key=lambda index: (_due(snapshot, index), -jobs[index].weight, -sum(jobs[index].durations)))
    return [*pilot, *with_due, *_levelled(snapshot, without, seed, level)]


def tardiness_cost_order(snapshot: Snapshot, pilot: tuple[int, ...], seed: int, look_ahead: int) -> list[int]:
    """The pilot, then by apparent tardiness cost on one bottleneck, then cars without a due date, levelled.

    A car's index is `weight / pace * exp(-slack / look_ahead)`: what it costs to let it wait, per minute of
    the bottleneck that it uses. `look_ahead` in minutes: how early a due date begins to press. Cars of one
    weight and one pace keep the order of their due dates, so that only the head of each class is compared.
    """
    with_due, without = _others(snapshot, pilot)
    with_due.sort(key=lambda index: -_due(snapshot, index))
    classes: dict[tuple[int, int], list[int]] = {}
    paces = _paces(snapshot)
    for index in with_due:
        classes.setdefault((snapshot.jobs[index].weight, round(paces[index])), []).append(index)
    queues = list(classes.values())
    order: list[int] = []
    now = 0.0
    while queues:
        best = max(
            queues, key=lambda queue: _pressure(snapshot.jobs[queue[-1]], paces[queue[-1]], now, look_ahead)
        )
        index = best.pop()
        order.append(index)
        now += paces[index]
        if not best:
            queues.remove(best)
    return [*pilot, *order, *_levelled(snapshot, without, seed)]


def order_as_before(snapshot: Snapshot, pilot: tuple[int, ...], before: Sequence[str]) -> list[int]:
    """The pilot, then the present order; cars that are new in it come last, by due date."""
    place = {car: number for number, car in enumerate(before)}
    first = set(pilot)
    others = [index for index in range(len(snapshot.jobs)) if index not in first]
    others.sort(key=lambda i: (place.get(snapshot.jobs[i].id, len(place)), _due(snapshot, i)))
    return [*pilot, *others]


def longest_first_order(snapshot: Snapshot, pilot: tuple[int, ...], binding: str) -> list[int]:
    """The pilot, then by minutes left on the binding stage and after it, longest first."""
    names = [stage.name for stage in snapshot.stages]
    binds = names.index(binding) if binding in names else 0
    first = set(pilot)
    others = [index for index in range(len(snapshot.jobs)) if index not in first]
    others.sort(key=lambda i: -sum(snapshot.jobs[i].durations[max(binds, snapshot.jobs[i].done) :]))
    return [*pilot, *others]


def _pressure(job: Job, pace: float, now: float, look_ahead: int) -> float:
    slack = (job.due or 0) - now - sum(job.durations[job.done :])
    return job.weight / pace * exp(-max(0.0, slack) / look_ahead)


def _paces(snapshot: Snapshot) -> list[float]:
    """Minutes of the busiest stage that each car uses up, at least those of its own slowest stage."""
    capacity = [_capacity(stage) for stage in snapshot.stages]
    return [
        max(
            [
                _LEAST_PACE,
                *(job.minutes_at(stage) / open_machines for stage, open_machines in enumerate(capacity)),
            ]
        )
        for job in snapshot.jobs
    ]


def _levelled(snapshot: Snapshot, indices: Iterable[int], seed: int, factor: float = 1.0) -> list[int]:
    """Short charges shuffled, then from the longest down to those that come as fast as the rest can take.

    Longest first packs the points evenly, but all the way down it would burst the next stages at the end.
    """
    if not snapshot.stages:
        return list(indices)
    first, *rest = snapshot.stages
    interval = max(
        (_mean_minutes(snapshot, number) / _capacity(stage) for number, stage in enumerate(rest, start=1)),
        default=0.0,
    )
    level = factor * _capacity(first) * interval
    short: list[int] = []
    long: list[int] = []
    for index in indices:
        (short if snapshot.jobs[index].minutes_at(0) < level else long).append(index)
    Random(seed).shuffle(short)  # noqa: S311 - an order that the seed repeats, not a secret
    long.sort(key=lambda index: -snapshot.jobs[index].minutes_at(0))
    return short + long


def _mean_minutes(snapshot: Snapshot, stage: int) -> float:
    return sum(job.minutes_at(stage) for job in snapshot.jobs) / max(1, len(snapshot.jobs))


def _capacity(stage: Stage) -> float:
    """Machines working round the clock that do as much (a stage without machines has no work)."""
    return max(1, len(stage.machines)) * stage.calendar.open_share


def _others(snapshot: Snapshot, pilot: tuple[int, ...]) -> tuple[list[int], list[int]]:
    first = set(pilot)
    rest = [index for index in range(len(snapshot.jobs)) if index not in first]
    return (
        [index for index in rest if snapshot.jobs[index].due is not None],
        [index for index in rest if snapshot.jobs[index].due is None],
    )


def _due(snapshot: Snapshot, index: int) -> float:
    due = snapshot.jobs[index].due
    return float("inf") if due is None else due


def _alone(snapshot: Snapshot, index: int) -> int:
    """The minute at which a car would be through if it were alone."""
    job = snapshot.jobs[index]
    at = job.release
    for number, stage in enumerate(snapshot.stages):
        minutes = job.minutes_at(number)
        if minutes:
            at = stage.calendar.fit(at, minutes) + minutes
    return at
