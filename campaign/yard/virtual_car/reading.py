"""What a virtual car's units tell under each data identifier (22)."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from campaign.station_agent.cars import read_car, update_car
from campaign.yard.virtual_car.car import CarSpec, EcuSpec
from campaign.yard.virtual_car.faults import Faults, UnitFaults
from campaign.yard.virtual_car.memory import UnitMemory

VIN, PART_NUMBER, SOFTWARE, HARDWARE = 0xF190, 0xF187, 0xF189, 0xF191
HARDWARE_VERSION, SERIAL, CODING, FINGERPRINT = 0xF1A3, 0xF18C, 0x0600, 0xF15A
VOLTS, SOC_RAW, ATTEMPTS, SUCCESSES = 0xF442, 0x028C, 0x0405, 0x0407

DISPLAY_STEP, DISPLAY_OFFSET = 0.4425, 6.1947  # one of the formulas of open projects for these cars


def data(car: CarSpec, faults: Faults, ecu: EcuSpec, memory: UnitMemory, identifier: int) -> bytes | None:
    """The bytes under `identifier`, or None where the unit has nothing there."""
    own = faults.ecus.get(ecu.name, UnitFaults())
    match identifier:
        case _ if identifier == VIN:
            return (faults.vin or car.vin).encode("ascii")
        case _ if identifier == VOLTS:
            return bytes([_byte(10 * (car.volts if faults.volts is None else faults.volts))])
        case _ if identifier == SOC_RAW:
            return bytes([_soc_raw(car, faults)]) if ecu.name == car.bms else None
        case _ if identifier in (ATTEMPTS, SUCCESSES):
            count = memory.attempts if identifier == ATTEMPTS else memory.successes
            return min(count, 0xFFFF).to_bytes(2, "big")
        case _ if identifier in (CODING, FINGERPRINT):
            return bytes.fromhex(memory.coding if identifier == CODING else memory.fingerprint) or None
    texts = {
        PART_NUMBER: own.part_number or memory.part_number,
        SOFTWARE: memory.software,
        HARDWARE: ecu.hardware,
        HARDWARE_VERSION: ecu.hardware_version,
        SERIAL: ecu.serial,
    }
    return texts.get(identifier, "").encode("ascii") or None


def _soc_raw(car: CarSpec, faults: Faults) -> int:
    """The byte that the bms gives: as told, else so that the display is not below what the yard's file shows."""
    if faults.soc_raw is not None:
        return _byte(faults.soc_raw)
    shown = (read_car(car.yard, car.vin) or {}).get("soc_display") if car.yard else None
    if not isinstance(shown, int):
        return _byte(car.soc_raw)
    return _byte(raw_of(shown))


def raw_of(soc_display: int) -> int:
    """The smallest raw byte whose display value, cut to tenths, is at least this (tenths)."""
    return math.ceil((soc_display / 10 + DISPLAY_OFFSET) / DISPLAY_STEP - 1e-9)


def display_of(raw: int) -> int:
    """What the display shows for a raw byte: tenths, cut off, never below nothing."""
    return max(0, math.floor(10 * (raw * DISPLAY_STEP - DISPLAY_OFFSET) + 1e-9))


def tell_yard(car: CarSpec, version: str | None) -> None:
    """Write what the car runs into the yard's own file of it; SOC only where the yard does not know it."""
    if car.yard is None:
        return
    known = read_car(car.yard, car.vin) or {}
    told: dict[str, object] = {"version": version}
    if "soc_display" not in known:
        told |= {"soc_display": display_of(car.soc_raw), "soc_bms": 4 * car.soc_raw}
        told |= {"at": datetime.now(UTC).isoformat(), "charging": False}
    update_car(car.yard, car.vin, **told)


def _byte(value: float) -> int:
    return max(0, min(255, round(value)))
