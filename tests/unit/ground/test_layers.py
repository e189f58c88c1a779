"""The folders are the architecture: what import-linter cannot see by itself."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PRODUCT = ("campaign", "flows", "dashboard")
VAGUE = {"utils", "helpers", "common", "misc", "base", "manager"}
# Streamlit and Prefect put these folders first on sys.path: such a file would hide a real module.
HIDING = {"campaign", "prefect", "streamlit", "types", "calendar", "queue", "select", "site", "token"}


def layered_modules() -> set[str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = next(contract["layers"] for contract in settings["contracts"] if contract["id"] == "layers")
    return {name for layer in layers for name in re.findall(r"[\w.]+", layer)}


def imported_names(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def foreign_imports(folder: str, *ours: str) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}: {name}"
        for path in sorted((ROOT / folder).rglob("*.py"))
        for name in imported_names(path)
        if name.split(".")[0] not in sys.stdlib_module_names and not name.startswith(ours)
    ]


def test_every_part_of_campaign_stands_in_the_layers() -> None:
    parts = {
        f"campaign.{path.stem}"
        for path in (ROOT / "campaign").iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert parts - {"campaign.__init__", "campaign.__main__"} - layered_modules() == set()


MANIFEST = "campaign.station_agent.manifest"
"""The package's form is one file for both sides: pure, the standard library only."""


def test_the_rules_use_the_standard_library_only() -> None:
    assert foreign_imports("campaign/domain", "campaign.domain", "campaign.errors", MANIFEST) == []


def test_the_station_agent_uses_the_standard_library_and_itself_only() -> None:
    assert foreign_imports("campaign/station_agent", "campaign.station_agent") == []


@pytest.mark.parametrize("folder", PRODUCT)
def test_no_file_has_a_name_that_says_nothing(folder: str) -> None:
    vague = [str(path) for path in (ROOT / folder).rglob("*.py") if path.stem.strip("_") in VAGUE]
    assert vague == []


@pytest.mark.parametrize("folder", ["flows", "dashboard"])
def test_no_script_hides_a_module(folder: str) -> None:
    hiding = [path.name for path in (ROOT / folder).iterdir() if path.stem in HIDING]
    assert hiding == []
