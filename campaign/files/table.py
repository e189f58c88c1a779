"""A file as rows of raw cells with their places, before anybody asks what they mean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from campaign.files.cells import Cell, column_letter
from campaign.files.verdicts import Note

Row = list[Cell]


def _no_rows(column: int) -> frozenset[int]:  # noqa: ARG001 - the shape of Sheet.percent_rows
    return frozenset()


def _no_cells() -> tuple[tuple[int, int], ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of a file. All rows have the same width; merged ranges are already filled.

    `percent_rows(column)`: row numbers whose cell shows a percentage; `unsaved()`: (row, column) of formulas
    without a saved value. Both are asked only when they matter. Columns count from 0, row numbers from 1.
    """

    name: str
    rows: list[Row]
    first_row: int = 1
    first_column: int = 0
    hidden_rows: frozenset[int] = frozenset()
    percent_rows: Callable[[int], frozenset[int]] = field(default=_no_rows, repr=False)
    unsaved: Callable[[], tuple[tuple[int, int], ...]] = field(default=_no_cells, repr=False)
    date1904: bool = False
    delimited: bool = False  # a text: a row longer than its header holds a delimiter that nobody quoted

    def letter(self, column: int) -> str:
        """The spreadsheet's letter of a column of `rows`."""
        return column_letter(self.first_column + column)


@dataclass(frozen=True, slots=True)
class Table:
    """What a file holds: its readable sheets and what should be said about it."""

    name: str
    sheets: tuple[Sheet, ...]
    notes: tuple[Note, ...] = ()
