"""A site as the rules see it: slots, circuits, charge points, stations and shifts."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from campaign.errors import BrokenRule


@dataclass(frozen=True, slots=True)
class Names:
    """What a thing is called on a page: English and Chinese."""

    en: str
    zh: str

    def in_language(self, language: str) -> str:
        """`zh` gives the Chinese name, anything else the English one."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Circuit:
    """A supply with a limit that its points share; `limit_kw` in kilowatts."""

    name: str
    limit_kw: float


@dataclass(frozen=True, slots=True)
class Point:
    """A charge point: the circuit that it hangs on and the most it gives, in kilowatts."""

    name: str
    circuit: str
    kw: float


@dataclass(frozen=True, slots=True)
class Charging:
    """What decides how long a car charges: `battery_kwh` is usable energy, `onboard_kw` the most that a car takes.

    `celsius` is the air around the cars; `by_month`, where it is given, has twelve values from January on.
    """

    battery_kwh: float
    onboard_kw: float
    efficiency: float = 0.88
    connect_min: int = 10
    celsius: float = 15.0
    by_month: tuple[float, ...] = ()

    def celsius_in(self, month: int) -> float:
        """The air in a month, 1 to 12."""
        return self.by_month[month - 1] if self.by_month else self.celsius


@dataclass(frozen=True, slots=True)
class StationPlace:
    """A flash station and where its SSH server listens. No host: nobody said yet, or the demo gives one."""

    name: str
    host: str | None = None
    port: int = 22
    user: str = "campaign"


@dataclass(frozen=True, slots=True)
class Shift:
    """A shift in the site's local time, from `start` (inclusive) to `end` (exclusive).

    It goes over midnight when `end` is not after `start`. `qa` says whether QA inspects and signs in it.
    """

    code: str
    names: Names
    start: time
    end: time
    qa: bool

    @property
    def over_midnight(self) -> bool:
        """Whether it ends on the day after it opened (equal times are 24 h)."""
        return self.end <= self.start

    def covers(self, at: time) -> bool:
        """Whether local time `at` falls in it: 08:00 belongs to a shift 08:00-20:00, 20:00 does not."""
        if self.over_midnight:
            return at >= self.start or at < self.end
        return self.start <= at < self.end


@dataclass(frozen=True, slots=True)
class ShiftDay:
    """One shift of one day: a night shift belongs to the day on which it opened."""

    shift: Shift
    day: date


@dataclass(frozen=True, slots=True)
class SiteLayout:
    """One site. `zone` is an IANA name; `inspectors` is how many QA people inspect side by side.

    Without `charging` a charge takes what it took in the real case.
    """

    code: str
    names: Names
    zone: str
    slots: tuple[str, ...]
    circuits: tuple[Circuit, ...]
    points: tuple[Point, ...]
    stations: tuple[StationPlace, ...]
    shifts: tuple[Shift, ...]
    inspectors: int
    charging: Charging | None = None

    def share_kw(self, circuit: str) -> float:
        """What each point of a circuit may draw when all of them are busy. Raises KeyError."""
        limits = {c.name: c.limit_kw for c in self.circuits}
        return limits[circuit] / max(1, sum(point.circuit == circuit for point in self.points))

    def shift_at(self, now: datetime) -> ShiftDay | None:
        """The shift open at the aware time `now`, with the local day of its opening; None between shifts."""
        local = now.astimezone(ZoneInfo(self.zone))
        for shift in self.shifts:
            if shift.covers(local.time()):
                before_midnight = not shift.over_midnight or local.time() >= shift.start
                return ShiftDay(shift, local.date() if before_midnight else local.date() - timedelta(days=1))
        return None

    def to_json(self) -> str:
        """Canonical JSON: the same layout always gives the same text (sorted keys, no blanks)."""
        told = asdict(self)
        if self.charging is None:
            del told["charging"]  # the text of a layout from before there was such a thing stays what it was
        return json.dumps(
            told, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=time.isoformat
        )

    @classmethod
    def from_json(cls, text: str) -> SiteLayout:
        """Back from `to_json`. Raises BrokenRule: only we write it, so a bad one is a bug or tampering."""
        try:
            return cls(**_fields(json.loads(text)))
        except (TypeError, ValueError, KeyError, AttributeError) as broken:
            raise BrokenRule(f"a stored site layout cannot be read: {broken}") from broken


def _fields(raw: dict[str, Any]) -> dict[str, Any]:
    return raw | {
        "names": Names(**raw["names"]),
        "slots": tuple(raw["slots"]),
        "circuits": tuple(Circuit(**c) for c in raw["circuits"]),
        "points": tuple(Point(**p) for p in raw["points"]),
        "stations": tuple(StationPlace(**s) for s in raw["stations"]),
        "shifts": tuple(_shift(s) for s in raw["shifts"]),
        "charging": _charging(raw.get("charging")),
    }


def _charging(raw: dict[str, Any] | None) -> Charging | None:
    return None if raw is None else Charging(**raw | {"by_month": tuple(raw["by_month"])})


def _shift(raw: dict[str, Any]) -> Shift:
    return Shift(
        **raw
        | {
            "names": Names(**raw["names"]),
            "start": time.fromisoformat(raw["start"]),
            "end": time.fromisoformat(raw["end"]),
        }
    )
