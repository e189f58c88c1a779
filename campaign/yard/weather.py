"""How cold it is in the simulated yard: cold cars charge slower, all of them at once, and at night more so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

DAWN, DUSK = 8, 20  # local hours between which it is day


@dataclass(frozen=True, slots=True)
class Weather:
    """`pace` is what every car's charging is multiplied by; each night takes up to `night` (0.3: 30 %) off as well."""

    seed: int = 1
    zone: str = "UTC"
    pace: float = 1.0
    night: float = 0.0

    def minutes(self, begin: datetime, end: datetime) -> float:
        """Minutes of charging in fair weather that come to the same."""
        if not self.night:
            return max(0.0, (end - begin).total_seconds() / 60) * self.pace
        done = 0.0
        while begin < end:
            until, pace = self._piece(begin)
            until = min(until, end)
            done += (until - begin).total_seconds() / 60 * pace
            begin = until
        return done

    def _piece(self, at: datetime) -> tuple[datetime, float]:
        """The end of the day or night that `at` lies in, and the pace in it."""
        local = at.astimezone(ZoneInfo(self.zone))
        if DAWN <= local.hour < DUSK:
            return local.replace(hour=DUSK, minute=0, second=0, microsecond=0), self.pace
        evening = local.date() if local.hour >= DUSK else local.date() - timedelta(days=1)
        dawn = (local if local.hour < DAWN else local + timedelta(days=1)).replace(
            hour=DAWN, minute=0, second=0, microsecond=0
        )
        cold = Random(f"night:{self.seed}:{evening}").random() * self.night
        return dawn, self.pace * (1 - cold)


FAIR = Weather()
"""Every car charges by its own pace."""
