"""A calendar as the solvers take it: a list of closed times up to a horizon that is long enough."""

from __future__ import annotations

from campaign.planning.calendars import DAY, Calendar
from campaign.planning.snapshot import Snapshot


def horizon_of(snapshot: Snapshot) -> int:
    """Minutes that are enough for any sensible timetable: half as much again as the busiest stage needs, and days."""
    work = (
        sum(job.minutes_at(number) for job in snapshot.jobs) / len(stage.machines) / stage.calendar.open_share
        for number, stage in enumerate(snapshot.stages)
    )
    return int(max(work) * 1.5) + 5 * DAY


def closed_times(calendar: Calendar, horizon: int) -> list[tuple[int, int]]:
    """When nothing may be worked on, from minute 0 to the horizon."""
    if calendar.always_open:
        return []
    times, at = [], 0
    while at < horizon:
        opens = calendar.fit(at, 1)
        if opens > at:
            times.append((at, opens))
        closes = opens
        while closes < horizon and calendar.covers(closes, closes + 1):
            closes += 1
        at = closes
    return times
