"""All stations of a site over SSH: the real StationLink."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from campaign.domain.identity import Vin
from campaign.errors import StationAuthRefused, StationRejected, StationUnreachable
from campaign.ports.station import FlashJob, Held, JobReport, ReadBack, StartAnswer, StationIdentity, Upload
from campaign.station import protocol
from campaign.station.address import StationAddress
from campaign.station.connection import Connection
from campaign.station.dialling import Dialler, Timeouts
from campaign.station.watchdog import Watchdog

CONNECTS_AT_ONCE = 16


class SshStations:
    """One kept connection per station, made at the first question. Implements `StationLink`.

    `addresses` by station name; `key_file` serves the stations that have no key of their own;
    `known_hosts_file` holds the pinned host keys and is read at each connect. Safe to call from several
    threads: one station serves one call at a time, several stations are asked side by side.
    """

    def __init__(
        self,
        addresses: Mapping[str, StationAddress],
        key_file: Path | None,
        known_hosts_file: Path,
        *,
        timeouts: Timeouts | None = None,
        connects_at_once: int = CONNECTS_AT_ONCE,
    ) -> None:
        self._addresses = dict(addresses)
        self._key_file, self._known_hosts_file = key_file, known_hosts_file
        self._timeouts = timeouts or Timeouts()
        self._watchdog = Watchdog()
        self._door = threading.BoundedSemaphore(connects_at_once)
        self._connections: dict[str, Connection] = {}
        self._making = threading.Lock()

    def connect(self, station: str) -> None:
        """Make the link now, so that the first question does not wait for it."""
        self._connection(station).connect()

    def identify(self, station: str) -> StationIdentity:
        """Who is there, its clock and its free disk."""
        return protocol.read_identity(station, self._ask(station, protocol.identify_command()))

    def start(self, station: str, job: FlashJob) -> StartAnswer:
        """Start the job, detached; idempotent by id. after StationLinkLost ask for the report."""
        return protocol.read_start(station, self._ask(station, protocol.start_command(station, job)))

    def report(self, station: str, job_id: str, offset: int = 0) -> JobReport:
        """Where the job stands, with its journal's lines from `offset` on."""
        command = protocol.report_command(station, job_id, offset)
        return protocol.read_report(station, self._ask(station, command))

    def read_back(self, station: str, vin: Vin) -> ReadBack:
        """Ask the car on the cable now. StationRejected with `other_car` when another one is connected."""
        return protocol.read_read_back(station, self._ask(station, protocol.read_back_command(station, vin)))

    def clear(self, station: str, job_id: str) -> None:
        """A person resolved an unknown job: the station may work again."""
        self._ask(station, protocol.clear_command(station, job_id))

    def have(self, station: str, sha256: str) -> Held:
        """How much of a file is there."""
        return protocol.read_held(station, self._ask(station, protocol.have_command(station, sha256)))

    def put(self, station: str, upload: Upload, told: Callable[[int], object]) -> None:
        """Bring a file there; goes on where the last try ended."""
        try:
            self._send(station, upload, 0, told)
        except StationRejected as said:
            if said.code != "offset":
                raise
            self._send(station, upload, self.have(station, upload.sha256).size, told)

    def _send(self, station: str, upload: Upload, offset: int, told: Callable[[int], object]) -> None:
        command = protocol.put_command(station, upload, offset)
        with upload.path.open("rb") as source:
            source.seek(offset)
            told(offset)
            reply = self._connection(station).upload(command, source, lambda sent: told(offset + sent))
        protocol.read_put(
            station, protocol.read_answer(station, reply.out, reply.complaint, reply.exit_status)
        )
        told(upload.size)

    def close(self) -> None:
        """Close every connection. Running flashes are not touched (rule 4)."""
        with self._making:
            connections, self._connections = list(self._connections.values()), {}
        for connection in connections:
            connection.close()

    def _ask(self, station: str, command: str) -> protocol.Answer:
        try:
            return self._asked(station, command)
        except StationRejected as said:
            if said.code != protocol.RENEWED:
                raise
        return self._asked(station, command)

    def _asked(self, station: str, command: str) -> protocol.Answer:
        reply = self._connection(station).ask(command)
        return protocol.read_answer(station, reply.out, reply.complaint, reply.exit_status)

    def _connection(self, station: str) -> Connection:
        with self._making:
            if station not in self._connections:
                self._connections[station] = Connection(self._dialler(station), self._watchdog)
            return self._connections[station]

    def _dialler(self, station: str) -> Dialler:
        address = self._addresses.get(station)
        if address is None:
            raise StationUnreachable(station, "no address is configured for it")
        key_file = address.key_file or self._key_file
        if key_file is None:
            raise StationAuthRefused(station, "no key is configured for it")
        return Dialler(address, key_file, self._known_hosts_file, self._timeouts, self._door)
