"""Times as people type them: `14:05`, `2026-11-20 14:05`, or with an offset."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from campaign.cli.language import tr
from campaign.errors import BadInput

SLACK = timedelta(minutes=5)
"""A wall clock may be this far ahead of the server's before `23:58` means yesterday."""


def read_moment(text: str, where: str, now: datetime, zone: ZoneInfo | None, *, past: bool) -> datetime:
    """An aware UTC time. A bare time of day is the last one (`past`) or the next one, in the site's zone.

    Raises BadInput.
    """
    local = zone or ZoneInfo("UTC")
    said = text.strip().replace("：", ":").replace("/", "-")
    try:
        at = time.fromisoformat(said)
    except ValueError:
        return _dated(said, text, where, local)
    if at.tzinfo is not None:
        raise _unreadable(text, where)
    day = datetime.combine(now.astimezone(local).date(), at, local)
    if past and day > now + SLACK:
        day -= timedelta(days=1)
    if not past and day < now:
        day += timedelta(days=1)
    return day.astimezone(UTC)


def _dated(said: str, text: str, where: str, local: ZoneInfo) -> datetime:
    try:
        at = datetime.fromisoformat(said)
        return (at if at.tzinfo else at.replace(tzinfo=local)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise _unreadable(text, where) from None


def _unreadable(text: str, where: str) -> BadInput:
    what = tr("“{text}” is not a time", "“{text}”不是时间", text=text[:40])
    return BadInput(
        what, where=where, todo=tr("write 14:05 or 2026-11-20 14:05", "写成 14:05 或 2026-11-20 14:05")
    )
