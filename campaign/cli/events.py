"""Rows of the log as lines for a person."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from campaign.cli.language import lang, tr
from campaign.cli.show import moment, percent, table
from campaign.domain.events import Event, Kind
from campaign.domain.marks import MarkAnswer, MarkKind
from campaign.domain.retry import Outcome
from campaign.domain.vehicle import Status
from campaign.wording import answer_word, kind_word, mark_word, outcome_word, reason_text, status_word

_TOLD = (
    "point",
    "station",
    "job",
    "read_back",
    "decision",
    "order",
    "file",
    "hold",
    "target",
    "person",
)
_STATUSES = {status.value: status for status in Status}
_MARKS = {kind.value: kind for kind in MarkKind}
_OUTCOMES = {outcome.value: outcome for outcome in Outcome}
_ANSWERS = {answer.value: answer for answer in MarkAnswer}


def show_events(events: Iterable[Event], zone: ZoneInfo | None, *, with_vin: bool) -> None:
    """A table, in the given order."""
    columns = (
        tr("no", "序号"),
        tr("time", "时间"),
        tr("what", "事件"),
        tr("who", "人员"),
        *(("VIN",) if with_vin else ()),
        tr("details", "详情"),
    )
    rows = [
        (
            event.seq,
            moment(event.fact.at, zone),
            kind_word(event.fact.kind, lang()),
            event.fact.actor,
            *((event.fact.vin,) if with_vin else ()),
            details(event, zone),
        )
        for event in events
    ]
    table(columns, rows, right=(0,))


def details(event: Event, zone: ZoneInfo | None) -> str:
    """What the row says beyond its kind, in one line."""
    data = event.fact.data
    parts = []
    if event.fact.kind is Kind.MARK_KEPT and data.get("kind") in _MARKS and data.get("answer") in _ANSWERS:
        kind, answer = _MARKS[data["kind"]], _ANSWERS[data["answer"]]
        parts.append(f"{mark_word(kind, lang())}: {answer_word(answer, lang())}")
    if "from" in data and "to" in data:
        parts.append(f"{_word(data['from'])} -> {_word(data['to'])}")
    if isinstance(data.get("soc"), int):
        parts.append(f"SOC {percent(data['soc'])}")
    if data.get("outcome") in _OUTCOMES:
        parts.append(outcome_word(_OUTCOMES[data["outcome"]], lang()))
    parts += [f"{name} {data[name]}" for name in _TOLD if data.get(name) not in (None, "")]
    if told := reason_text(event.fact, lang()):
        parts.append(f"“{told}”")
    if event.fact.claimed_at is not None:
        parts.append(tr("claimed for {at}", "自述时间 {at}", at=moment(event.fact.claimed_at, zone)))
    return ", ".join(parts)


def _word(value: Any) -> str:
    return status_word(_STATUSES[value], lang()) if value in _STATUSES else str(value)


def told(event: Event) -> dict[str, Any]:
    """A row as JSON, with its seal."""
    fact = event.fact
    return {
        "chain": event.chain,
        "seq": event.seq,
        "kind": fact.kind,
        "actor": fact.actor,
        "at": fact.at,
        "device": fact.device,
        "vin": fact.vin,
        "batch_no": fact.batch_no,
        "reason": fact.reason,
        "data": fact.data,
        "claimed_at": fact.claimed_at,
        "previous": event.previous,
        "digest": event.digest,
    }
