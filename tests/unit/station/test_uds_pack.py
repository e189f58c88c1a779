"""The drivers' own file: a station needs no installed library, and the same source gives the same bytes."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

from campaign.station_agent.pack import pack
from campaign.station_drivers.pack import pack_drivers

LOOK = """
import json, sys
sys.path.insert(0, sys.argv[1])
import campaign
pack = sys.argv[2]
sys.path.append(pack)
campaign.__path__.append(pack + "/campaign")
from importlib.metadata import version
from campaign.station_drivers.uds import UdsDriver
import doipclient, udsoncan
options = {"host": "127.0.0.1", "port": 1, "gateway": 4097, "vin_ecu": 4097, "security": {"secret": "00112233"}}
print(json.dumps({
    "files": [sys.modules[UdsDriver.__module__].__file__, udsoncan.__file__, doipclient.__file__],
    "cached": sys.modules[UdsDriver.__module__].__cached__,
    "versions": [version("udsoncan"), version("doipclient")],
    "read_back": UdsDriver(options).read_back("LSVAA4182E2184847", None),
    "foreign": sorted(n for n in sys.modules if n.startswith(("campaign.", "gallia", "can")) and "station_" not in n),
}))
"""


@pytest.fixture(scope="module")
def packed() -> bytes:
    return pack_drivers()


def test_it_runs_on_a_bare_python_with_the_agent_s_file_and_no_other(packed: bytes, tmp_path: Path) -> None:
    agent, drivers = tmp_path / "agent.pyz", tmp_path / "drivers.pyz"
    agent.write_bytes(pack())
    drivers.write_bytes(packed)
    words = [sys.executable, "-I", "-S", "-c", LOOK, str(agent), str(drivers)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert done.stderr == ""
    told = json.loads(done.stdout)
    assert all(file.startswith(str(drivers)) for file in told["files"])
    assert told["files"][0].endswith(".pyc")
    assert told["versions"] == [version("udsoncan"), version("doipclient")]
    assert told["read_back"]["version"] is None
    assert told["foreign"] == []


def test_the_same_source_gives_the_same_bytes(packed: bytes) -> None:
    assert pack_drivers() == packed


def test_the_libraries_licences_travel_with_them(packed: bytes) -> None:
    names = zipfile.ZipFile(io.BytesIO(packed)).namelist()
    for library in ("udsoncan", "doipclient"):
        assert [name for name in names if name.startswith(f"{library}-") and "LICENSE" in name]


def test_what_packs_is_not_packed(packed: bytes) -> None:
    names = zipfile.ZipFile(io.BytesIO(packed)).namelist()
    assert "campaign/station_drivers/pack.py" not in names
    assert {name.split("/")[0].split("-")[0] for name in names} == {"campaign", "udsoncan", "doipclient"}
