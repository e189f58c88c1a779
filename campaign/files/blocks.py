"""A sheet's data below its header as columns of raw cells, and what was found wrong with them so far."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar, cast

from campaign.domain.identity import read_vin
from campaign.files.cells import Cell, clean_text, clean_texts, column_letter, is_empty, shown
from campaign.files.columns import Field, Header, find_header, repeats_header
from campaign.files.table import Row, Sheet, Table
from campaign.files.verdicts import CellFault, Fault, Note, RowIssue, UnreadableList, Verdict

T = TypeVar("T")
Key = TypeVar("Key", bound=Hashable)
_SHORTEST = 3  # a key with fewer characters may stand in an empty row
_HEADERLESS_ROWS = 200  # how many rows decide whether a column without a name holds VINs


@dataclass(slots=True)
class Block:
    """The data of one sheet: `columns` of equal length, `numbers` the row numbers that a person sees."""

    sheet: Sheet
    header: Header
    rows: Sequence[Row]
    numbers: Sequence[int]
    columns: Mapping[Field, list[Cell]]
    issues: dict[int, list[RowIssue]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.rows)

    def letter(self, wanted: Field) -> str:
        """The column letter of a field, "" if the list has no such column."""
        return self.sheet.letter(self.header.columns[wanted]) if wanted in self.header.columns else ""

    def fault(self, index: int, wanted: Field, fault: CellFault) -> None:
        """Note what is wrong with the cell of a field in row `index`."""
        raw = self.columns[wanted][index] if wanted in self.columns else ""
        place = (fault.severity, self.sheet.name, self.numbers[index], self.letter(wanted), raw)
        self.issues.setdefault(index, []).append(RowIssue(*place, fault.code, fault.facts, fault.suggestion))

    def texts(self, wanted: Field) -> list[str]:
        """The field as clean text; "" everywhere if the list has no such column."""
        return clean_texts(self.columns[wanted]) if wanted in self.columns else [""] * len(self)

    def read(self, wanted: Field, reader: Callable[[Cell], T | CellFault]) -> list[T | None]:
        """The field through `reader`, called once per distinct value; faults are noted and give None."""
        if wanted not in self.columns:
            return [None] * len(self)
        return self.read_keys(wanted, _told_apart(self.columns[wanted]), reader)

    def read_keys(
        self, wanted: Field, keys: Sequence[Key], reader: Callable[[Key], T | CellFault]
    ) -> list[T | None]:
        """As `read`, for keys that stand for the cells of the field."""
        read = {key: reader(key) for key in set(keys)}
        faults = {key: value for key, value in read.items() if isinstance(value, CellFault)}
        if not faults:
            return list(map(read.__getitem__, keys))  # type: ignore[arg-type]  # no fault is left
        for index, key in enumerate(keys):
            if key in faults:
                self.fault(index, wanted, faults[key])
        return [None if key in faults else read[key] for key in keys]  # type: ignore[misc]  # as above

    def sent(self, index: int) -> tuple[Cell, ...]:
        """Row `index` as it was sent; a percent cell as the text that it showed."""
        cells = list(self.rows[index])
        at = self.header.columns.get(Field.SOC, -1)
        raw = cells[at] if at >= 0 else ""
        if isinstance(raw, float) and self.numbers[index] in self.sheet.percent_rows(at):
            cells[at] = f"{raw * 100:.12g}%"
        return tuple(cells)

    def percent_flags(self, wanted: Field) -> list[bool] | None:
        """Which cells of the field show a percentage; None if none does."""
        rows = self.sheet.percent_rows(self.header.columns[wanted]) if wanted in self.columns else frozenset()
        return [number in rows for number in self.numbers] if rows else None


def blocks_of(table: Table, needed: Field, wanted: frozenset[Field]) -> tuple[list[Block], list[Note]]:
    """The data of every sheet whose header names `needed`, and what to say about the file.

    Raises UnreadableList if no sheet has such a header, no row stands below it, or a used column holds
    formulas whose values were not saved.
    """
    notes = list(table.notes)
    headers = [(sheet, find_header(sheet.rows, needed, wanted, table.name)) for sheet in table.sheets]
    if not any(header for _, header in headers) and needed is Field.VIN:
        headers = [(sheet, _column_of_vins(sheet)) for sheet in table.sheets]
    blocks = []
    for sheet, header in headers:
        if header:
            blocks.append(_block(table.name, sheet, header, needed, notes))
        elif sheet.rows:
            notes.append(Note("note_sheet_skipped", {"sheet": sheet.name or table.name}))
    if not blocks:
        raise UnreadableList("no_header", table.name, needed=needed.value)
    if not any(map(len, blocks)):
        raise UnreadableList("no_rows", table.name)
    return blocks, notes


def _block(file_name: str, sheet: Sheet, header: Header, needed: Field, notes: list[Note]) -> Block:
    start = header.row + 1
    _refuse_unsaved(file_name, sheet, header, sheet.first_row + start)
    rows: Sequence[Row] = sheet.rows[start:]
    numbers: Sequence[int] = range(sheet.first_row + start, sheet.first_row + start + len(rows))
    empty, repeated = _no_data(rows, sheet, header, header.columns[needed])
    if empty or repeated:
        kept = [index for index in range(len(rows)) if index not in empty and index not in repeated]
        rows, numbers = [rows[index] for index in kept], [numbers[index] for index in kept]
    columns = {name: [row[at] for row in rows] for name, at in header.columns.items()}
    block = Block(sheet, header, rows, numbers, columns)
    if sheet.delimited and header.named:
        _refuse_shifted(block)
    notes.extend(_sheet_notes(block, sheet.name or file_name, len(repeated)))
    return block


def _no_data(rows: Sequence[Row], sheet: Sheet, header: Header, key: int) -> tuple[set[int], set[int]]:
    """The indexes of empty rows and of rows that repeat the header."""
    cells = [row[key] for row in rows]
    name = sheet.rows[header.row][key] if header.named else ""
    if _all_filled(cells) and name not in cells:
        return set(), set()
    suspects = [
        index for index, cell in enumerate(cells) if cell == name or len(clean_text(cell)) < _SHORTEST
    ]
    empty = {index for index in suspects if all(map(is_empty, rows[index]))}
    repeated = {index for index in suspects if header.named and repeats_header(rows[index], header)}
    return empty, repeated - empty


def _all_filled(cells: Sequence[Cell]) -> bool:
    """Whether every cell surely holds a text: the quick test that spares the careful one."""
    if set(map(type, cells)) != {str}:
        return False
    texts = cast("Sequence[str]", cells)
    return min(map(len, texts)) >= _SHORTEST and not any(map(str.isspace, texts))


def _sheet_notes(block: Block, title: str, repeated: int) -> Iterable[Note]:
    sheet, header = block.sheet, block.header
    if not header.named:
        column = sheet.letter(header.columns[Field.VIN])
        yield Note("note_no_header", {"column": column})
        return
    if any(not all(map(is_empty, row)) for row in sheet.rows[: header.row]):
        facts = {"sheet": title, "row": sheet.first_row + header.row, "count": header.row}
        yield Note("note_titles", facts)
    if hidden := sum(number in sheet.hidden_rows for number in block.numbers) if sheet.hidden_rows else 0:
        yield Note("note_hidden_rows", {"sheet": title, "count": hidden})
    if header.ignored:
        yield Note("note_ignored", {"sheet": title, "columns": ", ".join(header.ignored)})
    if repeated:
        yield Note("note_repeated_header", {"sheet": title, "count": repeated})


def _refuse_shifted(block: Block) -> None:
    """A row with cells beyond the header holds a delimiter within a value: what stands where is unknown."""
    names = block.sheet.rows[block.header.row]
    width = max(at for at, name in enumerate(names) if not is_empty(name)) + 1
    if width == len(names):
        return
    for index, row in enumerate(block.rows):
        beyond = [(at, cell) for at, cell in enumerate(row[width:], width) if not is_empty(cell)]
        if beyond:
            at, cell = beyond[0]
            place = (block.sheet.name, block.numbers[index], block.sheet.letter(at), cell)
            block.issues[index] = [RowIssue(Verdict.REJECT, *place, Fault.ROW_SHIFTED)]


def _refuse_unsaved(file_name: str, sheet: Sheet, header: Header, first_row: int) -> None:
    used = {sheet.first_column + column for column in header.columns.values()}
    cells = [(row, column) for row, column in sheet.unsaved() if row >= first_row and column in used]
    if cells:
        row, column = min(cells)
        place = f"{sheet.name}!{column_letter(column)}{row}"
        raise UnreadableList("formulas", file_name, count=len(cells), place=place)


def _column_of_vins(sheet: Sheet) -> Header | None:
    """A list without a header, as pasted: the one column in which at least half of the cells are VINs."""
    head = sheet.rows[:_HEADERLESS_ROWS]
    found = []
    for column in range(len(head[0]) if head else 0):
        cells = [row[column] for row in head if not is_empty(row[column])]
        if cells and sum(read_vin(cell).vin is not None for cell in cells) * 2 >= len(cells):
            found.append(column)
    return Header(-1, {Field.VIN: found[0]}, named=False) if len(found) == 1 else None


def _told_apart(column: list[Cell]) -> list[Cell]:
    """TRUE and 1 are equal in Python; as keys they must not be."""
    return (
        [shown(cell) if isinstance(cell, bool) else cell for cell in column]
        if bool in set(map(type, column))
        else column
    )
