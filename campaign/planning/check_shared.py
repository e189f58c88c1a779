"""The judge of what machines share: outages, circuits, crews and pins. It counts where things change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from campaign.planning.plan import Operation, Plan
from campaign.planning.resources import Circuit, Crew, Stage
from campaign.planning.snapshot import Snapshot
from campaign.planning.violations import Kind, Violation


def shared_violations(snapshot: Snapshot, plan: Plan) -> Iterator[Violation]:
    """Every violation of what the machines of a stage share."""
    of_stage: dict[int, list[Operation]] = defaultdict(list)
    for operation in plan.operations:
        of_stage[operation.stage].append(operation)
    for number, stage in enumerate(snapshot.stages):
        done = of_stage[number]
        if any(machine.outages for machine in stage.machines):
            yield from _outages(stage, done)
        for circuit in stage.circuits:
            yield from _circuit(stage, circuit, done)
        if stage.crew is not None:
            yield from _crew(stage, stage.crew, done)
    yield from _pins(snapshot, plan)


def _outages(stage: Stage, done: Iterable[Operation]) -> Iterator[Violation]:
    outages = {machine.name: machine.outages for machine in stage.machines}
    for operation in done:
        for begin, end in outages[operation.machine]:
            if operation.start < end and begin < operation.end:
                yield Violation(Kind.OUTAGE, operation.machine, f"{span(operation)}, but out {begin}-{end}")


def _circuit(stage: Stage, circuit: Circuit, done: Iterable[Operation]) -> Iterator[Violation]:
    draws = {machine.name: machine.draw for machine in stage.machines if machine.circuit == circuit.name}
    changes: dict[int, int] = defaultdict(int)
    for machine in stage.machines:
        if machine.name in draws and machine.free_from > 0:
            changes[0] += machine.draw
            changes[machine.free_from] -= machine.draw
    for operation in done:
        if operation.machine not in draws:
            continue
        if operation.start < circuit.full_until:
            detail = f"{span(operation)}, but full until {circuit.full_until}"
            yield Violation(Kind.CIRCUIT, circuit.name, detail)
        changes[operation.start] += draws[operation.machine]
        changes[operation.end] -= draws[operation.machine]
    running = {operation.start for operation in done if operation.machine in draws}
    drawn = circuit.base
    for minute in sorted(changes):
        drawn += changes[minute]
        # What is busy at the start was there before: only our own starts can be wrong.
        if drawn > circuit.limit and minute in running:
            yield Violation(
                Kind.CIRCUIT, circuit.name, f"{drawn} W at minute {minute}, limit {circuit.limit}"
            )


def _crew(stage: Stage, crew: Crew, done: Iterable[Operation]) -> Iterator[Violation]:
    changes: dict[int, int] = defaultdict(int)
    for operation in done:
        begin, end = operation.start - crew.travel, operation.start + crew.attend
        if begin < 0 or not crew.calendar.covers(begin, end):
            yield Violation(Kind.CREW, operation.job, f"{span(operation)} outside the shifts of {stage.name}")
        changes[begin] += 1
        changes[end] -= 1
    bound = 0
    for minute in sorted(changes):
        bound += changes[minute]
        if bound > crew.people:
            yield Violation(Kind.CREW, stage.name, f"{bound} starts at minute {minute}, {crew.people} people")


def _pins(snapshot: Snapshot, plan: Plan) -> Iterator[Violation]:
    pins = {(job.id, stage): machine for job in snapshot.jobs for stage, machine in job.pins}
    for operation in plan.operations if pins else ():
        pinned = pins.get((operation.job, operation.stage), operation.machine)
        if operation.machine != pinned:
            yield Violation(Kind.PIN, operation.job, f"on {operation.machine} instead of {pinned}")


def span(operation: Operation) -> str:
    """An operation in words."""
    return f"{operation.job} at stage {operation.stage}, {operation.start}-{operation.end}"
