"""The real web application as a process of its own on a free port, over a campaign home that a test made."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.process import die_with_us, free_port, stop_process, wait_until_ready

STARTS_WITHIN_S = 90


@contextmanager
def running_board(home: Path, configs: Path) -> Iterator[str]:
    """Start it, wait until it answers, give its address, stop it."""
    port = free_port()
    environment = os.environ | {"CAMPAIGN_HOME": str(home), "CAMPAIGN_CONFIGS": str(configs)}
    command = [sys.executable, "-m", "dashboard", "--host", "127.0.0.1", "--port", str(port)]
    log = home / "board.log"
    with log.open("wb") as told:
        process = subprocess.Popen(
            [*die_with_us("TERM"), *command], env=environment, stdout=told, stderr=subprocess.STDOUT
        )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until_ready(process, lambda: _answers(address), log, STARTS_WITHIN_S)
        yield address
    finally:
        stop_process(process, signal.SIGTERM)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/health", timeout=2):
            return True
    except (urllib.error.URLError, OSError):
        return False
