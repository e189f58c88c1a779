"""Virtual cars: one JSON file per car, `<folder>/<VIN>.json`, as the simulated driver and the yard see them.

    {"vin": "LSV...", "version": "VBV4.5.2C", "soc_display": 274, "soc_bms": 306}

SOC in tenths of a percent. `version` is null while the control unit is erased: the car cannot tell what it
runs. Every write is whole (a temporary file, synced, renamed) and takes the folder's lock, so that a charging
car and a flashing one do not lose each other's change.
"""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from typing import Any

Car = dict[str, Any]


def car_file(folder: Path, vin: str) -> Path:
    """Where the car with this VIN lives."""
    return folder / f"{vin}.json"


def read_car(folder: Path, vin: str) -> Car | None:
    """The car as it is now, or None when no such car answers."""
    try:
        car = json.loads(car_file(folder, vin).read_text())
    except FileNotFoundError:
        return None
    return car if isinstance(car, dict) else None


def update_car(folder: Path, vin: str, **changes: object) -> None:
    """Change some fields of a car, or make it, as one durable step."""
    with (folder / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        car = {"vin": vin, **(read_car(folder, vin) or {}), **changes}
        write_whole(car_file(folder, vin), json.dumps(car))


def write_whole(path: Path, text: str) -> None:
    """Replace a file so that a power cut leaves the old text or the new one, never a part."""
    write_bytes_whole(path, text.encode())


def write_bytes_whole(path: Path, data: bytes) -> None:
    """As `write_whole`, for bytes."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with fresh.open("wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
