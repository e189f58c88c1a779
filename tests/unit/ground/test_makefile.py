"""make: finds a Python that runs, says what is wrong in one line, passes arguments on."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

pytestmark = pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with the Makefile and what it depends on, without an environment."""
    for name in ("Makefile", "requirements.lock", "requirements-bench.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def make(project: Path, *arguments: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": path or os.environ["PATH"], "LANG": "C.UTF-8"}
    return subprocess.run(
        [shutil.which("make"), *arguments],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def fake_python(folder: Path, name: str, body: str) -> None:
    folder.mkdir(exist_ok=True)
    program = folder / name
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(0o755)


def only_tools(folder: Path) -> str:
    """A PATH with the shell's tools but no Python."""
    folder.mkdir(exist_ok=True)
    for tool in ("bash", "sh", "awk", "grep", "sed", "touch", "rm", "expand"):
        (folder / tool).symlink_to(shutil.which(tool))
    return str(folder)


def test_the_first_python_that_really_runs_is_taken(project: Path, tmp_path: Path) -> None:
    shims = tmp_path / "shims"
    fake_python(shims, "python3.13", "exit 127")  # a shim without its version
    fake_python(shims, "python3.12", "exit 0")
    path = f"{shims}:{only_tools(tmp_path / 'tools')}"
    done = make(project, "-n", "check", path=path)
    assert f"with {shims / 'python3.12'}" in done.stdout


def test_a_machine_without_a_supported_python_is_told_what_to_do(project: Path, tmp_path: Path) -> None:
    done = make(project, "check", path=only_tools(tmp_path / "tools"))
    assert done.returncode != 0
    assert "Python 3.11, 3.12 or 3.13 was not found" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["bench"], "python -m tests.bench"),
        (["bench", "ONLY=import.100k.ratio_to_calamine"], "tests.bench --only import.100k.ratio_to_calamine"),
        (["demo", "ARGS=--headless --vehicles 12"], "campaign demo --headless --vehicles 12"),
        (["test", "WORKERS=4", "TESTS=tests/unit"], "pytest -n 4"),
    ],
)
def test_arguments_are_passed_on(project: Path, arguments: list[str], expected: str) -> None:
    assert expected in make(project, "-n", *arguments).stdout


@pytest.mark.parametrize(
    ("arguments", "made"),
    [
        (["bench"], True),
        (["bench", "ONLY=plan"], True),
        (["bench", "ONLY=ssh.connect.ratio_to_ssh"], False),
        (["test"], False),
        (["demo"], False),
    ],
)
def test_the_big_solvers_are_installed_only_to_compare_plans(
    project: Path, arguments: list[str], made: bool
) -> None:
    assert ("requirements-bench.lock" in make(project, "-n", *arguments).stdout) is made


def test_help_lists_every_target(project: Path) -> None:
    listed = make(project).stdout
    assert all(f"  {target} " in listed for target in ("demo", "test", "check", "bench", "lock", "clean"))


def test_cleaning_never_removes_the_users_data(project: Path) -> None:
    (project / "var").mkdir()
    (project / "build").mkdir()
    make(project, "clean")
    assert (project / "var").is_dir()
    assert not (project / "build").exists()
