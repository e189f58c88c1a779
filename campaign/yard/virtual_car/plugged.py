"""Which of a folder's cars is on the cable, for the virtual car as a process of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from campaign.station_agent.cars import read_car
from campaign.yard.virtual_car.car import CarSpec, make_car
from campaign.yard.virtual_car.image import software_of

NEW_CARS_RUN = "0452"


class YardCars:
    """The cars of one folder; a VIN that was not seen before becomes a car, as the yard's own file of it says.

    `vin` tells which is plugged in: called at every routing activation, None for no car.
    """

    def __init__(
        self, folder: Path, vin: Callable[[], str | None], *, seconds_per_block: float = 0.0
    ) -> None:
        self._folder, self._vin, self._slow = folder, vin, seconds_per_block
        self._known: dict[str, CarSpec] = {}

    def find(self) -> CarSpec | None:
        """The car on the cable."""
        vin = self._vin()
        if vin is None:
            return None
        if vin not in self._known:
            self._known[vin] = self._make(vin)
        return self._known[vin]

    def _make(self, vin: str) -> CarSpec:
        told = read_car(self._folder, vin)
        software = NEW_CARS_RUN if told is None else software_of(told.get("version"))
        car = make_car(vin, self._folder, software=software, yard=self._folder)
        car.faults.seconds_per_block = self._slow
        return car


def vin_in(file: Path) -> str | None:
    """The VIN that a file names, or None while there is none in it."""
    try:
        words = file.read_text(encoding="utf-8").split()
    except OSError:
        return None
    return words[0] if words else None


def vin_at(station: Path) -> str | None:
    """The car that the newest job of a station's agent is about: somebody connected it, as the job said."""
    try:
        job = (station / "current").read_text(encoding="utf-8").strip()
        with (station / "jobs" / f"{job}.jsonl").open(encoding="utf-8") as journal:
            return str(json.loads(journal.readline())["vin"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
