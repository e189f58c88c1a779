"""Dates: five ways to write one day, and never a guess between day and month."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.files.dates import DateColumn, DateOrder
from campaign.files.verdicts import CellFault, Fault

DAY = date(2021, 1, 7)


def read(*column: object, order: DateOrder | None = None) -> list[object]:
    """Each cell of a column as a date, None or the fault."""
    reader = DateColumn(column, order)  # type: ignore[arg-type]
    readings = [reader.read(cell) for cell in column]  # type: ignore[arg-type]
    return [reading.code if isinstance(reading, CellFault) else reading for reading in readings]


@pytest.mark.parametrize(
    "written",
    [
        "2021/1/7",
        "2021-01-07",
        "2021.1.7",
        "7.1.2021",
        "20210107",
        20210107,
        "2021年1月7日",
        "2021年1月7号",
        "２０２１年１月７日",
        "44203",
        44203,
        44203.75,
        "2021/1/7 0:00",
        "2021-01-07T08:30:00",
        "21-1-7",
        "7-Jan-21",
        "7 January 2021",
        datetime(2021, 1, 7, 8, 30),  # noqa: DTZ001 - a cell has no zone
        DAY,
    ],
)
def test_one_day_in_many_spellings(written: object) -> None:
    assert read(written) == [DAY]


@pytest.mark.parametrize("written", ["7/1/2021", "7-1-2021", "7/1/21", "21-01-07"])
def test_day_or_month_first_is_asked_not_guessed(written: str) -> None:
    assert read(written) == [Fault.DATE_AMBIGUOUS]


def test_one_clear_date_decides_for_its_whole_column() -> None:
    assert read("7/1/2021", "13/1/2021") == [DAY, date(2021, 1, 13)]
    assert read("1/7/2021", "1/13/2021") == [DAY, date(2021, 1, 13)]


def test_a_column_that_contradicts_itself_decides_nothing_for_the_others() -> None:
    column = ("13/1/2021", "1/13/2021", "1/7/2021")
    assert read(*column) == [date(2021, 1, 13), date(2021, 1, 13), Fault.DATE_AMBIGUOUS]


def test_dots_are_decided_apart_from_slashes() -> None:
    assert read("7.1.2021", "1/7/2021") == [DAY, Fault.DATE_AMBIGUOUS]


def test_dots_mean_day_first_unless_the_column_proves_otherwise() -> None:
    assert read("1.7.2021", "1.13.2021") == [DAY, date(2021, 1, 13)]


def test_the_same_day_in_both_orders_needs_no_question() -> None:
    assert read("5/5/2021") == [date(2021, 5, 5)]


def test_a_given_order_answers_the_question() -> None:
    assert read("7/1/2021", order=DateOrder.DMY) == [DAY]
    assert read("1/7/2021", order=DateOrder.MDY) == [DAY]
    assert read("21-01-07", order=DateOrder.YMD) == [DAY]
    assert read("13/1/2021", order=DateOrder.MDY) == [Fault.DATE_IMPOSSIBLE]


@pytest.mark.parametrize("written", ["", None, "-", "无", "待定", "TBD", "n/a"])
def test_no_date_is_no_fault(written: object) -> None:
    assert read(written) == [None]


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("2021-02-30", Fault.DATE_IMPOSSIBLE),
        ("13/13/2021", Fault.DATE_IMPOSSIBLE),
        ("1921-01-07", Fault.DATE_IMPOSSIBLE),
        (datetime(1900, 1, 7), Fault.DATE_IMPOSSIBLE),  # noqa: DTZ001 - a cell has no zone
        ("soon", Fault.DATE_UNREADABLE),
        ("2021-01", Fault.DATE_UNREADABLE),
        (7, Fault.DATE_UNREADABLE),
        (True, Fault.DATE_UNREADABLE),
        (time(8, 30), Fault.DATE_UNREADABLE),
        (10**12, Fault.DATE_UNREADABLE),
        (float("nan"), Fault.DATE_UNREADABLE),
        ("#N/A", Fault.CELL_ERROR),
    ],
)
def test_what_is_no_date_is_refused_with_its_reason(written: object, fault: Fault) -> None:
    assert read(written) == [fault]


def test_a_workbook_that_counts_from_1904_counts_from_1904() -> None:
    assert DateColumn([], date1904=True).read(42741) == DAY


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_every_day_reads_back_from_every_clear_spelling(day: date) -> None:
    serial = (day - date(1899, 12, 30)).days
    written = [day.isoformat(), f"{day:%Y%m%d}", f"{day.year}年{day.month}月{day.day}日", serial, str(serial)]
    assert read(*written) == [day] * 5


@given(st.lists(st.one_of(st.text(max_size=12), st.floats(), st.integers(), st.booleans()), max_size=5))
def test_reading_dates_never_fails(column: list[object]) -> None:
    assert len(read(*column)) == len(column)
