"""The stations of an installation, found in its folder at the first question, and again when the folder says so."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from campaign.domain.identity import Vin
from campaign.errors import BadFile, StationUnreachable
from campaign.ports.station import FlashJob, Held, JobReport, ReadBack, StartAnswer, StationIdentity, Upload
from campaign.station.link import SshStations
from campaign.station.serving import read_addresses


class FoundStations:
    """A `StationLink` over `<home>/stations.json` and `<home>/known_hosts`, which provisioning writes.

    Without the file every station is unreachable, with what to do; a new file (other ports, new stations) is taken
    up by itself.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._links: SshStations | None = None
        self._seen = 0
        self._guard = threading.Lock()

    def identify(self, station: str) -> StationIdentity:
        """Who is there, its clock and its free disk."""
        return self._now(station).identify(station)

    def start(self, station: str, job: FlashJob) -> StartAnswer:
        """Start the job, detached; idempotent by id."""
        return self._now(station).start(station, job)

    def report(self, station: str, job_id: str, offset: int = 0) -> JobReport:
        """Where the job stands."""
        return self._now(station).report(station, job_id, offset)

    def read_back(self, station: str, vin: Vin) -> ReadBack:
        """Ask the car on the cable now."""
        return self._now(station).read_back(station, vin)

    def clear(self, station: str, job_id: str) -> None:
        """A person resolved an unknown job."""
        self._now(station).clear(station, job_id)

    def have(self, station: str, sha256: str) -> Held:
        """How much of a file is there."""
        return self._now(station).have(station, sha256)

    def put(self, station: str, upload: Upload, told: Callable[[int], object]) -> None:
        """Bring a file there."""
        self._now(station).put(station, upload, told)

    def close(self) -> None:
        """Close every connection."""
        with self._guard:
            if self._links is not None:
                self._links.close()
                self._links = None
            self._seen = 0

    def _now(self, station: str) -> SshStations:
        file = self._home / "stations.json"
        with self._guard:
            try:
                seen = file.stat().st_mtime_ns
            except FileNotFoundError:
                raise StationUnreachable(station, f"no stations are set up in {self._home}") from None
            if self._links is None or seen != self._seen:
                if self._links is not None:
                    self._links.close()
                self._links = self._read(station)
                self._seen = seen
            return self._links

    def _read(self, station: str) -> SshStations:
        try:
            return SshStations(read_addresses(self._home), None, self._home / "known_hosts")
        except BadFile as bad:
            raise StationUnreachable(station, str(bad)) from bad
