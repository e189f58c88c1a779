"""The technician's cards: a car, its next action, the gate, and what came of a mark."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from campaign.domain.marks import MarkAnswer, MarkKind
from campaign.domain.rules import GateRule
from campaign.domain.vehicle import Car, Status
from campaign.services.marks import MarkResult, NextAction
from campaign.wording import gauge_word, mark_word, say, status_word
from dashboard.i18n import Speaker
from dashboard.markup import Html, div, span, tag
from dashboard.showing import lasting, short_moment, soc
from dashboard.widgets.signs import status_badge

LOOKS = {
    MarkAnswer.DONE: ("good", "✓"),
    MarkAnswer.DUPLICATE: ("info", "="),
    MarkAnswer.KEPT: ("warn", "…"),
    MarkAnswer.REFUSED: ("bad", "✕"),
}


def plate(seen: NextAction, t: Speaker, lang: str) -> Html:
    """The car as it stands: the last six characters big, the rest small."""
    vin = seen.vin or ""
    car, vehicle = seen.car, seen.vehicle
    slot = (car.slot if car else None) or (vehicle.slot if vehicle else None)
    facts = [t("marks.slot", slot=slot)] if slot else []
    if car is not None:
        facts.append(t("marks.batch", no=car.batch_no))
        if car.promised:
            facts.append(t("marks.promised", day=car.promised.isoformat()))
    return div(
        div(span(vin[:11], cls="vin-head"), span(vin[11:], cls="vin-tail"), cls="vin", data_vin=vin),
        div(
            status_badge(car.status, lang) if car else None, [span(fact) for fact in facts], cls="plate-facts"
        ),
        cls="plate",
    )


def next_step(seen: NextAction, t: Speaker) -> Html:
    """The one next action, in letters that are read with frost on the glasses."""
    return div(span(t("marks.next"), cls="quiet"), div(_next_words(seen, t), cls="next-words"), cls="next")


def _next_words(seen: NextAction, t: Speaker) -> str:
    if seen.kind is MarkKind.CHARGING:
        return t("marks.next_charging", point=seen.point) if seen.point else t("marks.next_charging_any")
    if seen.kind is not None:
        return t(f"marks.next_{seen.kind.value}")
    if seen.car is None:
        return t("marks.next_none")
    if seen.car.status is Status.FLASHING:
        return t("marks.wait_flashing", station=seen.car.station or "—")
    waits = f"marks.wait_{seen.car.status.value}"
    return t(waits) if seen.car.status in WAITS else t("marks.next_none")


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


def gate_scale(car: Car, rule: GateRule, now: datetime, t: Speaker, lang: str) -> Html:
    """The last reading against the gate: a scale from 0 to 100 with the gate on it."""
    reading = car.soc
    tenths = reading.tenths if reading else None
    enough = tenths is not None and tenths >= rule.min_tenths
    last = (
        t("marks.no_soc")
        if reading is None
        else t("marks.last_soc", soc=soc(tenths), ago=lasting(now - reading.at, t))
    )
    verdict = None
    if tenths is not None:
        gap = soc(rule.min_tenths - tenths)
        verdict = t("marks.gate_open") if enough else t("marks.gate_below", n=gap)
    return div(
        div(
            span(t("marks.gate", gate=soc(rule.min_tenths)), cls="gate-name"),
            span(gauge_word(rule.gauge, lang), cls="quiet"),
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


def answer(result: MarkResult, name: str, zone: ZoneInfo, t: Speaker, lang: str) -> Html:
    """What came of a mark: done, recorded before, kept or refused, with every reason."""
    look, sign = LOOKS[result.answer]
    told = [tag("li", say(reason, lang, zone)) for reason in result.reasons]
    kept = result.answer in (MarkAnswer.REFUSED, MarkAnswer.KEPT)
    status = t("marks.now_is", status=status_word(result.status, lang)) if result.status else ""
    by = t("marks.by_at", by=name, at=short_moment(result.at, zone)) if name and result.at else ""
    return div(
        div(span(sign, cls="answer-sign"), span(t(f"marks.{result.answer.value}")), cls="answer-head"),
        div(
            span(result.vin[-6:], cls="serial"),
            span(mark_word(result.kind, lang)),
            span(status),
            span(by) if result.answer is not MarkAnswer.DONE else None,
            cls="answer-facts",
        ),
        tag("ul", told) if told else None,
        div(t("marks.kept_note"), cls="quiet") if kept else None,
        cls=f"panel answer {look}",
        role="status",
        data_answer=result.answer.value,
    )


def bulk_answers(results: Sequence[MarkResult], t: Speaker, lang: str, zone: ZoneInfo) -> Html:
    """A count of each answer, then every car that was not simply done."""
    counts = {a.value: sum(1 for r in results if r.answer is a) for a in MarkAnswer}
    rows = [
        div(
            span(result.vin, cls="serial"),
            span(t(f"marks.{result.answer.value}")),
            tag("ul", [tag("li", say(reason, lang, zone)) for reason in result.reasons]),
            cls="bulk-row",
        )
        for result in results
        if result.answer is not MarkAnswer.DONE
    ]
    look = "good" if not rows else "warn"
    return div(tag("strong", t("marks.bulk_done", **counts)), rows, cls=f"panel {look}", role="status")
