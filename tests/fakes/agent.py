"""A station's home, and its packed agent run as sshd runs it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from campaign.station_agent.cars import update_car
from campaign.station_agent.pack import pack

SOURCE, TARGET = "VBV4.5.2C", "VBV4.5.3C"
VIN, OTHER_VIN = "LSVAA4182E2184847", "LSVAA4182E2184848"
JOB, OTHER_JOB = "a" * 32, "b" * 32


class Agent:
    """A station home, and its agent as a child process per question."""

    def __init__(self, home: Path, **options: object) -> None:
        self.home, self.cars = home, home / "cars"
        self.cars.mkdir()
        self.file = home / "agent.pyz"
        self.file.write_bytes(pack())
        driver_options = {"cars": str(self.cars), "seconds": 0, **options}
        station = {"name": "S1", "driver": "simulated", "driver_options": driver_options}
        (home / "station.json").write_text(json.dumps(station))
        for vin in (VIN, OTHER_VIN):
            update_car(self.cars, vin, version=SOURCE, soc_display=300, soc_bms=335)

    @property
    def words(self) -> list[str]:
        """The key's forced command."""
        return [sys.executable, "-I", "-S", str(self.file), "--home", str(self.home)]

    def ask(self, command: str | None) -> tuple[int, dict[str, Any]]:
        environment = {} if command is None else {"SSH_ORIGINAL_COMMAND": command}
        done = subprocess.run(
            self.words, env=environment, capture_output=True, text=True, check=False, timeout=30
        )
        assert done.stderr == ""
        assert done.stdout.count("\n") == 1
        answer: dict[str, Any] = json.loads(done.stdout)
        return done.returncode, answer

    def start(self, job: str = JOB, vin: str = VIN) -> tuple[int, dict[str, Any]]:
        return self.ask(start_command(job, vin))

    def ended(self, job: str = JOB) -> dict[str, Any]:
        deadline = time.monotonic() + 20
        while (answer := self.ask(f"status {job}")[1])["state"] == "running":
            assert time.monotonic() < deadline
        return answer

    def write_journal(self, *records: dict[str, Any], job: str = JOB) -> Path:
        """A journal as a flasher that is gone left it."""
        path = self.home / "jobs" / f"{job}.jsonl"
        path.parent.mkdir(exist_ok=True)
        path.write_text("".join(json.dumps(record) + "\n" for record in records))
        (self.home / "current").write_text(job)
        return path


def start_command(job: str = JOB, vin: str = VIN, digest: str = "-") -> str:
    return f"start {job} {vin} {SOURCE} {TARGET} pkg {digest} -"


def start_record(job: str = JOB, **more: object) -> dict[str, Any]:
    return {
        "record": "start",
        "at": "2026-01-05T06:00:00.000+00:00",
        "job": job,
        "vin": VIN,
        "source": SOURCE,
        "target": TARGET,
        "package": "pkg",
        "digest": "-",
        "gate": "-",
        "boot_id": Path("/proc/sys/kernel/random/boot_id").read_text().strip(),
        **more,
    }
