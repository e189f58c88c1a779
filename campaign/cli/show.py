"""What a command prints: tables (drawn on a terminal, plain columns elsewhere), JSON, times, percents."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

NONE = "-"

_CONTROLS = {
    code: "\N{REPLACEMENT CHARACTER}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"
}


def harmless(text: str) -> str:
    """The text without signs that would command a terminal: reasons and names come from anybody."""
    return text.translate(_CONTROLS)


def line(text: str = "") -> None:
    """One line on standard output."""
    print(harmless(text))


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, right: Collection[int] = ()) -> None:
    """Rows under their columns; `right` holds the numbers of the columns that are aligned to the right."""
    texts = [[_cell(cell) for cell in row] for row in rows]
    if sys.stdout.isatty():
        _drawn(columns, texts, right)
    else:
        _plain(columns, texts, right)


def _drawn(columns: Sequence[str], rows: Sequence[Sequence[str]], right: Collection[int]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=SIMPLE_HEAD, pad_edge=False)
    for at, column in enumerate(columns):
        drawn.add_column(Text(column), justify="right" if at in right else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*map(Text, row))
    Console().print(drawn)


def _plain(columns: Sequence[str], rows: Sequence[Sequence[str]], right: Collection[int]) -> None:
    """Two blanks between columns; the last one is never padded, so that long texts stay one line."""
    from rich.cells import cell_len

    every = [columns, *rows]
    widths = [max(cell_len(row[at]) for row in every) for at in range(len(columns))]
    for row in every:
        padded = [
            f"{' ' * (width - cell_len(cell))}{cell}"
            if at in right
            else f"{cell}{' ' * (width - cell_len(cell))}"
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        line("  ".join(padded).rstrip())


def _cell(value: object) -> str:
    text = NONE if value is None or value == "" else str(value)
    return harmless(" ".join(text.split()))


def as_json(value: object) -> None:
    """One JSON document: enums by value, times as ISO text, values as objects."""
    line(json.dumps(plain(value), ensure_ascii=False, indent=2))


def plain(value: Any) -> Any:
    """A value as JSON knows it."""
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(inner) for key, inner in value.items()}
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Iterable):
        return [plain(inner) for inner in value]
    return str(value)


def moment(at: datetime | None, zone: ZoneInfo | None) -> str:
    """`2026-11-20 14:05` in the site's zone; in UTC, and named so, where the site is not known."""
    if at is None:
        return NONE
    if zone is None:
        return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def percent(tenths: int | None) -> str:
    """`270` as 27.0 %."""
    return NONE if tenths is None else f"{tenths // 10}.{tenths % 10} %"
