"""A web page saved as .xls, as many plant systems export: its tables as rows."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from campaign.files.delimited import decode
from campaign.files.table import Row, Sheet, Table
from campaign.files.verdicts import Note, UnreadableList

_START = re.compile(
    rb"^[\xef\xbb\xbf\s]*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)?"
    rb"<(?:!doctype\s+html|html|table|meta|head|div)\b",
    re.IGNORECASE | re.DOTALL,
)
_MOST_SPAN = 1000


def is_html(data: bytes) -> bool:
    """Whether the content begins like a web page with a table in it."""
    return _START.match(data[:4096]) is not None


def open_html(name: str, data: bytes) -> Table:
    """The page's tables, one below the other, spans filled downwards. Raises UnreadableList without any."""
    text, _ = decode(name, data)
    reader = _Tables()
    reader.feed(text)
    reader.close()
    width = max(map(len, reader.rows), default=0)
    if not width:
        raise UnreadableList("not_a_workbook", name, kind=("html",))
    rows: list[Row] = [[*row, *[""] * (width - len(row))] for row in reader.rows]
    return Table(name, (Sheet("", rows),), (Note("note_html"),))


class _Tables(HTMLParser):
    """Collects rows; a cell that spans columns leaves blanks, one that spans rows repeats its text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[list[str]] = []
        self._text: list[str] | None = None
        self._spans = (1, 1)
        self._below: dict[int, tuple[int, str]] = {}  # column: rows still to fill, text

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self._end_cell()
            self._fill_below()
            self.rows.append([])
        elif tag in ("td", "th"):
            self._end_cell()
            given = dict(attrs)
            self._text, self._spans = [], (_span(given.get("colspan")), _span(given.get("rowspan")))
        elif tag == "br" and self._text is not None:
            self._text.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr", "table"):
            self._end_cell()
        if tag == "tr":
            self._fill_below()

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def _end_cell(self) -> None:
        if self._text is None or not self.rows:
            return
        self._fill_below()
        text, row = "".join(self._text).strip(), self.rows[-1]
        if self._spans[1] > 1:
            self._below[len(row)] = (self._spans[1] - 1, text)
        row.extend([text] + [""] * (self._spans[0] - 1))
        self._text = None

    def _fill_below(self) -> None:
        row = self.rows[-1] if self.rows else []
        while len(row) in self._below and self.rows:
            left, text = self._below.pop(len(row))
            if left > 1:
                self._below[len(row)] = (left - 1, text)
            row.append(text)


def _span(text: str | None) -> int:
    return min(int(text), _MOST_SPAN) if text and text.isdigit() and int(text) > 0 else 1
