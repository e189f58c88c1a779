"""How a plan may really end: many campaigns drawn at random around it, side by side."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FanPoint:
    """How many cars are approved by `minute`: percentiles over the replications (`p5` is the pessimist's number)."""

    minute: int
    p5: int
    p20: int
    p50: int
    p80: int
    p95: int


@dataclass(frozen=True, slots=True)
class Promise:
    """One promised date: `chance` (0 to 1) that every one of its cars is approved by minute `due`.

    `late` is how many cars of it are late on average.
    """

    due: int
    cars: int
    chance: float
    late: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """Minutes by which everything is approved in 50, 80 and 95 % of the replications; promises by due date."""

    p50: int
    p80: int
    p95: int
    fan: tuple[FanPoint, ...]
    promises: tuple[Promise, ...]
    replications: int
    seed: int
