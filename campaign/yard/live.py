"""The crew in real time, on a clock that runs faster than real time."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from zoneinfo import ZoneInfo

from campaign.domain.site import SiteLayout
from campaign.domain.vehicle import TERMINAL, Status
from campaign.errors import NotFound, Refused, SiteError
from campaign.ports.clock import Clock
from campaign.yard.crew import Crew
from campaign.yard.fast_forward import Standing, standing
from campaign.yard.given import Given
from campaign.yard.pace import Pace

BEAT_S = 0.4
ROUND = timedelta(minutes=5)  # of campaign time between two rounds, and never more often than a beat
TELL_EVERY_S = 2.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Skipping:
    """Nights without any work are left out: the pace file is moved to the morning."""

    pace_file: Path
    layout: SiteLayout


def work_until(
    given: Given,
    crew: Crew,
    code: str,
    over: Event,
    *,
    on_progress: Callable[[Standing], object] = lambda _: None,
    skipping: Skipping | None = None,
    beat_s: float = BEAT_S,
) -> Standing | None:
    """Let the crew work until `over` is set or the campaign is complete. Returns how it stood last.

    Trouble of a system (a locked database, a station away) passes: the next round tries again.
    """
    last_round: datetime | None = None
    told_at: datetime | None = None
    seen: Standing | None = None
    while not over.wait(beat_s):
        now, wall = given.clock.now(), given.clock.wall()
        if last_round is not None and timedelta() <= now - last_round < ROUND:
            continue
        last_round = now
        try:
            crew.round()
            seen = standing(given, code)
        except (SiteError, Refused, NotFound) as passing:
            log.warning("the yard tries again: %s", passing)
            continue
        if told_at is None or (wall - told_at).total_seconds() >= TELL_EVERY_S or seen.complete:
            told_at = wall
            on_progress(seen)
        if seen.complete:
            break
        if skipping is not None:
            skip_quiet(skipping, given.clock, seen)
    return seen


def skip_quiet(skipping: Skipping, clock: Clock, seen: Standing) -> bool:
    """When everything waits for QA and QA sleeps, it is morning at once. Returns whether time was moved."""
    left = {status for status, count in seen.counts.items() if count and status not in TERMINAL}
    now = clock.now()
    if left != {Status.FLASHED}:
        return False
    opens = next_qa(skipping.layout, now)
    if opens is None or opens - now < ROUND:
        return False
    pace = Pace.read(skipping.pace_file)
    Pace(opens, datetime.now(UTC), pace.speed).write(skipping.pace_file)
    return True


def next_qa(layout: SiteLayout, now: datetime) -> datetime | None:
    """When the next shift with QA opens, in UTC; None while one is open, or where there is none."""
    day = layout.shift_at(now)
    if day is not None and day.shift.qa:
        return None
    local = now.astimezone(ZoneInfo(layout.zone))
    opens = [
        (local + timedelta(days=days)).replace(
            hour=shift.start.hour, minute=shift.start.minute, second=0, microsecond=0
        )
        for shift in layout.shifts
        if shift.qa
        for days in (0, 1)
    ]
    return min((at.astimezone(UTC) for at in opens if at > local), default=None)


def qa_just_came(layout: SiteLayout, now: datetime) -> bool:
    """Whether QA's shift opened in the last half hour: a good moment to begin watching."""
    day = layout.shift_at(now)
    return day is not None and day.shift.qa and layout.shift_at(now - timedelta(minutes=30)) != day
