"""Plans and forecasts as they are kept: what a re-plan decided, why, and what moved; times are aware UTC.

A plan in minutes is `campaign.planning.plan.Plan`; here it has become moments. Only the newest plan of a campaign keeps
its steps, its late cars and its batches: a campaign of weeks is planned again some hundred times.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from campaign.domain.identity import Vin
from campaign.planning.plan import Wait


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One car on one machine of one stage, in whole seconds. It may have started before the plan was made."""

    vin: Vin
    stage: str
    machine: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class LateReason:
    """What a late car waits for most, from `since` to `until`: at a machine of a stage, both "" where there is none."""

    wait: Wait
    stage: str
    machine: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class LateCar:
    """A car that is signed for after the evening of its promised date."""

    vin: Vin
    due: datetime
    approved: datetime
    reason: LateReason | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """A car whose place among the cars that are not finished changed, 0 goes first.

    `why` is a cause and what it is about, as `campaign.wording.cause_say` reads them: `down ST-2`, `orders`.
    """

    vin: Vin
    was: int
    now: int
    why: str


@dataclass(frozen=True, slots=True)
class KeptPlan:
    """A plan of a campaign. `cause` is a `domain.causes.Cause`; `why` what it is about, or a person's words.

    `rule` is the order that won, in `seconds`; `bound_ends_at` what no plan can beat, because of the `binding` stage.
    `gate_at` is when the pilot is approved, None when it is. `late_count`, `moved_count` and `left_out` are figures of
    every plan; `late`, `batches` (number, first start, sign-off) and `steps` are with the newest one only; `moved` has
    the first 50. `seen` is what the next disturbance is measured against.
    """

    campaign: str
    made_at: datetime
    by: str
    cause: str
    why: str
    rule: str
    seconds: float
    ends_at: datetime
    gate_at: datetime | None
    bound_ends_at: datetime
    binding: str
    cars: int
    late: tuple[LateCar, ...]
    tardiness_min: int
    moved: tuple[Moved, ...]
    moved_count: int
    batches: tuple[tuple[int, datetime, datetime], ...]
    steps: tuple[PlannedStep, ...]
    late_count: int = 0
    left_out: int = 0
    seen: str = ""


@dataclass(frozen=True, slots=True)
class KeptForecast:
    """When a campaign may really end: 50, 80 and 95 % of the replications end by then.

    `fan` is (moment, p5, p20, p50, p80, p95) in cars approved; `promises` are (day, cars, chance of all of them, late
    cars on average). `done` of the `cars` were approved at `at`. `id` 0 until it is kept.
    """

    id: int
    campaign: str
    at: datetime
    cars: int
    done: int
    p50: datetime
    p80: datetime
    p95: datetime
    fan: tuple[tuple[datetime, int, int, int, int, int], ...]
    promises: tuple[tuple[date, int, float, float], ...]
    replications: int


class Plans(Protocol):
    """The plans of campaigns."""

    def keep(self, plan: KeptPlan) -> None:
        """It becomes the newest one; the one before keeps its figures only."""

    def latest(self, campaign: str) -> KeptPlan | None:
        """The newest one, with its steps."""

    def seen(self, campaign: str) -> tuple[datetime, str] | None:
        """When the newest one was made, and its `seen`. One cheap query."""

    def history(self, campaign: str, limit: int) -> list[KeptPlan]:
        """The newest first, without late cars, batches and steps."""


class Forecasts(Protocol):
    """The forecasts of campaigns."""

    def add(self, forecast: KeptForecast) -> KeptForecast:
        """Keep it; returns it with its number."""

    def latest(self, campaign: str) -> KeptForecast | None:
        """The newest one."""

    def of(self, campaign: str, limit: int) -> list[KeptForecast]:
        """The newest first."""
