"""What no order of the cars can help: promises that a car would miss alone in the yard."""

from __future__ import annotations

from dataclasses import dataclass, replace

from campaign.planning.bounds import bounds
from campaign.planning.resources import Machine, Stage
from campaign.planning.snapshot import Job, Snapshot


def impossible(snapshot: Snapshot) -> tuple[str, ...]:
    """Ids of the cars that no plan brings in time: without any other car, on the best machines for them, they are late.

    A lower bound: outages, crews and the other cars of their batch are not looked at.
    """
    gate = bounds(snapshot).gate if snapshot.pilot else 0
    line = [_Choice.of(stage) for stage in snapshot.stages]
    return tuple(
        job.id
        for job in snapshot.jobs
        if job.due is not None and _approved(snapshot, job, line, gate) > job.due
    )


@dataclass(frozen=True, slots=True)
class _Choice:
    """The machines of a stage: `free_from` counts a circuit that is full at the start. `kinds` are one of each."""

    stage: Stage
    by_name: dict[str, Machine]
    kinds: list[Machine]

    @classmethod
    def of(cls, stage: Stage) -> _Choice:
        full = {circuit.name: circuit.full_until for circuit in stage.circuits}
        machines = [
            replace(machine, free_from=max(machine.free_from, full.get(machine.circuit, 0)))
            for machine in stage.machines
        ]
        kinds = {(machine.free_from, machine.pace): machine for machine in machines}
        return cls(stage, {machine.name: machine for machine in machines}, list(kinds.values()))

    def through(self, at: int, minutes: int, pinned: str | None) -> int:
        """The earliest end of work that may begin at a minute."""
        machines = self.kinds if pinned is None else [self.by_name[pinned]]
        ends = []
        for machine in machines:
            took = machine.minutes(minutes)
            ends.append(self.stage.calendar.fit(max(at, machine.free_from), took) + took)
        return min(ends)


def _approved(snapshot: Snapshot, job: Job, line: list[_Choice], gate: int) -> int:
    """The minute before which the car cannot be approved."""
    piloted = job.id in snapshot.pilot
    at = job.release
    for number, choice in enumerate(line):
        minutes = job.minutes_at(number)
        if minutes:
            gated = number == snapshot.gate_stage and not piloted
            at = choice.through(max(at, gate) if gated else at, minutes, job.pinned_to(number))
    if snapshot.pilot:
        return at + (snapshot.pilot_sign_off_minutes if piloted else snapshot.sign_off_minutes)
    if snapshot.pilot_size:
        return at + min(snapshot.pilot_sign_off_minutes, snapshot.sign_off_minutes)
    return at + snapshot.sign_off_minutes
