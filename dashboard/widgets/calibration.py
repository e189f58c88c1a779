"""How good past forecasts were: the chance that was said against how often it came true, with the diagonal."""

from __future__ import annotations

from typing import Any

from campaign.services.forecasting import Scores
from dashboard.markup import Html, div, tag
from dashboard.options import LINE, MUTED
from dashboard.showing import whole
from dashboard.theme import FAN_LINE, PLAN_LINE
from dashboard.voice import Voice

NEEDED = 48
"""Outcomes (hours of a forecast that have passed) from which a share says something."""


def words(scores: Scores, v: Voice) -> Html:
    """How to read the picture and over what it was judged, or that there is too little to judge."""
    told = [
        v.t("plan.scores_how"),
        v.t("plan.scores_over", n=whole(outcomes(scores)), forecasts=scores.forecasts),
    ]
    if outcomes(scores) < NEEDED:
        told = [v.t("plan.scores_none", n=outcomes(scores), needed=NEEDED)]
    ends = [] if scores.ends is None else _ends(scores, v)
    return div([tag("p", line) for line in [*told, *ends]], cls="scores-words")


def outcomes(scores: Scores) -> int:
    """Over how many hours of forecasts the shares are."""
    return max((point.outcomes for point in scores.points), default=0)


def plot(scores: Scores, v: Voice) -> dict[str, Any] | None:
    """ECharts options in percent; None where there is too little to judge."""
    if outcomes(scores) < NEEDED:
        return None
    ours = sorted([round(100 * p.said), round(100 * p.came)] for p in scores.points)
    return {
        "animation": False,
        "grid": {"left": 12, "right": 20, "top": 16, "bottom": 28, "containLabel": True},
        "tooltip": {"trigger": "item", "confine": True},
        "xAxis": _axis(v.t("plan.scores_said"), "middle", 26),
        "yAxis": _axis(v.t("plan.scores_happened"), "middle", 36),
        "series": [_diagonal(v), _ours(ours, v)],
    }


def _ours(points: list[list[int]], v: Voice) -> dict[str, Any]:
    return {
        "name": v.t("plan.scores_ours"),
        "type": "line",
        "data": points,
        "symbol": "circle",
        "symbolSize": 10,
        "lineStyle": {"width": 2.5, "color": FAN_LINE},
        "itemStyle": {"color": FAN_LINE},
    }


def _diagonal(v: Voice) -> dict[str, Any]:
    return {
        "name": v.t("plan.scores_perfect"),
        "type": "line",
        "data": [[0, 0], [100, 100]],
        "showSymbol": False,
        "silent": True,
        "lineStyle": {"width": 1.5, "color": PLAN_LINE, "type": "dashed"},
        "itemStyle": {"color": PLAN_LINE},
    }


def _axis(name: str, place: str, gap: int) -> dict[str, Any]:
    return {
        "type": "value",
        "min": 0,
        "max": 100,
        "name": name,
        "nameLocation": place,
        "nameGap": gap,
        "nameTextStyle": {"color": MUTED},
        "axisLabel": {"color": MUTED},
        "splitLine": {"lineStyle": {"color": LINE}},
    }


def _ends(scores: Scores, v: Voice) -> list[str]:
    """Of a finished campaign: how many forecasts its end kept within their dates."""
    ends = scores.ends
    if ends is None:
        return []
    shares = ((50, ends.p50), (80, ends.p80), (95, ends.p95))
    return [v.t("plan.scores_inside", p=p, share=round(100 * share)) for p, share in shares]
