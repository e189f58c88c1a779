"""The locks: complete, hashed, bound to no index; and what requirements.lock pins imports together."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LOCK = (ROOT / "requirements.lock").read_text()
BENCH_LOCK = (ROOT / "requirements-bench.lock").read_text()
PIN = re.compile(
    r"(?P<name>[a-z0-9][a-z0-9.-]*)(?P<extras>\[[a-z0-9, -]+\])?==(?P<version>[^\s;]+)(?: ; [^\\]+)? \\"
)
HASH = re.compile(r" {4}--hash=sha256:[0-9a-f]{64}(?: \\)?")


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


both_locks = pytest.mark.parametrize("lock", [LOCK, BENCH_LOCK], ids=["requirements", "requirements-bench"])


def pinned_in(lock: str) -> set[str]:
    return {match["name"] for match in map(PIN.fullmatch, lock.splitlines()) if match}


def names_of(wanted: list[str]) -> set[str]:
    return {normal(re.match(r"[A-Za-z0-9._-]+", line)[0]) for line in wanted}


@both_locks
def test_the_lock_holds_pins_and_hashes_and_nothing_else(lock: str) -> None:
    strange = [line for line in lock.splitlines() if not (PIN.fullmatch(line) or HASH.fullmatch(line))]
    assert strange == []


@both_locks
def test_every_pin_has_a_hash(lock: str) -> None:
    without = [
        line
        for line, following in zip(lock.splitlines(), [*lock.splitlines()[1:], ""], strict=True)
        if PIN.fullmatch(line) and not HASH.fullmatch(following)
    ]
    assert without == []


def test_a_package_that_is_asked_for_with_extras_is_pinned_with_them() -> None:
    """Without them pip 23 takes the newest version for the extras, which no hash knows: nothing installs."""
    with_extras = {
        match["name"] for match in map(PIN.fullmatch, LOCK.splitlines()) if match and match["extras"]
    }
    assert "py-key-value-aio" in with_extras


@both_locks
def test_the_lock_names_no_index_host_or_address(lock: str) -> None:
    assert not re.search(r"://|index|find-links|trusted-host|file:| @ ", lock)


def test_the_lock_pins_everything_that_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    assert names_of(wanted) - pinned_in(LOCK) == set()


def test_the_lock_of_the_solvers_pins_them_and_nothing_of_ours() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert names_of(project["dependency-groups"]["bench"]) - pinned_in(BENCH_LOCK) == set()
    assert pinned_in(BENCH_LOCK) & {"prefect", "streamlit"} == set()


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
