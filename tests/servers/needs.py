"""What a test needs from the system: skipped with a reason where it is missing, a failure in CI."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

SYSTEM_FOLDERS = ("/usr/sbin", "/usr/local/sbin", "/sbin")


def find_program(*names: str) -> Path | None:
    """The first of these programs that the system has; also looks where only root's PATH leads."""
    path = os.pathsep.join([os.environ.get("PATH", ""), *SYSTEM_FOLDERS])
    found = (shutil.which(name, path=path) for name in names)
    return next((Path(program) for program in found if program), None)


def missing(what: str, package: str) -> NoReturn:
    """Skip the test because `what` is not installed; fail it when CI=true: nothing is skipped there."""
    reason = f"{what} is not installed (Debian: apt-get install {package})"
    if os.environ.get("CI") == "true":
        pytest.fail(f"nothing is skipped in CI: {reason}")
    pytest.skip(reason)


def need_program(what: str, package: str, *names: str) -> Path:
    """The path of the program, or the test ends here. `names` are tried in order."""
    program = find_program(*names)
    if program is None:
        missing(what, package)
    return program


def need_chromium() -> Path:
    """The system's Chromium, which playwright drives (`executable_path=`)."""
    return need_program("Chromium", "chromium", "chromium", "chromium-browser", "google-chrome")
