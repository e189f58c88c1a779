"""The shipped configuration, as a copy that a test may spoil."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.unit.config.spoiling import SHIPPED


@pytest.fixture
def configs(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "configs"))
