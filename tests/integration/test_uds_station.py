"""A station of two files and a bare Python flashes a car: packed agent, detached flasher, packed drivers."""

from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from campaign.station_agent.manifest import SIGNED_AS, Signed
from campaign.station_drivers.pack import pack_drivers
from campaign.yard.virtual_car.car import Fitting, make_car, manifest_for
from campaign.yard.virtual_car.serving import serve_car
from tests.fakes.agent import JOB, Agent
from tests.fakes.flashed_car import SOURCE, TARGET, VIN, driver_options

KEY = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)


def stage(home: Path, fitting: Fitting) -> str:
    """Put a signed package on the station, and trust its key. Returns the digest."""
    text, blobs = fitting.manifest.to_text(), home / "blobs"
    sheet = Signed(text, KEY.public_key().public_bytes_raw().hex(), KEY.sign(SIGNED_AS + text.encode()).hex())
    data = sheet.to_text().encode()
    digest = hashlib.sha256(data).hexdigest()
    blobs.mkdir(exist_ok=True)
    for name, content in {**fitting.files, digest: data}.items():
        (blobs / name).write_bytes(content)
    (home / "trusted_keys").write_text(sheet.key + "\n")
    return digest


def station(home: Path, port: int) -> Agent:
    """The agent and the drivers' file, and no installed library (-I -S)."""
    agent = Agent(home)
    (home / "drivers.pyz").write_bytes(pack_drivers())
    config = {"name": "S1", "driver": "uds", "driver_options": driver_options(port)}
    (home / "station.json").write_text(json.dumps(config))
    return agent


def ended(agent: Agent) -> dict[str, Any]:
    """The job's answer once it is over."""
    deadline = time.monotonic() + 60
    while True:
        answer: dict[str, Any] = agent.ask(f"status {JOB}")[1]
        if answer["state"] != "running":
            return answer
        assert time.monotonic() < deadline


@pytest.mark.parametrize("nrc", [None, 0x72])
def test_two_files_and_a_bare_python_flash_a_car(tmp_path: Path, nrc: int | None) -> None:
    car = make_car(VIN, tmp_path / "car")
    if nrc:
        car.faults.of("bms").nrc_at[2] = nrc
    home = tmp_path / "station"
    home.mkdir()
    with serve_car(lambda: car) as cable:
        agent = station(home, cable.port)
        digest = stage(home, manifest_for(car, size=50_000))
        code, answer = agent.ask(f"start {JOB} {VIN} {SOURCE} {TARGET} pkg {digest} display:270")
        assert (code, answer.get("answer")) == (0, "started"), answer
        assert ended(agent)["state"] == "ended"
        read_back = agent.ask(f"readback {VIN}")[1]["read_back"]
    # Every line is a record: no library's warning stands in the journal.
    records = [json.loads(line) for line in (home / "jobs" / f"{JOB}.jsonl").read_text().splitlines()]
    end = records[-1]
    kinds = {record["kind"] for record in records if record["record"] == "fact"}
    assert {"tools", "package", "identification", "dtcs", "sample", "block", "uds"} <= kinds
    if nrc:
        assert (end["verdict"], end["code"], end["written"]) == ("fail", "programming_failed", True)
        assert end["params"]["nrc"] == "0x72"
        assert end["read_back"]["version"] is None
    else:
        assert (end["verdict"], end["code"]) == ("pass", "")
        assert (end["read_back"]["vin"], end["read_back"]["version"]) == (VIN, TARGET)
        assert end["read_back"]["soc_display"] == 278
    assert (read_back["vin"], read_back["version"]) == (VIN, end["read_back"]["version"])
