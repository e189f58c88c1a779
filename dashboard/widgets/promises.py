"""Promises: which cars are late and why, what would help, and how likely each promised date is."""

from __future__ import annotations

from collections.abc import Sequence

from campaign.planning.remedies import Remedy
from campaign.ports.plans import KeptForecast, KeptPlan, LateCar
from campaign.wording.plans import reason_text, remedy_text
from dashboard.markup import Html, div, span, tag
from dashboard.showing import lasting, short_moment
from dashboard.theme import WORK_SIGNS, Work
from dashboard.voice import Voice
from dashboard.widgets.rows import table, vin_text
from dashboard.widgets.yard import section

FIRST, MOST = 8, 60
SURE, DOUBTFUL = 0.8, 0.5
CHANCE_SIGNS = (("✓", "#009E73", True), ("~", "#E69F00", False), ("!", "#D55E00", True))


def late_cars(plan: KeptPlan, v: Voice) -> Html:
    """The cars that miss their promise, the latest first, each with its reason; or the good news."""
    if not plan.late:
        good = div(span("✓", cls="glyph light", style="--fill:#009E73"), v.t("plan.late_none"), cls="nothing")
        return section(v.t("plan.late_cars"), "", good)
    shown = sorted(plan.late, key=lambda car: (car.due - car.approved, car.vin))[:MOST]
    title = f"{WORK_SIGNS[Work.LATE].glyph} {v.t('plan.late_cars')}"
    rest = shown[FIRST:]
    more = tag("details", tag("summary", v.t("plan.late_rest", n=len(rest))), _table(rest, v))
    return section(
        title, v.t("plan.late_count", n=plan.late_count), _table(shown[:FIRST], v), more if rest else None
    )


def _table(cars: Sequence[LateCar], v: Voice) -> Html:
    heads = [v.t(f"plan.{key}") for key in ("car", "promised", "ready", "by_how_much", "why")]
    return table(heads, [_late(car, v) for car in cars], cls="late")


def _late(car: LateCar, v: Voice) -> list[Html | str]:
    why = reason_text(car.reason, v.lang, v.zone) if car.reason else "—"
    return [
        vin_text(car.vin),
        f"{car.due.astimezone(v.zone):%Y-%m-%d}",
        short_moment(car.approved, v.zone),
        lasting(car.approved - car.due, v.t),
        why,
    ]


def advice(remedies: Sequence[Remedy], v: Voice) -> Html:
    """What would keep every promise, in words."""
    if not remedies:
        return div(v.t("plan.advice_none"), cls="panel warn", role="status")
    listed = [tag("li", remedy_text(remedy, v.lang)) for remedy in remedies]
    return div(tag("strong", v.t("plan.advice")), tag("ul", listed), cls="panel info", role="status")


def chances(forecast: KeptForecast, v: Voice) -> Html | None:
    """Every promised date with the chance that all of its cars are in time."""
    if not forecast.promises:
        return None
    heads = [v.t(f"plan.{key}") for key in ("promise_day", "promise_cars", "promise_chance", "promise_late")]
    rows = [
        [day.isoformat(), v.cars(cars), _chance(chance), f"{late:.1f}"]
        for day, cars, chance, late in forecast.promises
    ]
    return section(v.t("plan.promises"), "", table(heads, rows, cls="chances"))


def _chance(chance: float) -> Html:
    """A glyph, the percent, and a bar: never colour alone."""
    glyph, fill, light = CHANCE_SIGNS[0 if chance >= SURE else 1 if chance >= DOUBTFUL else 2]
    percent = int(100 * chance)
    return div(
        span(glyph, cls="glyph light" if light else "glyph", style=f"--fill:{fill}"),
        span(f"{percent} %", cls="chance-number"),
        div(span(cls="meter-fill", style=f"width:{percent}%;background:{fill}"), cls="meter"),
        cls="chance",
    )
