"""A virtual car on a cable, a staged package that fits it, and the UDS driver with what it told its log."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from campaign.station_agent.driver import Job, Trouble
from campaign.station_agent.manifest import Manifest
from campaign.station_agent.package import StagedPackage
from campaign.station_drivers.uds import UdsDriver
from campaign.yard import uds_station
from campaign.yard.virtual_car.car import CarSpec, Fitting, make_car, manifest_for
from campaign.yard.virtual_car.serving import ServedCable, serve_car

VIN, OTHER_VIN = "LSVAA4182E2184847", "LSVAA4182E2184848"
SOURCE, TARGET = "VBV4.5.2C", "VBV4.5.3C"
JOB = Job("ab" * 16, VIN, SOURCE, TARGET, "ID4X", "d" * 64, "display:270")


def driver_options(port: int, **more: object) -> dict[str, Any]:
    """For the virtual car, with the patience of a test."""
    patience = {"silence": 0.6, "sample_every": 30, "erase_timeout": 20, "restart_timeout": 5}
    return uds_station.driver_options(port) | patience | more


def staged(fitting: Fitting, folder: Path) -> StagedPackage:
    """The package as a station holds it."""
    folder.mkdir(exist_ok=True)
    for sha256, data in fitting.files.items():
        (folder / sha256).write_bytes(data)
    return StagedPackage("d" * 64, fitting.manifest, "k" * 64, folder)


@dataclass
class Told:
    """`driver.Log` that remembers; `heard` is called with everything, and may take its time as a slow disk does."""

    heard: Callable[[dict[str, Any]], object] = lambda _: None
    steps: list[tuple[str, int]] = field(default_factory=list)
    facts: list[dict[str, Any]] = field(default_factory=list)

    def step(self, step: str, percent: int) -> None:
        self.steps.append((step, percent))
        self.heard({"step": step, "percent": percent})

    def keep(self, kind: str, **facts: object) -> None:
        self.facts.append({"kind": kind, **facts})
        self.heard(self.facts[-1])

    def of(self, kind: str) -> list[dict[str, Any]]:
        """All facts of one kind, in their order."""
        return [fact for fact in self.facts if fact["kind"] == kind]

    def requests(self, ecu: str) -> list[str]:
        """What a unit was asked, in hex."""
        return [fact["request"] for fact in self.of("uds") if fact["ecu"] == ecu]


@dataclass
class Bench:
    """One car on the cable of one station."""

    car: CarSpec
    cable: ServedCable
    package: StagedPackage
    options: dict[str, Any]
    told: Told = field(default_factory=Told)
    heard: Callable[[dict[str, Any]], object] = lambda _: None

    @property
    def manifest(self) -> Manifest:
        return self.package.manifest

    def flash(self, job: Job = JOB) -> Trouble | None:
        """Flash, and hand back what was raised."""
        self.told = Told(self.heard)
        try:
            UdsDriver(self.options).flash(job, self.package, self.told)
        except Trouble as trouble:
            return trouble
        return None

    def read_back(self, vin: str = VIN) -> dict[str, Any]:
        return UdsDriver(self.options).read_back(vin, self.package)


@contextlib.contextmanager
def bench(
    folder: Path,
    *,
    size: int = 20_000,
    blocks: int = 1,
    sizes: dict[str, int] | None = None,
    options: dict[str, object] | None = None,
    **car: Any,
) -> Iterator[Bench]:
    """A car at the source, a package for all its units, and a driver that knows its cable."""
    spec = make_car(VIN, folder, **car)
    fitting = manifest_for(spec, size=size, blocks=blocks, sizes=sizes)
    with serve_car(lambda: spec) as cable:
        yield Bench(
            spec, cable, staged(fitting, folder / "blobs"), driver_options(cable.port, **(options or {}))
        )
