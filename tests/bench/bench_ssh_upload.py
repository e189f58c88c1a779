"""How long 256 MB take to a station, checked by sha256 there, against OpenSSH's sftp with its default cipher, in turns.

Ours is `SshStations.put`: streamed into the agent, hashed and synced to the disk there, then renamed. The peer only
writes the bytes. Both go through sshd on loopback, over a fresh connection, into the same folder.
"""

from __future__ import annotations

import getpass
import hashlib
import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from campaign.ports.station import Upload
from campaign.station.local_sshd import find_sshd
from tests.bench.many_stations import ManyStations, many_stations
from tests.bench.measured import Measured, tell
from tests.servers.needs import need_program
from tests.servers.ssh_server import SshServer, make_key, running_sshd

NAME = "ssh.upload256.ratio_to_sftp"
SIZE, ROUNDS = 256 * 1024 * 1024, 5


def run(size: int = SIZE) -> Measured:
    """The ratio of the medians, on the clock."""
    subsystem = f"Subsystem sftp {_sftp_server()}"
    with (
        tempfile.TemporaryDirectory(prefix="bench-upload-") as folder,
        many_stations(1) as many,
        running_sshd([subsystem]) as sshd,
    ):
        file = Path(folder) / "package.bin"
        sha256 = _make(file, size)
        key = Path(folder) / "key"
        make_key(need_program("ssh-keygen", "openssh-client", "ssh-keygen"), key)
        sshd.authorise(key.with_suffix(".pub").read_text())
        ours, peer = [], []
        for number in range(ROUNDS):
            peer.append(_by_sftp(sshd, key, file, Path(folder) / "arrived"))
            ours.append(_by_us(many, Upload(sha256, size, file)))
            tell(f"round {number + 1}: sftp {peer[-1]:.2f} s, ours {ours[-1]:.2f} s")
    theirs, mine = statistics.median(peer), statistics.median(ours)
    figures = (
        f"sftp with its default cipher, {size / 2**20:.0f} MB: {theirs:.2f} s; ours, with sha256 and fsync on the "
        f"station, {mine:.2f} s"
    )
    return Measured.of(NAME, mine / theirs, "x", figures)


def _make(file: Path, size: int) -> str:
    total = hashlib.sha256()
    with file.open("wb") as out:
        for _ in range(size // 2**20):
            block = os.urandom(2**20)
            total.update(block)
            out.write(block)
    return total.hexdigest()


def _by_us(many: ManyStations, upload: Upload) -> float:
    station = many.names[0]
    blob = many.home / "stations" / station / "blobs" / upload.sha256
    blob.unlink(missing_ok=True)
    with many.link() as link:
        began = time.perf_counter()
        link.put(station, upload, lambda _: None)
        seconds = time.perf_counter() - began
        if not link.have(station, upload.sha256).complete:
            raise RuntimeError("the upload is not complete")
    return seconds


def _by_sftp(sshd: SshServer, key: Path, file: Path, target: Path) -> float:
    target.unlink(missing_ok=True)
    known = key.with_name("known_hosts")
    known.write_text(sshd.host_key_line() + "\n")
    words = ["sftp", "-q", "-P", str(sshd.port), "-i", str(key), "-o", f"UserKnownHostsFile={known}"]
    words += [
        "-o",
        "IdentitiesOnly=yes",
        "-o",
        "BatchMode=yes",
        "-b",
        "-",
        f"{getpass.getuser()}@{sshd.host}",
    ]
    began = time.perf_counter()
    subprocess.run(words, input=f"put {file} {target}\n", text=True, check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - began
    if target.stat().st_size != file.stat().st_size:
        raise RuntimeError("sftp did not bring the whole file")
    return seconds


def _sftp_server() -> Path:
    sshd = find_sshd()
    places = [
        Path("/usr/lib/openssh"),
        Path("/usr/libexec/openssh"),
        Path("/usr/lib/ssh"),
        Path("/usr/libexec"),
    ]
    for place in places:
        if (place / "sftp-server").exists():
            return place / "sftp-server"
    raise RuntimeError(f"no sftp-server beside {sshd}")
