"""Dates as people write them. Day or month first is decided once per column, never per cell."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum

from campaign.files.cells import Cell, clean_text, is_cell_error
from campaign.files.verdicts import CellFault, Fault, Verdict


class DateOrder(StrEnum):
    """In which order day, month and year are written."""

    YMD = "ymd"
    DMY = "dmy"
    MDY = "mdy"


_TIME = re.compile(r"[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[AaPp][Mm]|Z)?$")
_YEAR_FIRST = re.compile(r"^(\d{4}) ?[-/.年] ?(\d{1,2}) ?[-/.月] ?(\d{1,2}) ?[日号]?$")
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_SERIAL = re.compile(r"^(\d{5})(?:\.\d+)?$")
_NAMED = re.compile(r"^(\d{1,2})[-. ]+([A-Za-z]{3,9})[-., ]+(\d{4}|\d{2})$")
_SHORT = re.compile(r"^(\d{1,2}) ?([-/.]) ?(\d{1,2}) ?\2 ?(\d{4}|\d{1,2})$")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NONE = frozenset({"", "-", "--", "/", "无", "未定", "待定", "tbd", "none", "n/a", "na", "open"})
_EPOCH = date(1899, 12, 30)  # day 0 of a spreadsheet, its 29 February 1900 counted in
_EPOCH_1904 = date(1904, 1, 1)
_YEARS = range(2000, 2100)

DateReading = date | CellFault | None


class DateColumn:
    """Reads the cells of one column.

    Which of day and month comes first is given, or proved by the column's own dates, for each separator: a
    list may hold both 7.1.2021 and 1/7/2021.
    """

    def __init__(
        self, column: Iterable[Cell], given: DateOrder | None = None, *, date1904: bool = False
    ) -> None:
        self._epoch = _EPOCH_1904 if date1904 else _EPOCH
        texts = {cell for cell in column if isinstance(cell, str)}
        self._orders = {separator: given or _proved(texts, separator) for separator in "-/."}

    def read(self, raw: Cell) -> DateReading:
        """The date, None for an empty cell, or what is wrong. Understands real dates, serials and texts."""
        if isinstance(raw, datetime):
            return _within(raw.date())
        if isinstance(raw, date):
            return _within(raw)
        if isinstance(raw, int | float) and not isinstance(raw, bool):
            return self._number(raw)
        if not isinstance(raw, str) and raw is not None:
            return _fault(Fault.DATE_UNREADABLE)
        return _fault(Fault.CELL_ERROR) if is_cell_error(raw) else self._text(_without_time(raw))

    def _text(self, text: str) -> DateReading:
        if text.lower() in _NONE:
            return None
        if found := _YEAR_FIRST.match(text) or _COMPACT.match(text):
            return _day(*map(int, found.groups()))
        if found := _SERIAL.match(text):
            return self._number(int(found[1]))
        if found := _NAMED.match(text):
            month = found[2][:3].lower()
            if month in _MONTHS:
                return _day(_full_year(found[3]), _MONTHS.index(month) + 1, int(found[1]))
        if found := _SHORT.match(text):
            return self._short((found[1], found[3], found[4]), self._orders[found[2]])
        return _fault(Fault.DATE_UNREADABLE)

    @staticmethod
    def _short(numbers: tuple[str, str, str], order: DateOrder | None) -> DateReading:
        """A date of three short numbers, such as 7/1/2021 or 21-01-07."""
        orders = {order} if order else _possible(*numbers)
        readings = {_ordered(*numbers, each) for each in orders}
        if len(readings) > 1:
            return _fault(Fault.DATE_AMBIGUOUS)
        return (readings.pop() if readings else None) or _fault(Fault.DATE_IMPOSSIBLE)

    def _number(self, number: float) -> DateReading:
        """A serial day such as 44203, or 20210107 kept as a number."""
        if not 20_000 <= number <= 21_001_231:
            return _fault(Fault.DATE_UNREADABLE)
        whole = int(number)
        if found := _COMPACT.match(str(whole)):
            return _day(*map(int, found.groups()))
        if whole >= 100_000:
            return _fault(Fault.DATE_UNREADABLE)
        return _within(self._epoch + timedelta(days=whole))


def _proved(texts: Iterable[str], separator: str) -> DateOrder | None:
    """The one order in which every short date with this separator is a date; dots alone mean day first."""
    possible = set(DateOrder)
    for text in texts:
        found = _SHORT.match(_without_time(text))
        if found and found[2] == separator:
            possible &= _possible(found[1], found[3], found[4]) or possible
    if len(possible) == 1:
        return possible.pop()
    return DateOrder.DMY if separator == "." and possible == {DateOrder.DMY, DateOrder.MDY} else None


def _possible(first: str, second: str, third: str) -> set[DateOrder]:
    """The orders that the numbers allow: a year has two or four digits, a month at most 12."""
    return {order for order in DateOrder if _ordered(first, second, third, order)}


def _ordered(first: str, second: str, third: str, order: DateOrder) -> date | None:
    """The day that three numbers mean in this order, None if there is none."""
    if order is DateOrder.YMD:
        year, month, day = first, second, third
    else:
        day, month, year = (first, second, third) if order is DateOrder.DMY else (second, first, third)
    if len(year) == 1 or len(day) > 2:
        return None
    reading = _day(_full_year(year), int(month), int(day))
    return reading if isinstance(reading, date) else None


def _without_time(raw: Cell) -> str:
    return _TIME.sub("", clean_text(raw))


def _full_year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)


def _day(year: int, month: int, day: int) -> DateReading:
    try:
        return _within(date(year, month, day))
    except ValueError:
        return _fault(Fault.DATE_IMPOSSIBLE)


def _within(day: date) -> DateReading:
    return day if day.year in _YEARS else _fault(Fault.DATE_IMPOSSIBLE)


def _fault(code: Fault) -> CellFault:
    return CellFault(Verdict.REJECT, code)
