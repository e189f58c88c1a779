"""The reject file: every row that was not taken in as it was sent, with the reasons and what to do beside it.

Correct it and import it again: the columns keep their names.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import xlsxwriter

from campaign.files.cells import Cell, formula_safe, shown
from campaign.files.row_list import RejectedRow, RowList
from campaign.files.verdicts import RowIssue, Verdict

_ADDED = ("Row / 行", "Reason", "What to do", "原因", "处理建议")
_WIDEST = 60
_SHEET_NAME = 31  # characters that a spreadsheet allows
_FORBIDDEN = str.maketrans("[]:*?/\\", "_______")
_MOST_TEXT = 32_767  # characters that a cell can hold


def write_rejects(listing: RowList[Any], path: Path | str) -> int:
    """Write the rejected rows of a list as .xlsx, sheet by sheet. Returns how many there are."""
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False})
    formats = {
        "head": book.add_format({"bold": True, "text_wrap": True, "bg_color": "#DDEBF7"}),
        "why": book.add_format({"bg_color": "#FCE4D6"}),
        "day": book.add_format({"num_format": "yyyy-mm-dd"}),
        "text": book.add_format({"num_format": "@"}),
    }
    reasons = _by_row(listing.issues)
    by_sheet: dict[str, list[RejectedRow]] = defaultdict(list)
    for row in listing.rejected:
        by_sheet[row.sheet].append(row)
    for number, (sheet, rows) in enumerate(by_sheet.items() or [("", [])], 1):
        target = book.add_worksheet(
            (sheet.translate(_FORBIDDEN).strip("'") or f"Rejects {number}")[:_SHEET_NAME]
        )
        _write_sheet(target, listing.headers.get(sheet, ()), rows, reasons, formats)
    book.close()
    return len(listing.rejected)


def _write_sheet(
    target: Any,
    names: Sequence[str],
    rows: Sequence[RejectedRow],
    reasons: Mapping[tuple[str, int], list[RowIssue]],
    formats: Mapping[str, Any],
) -> None:
    target.freeze_panes(1, 0)
    target.set_column(0, max(len(names) - 1, 0), 20)
    target.set_column(len(names) + 1, len(names) + len(_ADDED) - 1, _WIDEST)
    for at, name in enumerate((*names, *_ADDED)):
        target.write_string(0, at, formula_safe(name), formats["head"])
    for line, row in enumerate(rows, 1):
        for at, cell in enumerate(row.cells):
            _write_cell(target, line, at, cell, formats)
        found = reasons.get((row.sheet, row.row), [])
        target.write_number(line, len(names), row.row)
        for at, text in enumerate(_explained(found), len(names) + 1):
            target.write_string(line, at, formula_safe(text)[:_MOST_TEXT], formats["why"])


def _write_cell(target: Any, line: int, at: int, cell: Cell, formats: Mapping[str, Any]) -> None:
    """The cell as it was sent; a text stays a text, whatever it begins with."""
    if isinstance(cell, bool):
        target.write_boolean(line, at, cell)
    elif isinstance(cell, int | float):
        target.write_number(line, at, cell)
    elif isinstance(cell, date | datetime) and cell.year >= 1900:
        target.write_datetime(line, at, cell, formats["day"])
    elif isinstance(cell, str) and cell:
        target.write_string(line, at, formula_safe(cell)[:_MOST_TEXT], formats["text"])
    elif isinstance(cell, date | time | timedelta):
        target.write_string(line, at, shown(cell), formats["text"])


def _explained(issues: Sequence[RowIssue]) -> tuple[str, str, str, str]:
    """Reasons and advice, English then Chinese; each reason with its place and raw value."""

    def said(language: str) -> tuple[str, str]:
        reasons = [
            f"{issue.column}{issue.row} {shown(issue.raw)!r}: {issue.message(language)}" for issue in issues
        ]
        advice = dict.fromkeys(issue.advice(language) for issue in issues)
        return "\n".join(reasons), "\n".join(advice)

    return (*said("en"), *said("zh"))


def _by_row(issues: Sequence[RowIssue]) -> dict[tuple[str, int], list[RowIssue]]:
    found: dict[tuple[str, int], list[RowIssue]] = defaultdict(list)
    for issue in issues:
        if issue.severity is not Verdict.ACCEPT:
            found[issue.sheet, issue.row].append(issue)
    return found
