"""A cell is shown as it was seen, and nothing that we write runs in a spreadsheet."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.files.cells import (
    clean_text,
    clean_texts,
    column_index,
    column_letter,
    formula_safe,
    is_empty,
    shown,
)


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        " =1",
        "\u3000=1",
        "＝1",
        "＋1",
        "－1",
        "＠x",
        "=cmd|' /C calc'!A0",
    ],
)
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert formula_safe(text) == "'" + text


@pytest.mark.parametrize("text", ["", "ID.4 X", "1-2", "a=b", "车位", "'=1", "27 %"])
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert formula_safe(text) == text


@given(st.text())
def test_no_text_begins_like_a_formula_afterwards(text: str) -> None:
    assert not formula_safe(text).startswith(("=", "+", "-", "@", "\t", "\r"))


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (None, ""),
        ("", ""),
        ("  A  12 ", "A 12"),
        ("Ａ\u3000１２", "A 12"),
        ("\ufeffA\u200b1", "A1"),
        ("A\n1", "A 1"),
        (12.0, "12"),
        (12.5, "12.5"),
        (7, "7"),
        (True, "TRUE"),
        (datetime(2021, 1, 7), "2021-01-07"),  # noqa: DTZ001 - a cell has no zone
        (date(2021, 1, 7), "2021-01-07"),
    ],
)
def test_a_cell_as_one_line_of_text(raw: object, text: str) -> None:
    assert clean_text(raw) == text  # type: ignore[arg-type]


cells = st.one_of(st.none(), st.text(), st.integers(-5, 5), st.floats(-2, 2), st.booleans())


@given(st.lists(cells, max_size=12), st.integers(1, 6))
def test_a_column_is_cleaned_as_its_cells_are(column: list[object], times: int) -> None:
    assert clean_texts(column * times) == [clean_text(cell) for cell in column * times]  # type: ignore[arg-type]


def test_empty_is_what_nobody_can_see() -> None:
    assert [is_empty(cell) for cell in (None, "", "  ", "\u200b", "\ufeff ")] == [True] * 5
    assert [is_empty(cell) for cell in (0, False, "0", "-")] == [False] * 4


def test_a_long_raw_value_is_cut_in_messages() -> None:
    assert len(shown("x" * 10_000)) == 200


@pytest.mark.parametrize(
    ("index", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16383, "XFD")]
)
def test_columns_are_named_as_spreadsheets_do(index: int, letters: str) -> None:
    assert column_letter(index) == letters
    assert column_index(letters) == index
