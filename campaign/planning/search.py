"""Local search on the order of priority, laid out by the same dispatcher, as long as it may take."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp
from random import Random

from campaign.planning.bounds import Bounds
from campaign.planning.drafting import Draft, drafted, lateness
from campaign.planning.flow_shop import FlowShop
from campaign.planning.options import PlanOptions, Watch
from campaign.planning.snapshot import Snapshot

_WARMTH = 0.03  # of a mean duration: by how much longer an order is still taken at the beginning
_LOOK_EVERY = 16  # tries between two looks at the watch


@dataclass(slots=True)
class _Budget:
    """Tries and seconds, whichever ends first; 0 seconds are no limit."""

    tries: int
    seconds: float
    watch: Watch
    began: float
    used: int = 0

    @classmethod
    def of(cls, options: PlanOptions) -> _Budget | None:
        """None when nothing is to be searched."""
        timed = options.search_s > 0 and options.watch is not None
        if not timed and not options.search_tries:
            return None
        watch = options.watch if timed and options.watch is not None else _stopped
        return cls(options.search_tries, options.search_s if timed else 0.0, watch, watch())

    def left(self) -> float:
        """The part that is left, 0 when it is used up. Each call is one try."""
        self.used += 1
        by_tries = 1 - self.used / self.tries if self.tries else 1.0
        by_time = 1 - (self.watch() - self.began) / self.seconds if self.seconds else 1.0
        return max(0.0, min(by_tries, by_time))


def _stopped() -> float:
    return 0.0


def improved(snapshot: Snapshot, draft: Draft, limits: Bounds, options: PlanOptions) -> Draft:
    """The best draft found within the options' tries and seconds; the given one when nothing is better."""
    budget = _Budget.of(options)
    if budget is None or not draft.order or draft.reached(limits):
        return draft
    random = Random(options.seed)  # noqa: S311 - an order that the seed repeats, not a secret
    shop = FlowShop.of(snapshot)
    if shop is None:
        return _climbed(snapshot, draft, limits, budget, random)
    order = _annealed(shop, limits.makespan, budget, random)
    found = drafted(snapshot, "search", order, 0, as_they_come=True)
    return min(draft, found, key=lambda each: each.score)


def _annealed(shop: FlowShop, bound: int, budget: _Budget, random: Random) -> list[int]:
    """Jobs moved and exchanged at random; a longer order is taken too, less and less often."""
    order = min(shop.first_orders(), key=shop.makespan)
    length = shop.makespan(order)
    best, shortest = order, length
    count = len(order)
    warmth = _WARMTH * sum(map(sum, shop.columns)) / (count * len(shop.columns))
    while shortest > bound and (left := budget.left()):
        heat = max(warmth * left, 1e-9)
        for _ in range(_LOOK_EVERY):
            tried = _moved(order, random.randrange(count), random.randrange(count), random.random())
            new = shop.makespan(tried)
            if new <= length or random.random() < exp((length - new) / heat):
                order, length = tried, new
                if length < shortest:
                    best, shortest = order, length
    return best


def _moved(order: Sequence[int], one: int, other: int, coin: float) -> list[int]:
    """A copy with one job put to another place, or two exchanged."""
    tried = list(order)
    if coin < 0.5:
        tried.insert(other, tried.pop(one))
    else:
        tried[one], tried[other] = tried[other], tried[one]
    return tried


def _climbed(snapshot: Snapshot, draft: Draft, limits: Bounds, budget: _Budget, random: Random) -> Draft:
    """One change at a time, kept when the plan is no worse: a late car forward, else one that holds up the end."""
    best = draft
    choose = _late_first(snapshot, best)
    while not best.reached(limits) and budget.left():
        order = list(best.order)
        one, other = choose(random)
        order.insert(other, order.pop(one))
        tried = drafted(snapshot, f"{draft.rule}, searched", order, best.pilot_count)
        if tried.score < best.score:
            best = tried
            choose = _late_first(snapshot, best)
    return best


def _late_first(snapshot: Snapshot, draft: Draft) -> Callable[[Random], tuple[int, int]]:
    """Draws (from, to) places of the order outside the pilot: late cars go forward, without any the last ones do."""
    first, count = draft.pilot_count, len(draft.order)
    late = {car.job.id for batch in draft.batches for car in batch.cars if lateness(car, batch.end)}
    places = [rank for rank in range(first, count) if snapshot.jobs[draft.order[rank]].id in late]
    if not places:
        places = sorted(range(first, count), key=lambda rank: -draft.table.finish[rank])[: count // 10 + 1]
    if not places:
        return lambda _: (0, 0)

    def draw(random: Random) -> tuple[int, int]:
        one = random.choice(places)
        return one, random.randint(first, max(first, one - 1))

    return draw
