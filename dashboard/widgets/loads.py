"""Load against capacity by stage, as ECharts options: what is in use as an area under the line of what there is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from campaign.wording.plans import stage_word
from dashboard.markup import Html, div, span
from dashboard.options import INK, LINE, MUTED
from dashboard.theme import PLAN_LINE, STAGE_LINES
from dashboard.voice import Voice
from dashboard.widgets.burn_up import local, thinned

Load = tuple[str, Sequence[tuple[datetime, int, int]]]
"""A stage and its (time, busy, capacity) in machine-minutes of each step."""

PANEL_PX = 150
TOP_PX, GAP_PX, AXIS_PX = 26, 46, 16


def height(loads: Sequence[Load]) -> int:
    """Pixels that the chart needs: one panel below the other."""
    return max(PANEL_PX, len(loads) * (PANEL_PX + GAP_PX) - AXIS_PX)


def loads_chart(loads: Sequence[Load], now: datetime | None, v: Voice) -> dict[str, Any]:
    """One panel per stage, all with the same time axis; values are places in use at the same time."""
    panels = range(len(loads))
    begin, end = span_of(loads)
    return {
        "useUTC": True,
        "animation": False,
        "tooltip": {"trigger": "axis", "confine": True},
        "axisPointer": {"link": [{"xAxisIndex": "all"}]},
        "title": [_title(n, stage, v) for n, (stage, _) in enumerate(loads)],
        "grid": [_grid(n) for n in panels],
        "xAxis": [_times(n, begin, end, v) for n in panels],
        "yAxis": [_places(n) for n in panels],
        "series": [line for n, load in enumerate(loads) for line in _lines(n, load, now, v)],
    }


def legend(v: Voice) -> Html:
    """What the area and the line are; outside the chart, so that it wraps on a phone."""
    keys = [span(cls="key", style=f"--fill:{colour}") for colour in STAGE_LINES.values()]
    busy = span(keys, span(v.t("plan.load_busy")), cls="badge")
    there = span(
        span(cls="key dashed", style=f"--fill:{PLAN_LINE}"), span(v.t("plan.load_capacity")), cls="badge"
    )
    return div(span(v.t("plan.load"), cls="card-title"), div(busy, there, cls="legend"), cls="chart-head")


def in_use(points: Sequence[tuple[datetime, int, int]]) -> list[tuple[datetime, float, float]]:
    """Machine-minutes of a step as machines: (time, in use, there)."""
    step = _step(points)
    return [(at, round(busy / step, 1), round(there / step, 1)) for at, busy, there in points]


def stage_name(stage: str, v: Voice) -> str:
    """The stage in words; `chain` is what binds where no stage does."""
    return v.t("plan.stage_chain") if stage == "chain" else stage_word(stage, v.lang)


def span_of(loads: Sequence[Load]) -> tuple[datetime | None, datetime | None]:
    """First and last time of all stages: their panels show the same."""
    times = [at for _, points in loads for at, _, _ in points]
    return (min(times), max(times)) if times else (None, None)


def _step(points: Sequence[tuple[datetime, int, int]]) -> float:
    """Minutes between two points; an hour where there is only one."""
    gap = points[1][0] - points[0][0] if len(points) > 1 else timedelta(hours=1)
    return max(1.0, gap / timedelta(minutes=1))


def _lines(n: int, load: Load, now: datetime | None, v: Voice) -> list[dict[str, Any]]:
    stage, points = load
    colour = STAGE_LINES.get(stage, PLAN_LINE)
    used = thinned(in_use(points))
    busy = _line(n, v.t("plan.load_busy"), [(local(at, v), busy) for at, busy, _ in used], colour)
    busy["areaStyle"] = {"color": colour, "opacity": 0.35}
    there = _line(n, v.t("plan.load_capacity"), [(local(at, v), cap) for at, _, cap in used], PLAN_LINE)
    there["lineStyle"] |= {"type": "dashed"}
    if now is not None:
        busy["markLine"] = {
            "silent": True,
            "symbol": "none",
            "label": {"show": False},
            "lineStyle": {"color": INK, "width": 1, "type": "solid"},
            "data": [{"xAxis": local(now, v)}],
        }
    return [busy, there]


def _line(n: int, name: str, values: Sequence[tuple[str, float]], colour: str) -> dict[str, Any]:
    return {
        "name": name,
        "type": "line",
        "step": "end",
        "xAxisIndex": n,
        "yAxisIndex": n,
        "showSymbol": False,
        "lineStyle": {"width": 2, "color": colour},
        "itemStyle": {"color": colour},
        "data": [list(value) for value in values],
    }


def _title(n: int, stage: str, v: Voice) -> dict[str, Any]:
    style = {"fontSize": 13, "fontWeight": 600, "color": INK}
    return {
        "text": stage_name(stage, v),
        "left": 8,
        "top": n * (PANEL_PX + GAP_PX),
        "padding": 0,
        "textStyle": style,
    }


def _grid(n: int) -> dict[str, Any]:
    top = TOP_PX + n * (PANEL_PX + GAP_PX)
    return {"left": 44, "right": 16, "top": top, "height": PANEL_PX - TOP_PX}


def _times(n: int, begin: datetime | None, end: datetime | None, v: Voice) -> dict[str, Any]:
    shown = {} if begin is None or end is None else {"min": local(begin, v), "max": local(end, v)}
    return {
        "type": "time",
        "gridIndex": n,
        "splitNumber": 4,
        "axisLine": {"lineStyle": {"color": LINE}},
        "axisLabel": {"color": MUTED, "hideOverlap": True, "formatter": "{MM}-{dd} {HH}:{mm}"},
        **shown,
    }


def _places(n: int) -> dict[str, Any]:
    return {
        "type": "value",
        "gridIndex": n,
        "splitNumber": 2,
        "minInterval": 1,
        "axisLabel": {"color": MUTED},
        "splitLine": {"lineStyle": {"color": LINE}},
    }
