"""Puts this machine's stations behind an SSH server: OpenSSH's, or the embedded one where it is missing."""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from campaign.errors import BadFile, StationUnreachable
from campaign.station.address import StationAddress
from campaign.station.local_sshd import find_sshd, session_processes, start_sshd
from campaign.station_agent.cars import write_whole

UP_WITHIN = 20.0  # seconds
DOWN_WITHIN = 5.0


class ServerKind(StrEnum):
    """Which program answers."""

    SSHD = "sshd"
    EMBEDDED = "embedded"


@dataclass(frozen=True, slots=True)
class ServedStations:
    """A running SSH server with its stations. `process` is the server itself, to be watched."""

    kind: ServerKind
    home: Path
    port: int
    process: subprocess.Popen[bytes]
    addresses: Mapping[str, StationAddress]

    @property
    def known_hosts(self) -> Path:
        """The pinned host key of the server."""
        return self.home / "known_hosts"

    def cut_sessions(self) -> int:
        """Kill (SIGKILL) what serves the open connections, as a fault. Returns how many processes that were.

        The embedded server is one process: it goes as a whole.
        """
        victims = session_processes(self.process.pid) if self.kind is ServerKind.SSHD else [self.process.pid]
        for victim in victims:
            with contextlib.suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
        return len(victims)

    def stop(self) -> None:
        """Stop the server and its sessions; running flashes go on (rule 4). Stopping again does nothing."""
        sessions = session_processes(self.process.pid) if self.kind is ServerKind.SSHD else []
        self.process.terminate()
        try:
            self.process.wait(DOWN_WITHIN)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for session in sessions:
            with contextlib.suppress(ProcessLookupError):
                os.kill(session, signal.SIGTERM)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


def serve_stations(
    home: Path, *, kind: ServerKind | None = None, host: str = "127.0.0.1", port: int = 0
) -> ServedStations:
    """Serve the stations that `provision_stations` set up in `home`.

    `kind` None takes sshd where it is installed. `port` 0 takes the port of the last time when it is free,
    else any free one. Writes known_hosts and stations.json. Raises StationUnreachable when the server does
    not come up.
    """
    home = home.absolute()
    sshd = find_sshd() if kind in (None, ServerKind.SSHD) else None
    if kind is ServerKind.SSHD and sshd is None:
        raise StationUnreachable("server", "OpenSSH's server (sshd) is not installed")
    _retire_left_behind(home)
    port = port or _free_port(host, _last_port(home))
    process = start_sshd(sshd, home, host, port) if sshd else _start_embedded(home, host, port)
    try:
        _wait_for_banner(process, home, host, port)
    except BaseException:
        process.kill()
        process.wait()
        raise
    write_whole(home / "server.pid", str(process.pid))
    addresses = _publish(home, host, port)
    return ServedStations(ServerKind.SSHD if sshd else ServerKind.EMBEDDED, home, port, process, addresses)


def read_addresses(home: Path) -> dict[str, StationAddress]:
    """The stations served from `home`, as the last `serve_stations` wrote them. Raises BadFile."""
    file = home / "stations.json"
    try:
        return {
            row["name"]: StationAddress(
                row["name"], row["host"], int(row["port"]), row["user"], Path(row["key_file"])
            )
            for row in json.loads(file.read_text(encoding="utf-8"))
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadFile(f"{type(error).__name__}", where=str(file), todo="start the stations first") from error


def _retire_left_behind(home: Path) -> None:
    """End the server of an earlier run that was killed before it could stop it: it would keep the port."""
    try:
        pid = int((home / "server.pid").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return  # there was none
    deadline = time.monotonic() + DOWN_WITHIN
    while _serves(pid, home) and time.monotonic() < deadline:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        time.sleep(0.02)


def _serves(pid: int, home: Path) -> bool:
    """Whether the process is still a server of `home`; another program may have its number by now (Linux)."""
    try:
        return str(home) in Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False


def _publish(home: Path, host: str, port: int) -> dict[str, StationAddress]:
    user = getpass.getuser()
    lines = (home / "authorized_keys").read_text(encoding="utf-8").splitlines()
    names = [line.split()[-1] for line in lines]
    addresses = {name: StationAddress(name, host, port, user, home / "keys" / name) for name in names}
    host_key = (home / "host_key.pub").read_text(encoding="ascii")
    known_as = next(iter(addresses.values())).known_as if addresses else host
    write_whole(home / "known_hosts", f"{known_as} {host_key}")
    rows = [
        {"name": a.name, "host": a.host, "port": a.port, "user": a.user, "key_file": str(a.key_file)}
        for a in addresses.values()
    ]
    write_whole(home / "stations.json", json.dumps(rows, indent=1))
    return addresses


def _start_embedded(home: Path, host: str, port: int) -> subprocess.Popen[bytes]:
    words = ["-m", "campaign.station.embedded_server", "--home", home, "--host", host, "--port", port]
    with (home / "embedded.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, *map(str, words)],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            process_group=0,
        )


def _wait_for_banner(process: subprocess.Popen[bytes], home: Path, host: str, port: int) -> None:
    deadline = time.monotonic() + UP_WITHIN
    while time.monotonic() < deadline:
        if process.poll() is not None:
            logs = [log for log in (home / "sshd.log", home / "embedded.log") if log.exists()]
            newest = max(logs, key=lambda log: log.stat().st_mtime)
            said = newest.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-3:]
            raise StationUnreachable("server", "the SSH server ended at once: " + " / ".join(said))
        with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=1) as probe:
            if probe.recv(4) == b"SSH-":
                return
        time.sleep(0.02)
    raise StationUnreachable("server", f"the SSH server is not up after {UP_WITHIN:.0f} s")


def _last_port(home: Path) -> int:
    with contextlib.suppress(BadFile):
        return next((address.port for address in read_addresses(home).values()), 0)
    return 0


def _free_port(host: str, wanted: int) -> int:
    for port in (wanted, 0):
        with contextlib.suppress(OSError), socket.create_server((host, port)) as probe:
            return int(probe.getsockname()[1])
    raise StationUnreachable("server", f"no free port on {host}")
