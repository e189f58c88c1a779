"""VINs and SOCs as they are typed or piped."""

from __future__ import annotations

import pytest

from campaign.cli.marks import Said, read_said, read_soc
from campaign.errors import BadInput


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("LSV1", Said("LSV1")),
        ("  LSV1\n", Said("LSV1")),
        ("\ufeffLSV1", Said("LSV1")),
        ("LSV 1 23", Said("LSV 1 23")),  # blanks inside a VIN are the rules' business
        ("LSV1=31.5", Said("LSV1", "31.5")),
        ("LSV1,31,5", Said("LSV1", "31,5")),
        ("LSV1\t31.5%", Said("LSV1", "31.5%")),
        ("LSV1;27", Said("LSV1", "27")),
    ],
)
def test_a_line_is_a_car_and_perhaps_its_soc(typed: str, meant: Said) -> None:
    assert list(read_said([typed])) == [meant]


def test_empty_lines_are_skipped() -> None:
    assert list(read_said(["", " \n", "\t"])) == []


@pytest.mark.parametrize(
    ("typed", "tenths"), [("27", 270), ("26.96", 269), ("31,5", 315), ("27％", 270), ("100", 1000)]
)
def test_an_soc_is_tenths_and_never_rounded_up(typed: str, tenths: int) -> None:
    assert read_soc(typed, "--soc") == tenths


@pytest.mark.parametrize("typed", ["", "full", "101", "-3", "0.5", "27.0.1"])
def test_what_is_no_soc_names_its_place(typed: str) -> None:
    with pytest.raises(BadInput, match="--soc"):
        read_soc(typed, "--soc")
