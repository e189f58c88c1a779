"""A column of VINs is judged exactly as each of its cells would be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.domain.identity import VIN_CHARACTERS, Vin, read_vin, with_check_digit
from campaign.files.vin_column import read_vin_column

seventeen = st.text(VIN_CHARACTERS, min_size=17, max_size=17)
cells = st.one_of(
    seventeen,
    seventeen.map(with_check_digit),
    seventeen.map(lambda vin: with_check_digit("L" + vin[1:])),
    seventeen.map(lambda vin: f" {vin.lower()}"),
    st.text("0123456789", min_size=17, max_size=17),
    st.sampled_from("01A8").map(lambda c: c * 17),
    st.text(max_size=20),
    st.text(min_size=17, max_size=17),
    st.none(),
    st.integers(),
    st.floats(),
)


@pytest.mark.parametrize("strict", [None, True, False])
@given(column=st.lists(cells, max_size=12))
def test_the_column_agrees_with_the_cell(column: list[object], strict: bool | None) -> None:
    vins, readings = read_vin_column(column, strict)  # type: ignore[arg-type]
    alone = [read_vin(cell, strict=strict) for cell in column]
    assert vins == [reading.vin for reading in alone]
    for index, reading in enumerate(alone):
        if reading.problem or reading.warning or reading.repairs:
            assert readings[index].problem == reading.problem
            assert readings[index].warning == reading.warning


def test_clean_vins_are_vins_and_leave_nothing_to_say() -> None:
    column = [str(with_check_digit(f"LSVUB60E0N2{serial:06d}")) for serial in range(500)]
    vins, readings = read_vin_column(column)  # type: ignore[arg-type]
    assert vins == column
    assert all(isinstance(vin, Vin) for vin in vins)
    assert readings == {}


def test_an_empty_column_is_empty() -> None:
    assert read_vin_column([]) == ([], {})
