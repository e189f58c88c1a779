"""Definitions on disk to break: each test writes one wrong thing and reads what it is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from campaign.errors import BadFile

SHIPPED = Path(__file__).parents[3] / "configs"


def edit(path: Path, *changes: tuple[str, str]) -> Path:
    """Replace texts that stand exactly once in a file; gives the file back."""
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path.name}"
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    return path


def line_of(path: Path, text: str) -> int:
    """The number of the only line that holds `text`."""
    found = [no for no, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if text in line]
    assert len(found) == 1, f"{text!r} stands on the lines {found} of {path.name}"
    return found[0]


def told(load: Callable[[Path], object], path: Path) -> list[str]:
    """What loading says, a line for each problem, without the folder in front of the file's name."""
    with pytest.raises(BadFile) as refused:
        load(path)
    return str(refused.value).replace(f"{path.parent}/", "").splitlines()
