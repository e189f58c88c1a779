"""A car's story, and lines of the log: what happened, in words, with everything that was recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from campaign.domain.events import Event, Fact, Kind
from campaign.domain.marks import MarkAnswer, MarkKind
from campaign.domain.retry import Outcome
from campaign.domain.vehicle import Status, Step
from campaign.wording import (
    answer_word,
    kind_word,
    mark_word,
    outcome_word,
    reason_text,
    status_word,
    step_word,
)
from dashboard.markup import Html, Part, div, span, tag
from dashboard.showing import moment, soc
from dashboard.theme import STATUS_SIGNS
from dashboard.voice import Voice
from dashboard.widgets.rows import table
from dashboard.widgets.signs import glyph

Naming = Callable[[str], str]


def timeline(events: Sequence[Event], v: Voice) -> Html:
    """Oldest first: time, what, details, who and where."""
    return div([_moment(event.fact, v) for event in events], cls="story")


def _moment(fact: Fact, v: Voice) -> Html:
    status = _status(fact.data)
    mark = glyph(STATUS_SIGNS[status]) if status else span(cls="story-dot")
    who = [span(v.t("cars.by", who=v.name(fact.actor)))]
    if fact.device:
        who.append(span(v.t("cars.device", device=fact.device)))
    if fact.claimed_at:
        who.append(span(v.t("cars.claimed", at=moment(fact.claimed_at, v.zone))))
    return div(
        div(moment(fact.at, v.zone), cls="story-time"),
        div(mark, cls="story-mark"),
        div(
            div(headline(fact, v), cls="story-what"),
            div([span(detail) for detail in details(fact.data, v)], cls="story-details"),
            _why(fact, v),
            div(who, cls="story-who"),
        ),
        cls="story-row",
        data_kind=fact.kind.value,
    )


def _why(fact: Fact, v: Voice) -> Html | None:
    told = reason_text(fact, v.lang)
    return tag("p", f"“{told}”" if told == fact.reason else told) if told else None


def headline(fact: Fact, v: Voice) -> str:
    """What happened: a step in its own word, anything else by its kind."""
    step = fact.data.get("step")
    if fact.kind is Kind.CAR and step in set(Step):
        return step_word(Step(step), v.lang)
    return kind_word(fact.kind, v.lang)


def details(data: Mapping[str, Any], v: Voice) -> list[str]:
    """What was recorded with it, as far as people read it; the rest stays in the log."""
    told = []
    if data.get("from") in set(Status) and data.get("to") in set(Status):
        told.append(
            v.t(
                "cars.to",
                a=status_word(Status(data["from"]), v.lang),
                b=status_word(Status(data["to"]), v.lang),
            )
        )
    if data.get("kind") in set(MarkKind):
        told.append(mark_word(MarkKind(data["kind"]), v.lang))
    if data.get("answer") in set(MarkAnswer):
        told.append(answer_word(MarkAnswer(data["answer"]), v.lang))
    if data.get("outcome") in set(Outcome):
        told.append(outcome_word(Outcome(data["outcome"]), v.lang))
    if isinstance(data.get("soc"), int):
        told.append(soc(data["soc"]))
    for key, text in (("point", "cars.point"), ("station", "cars.at_station"), ("read_back", "cars.read")):
        if data.get(key):
            told.append(v.t(text, v=data[key]))
    if data.get("person"):
        told.append(str(data["person"]))
    return told


def _status(data: Mapping[str, Any]) -> Status | None:
    to = data.get("to")
    return Status(to) if to in set(Status) else None


def log_table(events: Sequence[Event], v: Voice) -> Html:
    """A page of a chain, newest first."""
    heads = [v.t(f"journal.{key}") for key in ("row", "when", "what", "subject", "who", "why", "seal")]
    return table(heads, [_log_row(event, v) for event in events], "log")


def _log_row(event: Event, v: Voice) -> list[Part]:
    fact = event.fact
    what: Part = [div(headline(fact, v)), div(" · ".join(details(fact.data, v)), cls="quiet")]
    batch = v.t("marks.batch", no=fact.batch_no) if fact.batch_no else "—"
    device = div(fact.device, cls="quiet") if fact.device else None
    return [
        event.seq,
        moment(fact.at, v.zone),
        what,
        fact.vin or (fact.data.get("target") or batch),
        [div(v.name(fact.actor)), device],
        reason_text(fact, v.lang) or "—",
        span(event.digest[:10], cls="seal", title=event.digest),
    ]
