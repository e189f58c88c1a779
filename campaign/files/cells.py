"""One cell: as text, as a place, and safe to open in a spreadsheet."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime, time, timedelta
from typing import TypeAlias

from campaign.domain.identity import without_invisible

Cell: TypeAlias = str | float | int | bool | date | datetime | time | timedelta | None
"""What a cell can hold; an empty one holds "" or None."""

_TRIGGERS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"})
_WIDEST = 200  # characters of a raw value that a message shows


def formula_safe(text: str) -> str:
    """The text so that no spreadsheet runs it: an apostrophe in front of `= + - @`, tab and line ends.

    Blanks in front do not hide a formula, and full-width signs count: some programs fold them.
    """
    return "'" + text if text.lstrip(" \u3000\ufeff").startswith(_TRIGGERS) else text


def clean_text(raw: Cell) -> str:
    """The cell as one line of text: NFKC, nothing invisible, single blanks; 12.0 is "12", empty is ""."""
    if isinstance(raw, str):
        if raw.isascii() and raw.isprintable():
            return " ".join(raw.split())
        return " ".join(without_invisible(unicodedata.normalize("NFKC", raw)).split())
    return shown(raw)


def clean_texts(column: list[Cell]) -> list[str]:
    """`clean_text` for a column; one test for all of it when nothing is unusual."""
    if len(distinct := set(column)) * 4 < len(column) and bool not in set(map(type, column)):
        texts = {cell: clean_text(cell) for cell in distinct}
        return list(map(texts.__getitem__, column))
    if set(map(type, column)) == {str}:
        joined = "".join(column)  # type: ignore[arg-type]  # just proved: all are str
        if joined.isascii() and joined.isprintable() and "  " not in joined:
            return list(map(str.strip, column))  # type: ignore[arg-type]
    return list(map(clean_text, column))


def shown(raw: Cell) -> str:
    """The raw cell as a person saw it, for messages; whole numbers without a point."""
    if raw is None:
        return ""
    if isinstance(raw, bool):
        return "TRUE" if raw else "FALSE"
    if isinstance(raw, float) and raw.is_integer() and abs(raw) < 1e21:
        return str(int(raw))
    if isinstance(raw, datetime) and raw.time() == time():
        return raw.date().isoformat()
    return str(raw)[:_WIDEST]


def is_empty(raw: Cell) -> bool:
    """Nothing to read in it: None, "" or only blanks and invisible characters."""
    return raw is None or (isinstance(raw, str) and not clean_text(raw))


def is_cell_error(raw: Cell) -> bool:
    """A spreadsheet's own error, such as #N/A."""
    return isinstance(raw, str) and raw.strip().upper() in _ERRORS


def column_letter(index: int) -> str:
    """0 is A, 25 is Z, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_index(letters: str) -> int:
    """A is 0, AA is 26."""
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1
