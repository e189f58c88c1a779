"""The stages of the yard as a plan sees them, built in one place: charge points, flash stations, inspectors.

Machines stay identical wherever the difference is small: such a stage is laid out several times faster.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from campaign.domain.rules import CampaignRules
from campaign.domain.site import Point, SiteLayout
from campaign.errors import NotFound
from campaign.planning.calendars import Calendar
from campaign.planning.resources import NOMINAL, Circuit, Machine, Stage
from campaign.ports.store import UnitOfWork
from campaign.services.charge_models import ChargeModels

CHARGE, FLASH, INSPECT = "charge", "flash", "inspect"
STAGES = (CHARGE, FLASH, INSPECT)
FLASH_MIN = 45  # planned minutes on a station (notes of the real case); live work follows readiness, not this
INSPECT_MIN = 10
SIGN_OFF_MIN = 60  # from the pilot's last inspection to its approval
DELIVERY_HOUR = 20  # a promised date means that evening, in the site's zone
BACK_MIN = 8 * 60
"""When every machine of a stage is down, a plan takes it that they are back after a shift: nobody knows better."""
ALIKE = 50
"""A point that is not further than this off the site's level, in thousandths, counts as any other."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What keeps points and stations: busy for so many minutes more, or down until somebody says otherwise."""

    busy: Mapping[str, int] = field(default_factory=dict)
    down: Collection[str] = ()


def stages_of(
    layout: SiteLayout, start: datetime, models: ChargeModels, taken: Taken | None = None
) -> tuple[Stage, Stage, Stage]:
    """Charge, flash, inspect. `start` is local time, in which the site's shifts are given."""
    taken = taken or Taken()
    circuits = {} if layout.charging is not None else _scarce(layout)
    points = [_point(point, circuits, models, taken) for point in layout.points]
    stations = [Machine(place.name, taken.busy.get(place.name, 0)) for place in layout.stations]
    used = {machine.circuit for machine in points}
    return (
        Stage(
            CHARGE,
            _up(points, taken),
            circuits=tuple(circuit for name, circuit in circuits.items() if name in used),
        ),
        Stage(FLASH, _up(stations, taken)),
        Stage.of(INSPECT, layout.inspectors, qa_calendar(layout, start)),
    )


def layout_of(uow: UnitOfWork, site: str) -> SiteLayout:
    """The layout as applied. Raises NotFound."""
    layout = uow.sites.get(site)
    if layout is None:
        raise NotFound(f"site {site} is not set up here: run `campaign up` or `campaign site apply`")
    return layout


def local_start(layout: SiteLayout, moment: datetime) -> datetime:
    """The minute of the site's clock in which a moment lies: minute 0 of a plan."""
    return moment.astimezone(ZoneInfo(layout.zone)).replace(second=0, microsecond=0)


def qa_calendar(layout: SiteLayout, start: datetime) -> Calendar:
    """When QA works: the shifts marked `qa`, every day; without one, round the clock."""
    windows = [(_minute(shift.start), _minute(shift.end)) for shift in layout.shifts if shift.qa]
    if not windows:
        return Calendar.round_the_clock()
    return Calendar.weekly(dict.fromkeys(range(7), windows), start)


def charge_min(soc_tenths: int | None, rules: CampaignRules, models: ChargeModels) -> int:
    """Minutes to the campaign's target at any point, by what the site's points really give; an unread car is empty."""
    nominal = models.minutes(soc_tenths or 0, rules.charge_target_tenths)
    return max(1, -(-nominal * models.paces.level // NOMINAL))


def due_min(promised: date | None, start: datetime) -> int | None:
    """The evening of a promised date, in minutes of the plan."""
    return None if promised is None else int((delivery(promised, start) - start).total_seconds() // 60)


def delivery(promised: date, start: datetime) -> datetime:
    """The evening of a promised date, in the zone of `start`."""
    return datetime.combine(promised, time(DELIVERY_HOUR), tzinfo=start.tzinfo)


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


def _scarce(layout: SiteLayout) -> dict[str, Circuit]:
    """Circuits that cannot carry all of their points at once, in watts.

    Where a site says how its cars charge, each point's share of its circuit is in the minutes of a charge already.
    """
    asked: dict[str, float] = dict.fromkeys((circuit.name for circuit in layout.circuits), 0.0)
    for point in layout.points:
        asked[point.circuit] = asked.get(point.circuit, 0.0) + point.kw
    return {
        circuit.name: Circuit(circuit.name, round(circuit.limit_kw * 1000))
        for circuit in layout.circuits
        if round(circuit.limit_kw * 1000) < round(asked[circuit.name] * 1000)
    }


def _point(point: Point, circuits: Mapping[str, Circuit], models: ChargeModels, taken: Taken) -> Machine:
    pace = models.pace(point.name) * NOMINAL // models.paces.level
    if abs(pace - NOMINAL) <= ALIKE:
        pace = NOMINAL
    circuit = circuits.get(point.circuit)
    if circuit is None:
        return Machine(point.name, taken.busy.get(point.name, 0), pace=pace)
    draw = min(round(point.kw * 1000), circuit.limit)
    return Machine(point.name, taken.busy.get(point.name, 0), pace=pace, circuit=circuit.name, draw=draw)


def _up(machines: list[Machine], taken: Taken) -> tuple[Machine, ...]:
    """Those that work. All down: all of them, as if they came back after a shift."""
    up = tuple(machine for machine in machines if machine.name not in taken.down)
    if up or not machines:
        return up
    return tuple(
        Machine(m.name, max(BACK_MIN, m.free_from), pace=m.pace, circuit=m.circuit, draw=m.draw)
        for m in machines
    )
