"""Lists as people send them, made for the tests."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import openpyxl
import xlsxwriter

from campaign.domain.identity import Vin, with_check_digit

VINS = tuple(with_check_digit(f"LSVUB60E0N2{serial:06d}") for serial in range(1, 41))
V1, V2, V3, V4 = VINS[:4]
HEADER = ("VIN", "Software version", "SOC", "Slot", "Model")


def car(number: int, **changes: Any) -> dict[str, Any]:
    """A car's row by column name; all cars differ in VIN and slot."""
    row = {
        "VIN": VINS[number],
        "Software version": "VBV4.5.2C",
        "SOC": 20,
        "Slot": f"A-{number}",
        "Model": "ID.4 X",
    }
    return row | {name.replace("_", " "): value for name, value in changes.items()}


def csv_of(rows: Iterable[Sequence[object]], delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    """Rows as a delimited text, line ends as Windows writes them."""
    lines = (delimiter.join(map(str, row)) for row in rows)
    return "".join(line + "\r\n" for line in lines).encode(encoding)


def cars_csv(cars: Iterable[dict[str, Any]], delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    """Cars as a delimited text with a header in row 1; the first car is in row 2."""
    cars = list(cars)
    names = list(dict.fromkeys(name for row in cars for name in row))
    return csv_of([names, *([row.get(name, "") for name in names] for row in cars)], delimiter, encoding)


def workbook(fill: Callable[[xlsxwriter.Workbook], object]) -> bytes:
    """A workbook as XlsxWriter makes it: formulas with values, formats, hidden and merged cells."""
    data = io.BytesIO()
    book = xlsxwriter.Workbook(data, {"in_memory": True})
    fill(book)
    book.close()
    return data.getvalue()


def sheet_of(rows: Iterable[Sequence[object]]) -> bytes:
    """A workbook with one sheet "Cars"."""

    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet("Cars")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)

    return workbook(fill)


def by_program(fill: Callable[[Any], object]) -> bytes:
    """A workbook as openpyxl makes it: formulas without values."""
    data = io.BytesIO()
    book = openpyxl.Workbook()
    fill(book.active)
    book.save(data)
    return data.getvalue()


def codes(listing: Any) -> list[tuple[str, str, str]]:
    """What was found: place, verdict, reason code."""
    return [(issue.place, str(issue.severity), issue.reason_code) for issue in listing.issues]


def vins_of(listing: Any) -> list[Vin]:
    """The cars that may be taken in."""
    return [row.vin for row in listing.rows]
