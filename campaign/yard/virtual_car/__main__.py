"""Serve the virtual cars of a folder. Prints `listening PORT`, and ends with its standard input.

    python -m campaign.yard.virtual_car --folder DIR --port N (--vin VIN | --plugged FILE | --station DIR)

`--plugged` names a file with the VIN that is on the cable; it is read again at every connection. `--station` is the
folder of a station's agent: the car of its newest job is on the cable.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from campaign.yard.virtual_car.plugged import YardCars, vin_at, vin_in
from campaign.yard.virtual_car.serving import serve_car


def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the arguments, serve, and end with whoever holds the other end of standard input."""
    parser = argparse.ArgumentParser(
        prog="python -m campaign.yard.virtual_car", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--seconds-per-block", type=float, default=0.0)
    on_the_cable = parser.add_mutually_exclusive_group(required=True)
    on_the_cable.add_argument("--vin")
    on_the_cable.add_argument("--plugged", type=Path)
    on_the_cable.add_argument("--station", type=Path)
    chosen = parser.parse_args(arguments)
    cars = YardCars(chosen.folder, lambda: _plugged(chosen), seconds_per_block=chosen.seconds_per_block)
    with serve_car(cars.find, chosen.host, chosen.port) as cable:
        print(f"listening {cable.port}", flush=True)  # noqa: T201 - the starter waits for it
        sys.stdin.buffer.read()


def _plugged(chosen: argparse.Namespace) -> str | None:
    if chosen.station is not None:
        return vin_at(chosen.station)
    return chosen.vin or vin_in(chosen.plugged)


if __name__ == "__main__":
    main()
