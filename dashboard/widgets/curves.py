"""Two small curves of one flash, 12 V and SOC, as inline SVG: nothing to load, and sharp on every screen.

An SVG element would be cleaned away with everything that might run; as an image it stays.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Sequence

from campaign.domain.evidence import Evidence
from campaign.domain.soc import format_soc
from dashboard.markup import Html, div, tag
from dashboard.voice import Voice

WIDTH, HEIGHT, EDGE = 300, 56, 4
STROKES = {"volts": "#0072B2", "soc": "#009E73"}
LEAST_SPAN = {"volts": 0.5, "soc": 10.0}  # a flat line is flat, not a mountain of noise

Points = Sequence[tuple[float, float]]


def curves(told: Evidence, v: Voice) -> Html | None:
    """None where nothing was sampled twice."""
    volts = [(s.at, s.volts) for s in told.samples if s.at is not None and s.volts is not None]
    display = [
        (s.at, float(s.soc_display)) for s in told.samples if s.at is not None and s.soc_display is not None
    ]
    bms = [(s.at, float(s.soc_bms)) for s in told.samples if s.at is not None and s.soc_bms is not None]
    drawn = [
        _curve("volts", v.t("attempts.volts"), volts, lambda value: f"{value:.1f} V", v),
        _curve("soc", "SOC", display or bms, lambda value: format_soc(int(value)), v),
    ]
    if not any(drawn):
        return None
    return div(div(v.t("attempts.samples"), cls="card-title small"), div(drawn, cls="curves"))


def _curve(kind: str, name: str, points: Points, spoken: Callable[[float], str], v: Voice) -> Html | None:
    if len(points) < 2:
        return None
    low, high = min(value for _, value in points), max(value for _, value in points)
    told = v.t("attempts.curve", name=name, low=spoken(low), high=spoken(high))
    line = tag(
        "polyline",
        points=_placed(points, LEAST_SPAN[kind]),
        fill="none",
        stroke=STROKES[kind],
        stroke_width=2,
    )
    drawing = tag(
        "svg",
        line,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        preserveAspectRatio="none",
    )
    source = f"data:image/svg+xml;base64,{b64encode(drawing.encode()).decode()}"
    drawn = tag("img", src=source, alt=told, width=WIDTH, height=HEIGHT)
    return div(drawn, div(told, cls="quiet"), cls=f"curve {kind}")


def _placed(points: Points, least_span: float) -> str:
    """Into the drawing, top is high. Times that stand still are drawn one after the other."""
    times, values = [at for at, _ in points], [value for _, value in points]
    begin, lasted = min(times), max(times) - min(times)
    middle, span = (min(values) + max(values)) / 2, max(least_span, max(values) - min(values))
    placed = []
    for n, (at, value) in enumerate(points):
        along = (at - begin) / lasted if lasted else n / (len(points) - 1)
        x = EDGE + along * (WIDTH - 2 * EDGE)
        y = HEIGHT / 2 - (value - middle) / span * (HEIGHT - 2 * EDGE)
        placed.append(f"{x:.1f},{y:.1f}")
    return " ".join(placed)
