"""The virtual cars: how full they are at a moment, and what they run; in memory, and as the stations' files."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from campaign.domain.identity import Vin
from campaign.domain.soc import FULL
from campaign.planning.charging_time import ChargeModel
from campaign.station_agent.cars import car_file, read_car, update_car
from campaign.yard.weather import FAIR, Weather

DRAIN_PER_H = 0.125  # tenths of a percent that a parked car loses in an hour: 0.3 % a day
BMS_ABOVE = 35  # tenths: the battery's own gauge shows 3 to 4 points more than the display
SLOWEST, FASTEST = 0.94, 1.08  # how far a car's charging is from the planner's model


@dataclass(slots=True)
class VirtualCar:
    """A car with `soc` tenths (display) at the moment `at`; from there it charges or drains by `pace`."""

    vin: Vin
    version: str | None
    soc: float
    at: datetime
    charging: bool = False
    pace: float = 1.0


class World:
    """Every car of the yard. With a `folder` it also keeps the files that the stations' driver works on.

    What a car runs is then in its file alone: the stations change it. All cars charge in the same `weather`.
    """

    def __init__(
        self, cars: Iterable[VirtualCar], folder: Path | None = None, weather: Weather = FAIR
    ) -> None:
        model = ChargeModel()
        self._weather = weather
        self._per_minute = 10 * model.percent / model.minutes
        self._cars = {car.vin: car for car in cars}
        self._folder = folder
        self.charging = {car.vin for car in self._cars.values() if car.charging}

    @classmethod
    def load(cls, folder: Path, seed: int) -> World:
        """The cars as their files say."""
        found = []
        for file in sorted(folder.glob("*.json")):
            raw = read_car(folder, file.stem)
            if raw is not None:
                at = datetime.fromisoformat(raw["at"])
                vin = Vin(raw["vin"])
                charging = bool(raw.get("charging"))
                found.append(
                    VirtualCar(vin, raw["version"], raw["soc_display"], at, charging, pace_of(vin, seed))
                )
        return cls(found, folder)

    def save(self, folder: Path, now: datetime) -> None:
        """Write every car's file in one go: before the stations work, so nobody waits for the disk."""
        folder.mkdir(parents=True, exist_ok=True)
        for vin, car in self._cars.items():
            told = {"vin": vin, "version": car.version, **self._told(vin, now)}
            car_file(folder, vin).write_text(json.dumps(told))

    def __contains__(self, vin: Vin) -> bool:
        """Whether the car is in this yard."""
        return vin in self._cars

    def __len__(self) -> int:
        """How many cars."""
        return len(self._cars)

    def soc(self, vin: Vin, now: datetime) -> int:
        """What the display shows: tenths, cut off."""
        return int(self._level(self._cars[vin], now))

    def reading(self, vin: Vin, now: datetime) -> int:
        """The same, and the car's file shows it too: somebody stands before the car."""
        self._write(vin, now)
        return self.soc(vin, now)

    def version(self, vin: Vin) -> str | None:
        """What the car reports, in memory."""
        return self._cars[vin].version

    def set_version(self, vin: Vin, version: str | None) -> None:
        """A simulated station wrote the control unit."""
        self._cars[vin].version = version

    def connect(self, vin: Vin, now: datetime) -> None:
        """Plug in; again changes nothing."""
        self._switch(vin, now, charging=True)

    def disconnect(self, vin: Vin, now: datetime) -> None:
        """Pull the cable; again changes nothing."""
        self._switch(vin, now, charging=False)

    def full_at(self, vin: Vin, tenths: int) -> datetime | None:
        """When a charging car shows `tenths` in fair weather; None for a parked one that is below."""
        car = self._cars[vin]
        missing = tenths - car.soc
        if missing <= 0:
            return car.at
        if not car.charging:
            return None
        return car.at + timedelta(minutes=missing / (self._per_minute * car.pace))

    def _level(self, car: VirtualCar, now: datetime) -> float:
        minutes = max(0.0, (now - car.at).total_seconds() / 60)
        if car.charging:
            warm = self._weather.minutes(car.at, now)
            return min(float(FULL), car.soc + warm * self._per_minute * car.pace)
        return max(0.0, car.soc - minutes / 60 * DRAIN_PER_H)

    def _switch(self, vin: Vin, now: datetime, *, charging: bool) -> None:
        car = self._cars[vin]
        if car.charging == charging:
            return
        car.soc, car.at, car.charging = self._level(car, now), now, charging
        (self.charging.add if charging else self.charging.discard)(vin)
        self._write(vin, now)

    def _write(self, vin: Vin, now: datetime) -> None:
        if self._folder is not None:
            update_car(self._folder, vin, **self._told(vin, now))

    def _told(self, vin: Vin, now: datetime) -> dict[str, object]:
        soc = self.soc(vin, now)
        return {
            "soc_display": soc,
            "soc_bms": min(FULL, soc + BMS_ABOVE),
            "at": now.isoformat(),
            "charging": self._cars[vin].charging,
        }


def pace_of(vin: Vin, seed: int) -> float:
    """A car's own charging pace: always the same for a seed."""
    return Random(f"pace:{seed}:{vin}").uniform(SLOWEST, FASTEST)
