"""Time as the use cases see it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """`now` is campaign time (the demo runs it faster); `wall` is real time, for leases and time-outs."""

    def now(self) -> datetime:
        """Campaign time, aware UTC. The server's clock rules (rule 9)."""

    def wall(self) -> datetime:
        """Real time, aware UTC."""

    def wall_at(self, campaign: datetime) -> datetime:
        """The real time at which campaign time `campaign` comes: for schedules."""


class SystemClock:
    """Campaign time is real time."""

    def now(self) -> datetime:
        """Now, UTC."""
        return datetime.now(UTC)

    def wall(self) -> datetime:
        """Now, UTC."""
        return datetime.now(UTC)

    def wall_at(self, campaign: datetime) -> datetime:
        """The same moment."""
        return campaign
