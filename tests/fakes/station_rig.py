"""What the tests of StationLink need around a link: cars, held flashes, faults. Once faked, once real."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from campaign.domain.identity import Vin
from campaign.ports.station import StationLink
from campaign.station.link import SshStations
from campaign.station.provision import provision_stations, set_pace
from campaign.station.serving import ServedStations, ServerKind, serve_stations
from campaign.station_agent.cars import update_car
from tests.fakes.station import FakeStations

QUICK = 0.05  # seconds, a flash that ends by itself
HELD = 600.0  # seconds: a flash that does not end before the test lets it


def until(condition: Callable[[], bool], *, within: float = 20.0) -> None:
    """Wait for a condition; AssertionError when it does not come."""
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within} s")
        time.sleep(0.01)


class StationRig(Protocol):
    """Stations S1 and S2, a link to them, and hands on the cars and the processes."""

    link: StationLink

    def put_car(self, vin: Vin, version: str | None) -> None: ...

    def connect_car(self, station: str, vin: Vin | None) -> None: ...

    def hold(self) -> None: ...

    def go(self) -> None: ...

    def kill_flasher(self, station: str, job_id: str) -> None: ...

    def close(self) -> None: ...


class FakeRig:
    """The rig around the fake."""

    def __init__(self) -> None:
        self.link: FakeStations = FakeStations()

    def put_car(self, vin: Vin, version: str | None) -> None:
        self.link.put_car(vin, version)

    def connect_car(self, station: str, vin: Vin | None) -> None:
        self.link.connect_car(station, vin)

    def hold(self) -> None:
        self.link.held = True

    def go(self) -> None:
        self.link.go()

    def kill_flasher(self, station: str, job_id: str) -> None:
        self.link.kill(job_id)

    def close(self) -> None:
        self.link.close()


class RealRig:
    """Real agents behind a real SSH server on loopback."""

    def __init__(self, home: Path, kind: ServerKind) -> None:
        self.made = provision_stations(home, ["S1", "S2"], seconds=QUICK)
        self.kind = kind
        self.served: ServedStations = serve_stations(home, kind=kind)
        self.link: SshStations = self.new_link()

    def new_link(self) -> SshStations:
        """Another client of the same stations."""
        return SshStations(self.served.addresses, None, self.served.known_hosts)

    def put_car(self, vin: Vin, version: str | None) -> None:
        update_car(self.made.cars, vin, version=version, soc_display=300, soc_bms=335)

    def connect_car(self, station: str, vin: Vin | None) -> None:
        cable = self.made.folder_of(station) / "cable"
        if vin is None:
            cable.unlink(missing_ok=True)
        else:
            cable.write_text(vin, encoding="ascii")

    def hold(self) -> None:
        set_pace(self.made.home, HELD)

    def go(self) -> None:
        set_pace(self.made.home, QUICK)

    def flashers(self, station: str) -> list[int]:
        """The processes that hold the station's lock open: its flasher, once `start` has gone."""
        return holders_of(self.made.folder_of(station) / "station.lock")

    def kill_flasher(self, station: str, job_id: str) -> None:
        until(lambda: len(self.flashers(station)) == 1)
        os.kill(self.flashers(station)[0], signal.SIGKILL)
        until(lambda: not self.flashers(station))

    def restart_server(self) -> None:
        """The server again, on the same port."""
        self.served.stop()
        self.served = serve_stations(self.made.home, kind=self.kind)

    def close(self) -> None:
        self.link.close()
        self.served.stop()
        for station in self.made.names:
            for pid in self.flashers(station):
                os.kill(pid, signal.SIGKILL)


def holders_of(file: Path) -> list[int]:
    """The processes that have a file open."""
    return [pid for pid in _processes() if _holds(pid, file)]


def _processes() -> list[int]:
    return [int(folder.name) for folder in Path("/proc").glob("[0-9]*")]


def _holds(pid: int, file: Path) -> bool:
    try:
        return any(link.readlink() == file for link in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return False  # it ended, or is not ours
