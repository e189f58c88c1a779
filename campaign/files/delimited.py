"""Text files: which encoding, which delimiter, which rows."""

from __future__ import annotations

import codecs
import csv
import io
from itertools import islice

from campaign.files.columns import SEARCHED_ROWS, field_of
from campaign.files.table import Row, Sheet, Table
from campaign.files.verdicts import Note, UnreadableList

DELIMITERS = (",", ";", "\t", "|")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),  # before UTF-16: its mark begins with that of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
    (b"\x84\x31\x95\x33", "gb18030", "GB18030"),
)


def open_text(name: str, data: bytes) -> Table:
    """The rows of a CSV, semicolon or tab separated text. Raises UnreadableList."""
    text, encoding = decode(name, data)
    text = text.lstrip("\ufeff")
    directive, _, rest = text.partition("\n")
    if directive.strip().lower().startswith("sep=") and len(directive.strip()) == 5:
        rows = _rows(name, rest, directive.strip()[4])
        rows.insert(0, [directive.strip()])  # keeps the row numbers right
    else:
        rows = _rows(name, text, _delimiter(name, text))
    width = max(map(len, rows), default=0)
    for row in rows:
        if len(row) < width:
            row.extend([""] * (width - len(row)))
    notes = () if encoding == "UTF-8" else (Note("note_encoding", {"encoding": encoding}),)
    return Table(name, (Sheet("", rows, delimited=True),), notes)


def decode(name: str, data: bytes) -> tuple[str, str]:
    """The text and its encoding's name: byte order mark, UTF-16 by its zeros, strict UTF-8, then GB18030."""
    for mark, codec, title in _BOMS:
        if data.startswith(mark):
            return _strictly(name, data, codec), title
    head = data[:4096]
    if b"\0" in head:
        # Latin text in UTF-16 has a zero in every second byte.
        little = head[1::2].count(0) >= head[::2].count(0)
        return _strictly(name, data, "utf-16-le" if little else "utf-16-be"), "UTF-16"
    try:
        return data.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        return _strictly(name, data, "gb18030"), "GB18030"


def _strictly(name: str, data: bytes, codec: str) -> str:
    try:
        text = data.decode(codec)
    except UnicodeDecodeError as wrong:
        raise UnreadableList("not_text", name) from wrong
    if "\0" in text[:4096]:
        raise UnreadableList("not_text", name)
    return text


def _delimiter(name: str, text: str) -> str:
    """The delimiter under which one of the first rows names most columns, else the one that splits most."""
    head = "".join(islice(io.StringIO(text, newline=""), SEARCHED_ROWS))

    def likely(delimiter: str) -> tuple[int, int]:
        rows = _rows(name, head, delimiter, strict=False)
        named = max((sum(field_of(cell) is not None for cell in row) for row in rows), default=0)
        return named, sum(len(row) - 1 for row in rows)

    return max(DELIMITERS, key=likely)


def _rows(name: str, text: str, delimiter: str, *, strict: bool = True) -> list[Row]:
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))  # type: ignore[arg-type]
    except csv.Error as broken:
        if strict:
            raise UnreadableList("csv_broken", name, why=str(broken)) from broken
        return []
