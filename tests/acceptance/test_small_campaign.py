"""The demo as a newcomer runs it without a screen: a small campaign, real flow runs, real SSH, real sign-offs."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys

import pytest

from campaign.config import Settings
from campaign.store import open_store
from campaign.store.queries import SqlViews
from campaign.yard.proof import log_of

CARS = 120
WITHIN_S = 420  # a quiet machine needs 100; this one may be building something else
CODE = "VBV453C-2026"
COMMAND = [sys.executable, "-c", "from campaign.cli.app import main; main()"]


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def environment():
    ours = {
        name: value for name, value in os.environ.items() if not name.startswith(("CAMPAIGN_", "PREFECT_"))
    }
    return ours | {"CAMPAIGN_PREFECT_PORT": str(free_port()), "CAMPAIGN_LANGUAGE": "en"}


def demo(home, *words, within_s=WITHIN_S):
    return subprocess.run(
        [*COMMAND, "demo", "--home", str(home), *words],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=within_s,
        check=False,
    )


@pytest.mark.slow
def test_120_cars_from_import_to_the_last_release(tmp_path):
    home = tmp_path / "demo"
    done = demo(home, "--headless", "--vehicles", str(CARS), "--until", "complete")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    summary = json.loads(done.stdout.splitlines()[-1])
    assert (summary["vehicles"], summary["released"], summary["audit"]) == (CARS, CARS, "ok")
    assert summary["attempts"] >= CARS
    assert summary["events"] > 8 * CARS
    assert summary["seconds"] < WITHIN_S
    _has_worked_for_real(home)


def _has_worked_for_real(home):
    """The traces: flow runs in Prefect's log, a journal per attempt on the stations, signatures by people."""
    told = (home / "logs" / "runs.log").read_text()
    assert f"{CODE}/B001" in told
    assert "advance" in told
    journals = list(home.glob("stations/stations/*/jobs/*.jsonl"))
    settings = Settings.load(home=home)
    store = open_store(settings.database_url)
    try:
        facts = [event.fact for event in log_of(SqlViews(store), CODE)]
    finally:
        store.close()
    started = {fact.data["job"] for fact in facts if fact.kind == "attempt.started"}
    assert started <= {journal.stem for journal in journals}
    assert {fact.actor for fact in facts if fact.kind == "batch.signed"} <= {"liumin", "yangyang", "maria"}


def test_a_folder_that_is_no_demo_is_left_alone(tmp_path):
    (tmp_path / "letters.txt").write_text("dear ...")
    done = demo(tmp_path, "--headless", within_s=60)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert "not a demo" in done.stderr
    assert (tmp_path / "letters.txt").read_text() == "dear ..."


def test_more_cars_than_places_are_refused_in_one_line(tmp_path):
    done = demo(tmp_path / "demo", "--headless", "--vehicles", "6000", within_s=60)
    assert done.returncode == 2
    assert done.stderr.strip().splitlines() == [
        "error: 6000 cars do not fit on the 5000 slots of anting: take fewer with --vehicles"
    ]
    assert not (tmp_path / "demo").exists()
