"""Stations that flash virtual cars over UDS: real agents behind a real SSH server, real packages, real bytes.

The car on a station's cable is the one that the station's newest job is about, as if somebody had plugged it in; a
test may plug another one. `seconds_per_block` stretches a flash.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from campaign.bootstrap import Services
from campaign.domain.identity import Vin
from campaign.domain.people import Actor
from campaign.files.signing import make_key, public_file, sign
from campaign.ports.station import FlashJob, StationLink, Upload
from campaign.station.provision import DriverChoice, provision_stations
from campaign.station.serving import ServedStations, ServerKind, serve_stations
from campaign.yard.virtual_car.car import CarSpec, make_car, manifest_for
from campaign.yard.virtual_car.serving import serve_car
from tests.fakes.flashed_car import SOURCE, TARGET, driver_options

PACKAGE = "vbv453c"


class UdsYard:
    """Stations by name, with a cable each, and cars by VIN."""

    def __init__(
        self,
        home: Path,
        names: list[str],
        *,
        kind: ServerKind = ServerKind.SSHD,
        size: int = 40_000,
        blocks: int = 1,
        seconds_per_block: float = 0.0,
        options: dict[str, object] | None = None,
        package: str = PACKAGE,
        python: str = sys.executable,
    ) -> None:
        self.home, self.names, self._slow, self.package = home, names, seconds_per_block, package
        self.cars: dict[Vin, CarSpec] = {}
        self.plugged: dict[str, Vin] = {}  # what a test plugged in by hand
        self._open = ExitStack()
        self._folder = Path(self._open.enter_context(tempfile.TemporaryDirectory(prefix="uds-cars-")))
        self.key = self._folder / "development.key"
        make_key(self.key)
        pattern = make_car("LSVAA4182E2184847", self._folder / "pattern")
        self.fitting = manifest_for(pattern, size=size, blocks=blocks, name=package)
        drivers = {name: self._driver(name, options or {}) for name in names}
        trusted = [public_file(self.key).read_text().strip()]
        self.made = provision_stations(home, names, python=python, drivers=drivers, trusted_keys=trusted)
        self.served: ServedStations = serve_stations(home, kind=kind)
        sheet = sign(self.fitting.manifest, self.key).to_text().encode()
        self.digest = hashlib.sha256(sheet).hexdigest()
        self.files = {self.digest: sheet, **self.fitting.files}

    def _driver(self, name: str, options: dict[str, object]) -> DriverChoice:
        cable = self._open.enter_context(serve_car(lambda: self._on_cable(name)))
        return DriverChoice("uds", driver_options(cable.port, **options))

    def _on_cable(self, name: str) -> CarSpec | None:
        by_hand = self.plugged.get(name)
        return self.cars.get(by_hand or self._last_vin(name))

    def _last_vin(self, name: str) -> Vin:
        folder = self.home / "stations" / name
        try:
            job = (folder / "current").read_text()
            start = (folder / "jobs" / f"{job}.jsonl").read_text().splitlines()[0]
            return Vin(json.loads(start)["vin"])
        except (OSError, ValueError, IndexError):
            return Vin("")

    def add_car(self, vin: Vin, **more: object) -> CarSpec:
        """A car at the source; `make_car` takes `more`."""
        car = make_car(vin, self._folder, **more)
        car.faults.seconds_per_block = self._slow
        self.cars[vin] = car
        return car

    def stage(self, link: StationLink, station: str) -> None:
        """Bring the package there over the link."""
        for sha256, file in self.file_paths().items():
            link.put(station, Upload(sha256, file.stat().st_size, file), lambda _: None)

    def file_paths(self) -> dict[str, Path]:
        """The signed sheet and the package's files, by their content."""
        for sha256, data in self.files.items():
            (self._folder / sha256).write_bytes(data)
        return {sha256: self._folder / sha256 for sha256 in self.files}

    def publish(self, services: Services, developer: Actor, administrator: Actor) -> None:
        """Draft, sign and release the package, as product development does."""
        key = public_file(self.key).read_text().strip()
        services.packages.trust_key(administrator, key, "development")
        draft = services.packages.draft(developer, self.fitting.manifest, self.file_paths())
        services.packages.release(developer, draft.name, self.files[self.digest].decode())

    def job(self, job_id: str, vin: Vin, *, gate: str = "display:270") -> FlashJob:
        """A job for a car of this yard."""
        return FlashJob(job_id, vin, SOURCE, TARGET, self.package, self.digest, gate)

    def successes(self, vin: Vin) -> set[int]:
        """How often each control unit of a car was programmed to the end."""
        return {unit.successes for unit in self.cars[vin].memory().values()}

    def close(self) -> None:
        self.served.stop()
        self._open.close()
