"""Campaign time that runs faster than real time: one small file tells every process of the demo how fast."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Pace:
    """At real time `wall` it was campaign time `campaign`; from there it runs `speed` times as fast."""

    campaign: datetime
    wall: datetime
    speed: float

    def at(self, wall: datetime) -> datetime:
        """Campaign time at a real time."""
        return self.campaign + (wall - self.wall) * self.speed

    def wall_at(self, campaign: datetime) -> datetime:
        """The real time at which it will be campaign time `campaign`."""
        return self.wall + (campaign - self.campaign) / self.speed

    def write(self, file: Path) -> None:
        """Replace the file as a whole: a reader sees the old pace or the new one."""
        text = json.dumps(
            {"campaign": self.campaign.isoformat(), "wall": self.wall.isoformat(), "speed": self.speed}
        )
        fresh = file.with_suffix(".new")
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(file)

    @classmethod
    def read(cls, file: Path) -> Pace:
        """The pace as last written."""
        raw = json.loads(file.read_text(encoding="utf-8"))
        return cls(
            datetime.fromisoformat(raw["campaign"]), datetime.fromisoformat(raw["wall"]), float(raw["speed"])
        )


class PacedClock:
    """A clock by a pace file; looks at the file again when it was replaced."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._seen = -1
        self._pace = Pace(datetime.now(UTC), datetime.now(UTC), 1.0)

    @property
    def pace(self) -> Pace:
        """The pace in force."""
        seen = self._file.stat().st_mtime_ns
        if seen != self._seen:
            self._pace, self._seen = Pace.read(self._file), seen
        return self._pace

    def now(self) -> datetime:
        """Campaign time."""
        return self.pace.at(self.wall())

    def wall(self) -> datetime:
        """Real time."""
        return datetime.now(UTC)

    def wall_at(self, campaign: datetime) -> datetime:
        """When campaign time `campaign` comes, in real time."""
        return self.pace.wall_at(campaign)


class HandClock:
    """Campaign time that stands until it is moved: for simulation and tests."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        """Where it was put."""
        return self._now

    def wall(self) -> datetime:
        """The same: leases and sign-ins follow the simulated time."""
        return self._now

    def wall_at(self, campaign: datetime) -> datetime:
        """Campaign time is its real time."""
        return campaign

    def move_to(self, moment: datetime) -> None:
        """Never backwards."""
        self._now = max(self._now, moment)

    def move(self, **by: float) -> None:
        """Forward by `timedelta` arguments: `move(minutes=5)`."""
        self._now += timedelta(**by)
