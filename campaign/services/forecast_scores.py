"""Past forecasts against what happened: how often it came true what a forecast gave a chance of so much."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from campaign.ports.plans import KeptForecast
from campaign.ports.views import BurnPoint

HOUR = timedelta(hours=1)
SAID = (0.95, 0.80, 0.50, 0.20, 0.05)
"""The chances of at least as many cars as the fan's P5, P20, P50, P80 and P95."""

Curve = tuple[tuple[datetime, int], ...]
"""(moment, cars approved by then), by time."""


@dataclass(frozen=True, slots=True)
class CalibrationPoint:
    """Of `outcomes` that forecasts gave the chance `said`, the part `came` came true (both 0 to 1)."""

    said: float
    came: float
    outcomes: int


@dataclass(frozen=True, slots=True)
class EndScores:
    """The parts (0 to 1) of the forecasts of a finished campaign whose P50, P80 and P95 were not passed."""

    p50: float
    p80: float
    p95: float


@dataclass(frozen=True, slots=True)
class Scores:
    """How past forecasts did. `ends` is None while the campaign goes on.

    `points` compare, hour by hour, how many cars were approved with the fans of before; hours in which a fan left no
    room tell nothing and are left out. `outcomes` of one campaign hang together: a few days tell little.
    """

    forecasts: int
    points: tuple[CalibrationPoint, ...] = ()
    ends: EndScores | None = None


def scores(forecasts: Sequence[KeptForecast], burn_up: Sequence[BurnPoint], now: datetime) -> Scores:
    """Judge forecasts by the cars that were approved by the full hours until `now`."""
    curve = tuple((point.hour + HOUR, point.approved) for point in burn_up if point.hour + HOUR <= now)
    came = [0] * len(SAID)
    outcomes = 0
    for forecast in forecasts:
        for moment in _hours(forecast, now):
            fan = fan_at(forecast, moment)
            if fan[0] == fan[-1]:
                continue
            outcomes += 1
            real = approved_by(curve, moment)
            came = [n + (real >= least) for n, least in zip(came, fan, strict=True)]
    points = tuple(
        CalibrationPoint(said, n / outcomes, outcomes) for said, n in zip(SAID, came, strict=True) if outcomes
    )
    return Scores(len(forecasts), points)


def end_scores(forecasts: Sequence[KeptForecast], ended: datetime) -> EndScores | None:
    """Judge forecasts by the last approval; those made after it are none."""
    before = [forecast for forecast in forecasts if forecast.at < ended]
    if not before:
        return None
    kept = [
        sum(ended <= moment for moment in moments) / len(before)
        for moments in zip(*((f.p50, f.p80, f.p95) for f in before), strict=True)
    ]
    return EndScores(*kept)


def approved_by(curve: Curve, moment: datetime) -> int:
    """Cars approved by the last full hour of the curve that is not after `moment`."""
    place = bisect_right(curve, moment, key=lambda point: point[0])
    return curve[place - 1][1] if place else 0


def fan_at(forecast: KeptForecast, moment: datetime) -> tuple[float, ...]:
    """The fan between its points, in a straight line: cars for P5 to P95; level after its end."""
    fan = forecast.fan
    place = bisect_right(fan, moment, key=lambda point: point[0])
    if place in (0, len(fan)):
        return fan[min(place, len(fan) - 1)][1:]
    (begin, *low), (end, *high) = fan[place - 1], fan[place]
    part = (moment - begin) / (end - begin)
    return tuple(a + (b - a) * part for a, b in zip(low, high, strict=True))


def _hours(forecast: KeptForecast, now: datetime) -> list[datetime]:
    """The full hours after the forecast that its fan covers, until `now`."""
    if not forecast.fan:
        return []
    last = min(now, forecast.fan[-1][0])
    first = forecast.at.replace(minute=0, second=0, microsecond=0) + HOUR
    return [first + HOUR * n for n in range(max(0, (last - first) // HOUR + 1))]
