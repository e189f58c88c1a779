"""Two outlooks side by side: the plan as it is, and what if. Nothing of it is saved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from campaign.services.outlook import Comparison, Outlook
from dashboard.markup import Html, Part, div, span
from dashboard.options import LINE, MUTED
from dashboard.showing import lasting, short_moment, whole
from dashboard.theme import PLAN_LINE
from dashboard.voice import Voice
from dashboard.widgets.burn_up import local, thinned
from dashboard.widgets.loads import stage_name
from dashboard.widgets.rows import table

THEN_LINE = "#D55E00"
NEAR = timedelta(minutes=1)


def side_by_side(found: Comparison, v: Voice) -> Html:
    """A table of both outlooks with the difference in words; `▲` is better, `▼` is worse."""
    now, then = found.now, found.then
    heads = ["", v.t("plan.as_it_is"), v.t("plan.what_if"), v.t("plan.difference")]
    rows: list[list[Part]] = [
        _row("cars", whole(now.cars), whole(then.cars), _count(then.cars - now.cars), v),
        _times("ends", now.ends_at, then.ends_at, v),
        _gate(now, then, v),
        _row("late", whole(now.late), whole(then.late), _fewer(then.late - now.late, v), v),
        _row("tardiness", *_hours(now, then), _fewer(_gap_hours(now, then), v), v),
        _row("binding", stage_name(now.binding, v), stage_name(then.binding, v), "", v),
        _times("bound", now.bound_ends_at, then.bound_ends_at, v),
    ]
    return table(heads, rows, cls="compare")


def curves(found: Comparison, v: Voice) -> dict[str, Any]:
    """Both burn-up curves in one chart, as ECharts options."""
    return {
        "useUTC": True,
        "animation": False,
        "grid": {"left": 8, "right": 16, "top": 12, "bottom": 4, "containLabel": True},
        "tooltip": {"trigger": "axis", "confine": True},
        "xAxis": {
            "type": "time",
            "splitNumber": 4,
            "axisLine": {"lineStyle": {"color": LINE}},
            "axisLabel": {"color": MUTED, "hideOverlap": True, "formatter": "{MM}-{dd} {HH}:{mm}"},
        },
        "yAxis": {
            "type": "value",
            "minInterval": 1,
            "axisLabel": {"color": MUTED},
            "splitLine": {"lineStyle": {"color": LINE}},
        },
        "series": [
            _curve(v.t("plan.as_it_is"), found.now, PLAN_LINE, "dashed", v),
            _curve(v.t("plan.what_if"), found.then, THEN_LINE, "solid", v),
        ],
    }


def curves_legend(v: Voice) -> Html:
    """Which line is which."""
    now = span(span(cls="key dashed", style=f"--fill:{PLAN_LINE}"), span(v.t("plan.as_it_is")), cls="badge")
    then = span(span(cls="key", style=f"--fill:{THEN_LINE}"), span(v.t("plan.what_if")), cls="badge")
    return div(span(v.t("plan.curves"), cls="card-title"), div(now, then, cls="legend"), cls="chart-head")


def _curve(name: str, outlook: Outlook, colour: str, style: str, v: Voice) -> dict[str, Any]:
    points: Sequence[tuple[datetime, int]] = thinned([(outlook.starts_at, 0), *outlook.curve])
    return {
        "name": name,
        "type": "line",
        "step": "end",
        "showSymbol": False,
        "lineStyle": {"width": 2.5, "color": colour, "type": style},
        "itemStyle": {"color": colour},
        "data": [[local(at, v), cars] for at, cars in points],
    }


def _row(key: str, now: Part, then: Part, difference: Part, v: Voice) -> list[Part]:
    return [span(v.t(f"plan.row_{key}"), cls="compare-name"), now, then, difference]


def _times(key: str, now: datetime | None, then: datetime | None, v: Voice) -> list[Part]:
    difference: Part = ""
    if now is not None and then is not None:
        gap = then - now
        if abs(gap) < NEAR:
            difference = span(v.t("plan.same"), cls="quiet")
        elif gap < timedelta(0):
            difference = span("▲ ", v.t("plan.sooner", span=lasting(-gap, v.t)), cls="gap ahead")
        else:
            difference = span("▼ ", v.t("plan.slower", span=lasting(gap, v.t)), cls="gap behind")
    return _row(key, short_moment(now, v.zone), short_moment(then, v.zone), difference, v)


def _gate(now: Outlook, then: Outlook, v: Voice) -> list[Part]:
    """A pilot that is approved has no moment any more."""
    if now.gate_at is None and then.gate_at is None:
        return _row("gate", v.t("plan.gate_open"), v.t("plan.gate_open"), "", v)
    return _times("gate", now.gate_at, then.gate_at, v)


def _count(gap: int) -> str:
    return f"{gap:+,}" if gap else ""


def _fewer(gap: int, v: Voice) -> Html:
    """Fewer is better."""
    if not gap:
        return span(v.t("plan.same"), cls="quiet")
    return span("▲ " if gap < 0 else "▼ ", f"{gap:+,}", cls="gap ahead" if gap < 0 else "gap behind")


def _hours(now: Outlook, then: Outlook) -> tuple[str, str]:
    return whole(-(-now.tardiness_min // 60)), whole(-(-then.tardiness_min // 60))


def _gap_hours(now: Outlook, then: Outlook) -> int:
    return -(-then.tardiness_min // 60) + (-now.tardiness_min // 60)
