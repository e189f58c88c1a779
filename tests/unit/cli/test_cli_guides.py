"""The guides promise only commands and options that exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.main import get_command

from campaign.cli.app import BESIDE, app

GUIDES = Path(__file__).parents[3] / "docs" / "guides"
PEOPLE = {
    "planner", "technician", "shift-lead", "quality", "product-development", "manager-auditor", "administrator",
}  # fmt: skip
TYPED = re.compile(r"^\$ campaign (.+)$", re.MULTILINE)


def promised() -> list[tuple[str, str]]:
    """(guide, what follows `campaign`) of every command line in a guide."""
    return [
        (file.stem, line)
        for file in sorted(GUIDES.glob("*.md"))
        for line in TYPED.findall(file.read_text("utf-8"))
    ]


def test_there_is_a_guide_for_each_person() -> None:
    assert {file.stem for file in GUIDES.glob("*.md")} == PEOPLE
    assert {guide for guide, _ in promised()} == PEOPLE


def test_each_guide_has_a_summary_in_chinese() -> None:
    assert all("**中文摘要：**" in file.read_text("utf-8") for file in GUIDES.glob("*.md"))


@pytest.mark.parametrize(("guide", "typed"), promised())
def test_what_a_guide_shows_can_be_typed(guide: str, typed: str) -> None:
    command = get_command(app)
    words = shlex.split(typed.split(" < ", maxsplit=1)[0])
    while words and hasattr(command, "commands") and words[0] in command.commands:
        name = words.pop(0)
        command = command.commands[name]
        if name in BESIDE:
            return
    assert not hasattr(command, "commands"), f"{guide}: {typed}"
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known
