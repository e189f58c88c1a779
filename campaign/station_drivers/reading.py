"""What the units of a car say of themselves: identification, trouble codes, 12 V and SOC. Nothing here writes.

A value that a unit does not know (a negative response) is an empty text or None; a unit that does not answer at all
raises NoAnswer.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from udsoncan.Response import Response
from udsoncan.services.ReadDTCInformation import ReadDTCInformation

from campaign.station_agent.manifest import State
from campaign.station_drivers.doip import Keep, Unit
from campaign.station_drivers.options import Options
from campaign.station_drivers.soc import raw_of, tenths
from campaign.station_drivers.talk import Garbled, Negative, NoAnswer

VIN, PART_NUMBER, SOFTWARE, HARDWARE = 0xF190, 0xF187, 0xF189, 0xF191
HARDWARE_VERSION, SERIAL, ATTEMPTS, SUCCESSES = 0xF1A3, 0xF18C, 0x0405, 0x0407
ALL_DTCS = 0xFF
SAMPLE_WITHIN = 1.0  # seconds: the unit that is programmed waits meanwhile
BUSY, BUSY_TRIES, BUSY_PAUSE = 0x21, 5, 0.1  # busyRepeatRequest; seconds
GIVE_UP_AFTER = 3  # samples that were not answered, one after the other

_LETTERS = "PCBU"


class Identity(NamedTuple):
    """What a unit is. Texts are empty and counters None where it does not tell."""

    part_number: str = ""
    software: str = ""
    hardware: str = ""
    coding: str = ""
    hardware_version: str = ""
    serial: str = ""
    attempts: int | None = None
    successes: int | None = None

    def state(self) -> State:
        """What is compared with a manifest."""
        return State(self.part_number, self.software, self.hardware, self.coding)

    def row(self, unit: Unit) -> dict[str, Any]:
        """As it is kept."""
        return {"name": unit.name, "address": unit.address, **self._asdict()}


def silent_row(unit: Unit) -> dict[str, Any]:
    """Of a unit that does not answer: nulls."""
    return {"name": unit.name, "address": unit.address, **dict.fromkeys(Identity._fields)}


def states(identities: Mapping[str, Identity]) -> dict[str, State]:
    """What is compared with a manifest, by unit."""
    return {name: identity.state() for name, identity in identities.items()}


def read_vin(unit: Unit) -> str:
    """F190; empty where the unit does not know it."""
    return _text(unit, VIN)


def identify(unit: Unit, coding_did: int) -> Identity:
    """All that one unit says of itself."""
    return Identity(
        _text(unit, PART_NUMBER),
        _text(unit, SOFTWARE),
        _text(unit, HARDWARE),
        known(unit, coding_did).hex().upper(),
        _text(unit, HARDWARE_VERSION),
        _text(unit, SERIAL),
        raw_of(known(unit, ATTEMPTS)),
        raw_of(known(unit, SUCCESSES)),
    )


def known(unit: Unit, did: int, *, within: float | None = None) -> bytes:
    """The bytes under a data identifier; none where the unit refuses it. A busy one is asked again: it only reads."""
    for _ in range(BUSY_TRIES):
        try:
            return unit.read(did, within=within)
        except Negative as refused:
            if refused.nrc != BUSY:
                break
        time.sleep(BUSY_PAUSE)
    return b""


def _text(unit: Unit, did: int) -> str:
    text = known(unit, did).strip(b"\0 ").decode("ascii", "replace")
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def read_dtcs(unit: Unit) -> list[str] | None:
    """19 02 FF: trouble codes with their status, as P0A0F00:2F; None where the unit has no such list."""
    try:
        response = unit.ask(ReadDTCInformation, 0x02, bytes([ALL_DTCS]))
        return unit.understood(_dtcs, response)
    except (Negative, Garbled):
        return None


def _dtcs(response: Response) -> list[str]:
    read = ReadDTCInformation.interpret_response(
        response, ReadDTCInformation.Subfunction.reportDTCByStatusMask
    )
    return [f"{dtc_name(dtc.id)}:{dtc.status.get_byte_as_int():02X}" for dtc in read.service_data.dtcs]


def dtc_name(number: int) -> str:
    """Three bytes as people write them (SAE J2012): 0xC10000 is U010000."""
    return f"{_LETTERS[number >> 22]}{number >> 20 & 0x3}{number & 0xFFFFF:05X}"


class Sample(NamedTuple):
    """12 V in volts, SOC raw and in tenths by gauge; None where it was not told."""

    volts: Decimal | None
    soc_raw: int | None
    soc: Mapping[str, int]
    formula: str

    def facts(self) -> dict[str, Any]:
        """As it is kept and handed back. Every gauge has its own name; null where it is not known."""
        gauges = {f"soc_{name}": self.soc.get(name) for name in {"display", "bms", *self.soc}}
        return {
            "volts": None if self.volts is None else float(self.volts),
            "soc_raw": self.soc_raw,
            **gauges,
            "formula": self.formula,
        }


class Sampler:
    """Reads 12 V and SOC from the units that know them, also while another one is programmed."""

    def __init__(self, options: Options, units: Iterable[Unit], keep: Keep) -> None:
        self._options, self._keep = options, keep
        self._units = {unit.address: unit for unit in units}
        self._next = time.monotonic() + options.sample_every
        self._unanswered: dict[int, int] = {}

    def take(self, *, but: int | None = None, patient: bool = True) -> Sample:
        """Ask now, but not the unit `but`, which is at work. Raises LinkLost."""
        within = None if patient else SAMPLE_WITHIN
        options = self._options
        volts, raw, soc, formula = None, None, {}, ""
        if options.volts is not None:
            told = raw_of(self._ask(options.volts.ecu, options.volts.did, but, within))
            volts = None if told is None else told * options.volts.factor
        if options.soc is not None:
            raw = raw_of(self._ask(options.soc.ecu, options.soc.did, but, within))
            formulas = options.soc.formulas
            formula = " ".join(f"{name}:{one.id}" for name, one in formulas.items())
            soc = {} if raw is None else {name: tenths(raw, one) for name, one in formulas.items()}
        return Sample(volts, raw, soc, formula)

    def keep(self, sample: Sample) -> None:
        """As evidence, with a warning where the 12 V are in their marginal band."""
        limits, more = self._options.volts, {}
        if limits and sample.volts is not None and sample.volts < limits.marginal:
            low = sample.volts < limits.least
            more = {
                "warning": "volts_below" if low else "volts_marginal",
                "volts_min": float(limits.least),
                "volts_marginal": float(limits.marginal),
            }
        self._keep("sample", **sample.facts(), **more)

    def between_blocks(self, at_work: int) -> None:
        """Take one sample when it is time."""
        now = time.monotonic()
        if now < self._next:
            return
        sample = self.take(but=at_work, patient=False)
        if sample.volts is not None or sample.soc_raw is not None:
            self.keep(sample)
        self._next = time.monotonic() + self._options.sample_every

    def _ask(self, address: int, did: int, but: int | None, within: float | None) -> bytes:
        unit = self._units.get(address)
        if unit is None or address == but or self._unanswered.get(address, 0) >= GIVE_UP_AFTER:
            return b""
        with contextlib.suppress(Garbled):
            try:
                answer = known(unit, did, within=within)
            except NoAnswer:
                self._unanswered[address] = self._unanswered.get(address, 0) + 1
                return b""
            self._unanswered[address] = 0
            return answer
        return b""
