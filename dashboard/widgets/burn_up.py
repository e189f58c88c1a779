"""The burn-up chart as ECharts options: the plan against what was charged, flashed, approved and released, and the
forecast as a fan to the right of now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from campaign.domain.vehicle import Status
from campaign.ports.plans import KeptForecast
from campaign.services.board import Board
from campaign.wording import status_word
from dashboard.markup import Html, div, span
from dashboard.options import INK, LINE, MUTED
from dashboard.theme import PLAN_LINE, STATUS_SIGNS
from dashboard.voice import Voice
from dashboard.widgets.fan import Fan, fan_series, legend_parts

Point = tuple[str, int]
MOST_POINTS = 240
LINES = (Status.CHARGED, Status.FLASHED, Status.APPROVED, Status.RELEASED)


def burn_up(board: Board, v: Voice, forecast: KeptForecast | None = None) -> dict[str, Any]:
    """Options with one line each for the plan, charged, flashed, approved, released; the fan behind them."""
    series = fan_series(fan_points(forecast, v), v) if forecast else []
    series += [_line(v.t("board.planned"), _points(board.data.planned, v), PLAN_LINE, dashed=True)]
    for status, values in _done(board, v).items():
        series.append(
            _line(
                status_word(status, v.lang),
                values,
                STATUS_SIGNS[status].fill,
                filled=status is Status.RELEASED,
            )
        )
    series[-1]["markLine"] = {
        "silent": True,
        "symbol": "none",
        "label": {"show": False},
        "lineStyle": {"color": INK, "width": 1, "type": "solid"},
        "data": [{"xAxis": local(board.now, v)}],
    }
    return {
        "useUTC": True,  # the points are written in the site's own time
        "animation": False,
        "grid": {"left": 8, "right": 16, "top": 12, "bottom": 4, "containLabel": True},
        "tooltip": {"trigger": "axis", "confine": True},
        "xAxis": {
            "type": "time",
            "axisLine": {"lineStyle": {"color": LINE}},
            "axisLabel": {"color": MUTED, "hideOverlap": True, "formatter": "{MM}-{dd} {HH}:{mm}"},
            "splitNumber": 4,
        },
        "yAxis": {
            "type": "value",
            "minInterval": 1,
            "axisLabel": {"color": MUTED},
            "splitLine": {"lineStyle": {"color": LINE}},
        },
        "series": series,
    }


def legend(v: Voice, *, fan: bool = False) -> Html:
    """The lines' names, those of the fan with it; outside the chart, so that it wraps on a phone."""
    plan = span(span(cls="key dashed", style=f"--fill:{PLAN_LINE}"), span(v.t("board.planned")), cls="badge")
    done = [
        span(
            span(cls="key", style=f"--fill:{STATUS_SIGNS[s].fill}"), span(status_word(s, v.lang)), cls="badge"
        )
        for s in LINES
    ]
    title = span(v.t("board.progress"), cls="card-title")
    return div(title, div(plan, done, legend_parts(v) if fan else None, cls="legend"), cls="chart-head")


def fan_points(forecast: KeptForecast, v: Voice) -> Fan:
    """Rows of the fan at the site's wall clock, from what was done when the forecast was made."""
    done = forecast.done
    first = (forecast.at, done, done, done, done, done)
    later = [row for row in forecast.fan if row[0] > forecast.at]
    return [(local(row[0], v), row[1:]) for row in thinned([first, *later])]


def local(at: datetime, v: Voice) -> str:
    """The site's wall clock, written as if it were UTC."""
    return f"{at.astimezone(v.zone):%Y-%m-%dT%H:%M:%S}Z"


def _done(board: Board, v: Voice) -> dict[Status, list[Point]]:
    hours = thinned(board.data.burn_up)
    return {s: [(local(hour.hour, v), getattr(hour, s.value)) for hour in hours] for s in LINES}


def _points(planned: Sequence[tuple[datetime, int]], v: Voice) -> list[Point]:
    return [(local(at, v), cars) for at, cars in thinned(planned)]


def thinned(values: Sequence[Any]) -> Sequence[Any]:
    """At most `MOST_POINTS`, the last one always there: a long campaign draws as fast as a short one."""
    step = max(1, -(-len(values) // MOST_POINTS))
    kept = list(values[::step])
    if values and kept[-1] is not values[-1]:
        kept.append(values[-1])
    return kept


def _line(
    name: str, values: list[Point], colour: str, *, dashed: bool = False, filled: bool = False
) -> dict[str, Any]:
    line: dict[str, Any] = {
        "name": name,
        "type": "line",
        "data": [list(value) for value in values],
        "showSymbol": False,
        "lineStyle": {"width": 2.5, "color": colour, "type": "dashed" if dashed else "solid"},
        "itemStyle": {"color": colour},
    }
    if filled:
        line["areaStyle"] = {"color": colour, "opacity": 0.12}
    return line
