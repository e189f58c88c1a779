"""One order of priority laid out and cut into batches: what it would cost, not yet written as a plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from campaign.planning.batching import Leaving, form_batches
from campaign.planning.bounds import Bounds
from campaign.planning.dispatch import Timetable, dispatch
from campaign.planning.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Batch:
    """Cars signed together at minute `end`."""

    cars: list[Leaving]
    end: int
    pilot: bool = False
    formed: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """`order` are indices of the snapshot's jobs, the `pilot_count` first ones are the pilot."""

    rule: str
    order: Sequence[int]
    pilot_count: int
    table: Timetable
    batches: list[Batch]
    tardiness: int

    @property
    def makespan(self) -> int:
        """The last sign-off."""
        return max((batch.end for batch in self.batches), default=0)

    @property
    def promised(self) -> bool:
        """Whether any car has a due date."""
        return any(car.job.due is not None for batch in self.batches for car in batch.cars)

    @property
    def late_share(self) -> float:
        """The late part of all cars."""
        late = sum(1 for batch in self.batches for car in batch.cars if lateness(car, batch.end))
        return late / max(1, len(self.order))

    def reached(self, limits: Bounds) -> bool:
        """Whether no plan can be better."""
        return self.tardiness <= limits.tardiness and self.makespan <= limits.makespan

    @property
    def score(self) -> tuple[int, int]:
        """Less is better: weighted tardiness, then makespan."""
        return self.tardiness, self.makespan


def drafted(
    snapshot: Snapshot, rule: str, order: Sequence[int], pilot_count: int, *, as_they_come: bool = False
) -> Draft:
    """Lay an order out and form its batches."""
    table = dispatch(snapshot, order, pilot_count, as_they_come=as_they_come)
    batches = _batches(snapshot, order, pilot_count, table)
    tardiness = sum(
        car.job.weight * lateness(car, batch.end)
        for batch in batches
        for car in batch.cars
        if car.job.due is not None
    )
    return Draft(rule, order, pilot_count, table, batches, tardiness)


def lateness(car: Leaving, approved: int) -> int:
    """Minutes after its due date; 0 in time or without one."""
    return 0 if car.job.due is None else max(0, approved - car.job.due)


def _batches(snapshot: Snapshot, order: Sequence[int], pilot_count: int, table: Timetable) -> list[Batch]:
    """The pilot, then by sign-off: batches formed before, and those that are formed now of the other cars."""
    leaving = [
        Leaving(snapshot.jobs[index], finish) for index, finish in zip(order, table.finish, strict=True)
    ]
    pilot, rest = leaving[:pilot_count], leaving[pilot_count:]
    effort = snapshot.sign_off_minutes
    others: list[Batch] = []
    if snapshot.batches:
        by_id = {car.job.id: car for car in rest}
        groups = [[by_id.pop(car) for car in batch] for batch in snapshot.batches if batch]
        others = [Batch(cars, max(c.finish for c in cars) + effort, formed=True) for cars in groups]
        rest = list(by_id.values())
    new = form_batches(rest, snapshot.batch_limits, effort)
    others += [Batch(cars, cars[-1].finish + effort) for cars in new]
    others.sort(key=lambda batch: batch.end)
    return [Batch(pilot, table.gate, pilot=True), *others] if pilot else others
