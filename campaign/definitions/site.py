"""A site in YAML: rows of slots, circuits with their points, stations, shifts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import time
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator

from campaign.definitions.checking import Findings, Strict, Wrong
from campaign.definitions.document import FieldPath
from campaign.definitions.fields import PlaceName, SiteCode, Text, TimeOfDay, TwoNames
from campaign.definitions.ranges import MOST, expand, row
from campaign.domain.site import Charging, Circuit, Point, Shift, SiteLayout, StationPlace
from campaign.errors import BadInput
from campaign.planning.charging_time import ChargeModel


def _expanded(raw: object) -> object:
    """`CP-01..CP-10`, or a list of names and such ranges, as a tuple of names."""
    parts = [raw] if isinstance(raw, str) else raw
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
        raise Wrong("is not a range or a list of names", "write CP-01..CP-10, or one name a line after `- `")
    return tuple(name for part in parts for name in expand(part))


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        raise Wrong(
            f"{name!r} is not a known time zone", "write an IANA name such as Asia/Shanghai"
        ) from unknown
    return name


class SlotRow(Strict):
    """A row of parking places: `{row: A, count: 250}` is A-001 to A-250."""

    row: PlaceName
    count: Annotated[int, Field(ge=1, le=MOST)]


class CircuitDefinition(Strict):
    """A circuit: what it gives in all, its points, and the most that each point gives (kilowatts)."""

    name: PlaceName
    limit_kw: Annotated[float, Field(gt=0, le=10_000)]
    point_kw: Annotated[float, Field(gt=0, le=1_000)]
    points: Annotated[tuple[PlaceName, ...], BeforeValidator(_expanded), Field(min_length=1)]


class StationDefinition(Strict):
    """A flash station. Without a host it is not reachable; the demo gives its own."""

    name: PlaceName
    host: Text | None = None
    port: Annotated[int, Field(ge=1, le=65_535)] = 22
    user: PlaceName = "campaign"


class ShiftDefinition(Strict):
    """A shift in local time; `end` before `start` goes over midnight."""

    code: PlaceName
    names: TwoNames
    start: TimeOfDay
    end: TimeOfDay
    qa: bool = False

    def shift(self) -> Shift:
        """As the domain keeps it."""
        return Shift(self.code, self.names.names(), self.start, self.end, self.qa)


Celsius = Annotated[float, Field(ge=-50, le=60)]
MONTHS = 12


def _twelve(months: tuple[float, ...]) -> tuple[float, ...]:
    if months and len(months) != MONTHS:
        raise Wrong(f"has {len(months)} values", "write twelve, from January to December")
    return months


class ChargingDefinition(Strict):
    """How long charging takes here, by physics. Temperatures in degrees Celsius, of the air around the cars."""

    battery_kwh: Annotated[float, Field(gt=0, le=1_000)]
    onboard_kw: Annotated[float, Field(gt=0, le=1_000)]
    efficiency: Annotated[float, Field(ge=0.1, le=1)] = 0.88
    connect_min: Annotated[int, Field(ge=0, le=240)] = 10
    celsius: Celsius = 15.0
    celsius_by_month: Annotated[tuple[Celsius, ...], AfterValidator(_twelve)] = ()

    def charging(self) -> Charging:
        """As the domain keeps it."""
        return Charging(
            self.battery_kwh,
            self.onboard_kw,
            self.efficiency,
            self.connect_min,
            self.celsius,
            self.celsius_by_month,
        )

    @property
    def coldest(self) -> float:
        """The temperature at which charging is hardest."""
        return min(self.celsius_by_month or (self.celsius,))


class SiteDefinition(Strict):
    """A file under `configs/sites/`."""

    code: SiteCode
    names: TwoNames
    time_zone: Annotated[str, AfterValidator(_known_zone)]
    slots: Annotated[tuple[SlotRow, ...], Field(min_length=1)]
    circuits: Annotated[tuple[CircuitDefinition, ...], Field(min_length=1)]
    stations: Annotated[tuple[StationDefinition, ...], Field(min_length=1)]
    shifts: Annotated[tuple[ShiftDefinition, ...], Field(min_length=1)]
    inspectors: Annotated[int, Field(ge=1, le=1_000)]
    charging: ChargingDefinition | None = None

    @field_validator("slots")
    @classmethod
    def _rows_once(cls, rows: tuple[SlotRow, ...], info: ValidationInfo) -> tuple[SlotRow, ...]:
        _only_once(info, "row", ((("slots", at, "row"), row.row) for at, row in enumerate(rows)))
        return rows

    @field_validator("circuits")
    @classmethod
    def _points_once(
        cls, circuits: tuple[CircuitDefinition, ...], info: ValidationInfo
    ) -> tuple[CircuitDefinition, ...]:
        _only_once(info, "circuit", ((("circuits", at, "name"), c.name) for at, c in enumerate(circuits)))
        points = ((("circuits", at, "points"), p) for at, c in enumerate(circuits) for p in c.points)
        _only_once(info, "charge point", points)
        for at, c in enumerate(circuits):
            if c.point_kw > c.limit_kw:
                what = f"a point may draw {c.point_kw:g} kW, its circuit {c.limit_kw:g} kW"
                Findings.of(info).add(("circuits", at, "point_kw"), what, f"write {c.limit_kw:g} or less")
        return circuits

    @field_validator("stations")
    @classmethod
    def _stations_once(
        cls, stations: tuple[StationDefinition, ...], info: ValidationInfo
    ) -> tuple[StationDefinition, ...]:
        _only_once(info, "station", ((("stations", at, "name"), s.name) for at, s in enumerate(stations)))
        ends = ((("stations", at), f"{s.host}:{s.port}") for at, s in enumerate(stations) if s.host)
        _only_once(info, "address", ends)
        return stations

    @field_validator("shifts")
    @classmethod
    def _shifts_apart(
        cls, shifts: tuple[ShiftDefinition, ...], info: ValidationInfo
    ) -> tuple[ShiftDefinition, ...]:
        _only_once(info, "shift", ((("shifts", at, "code"), s.code) for at, s in enumerate(shifts)))
        for at, later in enumerate(shifts):
            for earlier in shifts[:at]:
                if _overlap(earlier.shift(), later.shift()):
                    what = f"overlaps the shift {earlier.code} ({earlier.start:%H:%M} to {earlier.end:%H:%M})"
                    Findings.of(info).add(("shifts", at), what, "let one start when the other ends")
        if not any(shift.qa for shift in shifts):
            raise Wrong(
                "no shift has QA, so that no batch could be signed", "write `qa: true` in one of them"
            )
        return shifts

    @field_validator("charging")
    @classmethod
    def _charges_in_the_cold(
        cls, charging: ChargingDefinition | None, info: ValidationInfo
    ) -> ChargingDefinition | None:
        if charging is None:
            return None
        circuits: tuple[CircuitDefinition, ...] = info.data.get("circuits", ())
        for circuit in circuits:
            share = circuit.limit_kw / len(circuit.points)
            try:
                ChargeModel.of(charging.charging(), circuit.point_kw, share, charging.coldest)
            except BadInput as nothing_left:
                where = f"points of {circuit.name}: {nothing_left.what}"
                Findings.of(info).add(("charging",), where, nothing_left.todo)
        return charging

    def layout(self) -> SiteLayout:
        """As the services use it: ranges written out."""
        return SiteLayout(
            code=self.code,
            names=self.names.names(),
            zone=self.time_zone,
            slots=tuple(slot for r in self.slots for slot in row(r.row, r.count)),
            circuits=tuple(Circuit(c.name, c.limit_kw) for c in self.circuits),
            points=tuple(Point(p, c.name, c.point_kw) for c in self.circuits for p in c.points),
            stations=tuple(StationPlace(s.name, s.host, s.port, s.user) for s in self.stations),
            shifts=tuple(s.shift() for s in self.shifts),
            inspectors=self.inspectors,
            charging=None if self.charging is None else self.charging.charging(),
        )


def _only_once(info: ValidationInfo, kind: str, named: Iterable[tuple[FieldPath, str]]) -> None:
    """Note every name that stands more than once, at each place after the first."""
    listed = list(named)
    counts = Counter(name for _, name in listed)
    seen: set[str] = set()
    for path, name in listed:
        if name in seen:
            what = f"the {kind} {name} stands {counts[name]} times"
            Findings.of(info).add(path, what, "keep it once")
        seen.add(name)


def _overlap(one: Shift, other: Shift) -> bool:
    minutes = (time(m // 60, m % 60) for m in range(24 * 60))
    return any(one.covers(minute) and other.covers(minute) for minute in minutes)
