"""A plain flow shop, laid out fast enough to try tens of thousands of orders: makespan and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import heapify, heapreplace
from typing import Self

from campaign.planning.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class FlowShop:
    """`columns[stage][job]` are minutes, `free[stage]` when machines are free. Every job is there from the start."""

    columns: list[list[int]]
    free: list[list[int]]

    @classmethod
    def of(cls, snapshot: Snapshot) -> Self | None:
        """None where something else than the makespan counts, or a stage does not always work the same way."""
        plain = all(stage.plain and stage.calendar.always_open for stage in snapshot.stages)
        pinned = any(job.pins or job.release or job.due is not None for job in snapshot.jobs)
        if not plain or pinned or snapshot.pilot or snapshot.pilot_size or not snapshot.stages:
            return None
        columns = [
            [job.minutes_at(number) for job in snapshot.jobs] for number in range(len(snapshot.stages))
        ]
        free = [[machine.free_from for machine in stage.machines] for stage in snapshot.stages]
        return cls(columns, free)

    def makespan(self, order: Sequence[int]) -> int:
        """When the last job has left, if the first stage follows the order and later ones take who comes first."""
        arrivals = [(0, rank) for rank in range(len(order))]
        for number, column in enumerate(self.columns):
            minutes = [column[job] for job in order]
            if number:
                arrivals.sort()
            free = self.free[number].copy()
            heapify(free)
            left = []
            for ready, rank in arrivals:
                needed = minutes[rank]
                if needed:
                    begin = free[0]
                    end = (begin if begin > ready else ready) + needed
                    heapreplace(free, end)
                    left.append((end, rank))
                else:
                    left.append((ready, rank))
            arrivals = left
        return max(arrivals)[0] if arrivals else 0

    def first_orders(self) -> Iterator[list[int]]:
        """Orders to begin with: longest first, in all and by stage; short ways to a stage and long ones after.

        One more weighs each stage by its distance from the middle (the slope index of flow shops).
        """
        jobs = range(len(self.columns[0]))
        middle = len(self.columns) - 1
        slopes = [(middle - 2 * number, minutes) for number, minutes in enumerate(self.columns)]
        yield sorted(jobs, key=lambda job: sum(slope * minutes[job] for slope, minutes in slopes))
        yield sorted(jobs, key=lambda job: -sum(minutes[job] for minutes in self.columns))
        for number, minutes in enumerate(self.columns):
            before, after = self.columns[:number], self.columns[number + 1 :]
            yield sorted(jobs, key=lambda job, minutes=minutes: -minutes[job])  # type: ignore[misc]
            yield sorted(
                jobs,
                key=lambda job, before=before, after=after: (  # type: ignore[misc]
                    sum(m[job] for m in before) - sum(m[job] for m in after)
                ),
            )
