"""How a plan goes in many replications: stage after stage, the pilot first, batch after batch to the signatures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from campaign.planning.calendars import DAY
from campaign.planning.forecast_calendar import ForecastCalendar, Minutes
from campaign.planning.forecast_draws import Draws, whole
from campaign.planning.forecast_stage import ForecastStage, Hands, Table
from campaign.planning.plan import Plan
from campaign.planning.resources import Circuit, Machine, Stage
from campaign.planning.snapshot import Job, Snapshot

Ranks = npt.NDArray[np.intp]
"""Places of cars in the plan's order of priority."""

_MONTH = 30 * DAY
_LONG = 3  # calendars are laid out for so many times the plan's length, and a month


class Course:
    """One forecast under way. `approved()` plays it, once.

    What a forecast does not look at: pins (another free machine does as well), which of the machines of a circuit
    work at a time (only how many of them the limit allows), and shorter work that would still fit before closing time
    when the first car's does not.
    """

    def __init__(self, snapshot: Snapshot, plan: Plan, draws: Draws, *, by_batch: bool) -> None:
        self._snapshot, self._plan, self._draws = snapshot, plan, draws
        by_id = {job.id: job for job in snapshot.jobs}
        self._jobs = [by_id[name] for name in plan.ranks]
        self._rank = {job.id: rank for rank, job in enumerate(self._jobs)}
        horizon = _LONG * plan.makespan + _MONTH
        self._calendars = [ForecastCalendar(stage.calendar, horizon) for stage in snapshot.stages]
        self._stages = [self._stage(number, horizon) for number in range(len(snapshot.stages))]
        self._ready = self._releases()
        self._signing: _Signing | None = None
        if by_batch and len(snapshot.stages) - 1 > snapshot.gate_stage:
            self._signing = _Signing(snapshot, self._calendars[-1], draws)

    def approved(self) -> Table:
        """When each car is approved, by (rank, replication)."""
        everyone = np.arange(len(self._jobs))
        batches = [np.array([self._rank[job] for job in batch.jobs]) for batch in self._plan.batches]
        pilots = [ranks for ranks, batch in zip(batches, self._plan.batches, strict=True) if batch.pilot]
        others = [ranks for ranks, batch in zip(batches, self._plan.batches, strict=True) if not batch.pilot]
        approved = np.zeros_like(self._ready)
        stages = range(len(self._stages))
        gated = stages[self._snapshot.gate_stage :] if pilots else stages
        self._pass(stages[: gated.start], everyone)
        for group in (pilots, others):
            if not group:
                continue
            ranks = np.sort(np.concatenate(group))
            self._pass(gated, ranks)
            ends = self._signed(group, pilot=group is pilots)
            for batch, signed in zip(group, ends, strict=True):
                approved[batch] = signed
            if group is pilots and others:
                self._hold_back(np.concatenate(others), ends[0])
        return self._after_rejections(approved)

    def _hold_back(self, ranks: Ranks, gate: Minutes) -> None:
        """Nobody but the pilot starts the gated stage before its approval (rule 10)."""
        needed = self._needed(self._snapshot.gate_stage, ranks)
        self._ready[needed] = np.maximum(self._ready[needed], gate)

    def _pass(self, stages: range, ranks: Ranks) -> None:
        """These cars through these stages; the last one is left to QA's batches where those are taken whole."""
        for number in stages:
            needed = self._needed(number, ranks)
            if not needed.size or (self._signing is not None and number == len(self._stages) - 1):
                continue
            minutes = self._draws.minutes(number, [self._jobs[rank].minutes_at(number) for rank in needed])
            later = np.zeros(1)
            if number < self._snapshot.gate_stage:
                minutes = minutes + whole(self._draws.round + self._draws.until_round(len(needed)))
            elif number == self._snapshot.gate_stage:
                tries = self._draws.tries(len(needed))
                minutes = minutes * tries
                later = (tries - 1) * self._draws.rework()
            ends = self._stages[number].run(self._ready[needed], minutes)
            self._ready[needed] = ends + whole(later)

    def _needed(self, stage: int, ranks: Ranks) -> Ranks:
        return np.array([rank for rank in ranks if self._jobs[rank].minutes_at(stage)], dtype=np.intp)

    def _signed(self, batches: Sequence[Ranks], *, pilot: bool) -> list[Minutes]:
        """When each of the batches is approved."""
        ready = [self._ready[batch].max(axis=0) for batch in batches]
        planned = self._snapshot.pilot_sign_off_minutes if pilot else self._snapshot.sign_off_minutes
        efforts = [whole(self._draws.sign_off(planned)) for _ in batches]
        if self._signing is None:
            return [end + effort for end, effort in zip(ready, efforts, strict=True)]
        last = len(self._stages) - 1
        work = [sum(self._jobs[rank].minutes_at(last) for rank in batch) for batch in batches]
        return self._signing.run(ready, work, efforts)

    def _after_rejections(self, approved: Table) -> Table:
        """Cars that QA sends back are flashed and inspected once more, when their batch is signed."""
        sent_back = self._draws.rejected(len(approved))
        if not sent_back.any():
            return approved
        gate = self._snapshot.gate_stage
        again = self._draws.rework() + self._draws.until_round()
        for number in range(gate, len(self._stages)):
            usual = np.median([job.durations[number] for job in self._jobs])
            again = again + usual * self._draws.common(number)
        later = self._calendars[-1].next_open(approved + whole(again))
        return np.where(sent_back, later, approved)

    def _releases(self) -> Table:
        """When each car can go on. What runs now is as uncertain as its stage; a car that needs no charge is read."""
        ready = np.zeros((len(self._jobs), self._draws.count), dtype=np.int32)
        for rank, job in enumerate(self._jobs):
            if job.done and job.release:
                ready[rank] = whole(job.release * self._draws.common(job.done - 1))
            else:
                ready[rank] = job.release
        unread = [rank for rank, job in enumerate(self._jobs) if _only_read(job, self._snapshot.gate_stage)]
        ready[unread] += whole(self._draws.round)
        return ready

    def _stage(self, number: int, horizon: int) -> ForecastStage:
        stage = self._snapshot.stages[number]
        machines = powered(stage)
        fixed = {circuit.name: circuit.full_until for circuit in stage.circuits}
        busy = np.array([machine.free_from for machine in machines])
        free = whole(busy * self._draws.common(number)[:, None])
        free = np.maximum(free, [fixed.get(machine.circuit, 0) for machine in machines]).astype(np.int32)
        paces = None
        if any(machine.minutes(1000) != 1000 for machine in machines):
            paces = np.array([machine.minutes(1000) / 1000 for machine in machines])
        outages = self._draws.outages(number, machines, horizon)
        hands = None
        if stage.crew is not None:
            hands = Hands(stage.crew, ForecastCalendar(stage.crew.calendar, horizon), self._draws.count)
        return ForecastStage(self._calendars[number], free, paces, outages, hands)


class _Signing:
    """QA takes a batch when its last car has come, all inspectors together, and signs in its hours."""

    def __init__(self, snapshot: Snapshot, calendar: ForecastCalendar, draws: Draws) -> None:
        self._calendar, self._draws = calendar, draws
        machines = snapshot.stages[-1].machines
        self._stage = len(snapshot.stages) - 1
        self._inspectors = max(1, len(machines))
        soonest = min((machine.free_from for machine in machines), default=0)
        self._free = np.full(draws.count, soonest, dtype=np.int32)

    def run(self, ready: Sequence[Minutes], work: Sequence[int], efforts: Sequence[Minutes]) -> list[Minutes]:
        """When each batch is signed; the one that is ready first goes first."""
        came = np.stack(ready)
        minutes = self._draws.minutes(self._stage, [-(-total // self._inspectors) for total in work])
        after = np.stack(efforts)
        begins, pens = (whole(self._draws.until_round(len(ready))) for _ in range(2))
        order, rows = np.argsort(came, axis=0, kind="stable"), np.arange(self._draws.count)
        signed = np.zeros_like(came)
        for batch in order:
            at = came[batch, rows]
            at = np.where(at > self._free, at + begins[batch, rows], self._free)
            through = self._calendar.work(self._calendar.next_open(at), minutes[batch, rows])
            signs = self._calendar.next_open(through + after[batch, rows] + pens[batch, rows])
            signed[batch, rows] = self._free = signs
        return list(signed)


def powered(stage: Stage) -> list[Machine]:
    """The machines that can work at a time: of those on a circuit as many as its limit allows, the free ones first."""
    circuits = {circuit.name: circuit for circuit in stage.circuits}
    drawn: dict[str, int] = {}
    working = []
    for machine in sorted(stage.machines, key=lambda machine: machine.free_from):
        circuit = circuits.get(machine.circuit)
        if circuit is None or _has_room(circuit, drawn, machine.draw):
            working.append(machine)
    return working


def _has_room(circuit: Circuit, drawn: dict[str, int], draw: int) -> bool:
    total = drawn.get(circuit.name, circuit.base) + draw
    if total > circuit.limit:
        return False
    drawn[circuit.name] = total
    return True


def _only_read(job: Job, gate_stage: int) -> bool:
    """A car with nothing to do before the gated stage that nobody has read yet."""
    return not job.done and not any(job.durations[:gate_stage])
