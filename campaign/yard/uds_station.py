"""A station of the demo that speaks UDS: a virtual car on its cable, in a process of its own, and its driver."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from campaign.errors import StationUnreachable
from campaign.yard.package import BLOCK_BYTES
from campaign.yard.virtual_car.car import THREE
from campaign.yard.virtual_car.image import SECRET

DOWN_WITHIN = 5.0  # seconds
PATIENCE_S = 10.0  # without a word, beside what one block of a stretched flash takes


def can_speak_uds() -> bool:
    """Whether the virtual car's UDS server is installed (the extra `virtual-car`)."""
    return find_spec("gallia") is not None


def seconds_per_block(flash_s: float) -> float:
    """How long one TransferData takes, so that a whole flash of the demo's package takes about `flash_s` seconds."""
    longest = min(unit.max_block - 2 for unit in THREE)
    return flash_s / (len(THREE) * -(-BLOCK_BYTES // longest))


def driver_options(port: int, per_block: float = 0.0) -> dict[str, Any]:
    """station.json of a station whose cable leads to the virtual car on this port."""
    return {
        "host": "127.0.0.1",
        "port": port,
        "gateway": "0x1001",
        "vin_ecu": "0x1001",
        "security": {"level": 17, "algorithm": "xor", "secret": f"{SECRET:08x}"},
        "volts": {"ecu": "0x1001", "did": "F442", "factor": 0.1, "min": 12.0, "marginal": 12.3},
        "soc": {
            "ecu": "0x1007",
            "did": "028C",
            "formulas": {
                "display": {"id": "meb-display-1", "factor": 0.4425, "offset": -6.1947},
                "bms": {"id": "meb-bms-1", "factor": 0.4, "offset": 0},
            },
        },
        "sample_every": 1,
        "silence": PATIENCE_S + per_block,
        "reset_pause": 0,
    }


@contextmanager
def virtual_cable(cars: Path, station: Path, per_block: float) -> Iterator[int]:
    """The process; yields the port of its cable. Raises StationUnreachable when it does not come up."""
    words = ["-m", "campaign.yard.virtual_car", "--folder", cars, "--port", 0, "--station", station]
    words += ["--seconds-per-block", per_block]
    station.mkdir(parents=True, exist_ok=True)
    with (station / "cable.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, *map(str, words)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            process_group=0,
        )
    try:
        said = process.stdout.readline().split() if process.stdout is not None else []
        if said[:1] != ["listening"]:
            raise StationUnreachable(station.name, f"its virtual car does not start: see {station}/cable.log")
        yield int(said[1])
    finally:
        _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
    try:
        process.wait(DOWN_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
