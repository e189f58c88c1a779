"""The technician's cards: a car, its next action, the gate, and what came of a mark."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from campaign.domain.marks import MarkAnswer, MarkKind
from campaign.domain.rules import GateRule
from campaign.domain.vehicle import Car, Status
from campaign.services.marks import MarkResult, NextAction
from campaign.wording import gauge_word, mark_word, status_word
from dashboard.markup import Html, div, span, tag
from dashboard.showing import lasting, short_moment, soc
from dashboard.voice import Voice
from dashboard.widgets.signs import status_badge

LOOKS = {
    MarkAnswer.DONE: ("good", "✓"),
    MarkAnswer.DUPLICATE: ("info", "="),
    MarkAnswer.KEPT: ("warn", "…"),
    MarkAnswer.REFUSED: ("bad", "✕"),
}


def plate(seen: NextAction, v: Voice) -> Html:
    """The car as it stands: the last six characters big, the rest small."""
    vin = seen.vin or ""
    car, vehicle = seen.car, seen.vehicle
    slot = (car.slot if car else None) or (vehicle.slot if vehicle else None)
    facts = [v.t("marks.slot", slot=slot)] if slot else []
    if car is not None:
        facts.append(v.t("marks.batch", no=car.batch_no))
        if car.promised:
            facts.append(v.t("marks.promised", day=car.promised.isoformat()))
    return div(
        div(span(vin[:11], cls="vin-head"), span(vin[11:], cls="vin-tail"), cls="vin", data_vin=vin),
        div(
            status_badge(car.status, v) if car else None,
            [span(fact) for fact in facts],
            cls="plate-facts",
        ),
        cls="plate",
    )


def next_step(seen: NextAction, v: Voice) -> Html:
    """The one next action, in letters that are read with frost on the glasses."""
    return div(span(v.t("marks.next"), cls="quiet"), div(_next_words(seen, v), cls="next-words"), cls="next")


def _next_words(seen: NextAction, v: Voice) -> str:
    if seen.kind is MarkKind.CHARGING:
        return v.t("marks.next_charging", point=seen.point) if seen.point else v.t("marks.next_charging_any")
    if seen.kind is not None:
        return v.t(f"marks.next_{seen.kind.value}")
    if seen.car is None:
        return v.t("marks.next_none")
    if seen.car.status is Status.FLASHING:
        return v.t("marks.wait_flashing", station=seen.car.station or "—")
    waits = f"marks.wait_{seen.car.status.value}"
    return v.t(waits) if seen.car.status in WAITS else v.t("marks.next_none")


WAITS = frozenset(
    {
        Status.CHARGED,
        Status.FLASHED,
        Status.APPROVED,
        Status.RELEASED,
        Status.WITHDRAWN,
        Status.UNCERTAIN,
    }
)


def gate_scale(car: Car, rule: GateRule, now: datetime, v: Voice) -> Html:
    """The last reading against the gate: a scale from 0 to 100 with the gate on it."""
    reading = car.soc
    tenths = reading.tenths if reading else None
    enough = tenths is not None and tenths >= rule.min_tenths
    last = (
        v.t("marks.no_soc")
        if reading is None
        else v.t("marks.last_soc", soc=soc(tenths), ago=lasting(now - reading.at, v.t))
    )
    verdict = None
    if tenths is not None:
        gap = soc(rule.min_tenths - tenths)
        verdict = v.t("marks.gate_open") if enough else v.t("marks.gate_below", n=gap)
    return div(
        div(
            span(v.t("marks.gate", gate=soc(rule.min_tenths)), cls="gate-name"),
            span(gauge_word(rule.gauge, v.lang), cls="quiet"),
            span(verdict, cls="gate-verdict open" if enough else "gate-verdict") if verdict else None,
            cls="gate-line",
        ),
        div(
            span(cls="scale-fill open" if enough else "scale-fill", style=f"width:{(tenths or 0) / 10:.1f}%"),
            span(cls="scale-gate", style=f"left:{rule.min_tenths / 10:.1f}%"),
            cls="scale",
        ),
        div(last, cls="quiet"),
        cls="gate",
    )


def answer(result: MarkResult, v: Voice) -> Html:
    """What came of a mark: done, recorded before, kept or refused, with every reason."""
    look, sign = LOOKS[result.answer]
    told = [tag("li", v.say(reason)) for reason in result.reasons]
    kept = result.answer in (MarkAnswer.REFUSED, MarkAnswer.KEPT)
    status = v.t("marks.now_is", status=status_word(result.status, v.lang)) if result.status else ""
    by = ""
    if result.by and result.at:
        by = v.t("marks.by_at", by=v.name(result.by), at=short_moment(result.at, v.zone))
    return div(
        div(span(sign, cls="answer-sign"), span(v.t(f"marks.{result.answer.value}")), cls="answer-head"),
        div(
            span(result.vin[-6:], cls="serial"),
            span(mark_word(result.kind, v.lang)),
            span(status),
            span(by) if result.answer is not MarkAnswer.DONE else None,
            cls="answer-facts",
        ),
        tag("ul", told) if told else None,
        div(v.t("marks.kept_note"), cls="quiet") if kept else None,
        cls=f"panel answer {look}",
        role="status",
        data_answer=result.answer.value,
    )


def bulk_answers(results: Sequence[MarkResult], v: Voice) -> Html:
    """A count of each answer, then every car that was not simply done."""
    counts = {a.value: sum(1 for r in results if r.answer is a) for a in MarkAnswer}
    rows = [
        div(
            span(result.vin, cls="serial"),
            span(v.t(f"marks.{result.answer.value}")),
            tag("ul", [tag("li", v.say(reason)) for reason in result.reasons]),
            cls="bulk-row",
        )
        for result in results
        if result.answer is not MarkAnswer.DONE
    ]
    look = "good" if not rows else "warn"
    return div(tag("strong", v.t("marks.bulk_done", **counts)), rows, cls=f"panel {look}", role="status")
