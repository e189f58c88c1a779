"""The virtual car as a process of its own, beside the yard's files of its cars."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from campaign.station_agent.cars import read_car, update_car
from tests.fakes.doip_tester import Closed, DoipTester
from tests.fakes.patience import eventually
from tests.servers.process import die_with_us

VIN, OTHER = "LSVAA4187E2184847", "LSVAA4189E2184848"
GATEWAY, BMS, MOTOR = 0x1001, 0x1007, 0x1010


@contextmanager
def car_process(folder: Path, *more: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The car as a process: what it printed tells its port."""
    command = [
        sys.executable,
        "-m",
        "campaign.yard.virtual_car",
        "--folder",
        str(folder),
        "--port",
        "0",
        *more,
    ]
    process = subprocess.Popen(
        [*die_with_us("KILL"), *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        words = process.stdout.readline().split()
        assert words[0] == "listening"
        yield process, int(words[1])
    finally:
        process.stdin.close()
        process.wait(10)
        process.stdout.close()


def test_the_process_serves_whoever_is_plugged_and_the_yard_sees_it(tmp_path: Path) -> None:
    plug = tmp_path / "plugged"
    update_car(tmp_path, VIN, version="VBV4.5.2C", soc_display=274, soc_bms=309)
    update_car(tmp_path, OTHER, version="VBV4.5.3C", soc_display=300, soc_bms=335)
    with car_process(tmp_path, "--plugged", str(plug)) as (_, port):
        with DoipTester(port, activate=False) as tester, pytest.raises(Closed):
            tester.activate()
        for vin, software, raw in ((VIN, b"0452", 76), (OTHER, b"0453", 82)):
            plug.write_text(vin)
            with DoipTester(port) as tester:
                assert tester.ask(GATEWAY, "22F190")[3:] == vin.encode()
                assert tester.ask(MOTOR, "22F189")[3:] == software
                assert tester.ask(BMS, "22028C")[3] == raw
                assert tester.erase(BMS) == bytes.fromhex("7101FF0000")
            assert (read_car(tmp_path, vin) or {})["version"] is None


def test_the_process_ends_with_its_standard_input(tmp_path: Path) -> None:
    with car_process(tmp_path, "--vin", VIN) as (process, port), DoipTester(port) as tester:
        assert tester.ask(BMS, "22F190")[3:] == VIN.encode()
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(10) == 0


def test_a_process_that_is_killed_in_mid_transfer_leaves_an_erased_car(tmp_path: Path) -> None:
    with car_process(tmp_path, "--vin", VIN) as (process, port), DoipTester(port) as tester:
        faults = tmp_path / "units" / f"{VIN}.faults.json"
        faults.write_text(json.dumps({"seconds_per_block": 30}))
        assert tester.erase(BMS) == bytes.fromhex("7101FF0000")
        tester.ask(BMS, "34004400010000000003E8")
        tester.say(BMS, b"\x36\x01" + bytes(500))
        assert tester.hear() == (BMS, bytes.fromhex("7F3678"))
        process.send_signal(signal.SIGKILL)
        eventually(lambda: process.poll() is not None)
    with car_process(tmp_path, "--vin", VIN) as (_, port), DoipTester(port) as tester:
        assert tester.ask(BMS, "22F189") == bytes.fromhex("7F2231")
        assert tester.ask(GATEWAY, "22F189")[3:] == b"0452"
        assert tester.ask(BMS, "220405") == bytes.fromhex("6204050001")


def test_the_car_of_a_station_s_newest_job_is_on_its_cable(tmp_path: Path) -> None:
    station = tmp_path / "station"
    (station / "jobs").mkdir(parents=True)
    with car_process(tmp_path / "cars", "--station", str(station)) as (_, port):
        with DoipTester(port, activate=False) as tester, pytest.raises(Closed):
            tester.activate()
        for job, vin in (("a" * 32, VIN), ("b" * 32, OTHER)):
            (station / "jobs" / f"{job}.jsonl").write_text(json.dumps({"record": "start", "vin": vin}) + "\n")
            (station / "current").write_text(job)
            with DoipTester(port) as tester:
                assert tester.ask(GATEWAY, "22F190")[3:].decode() == vin
