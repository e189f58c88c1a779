"""A job's journal read as evidence. Pure; a journal is what a station wrote, so that anything may stand in it.

Unknown records, torn lines and lines that are no JSON are counted and passed over; a field of another kind is as if it
were not there. Lists are bounded, so that no journal makes a record too big to keep: the raw one is kept beside it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from campaign.domain.evidence_record import (
    BlockDone,
    Change,
    Differing,
    EcuDtcs,
    EcuIdent,
    Evidence,
    Sample,
    StepTime,
)

__all__ = [
    "BlockDone",
    "Change",
    "Differing",
    "EcuDtcs",
    "EcuIdent",
    "Evidence",
    "Sample",
    "StepTime",
    "read_evidence",
]

MOST_SAMPLES = 400
MOST_ROWS = 500
MOST_TEXT = 300
Record = Mapping[str, Any]


def read_evidence(lines: Iterable[str]) -> Evidence:
    """What a journal tells, line by line. Never raises."""
    reader = _Reader()
    for line in lines:
        if line.strip():
            reader.take(line)
    return reader.told()


class _Reader:
    """The journal read so far: fields of `Evidence`, and the lists that are timed at the end."""

    def __init__(self) -> None:
        self._is: dict[str, Any] = {"unread": 0, "exchanges": 0, "tool_lines": 0}
        self._steps: list[tuple[str, int, datetime | None]] = []
        self._samples: list[tuple[datetime | None, Sample]] = []
        self._blocks: list[BlockDone] = []
        self._last: datetime | None = None
        self._records: dict[str, Callable[[Record], None]] = {
            "start": self._start, "progress": self._progress, "fact": self._fact, "end": self._end,
        }  # fmt: skip
        self._facts: dict[str, Callable[[Record], None]] = {
            "tools": self._tools, "package": self._package, "identification": self._identification,
            "dtcs": self._dtcs, "sample": self._sample, "block": self._block, "comparison": self._comparison,
            "uds": self._uds, "line": self._line,
        }  # fmt: skip

    def take(self, line: str) -> None:
        """One line more."""
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            record = None
        if not isinstance(record, dict) or not isinstance(record.get("record"), str):
            self._is["unread"] += 1
            return
        taker = self._records.get(record["record"])
        if taker is not None:
            self._last = _moment(record.get("at")) or self._last
            taker(record)

    def told(self) -> Evidence:
        """Everything, with steps timed and samples placed since the start."""
        begin, end = self._is.get("started_at"), self._is.get("ended_at")
        return Evidence(
            **self._is,
            steps=tuple(_timed(self._steps, begin, end or self._last)),
            samples=tuple(s._replace(at=_since(begin, at)) for at, s in _thinned(self._samples)),
            sampled=len(self._samples),
            blocks=tuple(self._blocks),
        )

    def _start(self, record: Record) -> None:
        if "started_at" in self._is:
            return
        for name in ("job", "vin", "source", "target", "package", "digest", "gate", "agent", "driver"):
            text = _text(record.get(name))
            self._is[name] = "" if text == "-" else text
        self._is["started_at"] = _moment(record.get("at"))

    def _progress(self, record: Record) -> None:
        step, percent = _text(record.get("step")), _whole(record.get("percent")) or 0
        if len(self._steps) < MOST_ROWS and (not self._steps or self._steps[-1][0] != step):
            self._steps.append((step, min(100, max(0, percent)), _moment(record.get("at"))))

    def _fact(self, record: Record) -> None:
        kind = record.get("kind")
        taker = self._facts.get(kind) if isinstance(kind, str) else None
        if taker is not None:
            taker(record)

    def _end(self, record: Record) -> None:
        if "verdict" in self._is:
            return
        for name in ("verdict", "code", "detail"):
            self._is[name] = _text(record.get(name))
        self._is["ended_at"] = _moment(record.get("at"))
        self._is["params"] = _pairs(record.get("params"))
        self._is["written"] = record.get("written") is not False
        read_back = record.get("read_back")
        if isinstance(read_back, dict):
            self._is["read_back"] = _text(read_back.get("version")) or None
            self._is.setdefault("after", _idents(read_back.get("ecus")))

    # -- facts ------------------------------------------------------------------------------------------------------

    def _tools(self, record: Record) -> None:
        told = dict(self._is.get("versions", ())) | dict(_pairs(record.get("versions")))
        self._is["versions"] = tuple(told.items())[:MOST_ROWS]
        self._keep(record, driver="driver")

    def _package(self, record: Record) -> None:
        self._keep(record, name="package", digest="digest", key="key")

    def _keep(self, record: Record, **fields: str) -> None:
        """Texts that the record brings; what it does not say stays as it was."""
        for told, name in fields.items():
            if text := _text(record.get(told)):
                self._is[name] = text

    def _identification(self, record: Record) -> None:
        if record.get("when") in ("before", "after"):
            self._is[record["when"]] = _idents(record.get("ecus"))

    def _dtcs(self, record: Record) -> None:
        ecus = record.get("ecus")
        if record.get("when") in ("before", "after"):
            self._is[f"dtcs_{record['when']}"] = tuple(
                EcuDtcs(_text(ecu), tuple(_text(code) for code in codes[:MOST_ROWS]))
                for ecu, codes in (list(ecus.items())[:MOST_ROWS] if isinstance(ecus, dict) else [])
                if isinstance(codes, list)
            )

    def _sample(self, record: Record) -> None:
        tenths = (_whole(record.get("soc_display")), _whole(record.get("soc_bms")))
        sample = Sample(None, _number(record.get("volts")), *tenths, _number(record.get("soc_raw")))
        self._samples.append((_moment(record.get("at")), sample))
        self._keep(record, formula="formula")

    def _block(self, record: Record) -> None:
        if len(self._blocks) < MOST_ROWS:
            names = (_text(record.get("ecu")), _text(record.get("block")))
            size, seconds = _whole(record.get("bytes")) or 0, _number(record.get("seconds"))
            self._blocks.append(BlockDone(*names, size, seconds, _text(record.get("crc32"))))

    def _comparison(self, record: Record) -> None:
        listed = record.get("ecus") if isinstance(record.get("ecus"), list) else record.get("rows")
        rows = [row for row in (listed if isinstance(listed, list) else []) if isinstance(row, dict)]
        told = (Differing(*(_text(row.get(name)) for name in Differing._fields)) for row in rows[:MOST_ROWS])
        self._is["differences"] = tuple(told)
        self._is["matched"] = _whole(record.get("matched")) or 0

    def _uds(self, _record: Record) -> None:
        self._is["exchanges"] += 1

    def _line(self, _record: Record) -> None:
        self._is["tool_lines"] += 1


def _timed(
    steps: list[tuple[str, int, datetime | None]], begin: datetime | None, end: datetime | None
) -> Iterable[StepTime]:
    """A step lasts until the next one begins, the last one until the end."""
    for (step, percent, at), after in zip(steps, [*(at for *_, at in steps[1:]), end], strict=False):
        yield StepTime(step, percent, _since(begin, at), _since(at, after))


def _thinned(samples: list[Any]) -> list[Any]:
    """At most so many, evenly, with the first and the last."""
    if len(samples) <= MOST_SAMPLES:
        return samples
    last = len(samples) - 1
    return [samples[last * at // (MOST_SAMPLES - 1)] for at in range(MOST_SAMPLES)]


def _since(begin: datetime | None, at: datetime | None) -> float | None:
    """Seconds, never negative: a station's clock may be set while it works."""
    return None if begin is None or at is None else round(max(0.0, (at - begin).total_seconds()), 3)


def _idents(raw: object) -> tuple[EcuIdent, ...]:
    rows = [row for row in (raw if isinstance(raw, list) else []) if isinstance(row, dict)]
    return tuple(EcuIdent(*(_text(row.get(name)) for name in EcuIdent._fields)) for row in rows[:MOST_ROWS])


def _pairs(raw: object) -> tuple[tuple[str, str], ...]:
    given = list(raw.items())[:MOST_ROWS] if isinstance(raw, dict) else []
    return tuple((_text(name), _text(value)) for name, value in given)


def _text(raw: object) -> str:
    """A short text without signs that no page could show; numbers as they are written."""
    if raw is None or isinstance(raw, bool | list | dict):
        return ""
    text = str(raw)[:MOST_TEXT]
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)


def _whole(raw: object) -> int | None:
    number = _number(raw)
    return None if number is None else int(number)


def _number(raw: object) -> float | None:
    if isinstance(raw, bool) or not isinstance(raw, int | float) or abs(raw) > 2**53:
        return None
    return raw if math.isfinite(raw) else None


def _moment(raw: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(raw) if isinstance(raw, str) else None
        return moment.astimezone(UTC) if moment is not None and moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
