"""What is kept of one attempt for the record, as frozen values with their JSON. Pure.

Times of the station are its claim (rule 9): only the two ends of the attempt are moments, all else is seconds since its
start. SOC in tenths of a percent, voltage in volts, None where nothing was told.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple


class StepTime(NamedTuple):
    """A step: when it began and how long it took; `seconds` None while its end is not known."""

    step: str
    percent: int
    began: float | None
    seconds: float | None = None


class EcuIdent(NamedTuple):
    """A control unit as it identified itself; an empty text where it did not say."""

    name: str
    address: str = ""
    part_number: str = ""
    software: str = ""
    hardware: str = ""
    coding: str = ""
    hardware_version: str = ""
    serial: str = ""
    attempts: str = ""  # its own counter of programming attempts


class EcuDtcs(NamedTuple):
    """The fault memory of a control unit, as `P0A0F00:2F`."""

    ecu: str
    codes: tuple[str, ...]


class Sample(NamedTuple):
    """12 V and SOC at one moment of the flash."""

    at: float | None
    volts: float | None
    soc_display: int | None
    soc_bms: int | None
    soc_raw: float | None


class BlockDone(NamedTuple):
    """A block that was transferred."""

    ecu: str
    block: str
    size: int
    seconds: float | None
    crc32: str = ""


class Differing(NamedTuple):
    """A value that is not as specified."""

    ecu: str
    field: str
    specified: str
    actual: str


class Change(NamedTuple):
    """A field of a control unit before and after; an empty text where it did not say."""

    ecu: str
    field: str
    before: str
    after: str


Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One attempt, as its journal tells it."""

    job: str = ""
    vin: str = ""
    source: str = ""
    target: str = ""
    package: str = ""
    digest: str = ""
    gate: str = ""
    agent: str = ""
    driver: str = ""
    versions: Pairs = ()  # tools and libraries of the station
    key: str = ""  # whose signature the station checked
    started_at: datetime | None = None
    ended_at: datetime | None = None
    steps: tuple[StepTime, ...] = ()
    before: tuple[EcuIdent, ...] = ()
    after: tuple[EcuIdent, ...] = ()
    dtcs_before: tuple[EcuDtcs, ...] = ()
    dtcs_after: tuple[EcuDtcs, ...] = ()
    samples: tuple[Sample, ...] = ()  # thinned to what a curve shows
    sampled: int = 0  # how many there were
    formula: str = ""  # how SOC was computed from the raw value
    blocks: tuple[BlockDone, ...] = ()
    differences: tuple[Differing, ...] = ()
    matched: int | None = None  # values that are as specified; None: nothing was compared
    verdict: str = ""
    code: str = ""
    params: Pairs = ()
    written: bool = True
    detail: str = ""
    read_back: str | None = None
    exchanges: int = 0  # requests to control units that the journal holds
    tool_lines: int = 0
    unread: int = 0  # lines that are no record: torn, or a program's own output

    @property
    def seconds(self) -> float | None:
        """How long the attempt took."""
        if self.started_at is None or self.ended_at is None:
            return None
        return (self.ended_at - self.started_at).total_seconds()

    def changes(self) -> list[Change]:
        """Every field that any unit told before or after, unit by unit, in the journal's order."""
        earlier, later = ({ecu.name: ecu for ecu in told} for told in (self.before, self.after))
        changes = []
        for name in {**earlier, **later}:
            before, after = earlier.get(name, EcuIdent(name)), later.get(name, EcuIdent(name))
            for field in EcuIdent._fields[2:]:
                told = getattr(before, field), getattr(after, field)
                if any(told):
                    changes.append(Change(name, field, *told))
        return changes

    def to_json(self) -> str:
        """One line: the same evidence always gives the same text."""
        raw = {name: _plain(getattr(self, name)) for name in self.__slots__}
        return json.dumps(raw, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Evidence:
        """Back from `to_json`; what a later version added is left out."""
        raw = json.loads(text)
        return cls(**{name: _value(name, raw[name]) for name in cls.__slots__ if name in raw})


_PARTS: dict[str, type[Any]] = {
    "steps": StepTime,
    "before": EcuIdent,
    "after": EcuIdent,
    "samples": Sample,
    "blocks": BlockDone,
    "differences": Differing,
}


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def _value(name: str, raw: Any) -> Any:
    if name in _PARTS:
        return tuple(_PARTS[name](*row) for row in raw)
    if name in ("dtcs_before", "dtcs_after"):
        return tuple(EcuDtcs(ecu, tuple(codes)) for ecu, codes in raw)
    if name in ("versions", "params"):
        return tuple((key, value) for key, value in raw)
    if name in ("started_at", "ended_at"):
        return None if raw is None else datetime.fromisoformat(raw)
    return raw
