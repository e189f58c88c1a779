"""Opening hours in JSON: `{"windows": {"mon-fri": [["08:00", "20:00"]]}, "holidays": ["2026-10-01"]}`.

Windows are by weekday or range of weekdays, or `daily` alone; those that end before they begin go over midnight.
Without windows it is open round the clock. A calendar of another cycle than a day or a week is written in minutes:
`{"cycle": 480, "phase": 0, "spans": [[0, 240]]}`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import groupby

from campaign.errors import BadInput
from campaign.planning.calendars import DAY, WEEK, Calendar, Window
from campaign.planning.document.values import Fields, Minutes, items, pair, shown, whole, wrong

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAILY = "daily"

_CLOCK = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)", re.ASCII)
_HOURS = 'write [["08:00", "20:00"]]'


def calendar_from(raw: object, where: str, minutes: Minutes) -> Calendar:
    """A calendar from its JSON form. Raises BadInput."""
    fields = Fields(raw, where, ("windows", "holidays", "closed", "cycle", "phase", "spans"))
    closed = [minutes.day(day, path) for path, day in fields.items("holidays")]
    closed += [minutes.span(span, path) for path, span in fields.items("closed")]
    in_minutes = [name for name in ("cycle", "phase", "spans") if name in fields]
    if in_minutes and "windows" in fields:
        raise wrong("both windows and spans", where, "write one of them")
    try:
        if in_minutes:
            return _in_minutes(fields, closed)
        return _with_windows(fields, minutes).closing(*closed)
    except BadInput as refused:
        if refused.where.startswith(where):
            raise
        raise wrong(refused.what, where, refused.todo or "let windows lie apart and be open at all") from None


def calendar_to(calendar: Calendar, minutes: Minutes) -> dict[str, object]:
    """Its JSON form: by hours where these say all, else in minutes."""
    told: dict[str, object] = {}
    if calendar.windows != Calendar.round_the_clock().windows or calendar.cycle != DAY or calendar.phase:
        told["windows"] = _windows(calendar)
    if calendar.closed:
        told["closed"] = [list(span) for span in calendar.closed]
    try:
        if calendar_from(told, "calendar", minutes) == calendar:
            return told
    except BadInput:
        pass  # Odd windows have no hours; the other form holds any calendar.
    told.pop("windows", None)
    spans = [list(window) for window in calendar.windows]
    return told | {"cycle": calendar.cycle, "phase": calendar.phase, "spans": spans}


def _with_windows(fields: Fields, minutes: Minutes) -> Calendar:
    if "windows" not in fields:
        return Calendar.round_the_clock()
    raw, where = fields["windows"], fields.at("windows")
    if not isinstance(raw, Mapping):
        return Calendar.every_day(_day(raw, where), minutes.start)
    if DAILY in raw:
        if len(raw) > 1:
            raise wrong("daily and weekdays as well", where, "write one of them")
        return Calendar.every_day(_day(raw[DAILY], f"{where}.{DAILY}"), minutes.start)
    week: dict[int, list[Window]] = {}
    for days, hours in raw.items():
        opened = list(_day(hours, f"{where}.{days}" if _known(days) else where))
        for weekday in _weekdays(days, where):
            week.setdefault(weekday, []).extend(opened)
    return Calendar.weekly(week, minutes.start)


def _in_minutes(fields: Fields, closed: list[Window]) -> Calendar:
    spans = []
    for path, span in fields.items("spans"):
        opens, closes = pair(span, path)
        spans.append((whole(opens, path), whole(closes, path)))
    cycle, phase = fields.whole("cycle", DAY, least=1), fields.whole("phase", 0)
    return Calendar(tuple(spans), cycle, phase, tuple(sorted(closed)))


def _day(raw: object, where: str) -> Iterator[Window]:
    for path, window in items(raw, where):
        opens, closes = pair(window, path)
        yield _minute(opens, path), _minute(closes, path)


def _minute(value: object, where: str) -> int:
    """A time of day as `08:00` or in minutes."""
    if isinstance(value, int):
        return whole(value, where, most=DAY)
    found = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    minute = int(found[1]) * 60 + int(found[2]) if found else DAY + 1
    if minute > DAY:
        raise wrong(f"{shown(value)} is not a time of day", where, _HOURS)
    return minute


def _known(days: object) -> bool:
    return isinstance(days, str) and all(day in WEEKDAYS for day in days.split("-")) and days.count("-") < 2


def _weekdays(days: object, where: str) -> Iterator[int]:
    """`mon` or `mon-fri`; a range may go over Sunday."""
    if not isinstance(days, str) or not _known(days):
        raise wrong(
            f"{shown(days)} is not a weekday",
            where,
            f"write {DAILY}, mon-fri or one of {', '.join(WEEKDAYS)}",
        )
    first, _, last = days.partition("-")
    begin = WEEKDAYS.index(first)
    length = (WEEKDAYS.index(last or first) - begin) % 7
    return (day % 7 for day in range(begin, begin + length + 1))


def _windows(calendar: Calendar) -> dict[str, object]:
    if calendar.cycle != WEEK:
        return {DAILY: [_hours(*window) for window in calendar.windows]}
    days: list[list[list[str]]] = [[] for _ in WEEKDAYS]
    for window in calendar.windows:
        for opens, closes in _by_day(*window):
            days[opens // DAY % 7].append(_hours(opens, closes))
    told: dict[str, object] = {}
    for hours, group in groupby(range(7), key=lambda weekday: days[weekday]):
        if hours:
            run = [WEEKDAYS[weekday] for weekday in group]
            told[run[0] if len(run) == 1 else f"{run[0]}-{run[-1]}"] = hours
    return told


def _by_day(opens: int, closes: int) -> Iterator[Window]:
    """A night shift stays whole; what is open longer than a day is cut at midnights."""
    while closes - opens > DAY:
        midnight = (opens // DAY + 1) * DAY
        yield opens, midnight
        opens = midnight
    yield opens, closes


def _hours(opens: int, closes: int) -> list[str]:
    end = closes % DAY
    return [_clock(opens % DAY), _clock(DAY if not end and closes > opens else end)]


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
