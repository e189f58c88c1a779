"""Definitions by the code that they carry, wherever their file lies in the folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from campaign.definitions import campaign_codes, find_campaign, find_site
from campaign.errors import BadFile, NotFound
from tests.unit.config.spoiling import SHIPPED, edit


def test_the_shipped_folder_is_right_and_complete() -> None:
    assert campaign_codes(SHIPPED) == ("VBV453C-2026",)
    definition = find_campaign(SHIPPED, "VBV453C-2026")
    assert find_site(SHIPPED, definition.site).layout().code == "anting"


def test_a_campaign_is_found_by_its_code_not_by_its_file_name(configs: Path) -> None:
    (configs / "campaigns" / "vbv453c.yaml").rename(configs / "campaigns" / "other.yml")
    assert find_campaign(configs, "VBV453C-2026").code == "VBV453C-2026"


def test_an_unknown_code_is_answered_with_the_nearest(configs: Path) -> None:
    with pytest.raises(NotFound, match=r"no campaign 'vbv453c-2025' .* - did you mean VBV453C-2026\?"):
        find_campaign(configs, "vbv453c-2025")
    with pytest.raises(NotFound, match=r"no site 'foshan' .* - known: anting"):
        find_site(configs, "foshan")


def test_an_empty_folder_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="none is known"):
        find_campaign(tmp_path, "X-1")
    assert campaign_codes(tmp_path) == ()


def test_two_files_with_one_code_are_both_named(configs: Path) -> None:
    first = configs / "campaigns" / "vbv453c.yaml"
    (configs / "campaigns" / "copy.yaml").write_bytes(first.read_bytes())
    with pytest.raises(
        BadFile, match=r"copy\.yaml and .*vbv453c\.yaml: the campaign VBV453C-2026 is defined twice"
    ):
        find_campaign(configs, "VBV453C-2026")


def test_a_broken_neighbour_does_not_hide_a_campaign(configs: Path) -> None:
    (configs / "campaigns" / "broken.yaml").write_text("a: [", encoding="utf-8")
    assert find_campaign(configs, "VBV453C-2026").code == "VBV453C-2026"


def test_a_broken_file_is_told_when_the_code_is_nowhere_else(configs: Path) -> None:
    (configs / "campaigns" / "broken.yaml").write_text("code: X-1\na: [", encoding="utf-8")
    with pytest.raises(BadFile, match=r"broken\.yaml:2: "):
        find_campaign(configs, "X-1")


def test_a_wrong_campaign_is_told_in_full(configs: Path) -> None:
    edit(configs / "campaigns" / "vbv453c.yaml", ("soc: 27.0", "soc: 127"), ("signers: 1", "signers: 9"))
    with pytest.raises(BadFile) as refused:
        find_campaign(configs, "VBV453C-2026")
    assert len(str(refused.value).splitlines()) == 2
