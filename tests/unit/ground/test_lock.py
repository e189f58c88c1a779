"""requirements.lock: complete, hashed, bound to no index; and what it pins imports together."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[3]
LOCK = (ROOT / "requirements.lock").read_text()
PIN = re.compile(
    r"(?P<name>[a-z0-9][a-z0-9.-]*)(?P<extras>\[[a-z0-9, -]+\])?==(?P<version>[^\s;]+)(?: ; [^\\]+)? \\"
)
HASH = re.compile(r" {4}--hash=sha256:[0-9a-f]{64}(?: \\)?")


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_lock_holds_pins_and_hashes_and_nothing_else() -> None:
    strange = [line for line in LOCK.splitlines() if not (PIN.fullmatch(line) or HASH.fullmatch(line))]
    assert strange == []


def test_every_pin_has_a_hash() -> None:
    without = [
        line
        for line, following in zip(LOCK.splitlines(), [*LOCK.splitlines()[1:], ""], strict=True)
        if PIN.fullmatch(line) and not HASH.fullmatch(following)
    ]
    assert without == []


def test_a_package_that_is_asked_for_with_extras_is_pinned_with_them() -> None:
    """Without them pip 23 takes the newest version for the extras, which no hash knows: nothing installs."""
    with_extras = {
        match["name"] for match in map(PIN.fullmatch, LOCK.splitlines()) if match and match["extras"]
    }
    assert "py-key-value-aio" in with_extras


def test_the_lock_names_no_index_host_or_address() -> None:
    assert not re.search(r"://|index|find-links|trusted-host|file:| @ ", LOCK)


def test_the_lock_pins_everything_that_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    names = {normal(re.match(r"[A-Za-z0-9._-]+", line)[0]) for line in wanted}
    pinned = {match["name"] for match in map(PIN.fullmatch, LOCK.splitlines()) if match}
    assert names - pinned == set()


def test_prefects_server_imports_with_the_locked_fastapi() -> None:
    command = [sys.executable, "-c", "import prefect.server.api.server"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert tuple(map(int, version("fastapi").split(".")[:2])) < (0, 155)


def test_streamlit_is_the_version_that_was_measured() -> None:
    assert version("streamlit") == "1.67.0"


def test_a_time_zone_is_known_without_the_systems_zone_files() -> None:
    import zoneinfo

    kept = zoneinfo.TZPATH
    try:
        zoneinfo.reset_tzpath(to=[])
        assert zoneinfo.ZoneInfo.no_cache("Asia/Shanghai").key == "Asia/Shanghai"
    finally:
        zoneinfo.reset_tzpath(to=kept)
