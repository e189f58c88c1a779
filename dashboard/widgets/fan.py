"""The forecast as a fan on the burn-up chart: two bands and the middle line, right of now; and in one sentence."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from campaign.ports.plans import KeptForecast
from dashboard.markup import Html, div, span
from dashboard.showing import lasting, moment
from dashboard.theme import FAN_LINE
from dashboard.voice import Voice

OUTER, INNER = 0.13, 0.26
STALE_MIN = 45  # three times the pace at which forecasts are made

Fan = list[tuple[str, tuple[int, int, int, int, int]]]
"""A time and the cars approved by then: P5, P20, P50, P80, P95."""


def fan_series(points: Fan, v: Voice) -> list[dict[str, Any]]:
    """Bands P5 to P95 and P20 to P80 and the P50 line, right of now. Nothing without points."""
    if not points:
        return []
    p5, p20, p50, p80, p95 = ([(at, cars[n]) for at, cars in points] for n in range(5))
    middle = {
        "name": v.t("plan.fan_middle"),
        "type": "line",
        "data": [list(value) for value in p50],
        "showSymbol": False,
        "lineStyle": {"width": 2, "color": FAN_LINE, "type": "dotted"},
        "itemStyle": {"color": FAN_LINE},
    }
    return [*_band("outer", p5, p95, OUTER), *_band("inner", p20, p80, INNER), middle]


def _band(name: str, low: list[tuple[str, int]], high: list[tuple[str, int]], opacity: float) -> list[Any]:
    """An unseen line with the band's height stacked on it. A tooltip would tell the height, so there is none."""
    plain = {"type": "line", "stack": name, "showSymbol": False, "silent": True, "lineStyle": {"opacity": 0}}
    quiet = {"tooltip": {"show": False}, "itemStyle": {"color": FAN_LINE}}
    height = [[at, top - bottom] for (at, bottom), (_, top) in zip(low, high, strict=True)]
    return [
        {**plain, **quiet, "name": f"{name}-low", "data": [list(value) for value in low]},
        {
            **plain,
            **quiet,
            "name": f"{name}-high",
            "data": height,
            "areaStyle": {"color": FAN_LINE, "opacity": opacity},
        },
    ]


def legend_parts(v: Voice) -> list[Html]:
    """What the dotted line and the bands are."""
    keys = (
        ("dotted", f"--fill:{FAN_LINE}", "fan_middle"),
        (
            "band",
            f"--fill:{FAN_LINE};opacity:{OUTER + INNER:.2f}",
            "fan_inner",
        ),  # the bands lie over each other
        ("band", f"--fill:{FAN_LINE};opacity:{OUTER:.2f}", "fan_outer"),
    )
    return [
        span(span(cls=f"key {look}", style=style), span(v.t(f"plan.{key}")), cls="badge")
        for look, style, key in keys
    ]


def promise(forecast: KeptForecast | None, now: datetime, v: Voice) -> Html:
    """`with 80 % certainty by ...`, and the others; says when it is old, or not there yet."""
    if forecast is None:
        return div(v.t("plan.no_forecast"), cls="forecast-words quiet")
    told = span(v.t("plan.certainty", at=moment(forecast.p80, v.zone)), cls="forecast-p80")
    return div(told, others(forecast, now, v), cls="forecast-words")


def others(forecast: KeptForecast, now: datetime, v: Voice) -> tuple[Html, Html]:
    """The middle date and the careful one, and how old the forecast is."""
    age = now - forecast.at
    old = age.total_seconds() > 60 * STALE_MIN
    made = v.t("plan.forecast_old" if old else "plan.forecast_age", ago=lasting(age, v.t))
    dates = v.t("plan.certainty_others", p50=moment(forecast.p50, v.zone), p95=moment(forecast.p95, v.zone))
    return span(dates), span(made, cls="gap behind" if old else "quiet")
