"""The demo as a viewer meets it: loaded fast, live on the board, stopped by Ctrl-C, and gone on with later."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from urllib.request import urlopen

import pytest

from campaign.config import Settings
from campaign.store import open_store

COMMAND = [sys.executable, "-c", "from campaign.cli.app import main; main()"]
UP_WITHIN_S = 240
STOPPED_WITHIN_S = 60
CODE = "VBV453C-2026"


def free_ports(n):
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(n)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


@contextmanager
def live_demo(home, log):
    """A running demo of 80 cars; yields its process and the board's address."""
    prefect, web = free_ports(2)
    ours = {
        name: value for name, value in os.environ.items() if not name.startswith(("CAMPAIGN_", "PREFECT_"))
    }
    ports = {"CAMPAIGN_PREFECT_PORT": str(prefect), "CAMPAIGN_WEB_PORT": str(web), "CAMPAIGN_LANGUAGE": "en"}
    with log.open("w") as out:
        process = subprocess.Popen(
            [*COMMAND, "demo", "--home", str(home), "--vehicles", "80", "--speed", "300"],
            env=ours | ports,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process, f"http://127.0.0.1:{web}"
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(STOPPED_WITHIN_S)


def until(true, within_s, what):
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline, what()
        time.sleep(0.2)


def attempts_started_over_ssh(home):
    return len(list(home.glob("stations/stations/*/jobs/*.jsonl")))


def token(home):
    store = open_store(Settings.load(home=home).database_url)
    try:
        return store.token(CODE)
    finally:
        store.close()


@pytest.mark.slow
def test_a_demo_comes_up_moves_stops_and_goes_on(tmp_path):
    home, log = tmp_path / "demo", tmp_path / "first.log"
    with live_demo(home, log) as (process, board):
        until(lambda: "sign-in" in log.read_text() or process.poll() is not None, UP_WITHIN_S, log.read_text)
        told = log.read_text()
        assert board in told
        assert "liumin" in told
        with urlopen(f"{board}/_stcore/health", timeout=10) as answer:
            assert answer.status == 200
        began = attempts_started_over_ssh(home)
        until(lambda: attempts_started_over_ssh(home) > began, UP_WITHIN_S, log.read_text)
    assert process.returncode == 0, log.read_text()
    assert "stopped" in log.read_text()
    before = token(home)
    again = tmp_path / "again.log"
    with live_demo(home, again) as (process, _):
        until(lambda: token(home) > before or process.poll() is not None, UP_WITHIN_S, again.read_text)
        assert "going on with the demo" in again.read_text()
        assert "The first days" not in again.read_text()
    assert process.returncode == 0, again.read_text()
