"""Starting a server for tests: a free port, a child that dies with us, waiting with a deadline."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path


class ServerFailed(RuntimeError):
    """A test's own server did not start; the text ends with its log."""


def free_port() -> int:
    """A TCP port that is free on loopback now. Somebody may take it before you do: try again then."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def die_with_us(signal: str) -> list[str]:
    """A command prefix: the kernel sends the child `signal` when the thread that started it dies.

    A killed pytest then leaves no server behind. Empty where the system has no setpriv.
    """
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", signal] if setpriv else []


def wait_until_ready(
    process: subprocess.Popen[bytes], ready: Callable[[], bool], log: Path, seconds: float = 20.0
) -> None:
    """Return once `ready()` is true. Raises ServerFailed when the process ends first or time is up."""
    deadline = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None:
            raise ServerFailed(f"{process.args} ended with {process.returncode}\n{_tail(log)}")
        if time.monotonic() > deadline:
            raise ServerFailed(f"{process.args} was not ready after {seconds} s\n{_tail(log)}")
        time.sleep(0.02)


def stop_process(process: subprocess.Popen[bytes], signal: int, seconds: float = 10.0) -> None:
    """Send `signal` and wait; SIGKILL when the process is still there after `seconds`."""
    if process.poll() is not None:
        return
    process.send_signal(signal)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(seconds)


def _tail(log: Path, lines: int = 30) -> str:
    if not log.exists():
        return "(no log)"
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
