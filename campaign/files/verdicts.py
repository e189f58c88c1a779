"""What reading a list says about its rows: accept, warn or reject, each with its place and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from campaign.errors import BadFile
from campaign.files import words
from campaign.files.cells import Cell


class Verdict(StrEnum):
    """What becomes of a row."""

    ACCEPT = "accept"  # as an issue: a remark, such as a repair
    WARN = "warn"  # taken in, but somebody should look
    REJECT = "reject"  # not taken in; goes to the reject file


class Fault(StrEnum):
    """What can be wrong with a row beside the faults of a VIN or an SOC (`VinFault`, `SocFault`)."""

    VIN_REPAIRED = "vin_repaired"
    DUPLICATE_SAME = "duplicate_same"
    DUPLICATE_DIFFERENT = "duplicate_different"
    SLOT_TWICE = "slot_twice"
    CELL_ERROR = "cell_error"
    ROW_SHIFTED = "row_shifted"
    VERSION_EMPTY = "version_empty"
    VERSION_NUMBER = "version_number"
    VERSION_UNREADABLE = "version_unreadable"
    GAUGE_UNKNOWN = "gauge_unknown"
    DATE_AMBIGUOUS = "date_ambiguous"
    DATE_UNREADABLE = "date_unreadable"
    DATE_IMPOSSIBLE = "date_impossible"
    ORDER_MISSING = "order_missing"
    ORDER_WITHOUT_VIN = "order_without_vin"
    PRIORITY_UNREADABLE = "priority_unreadable"
    VIN_UNKNOWN = "vin_unknown"
    VIN_NEAR_TWIN = "vin_near_twin"


@dataclass(frozen=True, slots=True)
class CellFault:
    """What is wrong with one raw value, before its place is known."""

    severity: Verdict
    code: StrEnum
    facts: Mapping[str, object] = field(default_factory=dict)
    suggestion: str = ""


@dataclass(frozen=True, slots=True)
class RowIssue:
    """One finding in one row: where, the raw value, why (`code`, `facts`) and a value that may be meant.

    `row` counts from 1 as a spreadsheet shows it; `column` is a letter, or "" for the whole row.
    """

    severity: Verdict
    sheet: str
    row: int
    column: str
    raw: Cell
    code: StrEnum
    facts: Mapping[str, object] = field(default_factory=dict)
    suggestion: str = ""

    @property
    def reason_code(self) -> str:
        """The stable name of the reason, for programs."""
        return str(self.code)

    @property
    def place(self) -> str:
        """Such as `Cars!B7`; a CSV has no sheet name."""
        return f"{self.sheet}!{self.column}{self.row}" if self.sheet else f"{self.column}{self.row}"

    def message(self, language: str = "en") -> str:
        """Why, in "en" or "zh"."""
        return words.say(self.code, language, self.facts)

    def advice(self, language: str = "en") -> str:
        """What to do, with the suggested value if there is one."""
        return words.advise(self.code, language, self.facts, self.suggestion)


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that a person should know about a file as a whole. `str` is English."""

    code: str
    facts: Mapping[str, object] = field(default_factory=dict)

    def text(self, language: str = "en") -> str:
        """The note in "en" or "zh"."""
        return words.say(self.code, language, self.facts)

    def __str__(self) -> str:
        return self.text()


class UnreadableList(BadFile):
    """A file that cannot be read as a list. Carries code and facts, so that it can be said in Chinese too."""

    def __init__(self, code: str, where: str, **facts: object) -> None:
        self.code, self.facts = code, facts
        super().__init__(words.say(code, "en", facts), where=where, todo=words.advise(code, "en", facts, ""))

    def text(self, language: str = "en") -> str:
        """What is wrong and what to do, in "en" or "zh"."""
        todo = words.advise(self.code, language, self.facts, "")
        return f"{self.where}: {words.say(self.code, language, self.facts)} - {todo}"
