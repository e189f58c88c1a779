"""Definitions by the code that they carry, wherever their file lies in the folder."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaign.definitions import campaign_codes, find_campaign, find_site, load_campaign
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


SPILLS = [
    "[",
    "}",
    ": ",
    "- ",
    "\n",
    "  ",
    "\t",
    "~",
    "'",
    '"',
    "#",
    "&a",
    "*a",
    "!!int",
    "0",
    "\x00",
    "安",
    "? ",
]


@given(
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 40), st.sampled_from(SPILLS)), min_size=1, max_size=3)
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_spilled_over_a_file_each_line_told_says_where_and_what_to_do(
    configs: Path, spills: list[tuple[float, int, str]]
) -> None:
    text = (SHIPPED / "campaigns" / "vbv453c.yaml").read_text(encoding="utf-8")
    for place, eaten, spill in spills:
        at = int(place * len(text))
        text = text[:at] + spill + text[at + eaten :]
    path = configs / "campaigns" / "spilled.yaml"
    path.write_text(text, encoding="utf-8")
    try:
        assert load_campaign(path).site == "anting"
    except BadFile as bad:
        for line in str(bad).split("\n"):
            assert re.match(r".*spilled\.yaml:[0-9]+: .+ - .+", line), line
