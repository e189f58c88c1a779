"""What a vendor's tool prints, line by line: kept as evidence, read by the rules of station.json."""

from __future__ import annotations

import contextlib
import re
from collections import deque
from collections.abc import Iterator, Mapping
from decimal import ROUND_FLOOR, Decimal, InvalidOperation
from pathlib import Path
from typing import Any, NamedTuple

from campaign.station_agent.command_options import PASS, READINGS, Outcome, Rule, Tool, from_line
from campaign.station_agent.driver import Log

LONGEST_LINE = 4096  # bytes; the rest of a line is cut
MOST_LINES = 2000  # kept in the journal; the whole output stays in its file
MOST_BYTES = 256 * 1024
LAST_LINES = 20  # kept too when there were more: how it ended matters most
CHUNK = 64 * 1024
SOC_READINGS = ("soc_raw", "soc_display", "soc_bms")


class Lines:
    """The lines of a file that somebody else still writes: each once, cut and decoded. `\\r` ends one as `\\n` does.

    Never raises: an output that cannot be read must not cut a running flash.
    """

    def __init__(self, file: Path, encoding: str) -> None:
        self._file = file
        self._encoding = encoding
        self._rest = b""
        self.heard = 0  # bytes so far, also those of a line that is not complete

    def fresh(self) -> Iterator[str]:
        """What was completed since the last look."""
        while data := self._read():
            self.heard += len(data)
            *whole, self._rest = re.split(rb"[\r\n]+", self._rest + data)
            yield from (self._text(line) for line in whole if line)
            self._rest = self._rest[:LONGEST_LINE]

    def last(self) -> Iterator[str]:
        """The rest of the file, also without an end of line."""
        yield from self.fresh()
        if self._rest:
            yield self._text(self._rest)

    def _read(self) -> bytes:
        with contextlib.suppress(OSError), self._file.open("rb") as file:
            file.seek(self.heard)
            return file.read(CHUNK)
        return b""

    def _text(self, line: bytes) -> str:
        return line[:LONGEST_LINE].decode(self._encoding, "replace")


class Finding(NamedTuple):
    """What a line said of the flash, filled in."""

    outcome: Outcome
    params: Mapping[str, str]


class Reader:
    """Applies a tool's rules to its lines: the first rule that is found in a line takes from it, the others do not."""

    def __init__(self, tool: Tool) -> None:
        self._tool = tool
        self.readings: dict[str, Any] = {}
        self.trouble: Finding | None = None  # the first one: what comes after it rarely tells why
        self.passed = False
        self.last_line = ""

    def read(self, line: str) -> tuple[Rule, re.Match[str]] | None:
        """Take what the line holds. Returns the rule that did, if any."""
        self.last_line = line.strip() or self.last_line
        for rule in self._tool.rules:
            match = rule.match.search(line)
            if match is not None:
                self._take(rule, match)
                return rule, match
        return None

    def _take(self, rule: Rule, match: re.Match[str]) -> None:
        for name, template in rule.readings.items():
            self.readings[name] = _reading(name, from_line(template, match))
        outcome = rule.outcome
        if outcome is None:
            return
        if outcome.verdict == PASS:
            self.passed = True
        elif self.trouble is None:
            filled = {name: from_line(text, match) for name, text in outcome.params.items()}
            self.trouble = Finding(outcome, filled)


class Evidence:
    """Tells a log what the tool does: its lines up to a limit, its steps, its samples."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._step, self._percent = "tool", 0
        self._lines, self._bytes, self._left_out = 0, 0, 0
        self._tail: deque[str] = deque(maxlen=LAST_LINES)

    def line(self, text: str) -> None:
        """Keep one line, or count it."""
        size = len(text.encode("utf-8", "replace"))
        if self._lines < MOST_LINES and self._bytes + size <= MOST_BYTES:
            self._log.keep("line", text=text)
            self._lines, self._bytes = self._lines + 1, self._bytes + size
            return
        if len(self._tail) == LAST_LINES:
            self._left_out += 1
        self._tail.append(text)

    def took(self, rule: Rule, match: re.Match[str]) -> None:
        """A rule took a line: tell the step that it speaks of, and the readings in it."""
        step = from_line(rule.step, match).strip()[:80] if rule.step is not None else self._step
        told = _percent(from_line(rule.percent, match)) if rule.percent is not None else None
        percent = max(self._percent, told or 0)
        if (step or self._step, percent) != (self._step, self._percent):
            self._step, self._percent = step or self._step, percent
            self.again()
        taken = {name: _reading(name, from_line(text, match)) for name, text in rule.readings.items()}
        if {"volts", *SOC_READINGS} & set(taken):
            sample = {name: taken.get(name) for name in ("volts", *SOC_READINGS)}
            self._log.keep("sample", **sample, formula="tool")

    def again(self) -> None:
        """Tell where the flash stands."""
        self._log.step(self._step, self._percent)

    def silent(self) -> None:
        """The tool says nothing: a step of its own, at the same percent."""
        self._log.step("tool_silent", self._percent)

    def end(self) -> None:
        """The last lines, and how many were left out before them."""
        if self._left_out:
            told = f"... {self._left_out} lines are left out here; the tool's file has them all"
            self._log.keep("line", text=told, left_out=self._left_out)
        while self._tail:
            self._log.keep("line", text=self._tail.popleft())


def read_all(lines: Iterator[str], tool: Tool) -> dict[str, Any]:
    """The readings in a whole output, by name; null where a line was no number, none where no line told it."""
    reader = Reader(tool)
    for line in lines:
        reader.read(line)
    return {name: reader.readings.get(name) for name in READINGS if tool.tells(name)}


def tenths(text: str) -> int | None:
    """A percent as tenths, rounded down: 26.96 is not 27.0. None for what is no percent from 0 to 100."""
    number = _number(text)
    if number is None or not 0 <= number <= 100:
        return None
    return int((number * 10).to_integral_value(ROUND_FLOOR))


def _reading(name: str, text: str) -> Any:
    if name in ("soc_display", "soc_bms"):
        return tenths(text)
    if name == "soc_raw":
        number = _number(text)
        return int(number) if number is not None and number == int(number) else None
    if name == "volts":
        number = _number(text)
        return None if number is None else float(number)
    stripped = text.strip()[:64]
    return (stripped.upper() if name == "vin" else stripped) or None


def _percent(text: str) -> int | None:
    number = _number(text)
    return None if number is None else max(0, min(100, int(number)))


def _number(text: str) -> Decimal | None:
    """A finite number as people and tools write it: a blank, a percent sign or a decimal comma does not matter."""
    try:
        number = Decimal(text.strip().rstrip("%V").strip().replace(",", "."))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < 10**6 else None
