"""What no plan can beat: lower bounds to judge a plan by, whatever the order and the choice of the pilot.

Forward: at every stage the k-th car to leave cannot leave before a minute that follows from the k-th
arrivals (their heads), the capacity and the calendar. Backward: a makespan is impossible when a stage
cannot do its work between its first arrivals and the last moments that still let the stages after it
finish.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import accumulate

from campaign.planning.resources import Machine, Stage
from campaign.planning.snapshot import Job, Snapshot
from campaign.planning.tardiness_bound import least_tardiness


@dataclass(frozen=True, slots=True)
class StageBound:
    """The least makespan that one stage's load alone allows, with the shortest ways to it and from it."""

    stage: str
    makespan: int


@dataclass(frozen=True, slots=True)
class Bounds:
    """Minutes: no plan of the snapshot has a smaller makespan, an earlier gate or less weighted tardiness.

    `binding` is the name of the stage with the largest bound ("" without stages).
    """

    makespan: int
    gate: int
    tardiness: int
    stages: tuple[StageBound, ...]
    binding: str


def bounds(snapshot: Snapshot) -> Bounds:
    """Lower bounds of makespan, pilot approval and weighted tardiness."""
    gate, ungated = _gate(snapshot)
    heads, places = _forward(snapshot, snapshot.jobs, gate, ungated)
    tail = _least_sign_off(snapshot)
    chain = max((places[-1] + tail if places else 0), gate)
    stages = tuple(
        StageBound(stage.name, _backward(snapshot, number, heads[number], tail))
        for number, stage in enumerate(snapshot.stages)
    )
    return Bounds(
        makespan=max([chain, *(bound.makespan for bound in stages)]),
        gate=gate,
        tardiness=least_tardiness(snapshot, [place + tail for place in places]),
        stages=stages,
        binding=max(stages, key=lambda bound: bound.makespan).stage if stages else "",
    )


def _gate(snapshot: Snapshot) -> tuple[int, int]:
    """The earliest approval of any pilot, and how many cars at most pass without waiting for it."""
    jobs = snapshot.jobs
    size = min(snapshot.pilot_size, len(jobs))
    if snapshot.pilot:
        named = set(snapshot.pilot)
        jobs = tuple(job for job in jobs if job.id in named)
        size = len(jobs)
    if not size:
        return 0, len(jobs)
    _, places = _forward(snapshot, jobs, 0, len(jobs))
    return places[size - 1] + snapshot.pilot_sign_off_minutes, size


def _least_sign_off(snapshot: Snapshot) -> int:
    """Minutes that any car's approval takes at least after its last stage."""
    if snapshot.pilot or snapshot.pilot_size:
        return min(snapshot.sign_off_minutes, snapshot.pilot_sign_off_minutes)
    return snapshot.sign_off_minutes


def _forward(
    snapshot: Snapshot, jobs: Sequence[Job], gate: int, ungated: int
) -> tuple[list[list[int]], list[int]]:
    """Heads of the cars that each stage works on, and the minutes before which no k cars can be through.

    `alone` is each car's own earliest minute, `sorted_heads` the k-th earliest of all: both are lower
    bounds, and a part of the cars is no earlier than as many of all the cars.
    """
    alone = [job.release for job in jobs]
    sorted_heads = sorted(alone)
    heads_of_stages: list[list[int]] = []
    for number, stage in enumerate(snapshot.stages):
        minutes = stage.least_minutes(job.minutes_at(number) for job in jobs)
        worked = sorted(alone[k] for k in range(len(jobs)) if minutes[k])
        skipped = sorted(alone[k] for k in range(len(jobs)) if not minutes[k])
        heads = [max(pair) for pair in zip(worked, sorted_heads, strict=False)]
        if gate and number == snapshot.gate_stage:
            heads = [head if k < ungated else max(head, gate) for k, head in enumerate(heads)]
        heads_of_stages.append(heads)
        alone = [
            stage.calendar.fit(at, need) + need if need else at
            for at, need in zip(alone, minutes, strict=True)
        ]
        ends = sorted(alone[k] for k in range(len(jobs)) if minutes[k])
        left = _leaving(stage, heads, sorted(need for need in minutes if need), ends)
        past = [max(pair) for pair in zip(skipped, sorted_heads, strict=False)]
        sorted_heads = sorted([*left, *past])
    return heads_of_stages, sorted_heads


def _leaving(stage: Stage, heads: list[int], minutes: list[int], ends: list[int]) -> list[int]:
    """Lower bounds on the k-th leaving: all as short as the shortest, work by capacity, cars alone."""
    if not heads:
        return []
    free = _side_by_side(stage)
    heapify(free)
    equal = []
    for head in heads:
        start = stage.calendar.fit(max(head, heappop(free)), minutes[0])
        equal.append(start + minutes[0])
        heappush(free, equal[-1])
    if minutes[0] == minutes[-1]:
        return [max(pair) for pair in zip(sorted(equal), ends, strict=True)]
    capacity = _by_capacity(stage, heads, minutes)
    return [max(triple) for triple in zip(sorted(equal), ends, capacity, strict=True)]


def _side_by_side(stage: Stage) -> list[int]:
    """When the machines that can work at once are free: a circuit feeds only some of its own.

    A relaxation: pins, outages and crews are left out, and work is as short as on the fastest machine.
    """
    free = [machine.free_from for machine in stage.machines if not machine.circuit]
    for circuit in stage.circuits:
        fed = [machine for machine in stage.machines if machine.circuit == circuit.name]
        starts = sorted(max(machine.free_from, circuit.full_until) for machine in fed)
        free += starts[: _at_once(fed, circuit.limit - circuit.base)]
    return free


def _at_once(machines: Sequence[Machine], watts: int) -> int:
    """How many of them may work at the same time."""
    drawn = accumulate(sorted(machine.draw for machine in machines))
    return sum(1 for total in drawn if total <= watts)


def _begins(stage: Stage, heads: list[int]) -> list[int]:
    """The earliest first starts of the machines, sorted, in open minutes of the stage's calendar."""
    free = sorted(_side_by_side(stage))
    return [stage.calendar.opened(max(pair)) for pair in zip(free, heads, strict=False)]


def _by_capacity(stage: Stage, heads: list[int], minutes: list[int]) -> Iterator[int]:
    """The minute by which the machines can have worked off the k shortest cars, for each k."""
    begins = _begins(stage, heads)
    working, begun = 1, begins[0]
    for work in accumulate(minutes):
        while working < len(begins) and -(-(work + begun) // working) > begins[working]:
            begun += begins[working]
            working += 1
        yield stage.calendar.at_opened(-(-(work + begun) // working))


def _backward(snapshot: Snapshot, number: int, heads: list[int], tail: int) -> int:
    """The least makespan that leaves room for all the work of one stage; 0 when there is none."""
    stage = snapshot.stages[number]
    worked = [job for job in snapshot.jobs if job.minutes_at(number)]
    if not worked:
        return 0
    work = sum(stage.least_minutes(job.minutes_at(number) for job in worked))
    begins = _begins(stage, heads)
    shortest = [
        min(later.least_minutes(job.minutes_at(place) for job in worked))
        for place, later in enumerate(snapshot.stages)
    ]

    def room(makespan: int) -> bool:
        latest = [makespan - tail] * len(begins)
        for later in range(len(snapshot.stages) - 1, number, -1):
            if shortest[later]:
                latest = _latest_starts(snapshot.stages[later], latest, shortest[later])
        spans = (stage.calendar.opened(end) - begin for begin, end in zip(begins, latest, strict=True))
        return max(accumulate(spans)) >= work

    low, high = 0, 1
    while not room(high):
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if room(middle) else (middle, high)
    return high


def _latest_starts(stage: Stage, ends: list[int], minutes: int) -> list[int]:
    """The k-th latest start of equal work that ends by the k-th latest end, latest first."""
    free = [-ends[0]] * len(_side_by_side(stage))
    starts = []
    for end in ends:
        start = stage.calendar.fit_back(min(end, -heappop(free)), minutes)
        starts.append(start)
        heappush(free, -start)
    return sorted(starts, reverse=True)
