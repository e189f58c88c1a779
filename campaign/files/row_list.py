"""A list that was read: the rows that may be taken in, those that may not, and what was found on the way."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Generic, Protocol, TypeVar

from campaign.domain.soc import Gauge
from campaign.files.blocks import Block
from campaign.files.cells import Cell, clean_text, is_empty, shown
from campaign.files.columns import Field
from campaign.files.dates import DateOrder
from campaign.files.verdicts import CellFault, Fault, Note, RowIssue, Verdict

_SHOWN_OTHERS = 4  # how many of the rows in conflict a message shows


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What a person may add to a list: answers to what the file leaves open.

    `aliases`: names of versions. `date_order`: for dates such as 7/1/2021. `gauge`: of the SOC column if the
    list does not say. `soc_fractions`: a bare 0.27 means 27 %. `strict`: a wrong check digit always (True) or
    never (False) refuses.
    """

    aliases: Mapping[str, str] = field(default_factory=dict)
    date_order: DateOrder | None = None
    gauge: Gauge = Gauge.DISPLAY
    soc_fractions: bool = False
    strict: bool | None = None


class PlacedRow(Protocol):
    """A row that knows where it stood."""

    @property
    def sheet(self) -> str:
        """The sheet's name, "" in a text file."""

    @property
    def row(self) -> int:
        """The row number that a spreadsheet shows."""

    @property
    def data(self) -> tuple[object, ...]:
        """Everything but the place: equal in two rows that say the same."""


R = TypeVar("R", bound=PlacedRow)


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row as it was sent, kept whole for the reject file."""

    sheet: str
    row: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class RowList(Generic[R]):
    """What reading a list gave. `rows` may be taken in; `sha256` is of the file's bytes.

    `total` data rows were seen: those in `rows`, those in `rejected`, `repeated` ones that repeat another.
    `headers` holds the column names of each sheet, `letters` the columns by (sheet, field); `cells_of` finds
    a row as it was sent.
    """

    file_name: str
    sha256: str
    rows: list[R]
    issues: list[RowIssue]
    rejected: list[RejectedRow]
    notes: tuple[Note, ...]
    headers: Mapping[str, tuple[str, ...]]
    letters: Mapping[tuple[str, Field], str]
    total: int
    repeated: int
    cells_of: Callable[[R], tuple[Cell, ...]] = field(repr=False, compare=False)

    @property
    def warned(self) -> int:
        """How many rows may be taken in with a warning."""
        places = {(issue.sheet, issue.row) for issue in self.issues if issue.severity is Verdict.WARN}
        return len(places.intersection((row.sheet, row.row) for row in self.rows)) if places else 0

    @property
    def accepted(self) -> int:
        """How many rows may be taken in without a warning."""
        return len(self.rows) - self.warned


class Sorting(Generic[R]):
    """Sorts the rows of all sheets into kept, repeated and rejected. All sheets share one numbering."""

    def __init__(self, blocks: Sequence[Block], drafts: Sequence[list[R]]) -> None:
        self.blocks = blocks
        self.rows: list[R] = list(chain.from_iterable(drafts)) if len(drafts) > 1 else drafts[0]
        self.repeats: set[int] = set()
        self.issues: dict[int, list[RowIssue]] = {}
        self._starts = []
        start = 0
        for block in blocks:
            self._starts.append(start)
            for index, found in block.issues.items():
                self.issues[start + index] = found
            start += len(block)

    def repeated_or_refused(self, keys: Sequence[Hashable], wanted: Field) -> None:
        """One car, one row: the same data again counts once, other data refuses every such row."""
        for group in _twice(keys, self.repeats):
            first = group[0]
            if all(self._same(first, other) for other in group[1:]):
                for other in group[1:]:
                    self.repeats.add(other)
                    self._add(other, wanted, Fault.DUPLICATE_SAME, Verdict.WARN, first=self.rows[first].row)
            else:
                others = self._show(group)
                for index in group:
                    facts = {"key": keys[index], "others": others}
                    self._add(index, wanted, Fault.DUPLICATE_DIFFERENT, Verdict.REJECT, **facts)

    def refuse_twice(
        self, keys: Sequence[Hashable], owners: Sequence[Hashable], wanted: Field, code: Fault
    ) -> None:
        """What only one owner may claim: every row that claims it beside another owner is refused."""
        for group in _twice(keys, self.repeats):
            if len({owners[index] for index in group}) == 1:
                continue
            others = self._show(group)
            for index in group:
                self._add(index, wanted, code, Verdict.REJECT, slot=keys[index], others=others)

    def finish(self, file_name: str, sha256: str, notes: Iterable[Note]) -> RowList[R]:
        """The list as sorted."""
        refused = {index for index, found in self.issues.items() if _refuses(found)} - self.repeats
        out = refused | self.repeats
        rows = [row for index, row in enumerate(self.rows) if index not in out] if out else self.rows
        rejected = [
            RejectedRow(self.rows[index].sheet, self.rows[index].row, self._sent(index))
            for index in sorted(refused)
        ]
        issues = [issue for index in sorted(self.issues) for issue in self.issues[index]]
        headers = {block.sheet.name: _names(block) for block in self.blocks}
        counted = (Note("note_duplicates", {"count": len(self.repeats)}),) if self.repeats else ()
        where = {block.sheet.name: block for block in self.blocks}

        def cells_of(row: R) -> tuple[Cell, ...]:
            block = where[row.sheet]
            return block.sent(bisect_left(block.numbers, row.row))

        said = (*notes, *counted)
        total, repeated = len(self.rows), len(self.repeats)
        letters = {
            (block.sheet.name, name): block.letter(name) for block in self.blocks for name in block.columns
        }
        return RowList(
            file_name, sha256, rows, issues, rejected, said, headers, letters, total, repeated, cells_of
        )

    def _same(self, one: int, other: int) -> bool:
        if self._sent(one) == self._sent(other):
            return True
        unread = any(_refuses(self.issues.get(index, ())) for index in (one, other))
        return not unread and self.rows[one].data == self.rows[other].data

    def _show(self, group: Sequence[int]) -> str:
        """The rows side by side, language-free: place and cells."""
        texts = [
            f"{self.rows[index].sheet}!{self.rows[index].row}".lstrip("!")
            + f" ({', '.join(shown(cell) for cell in self._sent(index) if not is_empty(cell))})"
            for index in group[:_SHOWN_OTHERS]
        ]
        return " / ".join(texts) + (" / ..." if len(group) > _SHOWN_OTHERS else "")

    def _add(self, index: int, wanted: Field, code: Fault, severity: Verdict, **facts: object) -> None:
        block, at = self._place(index)
        block.fault(at, wanted, CellFault(severity, code, facts))
        self.issues[index] = block.issues[at]

    def _sent(self, index: int) -> tuple[Cell, ...]:
        block, at = self._place(index)
        return block.sent(at)

    def _place(self, index: int) -> tuple[Block, int]:
        at = max(number for number, start in enumerate(self._starts) if start <= index)
        return self.blocks[at], index - self._starts[at]


def _twice(keys: Sequence[Hashable], but: set[int]) -> list[list[int]]:
    """The indexes that share a key, None and "" aside."""
    if len(set(keys)) == len(keys):
        return []
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for index, key in enumerate(keys):
        if key not in (None, "") and index not in but:
            groups[key].append(index)
    return [group for group in groups.values() if len(group) > 1]


def _refuses(found: Iterable[RowIssue]) -> bool:
    return any(issue.severity is Verdict.REJECT for issue in found)


def _names(block: Block) -> tuple[str, ...]:
    if not block.header.named:
        width = len(block.rows[0]) if block.rows else 0
        return tuple("VIN" if at == block.header.columns[Field.VIN] else "" for at in range(width))
    return tuple(clean_text(name) for name in block.sheet.rows[block.header.row])
