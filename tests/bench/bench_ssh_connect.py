"""How long it takes to have 200 open links, against OpenSSH's client leaving 200 open connections behind, in turns.

Both connect, check the pinned host key, sign in with each station's own key and keep the connection; neither runs a
command. The peer is `xargs -P50 ssh -N -f -o ControlMaster=yes`, which returns when a connection is signed in.
"""

from __future__ import annotations

import statistics
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

from tests.bench.many_stations import AT_ONCE, ManyStations, many_stations
from tests.bench.measured import Measured, tell

NAME = "ssh.connect.ratio_to_ssh"
STATIONS, ROUNDS = 200, 5
KEEP_OPEN = ["-N", "-f", "-o", "ControlMaster=yes", "-o", "ControlPersist=300", "{}"]
GONE_WITHIN = 30.0


def run(stations: int = STATIONS) -> Measured:
    """The ratio of the medians, on the clock."""
    with many_stations(stations) as many:
        ours, peer = [], []
        for number in range(ROUNDS):
            peer.append(many.ssh(KEEP_OPEN))
            _close_masters(many)
            ours.append(_connect_all(many))
            tell(f"round {number + 1}: ssh {peer[-1]:.2f} s, ours {ours[-1]:.2f} s")
    theirs, mine = statistics.median(peer), statistics.median(ours)
    figures = (
        f"xargs -P{AT_ONCE} ssh -N -f (kept open) to {stations} stations behind the same sshd: {theirs:.2f} s; "
        f"ours {mine:.2f} s"
    )
    return Measured.of(NAME, mine / theirs, "x", figures)


def _connect_all(many: ManyStations) -> float:
    with many.link() as link, ThreadPoolExecutor(AT_ONCE) as pool:
        began = time.perf_counter()
        list(pool.map(link.connect, many.names))
        return time.perf_counter() - began


def _close_masters(many: ManyStations) -> None:
    """Every connection that the peer left, ended before our turn. Raises RuntimeError."""
    found = len(list(many.home.glob("ctl-*")))
    if found != len(many.names):
        raise RuntimeError(f"ssh left {found} of {len(many.names)} connections open")
    for name in many.names:
        words = ["ssh", "-F", str(many.ssh_config), "-O", "exit", name]
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + GONE_WITHIN
    while any(many.home.glob("ctl-*")):
        if time.monotonic() > deadline:
            raise RuntimeError("connections of ssh do not end")
        time.sleep(0.05)
