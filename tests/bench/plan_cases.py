"""The measured campaign as a snapshot: 2,300 cars, and the same grown to 10,000 and 100,000.

SOC is uniform from 5 to 35 %; a car below 27 % charges for ceil((27 - SOC) * 360 / 11) minutes. Flash 45 minutes on 6
stations round the clock, inspection 10 minutes by 4 inspectors from 08:00 to 20:00, start at 08:00. A pilot of 20 is
approved 60 minutes after its last inspection, before any other flash; batches of 30 to 50. With probability 0.7 a car
is promised for 20:00 of a day, that of start + U(lo, hi) * span, where span is the lower bound of the makespan; weight
3 with probability 0.2, else 1. All is drawn by numpy's default generator, seed 1, in this order.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from math import ceil

import numpy as np

from campaign.planning.bounds import bounds
from campaign.planning.calendars import DAY, Calendar
from campaign.planning.snapshot import Job, Snapshot, Stage

START = datetime(2026, 1, 5, 8, tzinfo=UTC)  # a Monday
TIGHT = (0.05, 0.72)
OVERLOADED = (0.03, 0.55)
_DAY_BEGINS, _EVENING = 8 * 60, 20 * 60


def measured_case(
    points: int = 60, dues: tuple[float, float] = TIGHT, *, cars: int = 2300, scale: int = 1, seed: int = 1
) -> Snapshot:
    """The campaign with `scale` times the points, stations and inspectors; `dues` are (lo, hi)."""
    rng = np.random.default_rng(seed)
    socs = rng.uniform(5, 35, cars)
    promised = rng.random(cars) < 0.7
    when = rng.uniform(*dues, cars)
    heavy = rng.random(cars) < 0.2
    jobs = tuple(
        Job(f"CAR{number:06d}", (ceil(max(0.0, 27 - soc) * 360 / 11), 45, 10))
        for number, soc in enumerate(socs.tolist())
    )
    stages = (
        Stage.of("charge", points * scale),
        Stage.of("flash", 6 * scale),
        Stage.of("inspect", 4 * scale, Calendar.daily(_DAY_BEGINS, _EVENING, START)),
    )
    bare = Snapshot(START, stages, jobs, pilot_size=20)
    span = bounds(bare).makespan
    rows = zip(jobs, promised.tolist(), when.tolist(), heavy.tolist(), strict=True)
    return replace(
        bare,
        jobs=tuple(
            replace(job, due=_evening_of(share * span) if due else None, weight=3 if weighs else 1)
            for job, due, share, weighs in rows
        ),
    )


def _evening_of(minute: float) -> int:
    """20:00 of the day in which a minute after the start lies."""
    return (int(minute) + _DAY_BEGINS) // DAY * DAY + _EVENING - _DAY_BEGINS
