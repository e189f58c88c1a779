"""Stages in JSON: `3`, or an object with machines by count or by name, hours, circuits and a crew."""

from __future__ import annotations

from campaign.errors import BadInput
from campaign.planning.calendars import Calendar
from campaign.planning.document.calendars import calendar_from, calendar_to
from campaign.planning.document.values import (
    MOST_MACHINES,
    Fields,
    Minutes,
    shown,
    text,
    whole,
    wrong,
)
from campaign.planning.resources import NOMINAL, Circuit, Crew, Machine, Stage

MOST_WATTS = 1_000_000_000
MOST_PACE = 1_000_000


def stage_from(raw: object, where: str, number: int, minutes: Minutes) -> Stage:
    """The stage in place `number`, counted from 1. Raises BadInput."""
    if not isinstance(raw, dict):
        return Stage.of(f"stage-{number}", _count(raw, where))
    fields = Fields(raw, where, ("name", "machines", "calendar", "circuits", "crew"))
    name = fields.text("name", f"stage-{number}")
    told, place = fields["machines"], fields.at("machines")
    machines: tuple[Machine, ...]
    if isinstance(told, list):
        machines = tuple(_machine(item, path, minutes) for path, item in fields.items("machines"))
    else:
        machines = Stage.of(name, _count(told, place)).machines
    try:
        return Stage(
            name,
            machines,
            _calendar(fields, "calendar", minutes),
            tuple(_circuit(item, path, minutes) for path, item in fields.items("circuits")),
            _crew(fields["crew"], fields.at("crew"), minutes) if "crew" in fields else None,
        )
    except BadInput as refused:
        if refused.where.startswith(where):
            raise
        at = next((n for n, machine in enumerate(machines) if machine.name == refused.where), None)
        path = where if at is None else f"{place}[{at}]"
        raise wrong(refused.what, path, refused.todo or "mend one of the two") from None


def stage_to(stage: Stage, minutes: Minutes) -> dict[str, object]:
    """Its JSON form, without what is as usual."""
    counted = stage.machines == Stage.of(stage.name, len(stage.machines)).machines
    told: dict[str, object] = {
        "name": stage.name,
        "machines": len(stage.machines) if counted else [_machine_to(machine) for machine in stage.machines],
    }
    if stage.calendar != Calendar.round_the_clock():
        told["calendar"] = calendar_to(stage.calendar, minutes)
    if stage.circuits:
        told["circuits"] = [_circuit_to(circuit) for circuit in stage.circuits]
    if stage.crew is not None:
        told["crew"] = _crew_to(stage.crew, minutes)
    return told


def _count(raw: object, where: str) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise wrong(f"{shown(raw)} is no number of machines", where, "write a number, or a list of machines")
    return whole(raw, where, most=MOST_MACHINES)


def _calendar(fields: Fields, name: str, minutes: Minutes) -> Calendar:
    if name not in fields:
        return Calendar.round_the_clock()
    return calendar_from(fields[name], fields.at(name), minutes)


def _machine(raw: object, where: str, minutes: Minutes) -> Machine:
    if not isinstance(raw, dict):
        return Machine(text(raw, where))
    fields = Fields(raw, where, ("name", "free_from", "outages", "pace", "circuit", "draw_w"))
    return Machine(
        text(fields["name"], fields.at("name")),
        minutes.read(fields["free_from"], fields.at("free_from")) if "free_from" in fields else 0,
        tuple(minutes.span(span, path) for path, span in fields.items("outages")),
        fields.whole("pace", NOMINAL, least=1, most=MOST_PACE),
        fields.text("circuit", ""),
        fields.whole("draw_w", 0, most=MOST_WATTS),
    )


def _machine_to(machine: Machine) -> object:
    told: dict[str, object] = {
        "free_from": machine.free_from,
        "outages": [list(outage) for outage in machine.outages],
        "pace": machine.pace if machine.pace != NOMINAL else 0,
        "circuit": machine.circuit,
        "draw_w": machine.draw,
    }
    unusual = {name: value for name, value in told.items() if value}
    return {"name": machine.name} | unusual if unusual else machine.name


def _circuit(raw: object, where: str, minutes: Minutes) -> Circuit:
    fields = Fields(raw, where, ("name", "limit_w", "base_w", "full_until"))
    return Circuit(
        text(fields["name"], fields.at("name")),
        whole(fields["limit_w"], fields.at("limit_w"), most=MOST_WATTS),
        fields.whole("base_w", 0, most=MOST_WATTS),
        minutes.read(fields["full_until"], fields.at("full_until")) if "full_until" in fields else 0,
    )


def _circuit_to(circuit: Circuit) -> dict[str, object]:
    told = {"base_w": circuit.base, "full_until": circuit.full_until}
    return {"name": circuit.name, "limit_w": circuit.limit} | {name: at for name, at in told.items() if at}


def _crew(raw: object, where: str, minutes: Minutes) -> Crew:
    fields = Fields(raw, where, ("people", "attend", "travel", "shifts"))
    return Crew(
        whole(fields["people"], fields.at("people"), least=1, most=MOST_MACHINES),
        whole(fields["attend"], fields.at("attend"), least=1),
        fields.whole("travel", 0),
        _calendar(fields, "shifts", minutes),
    )


def _crew_to(crew: Crew, minutes: Minutes) -> dict[str, object]:
    told: dict[str, object] = {"people": crew.people, "attend": crew.attend}
    if crew.travel:
        told["travel"] = crew.travel
    if crew.calendar != Calendar.round_the_clock():
        told["shifts"] = calendar_to(crew.calendar, minutes)
    return told
