"""Workbooks, .xlsx and .xls: values by python-calamine, the rest by the scan of `sheet_xml`."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cache
from typing import TypeVar

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from campaign.files.sheet_xml import SheetScan, WorkbookParts
from campaign.files.table import Row, Sheet, Table
from campaign.files.verdicts import Note, UnreadableList

Merged = tuple[tuple[int, int], tuple[int, int]]  # (first row, first column), (last row, last column), from 0
_Read = TypeVar("_Read")


def open_xlsx(name: str, data: bytes) -> Table:
    """The visible sheets of an .xlsx. Raises UnreadableList."""
    parts = WorkbookParts(data, name)
    if "xl/workbook.xml" not in parts.names:
        raise UnreadableList("not_a_workbook", name, kind=("zip",))
    return _open(name, data, parts)


def open_xls(name: str, data: bytes) -> Table:
    """The visible sheets of an old .xls; hidden rows and percent formats stay unknown."""
    return _open(name, data, None)


def _open(name: str, data: bytes, parts: WorkbookParts | None) -> Table:
    notes = [] if parts else [Note("note_old_xls")]
    sheets = []
    scans = {}
    book = _reading(name, lambda: CalamineWorkbook.from_filelike(io.BytesIO(data)))
    worksheets = [meta for meta in book.sheets_metadata if meta.typ == SheetTypeEnum.WorkSheet]
    for meta in worksheets:
        if meta.visible != SheetVisibleEnum.Visible:
            notes.append(Note("note_hidden_sheet", {"sheet": meta.name}))
            continue
        scans[meta.name] = parts.scan(meta.name) if parts else SheetScan(b"")
        scans[meta.name].refuse_giant(meta.name, name)
    for title, scan in scans.items():
        sheet = _reading(name, lambda title=title: book.get_sheet_by_name(title))  # type: ignore[misc]
        made, merged = _sheet(sheet, scan, date1904=parts is not None and parts.date1904)
        sheets.append(made)
        if merged:
            notes.append(Note("note_merged", {"sheet": made.name, "count": merged}))
    return Table(name, tuple(sheets), tuple(notes))


def _sheet(sheet: CalamineSheet, scan: SheetScan, *, date1904: bool) -> tuple[Sheet, int]:
    rows: list[Row] = sheet.to_python()  # type: ignore[assignment]  # list is invariant
    top, left = sheet.start or (0, 0)
    merged = sheet.merged_cell_ranges or []
    for row, column, text in scan.errors():
        if row > top and column >= left and row - top <= len(rows) and column - left < len(rows[0]):
            rows[row - top - 1][column - left] = text
    made = Sheet(
        sheet.name,
        rows,
        top + 1,
        left,
        scan.hidden_rows(),
        cache(lambda column: scan.percent_rows(left + column)),  # asked again for every rejected row
        scan.unsaved_formulas,
        date1904,
    )
    return made, sum(_fill(rows, merge, top, left) for merge in merged)


def _fill(rows: list[Row], merge: Merged, top: int, left: int) -> bool:
    """Repeat a merged cell's value down its range, in its first column, and nowhere else."""
    (first, column), (last, _) = merge
    if first == last or first < top or column < left or first - top >= len(rows):
        return False
    at = column - left
    if at >= len(rows[0]):
        return False
    value = rows[first - top][at]
    for row in rows[first - top + 1 : last - top + 1]:
        row[at] = value
    return True


def _reading(name: str, read: Callable[[], _Read]) -> _Read:
    """Call the value reader; what it cannot read becomes UnreadableList."""
    try:
        return read()
    except PasswordError as locked:
        raise UnreadableList("password", name) from locked
    except (CalamineError, ValueError, OSError) as broken:
        raise UnreadableList("zip_broken", name) from broken
    except BaseException as panic:
        # The reader is native code: a panic on a malformed file arrives outside Exception.
        if type(panic).__name__ != "PanicException":
            raise
        raise UnreadableList("zip_broken", name) from panic
