"""Logical stations on loopback behind one real sshd, and OpenSSH's own clients set up for the same stations."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from campaign.station.dialling import Timeouts
from campaign.station.link import SshStations
from campaign.station.provision import provision_stations
from campaign.station.serving import ServedStations, ServerKind, serve_stations

AT_ONCE = 50
PATIENT = Timeouts(connect=30, auth=60, channel=30, silence=60, turn=120)
"""200 stations share the two cores of one machine here; a real station has its own."""


@dataclass(frozen=True, slots=True)
class ManyStations:
    """The stations by name, and an ssh_config for OpenSSH's clients."""

    home: Path
    names: tuple[str, ...]
    served: ServedStations
    ssh_config: Path

    @contextmanager
    def link(self) -> Iterator[SshStations]:
        """Our client, closed at the end."""
        link = SshStations(
            self.served.addresses,
            None,
            self.served.known_hosts,
            timeouts=PATIENT,
            connects_at_once=AT_ONCE,
        )
        try:
            yield link
        finally:
            link.close()

    def ssh(self, words: Sequence[str]) -> float:
        """`xargs -P50 ssh WORDS STATION` for all of them; the seconds it took. Raises CalledProcessError."""
        began = time.perf_counter()
        subprocess.run(
            ["xargs", f"-P{AT_ONCE}", "-I{}", "ssh", "-F", str(self.ssh_config), *words],
            input="\n".join(self.names),
            text=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
        )
        return time.perf_counter() - began


@contextmanager
def many_stations(count: int) -> Iterator[ManyStations]:
    """`count` stations of a temporary folder, gone afterwards."""
    home = Path(tempfile.mkdtemp(prefix="bench-ssh-"))
    names = tuple(f"S{number:03d}" for number in range(count))
    made = provision_stations(home, names, seconds=0)
    served = serve_stations(home, kind=ServerKind.SSHD)
    try:
        config = home / "ssh_config"
        config.write_text(_ssh_config(served, names))
        yield ManyStations(home, names, served, config)
    finally:
        served.stop()
        shutil.rmtree(made.home, ignore_errors=True)


def _ssh_config(served: ServedStations, names: Sequence[str]) -> str:
    hosts = [f"Host {name}\n IdentityFile {served.addresses[name].key_file}\n" for name in names]
    first = served.addresses[names[0]]
    shared = (
        f"Host *\n HostName {first.host}\n Port {first.port}\n User {first.user}\n IdentitiesOnly yes\n"
        f" BatchMode yes\n StrictHostKeyChecking yes\n UserKnownHostsFile {served.known_hosts}\n"
        f" ControlPath {served.home}/ctl-%n\n"
    )
    return "".join([*hosts, shared])
