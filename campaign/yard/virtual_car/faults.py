"""What goes wrong in a virtual car, on command: set in the process, or by a JSON file beside the car's own.

    {"vin": "LSV...", "volts": 11.2, "soc_raw": 60, "seconds_per_block": 0.2,
     "ecus": {"bms": {"nrc_at": {"3": 114}, "freeze_at": 5, "power_loss_at": 7, "erase_seconds": 3,
                      "checksum_refused": true, ...}}}

The names are those of the fields below. What the file says goes before what was set in the process; it is read at
each use, so that a change is felt at the next request. A file that is no JSON (being rewritten) changes nothing, and
one that cannot be understood sets nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any


@dataclass(slots=True)
class UnitFaults:
    """One unit's. Blocks are counted from 1, over all TransferData of one programming session.

    `nrc_at`: block -> negative response code. `refuse`: beginning of a request in hex -> negative response code.
    `cut_by_reset`: its reset ends every connection, as that of a gateway does.
    A frozen unit, and a car without power, come back when `freeze_at` and `power_loss_at` are taken away.
    """

    silent: bool = False
    nrc_at: dict[int, int] = field(default_factory=dict)
    freeze_at: int | None = None
    power_loss_at: int | None = None
    erase_seconds: float = 0.0
    seconds_per_block: float | None = None
    preconditions_refused: bool = False
    security_denied: bool = False
    checksum_refused: bool = False
    dependencies_refused: bool = False
    cut_by_reset: bool = False
    part_number: str | None = None
    refuse: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Faults:
    """A car's: what it reports wrongly (`vin`, `volts`, `soc_raw`), how slow it is, and each unit's own."""

    vin: str | None = None
    volts: float | None = None
    soc_raw: int | None = None
    seconds_per_block: float = 0.0
    ecus: dict[str, UnitFaults] = field(default_factory=dict)

    def of(self, ecu: str) -> UnitFaults:
        """One unit's, to be set."""
        return self.ecus.setdefault(ecu, UnitFaults())

    def clear(self) -> None:
        """Everything is well again; power comes back and frozen units answer."""
        for name in ("vin", "volts", "soc_raw", "seconds_per_block", "ecus"):
            setattr(self, name, getattr(Faults(), name))


@dataclass(slots=True)
class FaultBook:
    """Both sources together: `set_here` in the process, and the file at `path`."""

    set_here: Faults
    path: Path
    _text: bytes = b""
    _read: dict[str, Any] = field(default_factory=dict)

    def now(self) -> Faults:
        """What goes wrong at this moment."""
        try:
            text = self.path.read_bytes()
        except OSError:
            return self.set_here
        if text != self._text:
            try:
                read = json.loads(text)
            except ValueError:
                read = self._read
            self._text, self._read = text, read if isinstance(read, dict) else {}
        try:
            return _laid_over(self.set_here, self._read)
        except (ValueError, TypeError, AttributeError):
            return self.set_here  # somebody's slip of the pen must not make a unit silent


def _laid_over(faults: Faults, said: Mapping[str, Any]) -> Faults:
    ecus = dict(faults.ecus)
    for name, own in said.get("ecus", {}).items():
        known = {key: own[key] for key in own.keys() & {one.name for one in fields(UnitFaults)}}
        if "nrc_at" in known:
            known["nrc_at"] = {int(block): _code(code) for block, code in known["nrc_at"].items()}
        if "refuse" in known:
            known["refuse"] = {
                bytes.fromhex(request).hex(): _code(code) for request, code in known["refuse"].items()
            }
        ecus[name] = replace(ecus.get(name, UnitFaults()), **known)
    car = {key: said[key] for key in said.keys() & {"vin", "volts", "soc_raw", "seconds_per_block"}}
    return replace(faults, **car, ecus=ecus)


def _code(said: int | str) -> int:
    """A byte, also as "0x72"."""
    code = int(said, 0) if isinstance(said, str) else int(said)
    return bytes([code])[0]
