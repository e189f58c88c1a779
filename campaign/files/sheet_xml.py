"""What the value reader does not tell about an .xlsx: hidden rows, percent formats, formulas without a value.

A light scan over the bytes of each sheet with compiled patterns, only for what is asked; no tree is built. It
also unpacks every part once, within limits, before anything else does: a zip bomb stops here.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from campaign.files.cells import column_index, column_letter
from campaign.files.verdicts import UnreadableList

MB = 1024 * 1024
MOST_UNPACKED = 512 * MB  # a full sheet of a million rows and eight columns unpacks to some 400 MB
FREE_OF_RATIO = 32 * MB  # a small file may compress as well as it likes
MOST_RATIO = 120  # lists compress 8 to 20 times
MOST_CELLS = 30_000_000  # the value reader keeps the whole rectangle, empty cells too

_ATTRIBUTE = re.compile(rb'([\w:]+)\s*=\s*(?:"([^"]*)"|\'([^\']*)\')')
_SHEET = re.compile(rb"<(?:\w+:)?sheet\b([^>]*)>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\b([^>]*)>")
_FORMAT = re.compile(rb"<(?:\w+:)?numFmt\b([^>]*)>")
_CELL_FORMATS = re.compile(rb"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", re.DOTALL)
_FORMAT_USE = re.compile(rb"<(?:\w+:)?xf\b([^>]*)>")
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_PERCENT_BUILT_IN = frozenset({b"9", b"10"})
_ROOT = re.compile(rb"<(\w+:)?worksheet\b")
_TRUE = (b"1", b"true")
_DATE_1904 = re.compile(rb'date1904\s*=\s*["\'](?:1|true)["\']')


class SheetScan:
    """One sheet's XML, asked for marks. Row numbers count from 1, columns from 0."""

    def __init__(self, xml: bytes, percent_styles: frozenset[bytes] = frozenset()) -> None:
        self._xml = xml
        self._percent_styles = percent_styles
        root = _ROOT.search(xml[:4096])
        self._prefix = (root[1] or b"") if root else b""

    def hidden_rows(self) -> frozenset[int]:
        """The rows that a filter or a person has hidden."""
        if b"hidden=" not in self._xml:
            return frozenset()
        rows = [_attributes(found) for found in self._find(rb"<%srow\b([^>]*)>") if b"hidden" in found]
        return frozenset(int(row[b"r"]) for row in rows if row.get(b"hidden") in _TRUE and b"r" in row)

    def unsaved_formulas(self) -> tuple[tuple[int, int], ...]:
        """(row, column) of each formula whose result was never calculated and saved."""
        if b"</%sf>" % self._prefix not in self._xml:
            return ()
        formula = rb"(?:<%sf\b[^>]*/>|<%sf\b[^>]*>[^<]*</%sf>)(<%sv>\s*</%sv>|<%sv\s*/>)?</%sc>"
        found = self._find(rb"<%sc\b([^>]*)>" + formula)
        cells = [
            _attributes(attributes) for attributes, empty in found if not (empty and b't="str"' in attributes)
        ]
        return tuple(_place(cell[b"r"]) for cell in cells if b"r" in cell)

    def errors(self) -> tuple[tuple[int, int, str], ...]:
        """(row, column, text) of each cell that shows an error such as #N/A: its value is read as empty."""
        if b't="e"' not in self._xml:
            return ()
        found = self._find(rb'<%sc\b([^>]*t="e"[^>]*)>(?:(?!</%sc>).)*?<%sv>([^<]*)</%sv>')
        cells = [(_attributes(attributes), text) for attributes, text in found]
        return tuple(
            (*_place(cell[b"r"]), text.decode("ascii", "replace")) for cell, text in cells if b"r" in cell
        )

    def percent_rows(self, column: int) -> frozenset[int]:
        """The rows whose cell in `column` is shown as a percentage."""
        if not self._percent_styles:
            return frozenset()
        letter = column_letter(column).encode()
        rows = set()
        for before, row, after in self._find(rb'<%sc\b([^>]*?)\br="' + letter + rb'([0-9]+)"([^>]*)>'):
            if _attributes(before + after).get(b"s") in self._percent_styles:
                rows.add(int(row))
        return frozenset(rows)

    def refuse_giant(self, name: str, where: str) -> None:
        """Raise UnreadableList if filled cells lie so far out that the rectangle would not fit in memory."""
        last = self._xml.rfind(b"<%srow " % self._prefix)
        tag = self._xml[last : last + 400].partition(b">")[0] if last >= 0 else b""
        row = _attributes(tag).get(b"r", b"1")
        column = b"Z"
        for far in set(self._find(rb'<%sc r="([A-Z]{2,3})[0-9]+"[^>]*[^/]>')):
            column = max(column, far, key=lambda letters: (len(letters), letters))
        cells = int(row) * (column_index(column.decode()) + 1)
        if cells > MOST_CELLS:
            corner = f"{column.decode()}{row.decode()}"
            raise UnreadableList("sheet_too_wide", where, sheet=name, corner=corner, cells=cells)

    def _find(self, pattern: bytes) -> list[Any]:
        """What findall gives: bytes for one group, tuples of bytes for several."""
        return _compiled(pattern, self._prefix).findall(self._xml)


class WorkbookParts:
    """The parts of an .xlsx that carry marks. Raises UnreadableList if damaged, locked or exploding."""

    def __init__(self, data: bytes, where: str) -> None:
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                self.names = frozenset(archive.namelist())
                _refuse_bomb(archive, len(data), where)
                self._parts = {name: archive.read(name) for name in self.names if _matters(name)}
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError) as broken:
            raise UnreadableList("zip_broken", where) from broken
        except RuntimeError as locked:  # zipfile's word for an encrypted part
            raise UnreadableList("password", where) from locked
        self._book = self._part("xl/workbook.xml")
        self._percent = _percent_styles(self._part("xl/styles.xml"))
        self.date1904 = _DATE_1904.search(self._book) is not None

    def scan(self, sheet: str) -> SheetScan:
        """The scan of a sheet by its name; an empty one if its part cannot be found."""
        return SheetScan(self._part(self._targets().get(sheet, "")), self._percent)

    def _targets(self) -> Mapping[str, str]:
        """Sheet name to part name."""
        relations = map(_attributes, _RELATION.findall(self._part("xl/_rels/workbook.xml.rels")))
        target = {relation.get(b"Id"): relation.get(b"Target", b"").decode() for relation in relations}
        sheets = map(_attributes, _SHEET.findall(self._book))
        return {
            html.unescape(sheet.get(b"name", b"").decode("utf-8", "replace")): _part_name(target.get(key, ""))
            for sheet in sheets
            for key in [next((value for name, value in sheet.items() if name.endswith(b":id")), b"")]
        }

    def _part(self, name: str) -> bytes:
        return self._parts.get(name, b"")


def _refuse_bomb(archive: zipfile.ZipFile, packed: int, where: str) -> None:
    unpacked = sum(part.file_size for part in archive.infolist())
    if unpacked > MOST_UNPACKED or (unpacked > FREE_OF_RATIO and unpacked > packed * MOST_RATIO):
        raise UnreadableList("zip_bomb", where, size_mb=unpacked // MB)


def _matters(name: str) -> bool:
    # The shared texts are read only to prove their size: what the value reader unpacks was unpacked here.
    return name.startswith("xl/") and name.endswith((".xml", ".rels")) and "/theme/" not in name


def _part_name(target: str) -> str:
    return target[1:] if target.startswith("/") else f"xl/{target}"


def _percent_styles(styles: bytes) -> frozenset[bytes]:
    """The style numbers, as in `<c s="5">`, whose number format shows a percentage."""
    formats = [_attributes(found) for found in _FORMAT.findall(styles)]
    percent = _PERCENT_BUILT_IN | {
        made.get(b"numFmtId", b"")
        for made in formats
        if "%" in _QUOTED.sub("", html.unescape(made.get(b"formatCode", b"").decode("utf-8", "replace")))
    }
    uses = _CELL_FORMATS.search(styles)
    used = _FORMAT_USE.findall(uses[0]) if uses else []
    return frozenset(
        str(index).encode() for index, use in enumerate(used) if _attributes(use).get(b"numFmtId") in percent
    )


def _attributes(text: bytes) -> dict[bytes, bytes]:
    return {name: double or single for name, double, single in _ATTRIBUTE.findall(text)}


def _place(reference: bytes) -> tuple[int, int]:
    letters = reference.rstrip(b"0123456789").decode()
    return int(reference[len(letters) :]), column_index(letters)


@lru_cache(maxsize=64)
def _compiled(pattern: bytes, prefix: bytes) -> re.Pattern[bytes]:
    return re.compile(pattern.replace(b"%s", prefix))
