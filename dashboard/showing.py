"""Times, charges and durations as people read them: the site's zone, 24 hours, tenths of a percent."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from campaign.domain.soc import format_soc
from dashboard.i18n import Speaker


def moment(at: datetime | None, zone: ZoneInfo) -> str:
    """`2026-01-05 03:30`, or a dash."""
    return "—" if at is None else f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def short_moment(at: datetime | None, zone: ZoneInfo) -> str:
    """`01-05 03:30`, or a dash."""
    return "—" if at is None else f"{at.astimezone(zone):%m-%d %H:%M}"


def clock_time(at: datetime, zone: ZoneInfo) -> str:
    """`03:30:12`."""
    return f"{at.astimezone(zone):%H:%M:%S}"


def soc(tenths: int | None) -> str:
    """`27.0 %`, or a dash."""
    return "—" if tenths is None else format_soc(tenths)


def lasting(span: timedelta, t: Speaker) -> str:
    """`45 s`, `12 min`, `2 h 05`, `3 d 4 h`; never negative."""
    seconds = max(0, int(span.total_seconds()))
    if seconds < 60:
        return t("frame.seconds", s=seconds)
    minutes = seconds // 60
    if minutes < 60:
        return t("frame.minutes", m=minutes)
    if minutes < 48 * 60:
        return t("frame.hours", h=minutes // 60, m=minutes % 60)
    return t("frame.days", d=minutes // 1440, h=minutes % 1440 // 60)


def whole(number: int) -> str:
    """`2,300`."""
    return f"{number:,}"
