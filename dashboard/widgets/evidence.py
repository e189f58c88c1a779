"""What QA looks at: who is barred, exceptions on top, then every car."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from campaign.domain.batch import Batch
from campaign.domain.identity import Vin
from campaign.domain.reasons import Code
from campaign.domain.signoff import SignOff
from campaign.domain.vehicle import Status
from campaign.services.quality import BatchReview
from campaign.wording import decision_word, roles_text, title, touch_word
from dashboard.markup import Html, Part, div, span, tag
from dashboard.showing import moment, short_moment, soc
from dashboard.voice import Voice
from dashboard.widgets.rows import table, vin_text
from dashboard.widgets.signs import batch_badge, status_badge
from dashboard.widgets.yard import section

EXAMPLES = 8
Naming = Callable[[str], str]


def queue_line(batch: Batch, v: Voice) -> Html:
    """A batch of the queue."""
    waiting = (batch.counts or {}).get(Status.FLASHED, 0)
    facts = [v.t("quality.waiting", cars=v.cars(waiting)), short_moment(batch.planned_end, v.zone)]
    return div(
        span(tag("b", f"B{batch.no:03d}"), cls="vin-text"),
        batch_badge(batch.status, v),
        div([span(fact) for fact in facts], cls="line-facts"),
        span("›", cls="line-go"),
        cls="line",
        data_batch=batch.no,
    )


def barred(review: BatchReview, v: Voice) -> Html | None:
    """Why this person cannot sign, before they type anything; own work on many cars is one line."""
    reasons = review.verdict.barred
    if not reasons:
        return None
    touched = [reason for reason in reasons if reason.code is Code.TOUCHED]
    lines = [tag("li", v.say(reason)) for reason in reasons if reason.code is not Code.TOUCHED]
    if touched:
        vins = list(dict.fromkeys(reason.param("vin")[-6:] for reason in touched))
        shown = ", ".join(vins[:EXAMPLES]) + (" …" if len(vins) > EXAMPLES else "")
        lines.append(tag("li", v.t("quality.barred_touch", n=len(vins), cars=shown)))
    return div(
        tag("strong", v.t("quality.barred")),
        tag("ul", lines),
        tag("p", v.t("quality.barred_todo")),
        cls="panel bad",
        role="alert",
        data_barred="yes",
    )


def exceptions(review: BatchReview, target: str, v: Voice) -> Html:
    """What stands out, grouped by reason; good news when nothing does."""
    found: dict[Code, list[tuple[Vin, str]]] = defaultdict(list)
    lifted: dict[Code, str] = {}
    for vin, reasons in review.exceptions:
        for reason in reasons:
            found[reason.code].append((vin, v.say(reason)))
            lifted[reason.code] = roles_text(reason.lifted_by, v.lang)
    if not found:
        sign = span("✓", cls="glyph light", style="--fill:#009E73")
        good = div(sign, v.t("quality.exceptions_none", target=target), cls="nothing")
        return section(v.t("quality.exceptions"), "0", good)
    groups = [_exception(code, cars, lifted[code], v) for code, cars in found.items()]
    return section(v.t("quality.exceptions"), str(len(review.exceptions)), div(groups, cls="blocked-list"))


def _exception(code: Code, cars: list[tuple[Vin, str]], who: str, v: Voice) -> Html:
    rows = [div(vin_text(vin), span(text), cls="exception") for vin, text in cars[:EXAMPLES]]
    if len(cars) > EXAMPLES:
        rows.append(div(v.t("board.more", n=len(cars) - EXAMPLES), cls="quiet"))
    return div(
        div(span(title(code, v.lang)), span(v.cars(len(cars))), cls="blocked-head"),
        div(v.t("board.lifted_by", who=who), cls="lifting") if who else None,
        rows,
        cls="blocked-group",
    )


def evidence_table(review: BatchReview, v: Voice) -> Html:
    """Every car: status, read-back, SOC, tries, station, who worked on it. Exceptions first."""
    strange = {vin for vin, _ in review.exceptions}
    touched: dict[Vin, list[str]] = defaultdict(list)
    for touch in review.evidence.touches:
        touched[touch.vin].append(f"{v.name(touch.person)} ({touch_word(touch.touch, v.lang)})")
    cars = sorted(review.evidence.cars, key=lambda car: (car.vin not in strange, car.vin))
    rows: list[list[Part]] = []
    for car in cars:
        attempt = review.evidence.attempts.get(car.vin)
        rows.append(
            [
                vin_text(car.vin),
                status_badge(car.status, v),
                car.read_back or "—",
                soc(car.soc.tenths if car.soc else None),
                car.attempts,
                attempt.station if attempt else "—",
                ", ".join(touched.get(car.vin, [])) or "—",
            ]
        )
    keys = ("vin", "status", "read_back", "soc", "attempts", "station", "people")
    return table([v.t(f"quality.{key}") for key in keys], rows, "evidence")


def sign_offs(signed: tuple[SignOff, ...], v: Voice) -> Html | None:
    """Every decision on the batch, voided ones too."""
    if not signed:
        return None
    return section(v.t("quality.sign_offs"), str(len(signed)), *[_sign_off(s, v) for s in signed])


def _sign_off(signed: SignOff, v: Voice) -> Html:
    told = v.t(
        "quality.sign_off",
        decision=decision_word(signed.decision, v.lang),
        person=v.name(signed.person),
        at=moment(signed.at, v.zone),
        cars=v.cars(signed.cars),
    )
    void = (
        v.t("quality.void", at=moment(signed.voided_at, v.zone), why=signed.void_why)
        if signed.voided_at
        else ""
    )
    return div(
        div(told, cls="voided" if void else ""),
        div(f"“{signed.reason}”") if signed.reason else None,
        div(void) if void else None,
        div(v.t("quality.hash", hash=signed.seen_hash[:12]), cls="quiet"),
        cls="blocked-group",
    )
