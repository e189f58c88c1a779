"""The burn-up chart as ECharts options: the plan against what was charged, flashed, approved and released."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from campaign.domain.vehicle import Status
from campaign.services.board import Board
from campaign.wording import status_word
from dashboard.i18n import Speaker
from dashboard.options import INK, LINE, MUTED
from dashboard.theme import PLAN_LINE, STATUS_SIGNS

Point = tuple[str, int]
MOST_POINTS = 240


def burn_up(board: Board, zone: ZoneInfo, t: Speaker, lang: str) -> dict[str, Any]:
    """Options with one line each for the plan, charged, flashed, approved, released."""
    series = [_line(t("board.planned"), _points(board.data.planned, zone), PLAN_LINE, dashed=True)]
    for status, values in _done(board, zone).items():
        series.append(
            _line(
                status_word(status, lang), values, STATUS_SIGNS[status].fill, filled=status is Status.RELEASED
            )
        )
    series[-1]["markLine"] = {
        "silent": True,
        "symbol": "none",
        "label": {"show": False},
        "lineStyle": {"color": INK, "width": 1, "type": "solid"},
        "data": [{"xAxis": local(board.now, zone)}],
    }
    return {
        "useUTC": True,  # the points are written in the site's own time
        "animation": False,
        "grid": {"left": 8, "right": 16, "top": 44, "bottom": 4, "containLabel": True},
        "legend": {
            "top": 0,
            "left": 0,
            "itemWidth": 18,
            "itemGap": 14,
            "textStyle": {"color": INK, "fontSize": 13},
        },
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


def local(at: datetime, zone: ZoneInfo) -> str:
    """The site's wall clock, written as if it were UTC."""
    return f"{at.astimezone(zone):%Y-%m-%dT%H:%M:%S}Z"


def _done(board: Board, zone: ZoneInfo) -> dict[Status, list[Point]]:
    hours = _thinned(board.data.burn_up)
    return {
        Status.CHARGED: [(local(h.hour, zone), h.charged) for h in hours],
        Status.FLASHED: [(local(h.hour, zone), h.flashed) for h in hours],
        Status.APPROVED: [(local(h.hour, zone), h.approved) for h in hours],
        Status.RELEASED: [(local(h.hour, zone), h.released) for h in hours],
    }


def _points(planned: Sequence[tuple[datetime, int]], zone: ZoneInfo) -> list[Point]:
    return [(local(at, zone), cars) for at, cars in _thinned(planned)]


def _thinned(values: Sequence[Any]) -> Sequence[Any]:
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
