"""What the naive Prefect flow costs: CPU of a real `prefect server` and of the flow's process, per car."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psutil

from tests.servers.process import die_with_us, free_port, stop_process, wait_until_ready

UP_WITHIN_S = 180.0
QUIET_WITHIN_S = 180.0


@dataclass(frozen=True, slots=True)
class NaiveRun:
    """One run of the peer: CPU seconds of the server while the flow ran, and of the flow's process."""

    cars: int
    server_s: float
    flow_s: float

    @property
    def cars_per_cpu_s(self) -> float:
        """Cars per CPU second of both together."""
        return self.cars / (self.server_s + self.flow_s)


@dataclass(frozen=True, slots=True)
class PrefectServer:
    """A running server in its own PREFECT_HOME."""

    environment: Mapping[str, str]
    process: psutil.Process

    def cpu_s(self) -> float:
        """CPU seconds used so far, children included."""
        everyone = [self.process, *self.process.children(recursive=True)]
        times = [process.cpu_times() for process in everyone]
        return sum(t.user + t.system for t in times)

    def settle(self) -> None:
        """Return when it used less than a tenth of a core for two seconds, or when `QUIET_WITHIN_S` are over."""
        deadline = time.monotonic() + QUIET_WITHIN_S
        while time.monotonic() < deadline:
            before, began = self.cpu_s(), time.monotonic()
            time.sleep(2)
            if self.cpu_s() - before < (time.monotonic() - began) / 10:
                return


@contextmanager
def prefect_server(home: Path) -> Iterator[PrefectServer]:
    """`prefect server start` on a free port with SQLite in `home`; stopped at the end."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/api"
    environment = os.environ | {
        "PREFECT_HOME": str(home),
        "PREFECT_API_URL": url,
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_LOGGING_LEVEL": "ERROR",
        "DO_NOT_TRACK": "1",
    }
    words = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    log = home / "server.log"
    with log.open("wb") as out:
        started = subprocess.Popen(
            [*die_with_us("TERM"), *words, "--no-ui"], stdout=out, stderr=out, env=environment
        )
    try:
        wait_until_ready(started, lambda: _healthy(url), log, UP_WITHIN_S)
        yield PrefectServer(environment, psutil.Process(started.pid))
    finally:
        stop_process(started, signal.SIGTERM, 20)


def run_naive(cars: int) -> NaiveRun:
    """Start a server, drive `cars` cars through the naive flow, and say what it cost.

    Counted from the start of the flow's process until the server is quiet again: it goes on writing the runs' events
    down for some time after the flow has ended. Its own start does not count, nor does loading Prefect into the flow.
    """
    with tempfile.TemporaryDirectory(prefix="bench-prefect-") as folder:
        home = Path(folder)
        with prefect_server(home) as server:
            before = server.cpu_s()
            words = [sys.executable, "-m", "tests.bench.naive_flow", str(home / "naive.db"), str(cars)]
            ended = subprocess.run(
                words, env=server.environment, check=True, text=True, stdout=subprocess.PIPE
            )
            server.settle()
            return NaiveRun(cars, server.cpu_s() - before, float(ended.stdout.split()[-1]))


def _healthy(url: str) -> bool:
    try:
        with urlopen(f"{url}/health", timeout=5) as answer:
            return json.loads(answer.read()) is True
    except (URLError, OSError, ValueError):
        return False
