"""What the documents point at exists, and they cannot promise what is not there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from campaign.wording.words import STATUSES

ROOT = Path(__file__).parents[3]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(document: Path) -> None:
    targets = LINK.findall(document.read_text())
    broken = [target for target in targets if not (document.parent / target).exists()]
    assert broken == []


def test_the_readme_shows_the_two_commands_and_the_picture_on_its_first_screen() -> None:
    first_screen = "\n".join((ROOT / "README.md").read_text().splitlines()[:25])
    assert all(
        word in first_screen for word in ("make demo", "make test", "docs/pictures/board-desktop-en.png")
    )


def test_the_glossary_explains_every_status_in_the_words_of_the_pages() -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text()
    missing = [words for words in STATUSES.values() if "| {} | {} |".format(*words) not in glossary]
    assert missing == []


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = sorted(int(path.name[:4]) for path in (ROOT / "docs" / "adr").glob("[0-9]*.md"))
    assert numbers == list(range(len(numbers)))
