"""What Linux tells of processes and ports under /proc. Elsewhere the answers are empty: nothing depends on them."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from pathlib import Path

PROC = Path("/proc")
LISTENING = "0A"


def processes() -> list[int]:
    """Every process id that can be seen."""
    return [int(entry.name) for entry in PROC.glob("[0-9]*")]


def group_and_state(pid: int) -> tuple[int, str] | None:
    """The process group and the state letter (`Z`: ended, not yet collected)."""
    try:
        fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return int(fields[2]), fields[0]


def with_variable(name: str, value: str) -> list[int]:
    """Our user's processes that were started with this environment variable."""
    wanted = f"{name}={value}".encode()
    found = []
    for pid in processes():
        try:
            if wanted in (PROC / str(pid) / "environ").read_bytes().split(b"\0"):
                found.append(pid)
        except OSError:  # ended meanwhile, or somebody else's
            continue
    return found


def command_of(pid: int) -> str:
    """The command line of a process, shortened."""
    try:
        words = (PROC / str(pid) / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
    except OSError:
        return ""
    return " ".join([Path(words[0]).name, *words[1:]]).strip()[:100]


def port_is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def holder_of(port: int) -> int | None:
    """The process that listens on a TCP port, when it is one of ours to see."""
    inodes = _listening(port)
    if not inodes:
        return None
    wanted = {f"socket:[{inode}]" for inode in inodes}
    for pid in processes():
        try:
            if any(_points_to(link, wanted) for link in (PROC / str(pid) / "fd").iterdir()):
                return pid
        except OSError:
            continue
    return None


def _points_to(link: Path, wanted: Iterable[str]) -> bool:
    try:
        return str(link.readlink()) in wanted
    except OSError:
        return False


def _listening(port: int) -> set[str]:
    found = set()
    for table in ("tcp", "tcp6"):
        try:
            lines = (PROC / "net" / table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] == LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                found.add(fields[9])
    return found
