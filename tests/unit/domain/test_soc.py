"""An SOC is read in tenths of a percent, cut and never rounded up, and asked about when unclear."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from campaign.domain.soc import GATE_DEFAULT, Gauge, SocFault, format_soc, parse_soc

anything = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.binary(), st.text())


@pytest.mark.parametrize(
    ("raw", "tenths"),
    [
        (27, 270),
        (27.0, 270),
        ("27", 270),
        ("27%", 270),
        ("27％", 270),
        ("２７％", 270),
        (" 27.5 %", 275),
        ("27,5", 275),
        ("+27", 270),
        ("0.5%", 5),
        (27.04, 270),
        (0, 0),
        (1, 10),
        ("1", 10),
        (100, 1000),
        ("100%", 1000),
        (Decimal("27.09"), 270),
    ],
)
def test_an_soc_is_read_as_people_write_it(raw: object, tenths: int) -> None:
    assert parse_soc(raw).tenths == tenths


@pytest.mark.parametrize(
    ("raw", "tenths"),
    [
        (26.9, 269),
        (26.96, 269),
        ("26.99", 269),
        (26.999999999999996, 269),
        ("26." + "9" * 30, 269),
        (27.0, 270),
    ],
)
def test_no_rounding_lifts_a_car_over_the_gate(raw: object, tenths: int) -> None:
    reading = parse_soc(raw)
    assert reading.tenths == tenths
    assert (tenths >= GATE_DEFAULT) == (raw == 27.0)


@pytest.mark.parametrize(
    ("raw", "tenths"), [(0.27, 270), (0.29, 290), (0.269, 269), (1, 1000), (0, 0), (0.2699, 269)]
)
def test_a_percent_formatted_cell_holds_a_share_of_one(raw: float, tenths: int) -> None:
    assert parse_soc(raw, percent_formatted=True).tenths == tenths


def test_twenty_seven_in_a_percent_formatted_cell_shows_2700_percent_and_is_refused() -> None:
    assert parse_soc(27, percent_formatted=True).problem is SocFault.OUT_OF_RANGE


@pytest.mark.parametrize("raw", [0.5, "0.5", "0,5", 0.27, 0.999, Decimal("0.5")])
def test_a_bare_share_of_one_is_a_question(raw: object) -> None:
    reading = parse_soc(raw)
    assert (reading.tenths, reading.problem, reading.question) == (None, None, SocFault.FRACTION)


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (None, SocFault.EMPTY),
        ("", SocFault.EMPTY),
        ("\u200b ", SocFault.EMPTY),
        (101, SocFault.OUT_OF_RANGE),
        (100.1, SocFault.OUT_OF_RANGE),
        (-3, SocFault.OUT_OF_RANGE),
        ("-3", SocFault.OUT_OF_RANGE),
        ("−3", SocFault.OUT_OF_RANGE),
        ("-0.5", SocFault.OUT_OF_RANGE),
        (10**400, SocFault.OUT_OF_RANGE),
        (math.nan, SocFault.NOT_A_NUMBER),
        (math.inf, SocFault.NOT_A_NUMBER),
        (Decimal("NaN"), SocFault.NOT_A_NUMBER),
        (True, SocFault.NOT_A_NUMBER),
        (False, SocFault.NOT_A_NUMBER),
        ("nan", SocFault.NOT_A_NUMBER),
        ("about 27", SocFault.NOT_A_NUMBER),
        ("27-30", SocFault.NOT_A_NUMBER),
        ("27%%", SocFault.NOT_A_NUMBER),
        ("2e1", SocFault.NOT_A_NUMBER),
        (b"27", SocFault.NOT_A_NUMBER),
    ],
)
def test_what_is_no_soc_is_refused_with_its_reason(raw: object, problem: SocFault) -> None:
    reading = parse_soc(raw)
    assert (reading.tenths, reading.problem) == (None, problem)


@pytest.mark.parametrize(
    ("tenths", "shown"), [(270, "27.0 %"), (5, "0.5 %"), (0, "0.0 %"), (1000, "100.0 %")]
)
def test_an_soc_is_shown_with_its_tenth(tenths: int, shown: str) -> None:
    assert format_soc(tenths) == shown


@given(st.integers(0, 1000))
def test_what_is_shown_reads_back(tenths: int) -> None:
    assert parse_soc(format_soc(tenths)).tenths == tenths


@given(st.floats(0, 1000))
@example(26.999999999999996)
@example(1e-320)
def test_a_reading_is_never_above_the_number(raw: float) -> None:
    reading = parse_soc(raw)
    if reading.tenths is not None:
        assert Decimal(reading.tenths) <= Decimal(repr(raw)) * 10 < reading.tenths + 1


@given(anything, st.booleans())
@example(10**5000, False)
@example("\ud800", False)
def test_reading_an_soc_never_fails_and_gives_one_answer(raw: object, percent: bool) -> None:
    reading = parse_soc(raw, percent_formatted=percent)
    answers = [reading.tenths is not None, reading.problem is not None, reading.question is not None]
    assert answers.count(True) == 1
    assert reading.tenths is None or 0 <= reading.tenths <= 1000


def test_the_two_gauges_have_stable_names() -> None:
    assert [gauge.value for gauge in Gauge] == ["display", "bms"]
