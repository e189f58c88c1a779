"""The Gantt picture of points and stations: rows of bars as markup, sharp, small, and scrolled sideways on a phone.

Bars are elements with a place in percent: names of rows stay in sight while the times move, a bar tells its car when
it is pointed at, and nothing has to be loaded.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from dashboard.markup import Html, div, span, tag
from dashboard.theme import WORK_SIGNS, Work
from dashboard.voice import Voice
from dashboard.widgets.signs import badge
from dashboard.widgets.work_rows import Bar, Row, Window, counted, fitted
from dashboard.widgets.yard import serial

TICKS = {12: 1, 24: 2, 72: 6}
"""Hours between two times on the axis, by the window's hours."""
HAPPENS = frozenset({Work.DONE, Work.FAILED, Work.RUNNING})
ROOM_FOR_NAME, ROOM_FOR_GLYPH = 0.06, 0.014
"""Shares of the window from which a bar has room for its car, or at least for its state."""


def gantt(groups: Sequence[tuple[str, Sequence[Row]]], window: Window, now: datetime, v: Voice) -> Html:
    """The card: legend, axis, and one row per charge point and station, in named groups."""
    fitting = fitted(groups, window)
    rows = [row for _, of_group in fitting for row in of_group]
    drawn = [
        (div(name, cls="gantt-group"), [_row(row, window, v) for row in of_group])
        for name, of_group in fitting
    ]
    inner = div(_axis(window, v), _lines(window, now, v), drawn, cls="gantt-inner")
    frame = div(inner, cls="gantt", role="img", aria_label=alt(rows, window, v), tabindex=0)
    title = (span(v.t("plan.gantt"), cls="card-title"), span(span_words(window, v), cls="quiet"))
    return div(div(title, cls="card-head"), legend(rows, v), frame, cls="picture")


def span_words(window: Window, v: Voice) -> str:
    """`01-05 21:00 to 01-06 21:00`."""
    begin, end = (f"{at.astimezone(v.zone):%m-%d %H:%M}" for at in (window.begin, window.end))
    return v.t("plan.from_to", begin=begin, end=end)


def alt(rows: Sequence[Row], window: Window, v: Voice) -> str:
    """The picture in one sentence, for somebody who cannot see it."""
    counts = {work.value: n for work, n in counted(rows).items()}
    return v.t("plan.gantt_alt", rows=len(rows), span=span_words(window, v), **counts)


def legend(rows: Sequence[Row], v: Voice) -> Html:
    """Every state with its glyph, its word and how many cars; failed only where something did."""
    counts = counted(rows)
    shown = [work for work in Work if work is not Work.FAILED or counts[work]]
    words = [badge(WORK_SIGNS[work], f"{v.t(f'plan.work_{work.value}')} {counts[work]}") for work in shown]
    return div(words, cls="legend")


def ticks(window: Window, v: Voice) -> list[datetime]:
    """Times for the axis: the hours of the site's day that the window's length asks for."""
    hours = round((window.end - window.begin) / timedelta(hours=1))
    every = next((step for length, step in TICKS.items() if hours <= length), 12)
    all_hours = [window.begin + timedelta(hours=n) for n in range(hours)]
    return [at for at in all_hours if at.astimezone(v.zone).hour % every == 0]


def _axis(window: Window, v: Voice) -> Html:
    return div(
        span(cls="gantt-name"),
        div([_tick(at, window, v) for at in ticks(window, v)], cls="gantt-track"),
        cls="gantt-row gantt-axis",
    )


def _tick(at: datetime, window: Window, v: Voice) -> Html:
    local = at.astimezone(v.zone)
    told = f"{local:%m-%d}" if local.hour == 0 else f"{local:%H:%M}"
    return span(told, cls="gantt-tick day" if local.hour == 0 else "gantt-tick", style=_at(at, window))


def _lines(window: Window, now: datetime, v: Voice) -> Html:
    """Behind all rows: a line for every time of the axis, and one for now."""
    hours = [span(cls="gantt-line", style=_at(at, window)) for at in ticks(window, v)]
    return div(hours, span(cls="gantt-now", style=_at(now, window)), cls="gantt-lines")


def _at(at: datetime, window: Window) -> str:
    return f"left:{100 * window.share(at):.2f}%"


def _row(row: Row, window: Window, v: Voice) -> Html:
    """What happens lies on top; what is planned at the same place begins behind it, so that its car can be read."""
    busy_until = max((bar.end for bar in row.bars if bar.work in HAPPENS), default=window.begin)
    bars = [
        _bar(bar, window.begin if bar.work in HAPPENS else busy_until, window, v)
        for bar in reversed(row.bars)
        if bar.work in HAPPENS or bar.end > busy_until
    ]
    return div(span(row.name, cls="gantt-name"), div(bars, cls="gantt-track"), cls="gantt-row")


def _bar(bar: Bar, seen_from: datetime, window: Window, v: Voice) -> Html:
    """An element of few letters: there are hundreds of them. Its words tell the times as they are."""
    left, right = window.share(max(bar.begin, seen_from)), window.share(bar.end)
    who = serial(bar.vin) if bar.cars == 1 else v.cars(bar.cars)
    begin, end = (f"{at.astimezone(v.zone):%H:%M}" for at in (bar.begin, bar.end))
    return tag(
        "i",
        _told(WORK_SIGNS[bar.work].glyph, who, right - left),
        cls=bar.work.value,
        style=f"left:{100 * left:.1f}%;width:{100 * (right - left):.1f}%",
        title=f"{who} {begin}–{end} {v.t(f'plan.work_{bar.work.value}')}",
    )


def _told(glyph: str, who: str, width: float) -> str | None:
    if width >= ROOM_FOR_NAME:
        return f"{glyph} {who}"
    return glyph if width >= ROOM_FOR_GLYPH else None
