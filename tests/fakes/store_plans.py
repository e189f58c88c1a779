"""Fake repositories of plans and forecasts: lists that only grow."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from campaign.ports.plans import KeptForecast, KeptPlan
from tests.fakes.store_data import Work


class FakePlans:
    def __init__(self, work: Work) -> None:
        self._work = work

    def keep(self, plan: KeptPlan) -> None:
        code = self._work.campaign(plan.campaign).code
        plans = self._work.writing.plans
        plans[code] = (*map(_figures, plans.get(code, ())), plan)

    def latest(self, campaign: str) -> KeptPlan | None:
        return next(reversed(self._of(campaign)), None)

    def seen(self, campaign: str) -> tuple[datetime, str] | None:
        newest = self.latest(campaign)
        return None if newest is None else (newest.made_at, newest.seen)

    def history(self, campaign: str, limit: int) -> list[KeptPlan]:
        newest = [_without_parts(plan) for plan in reversed(self._of(campaign))]
        return newest[:limit]

    def _of(self, campaign: str) -> tuple[KeptPlan, ...]:
        return self._work.data.plans.get(self._work.campaign(campaign).code, ())


class FakeForecasts:
    def __init__(self, work: Work) -> None:
        self._work = work

    def add(self, forecast: KeptForecast) -> KeptForecast:
        data = self._work.writing
        code = self._work.campaign(forecast.campaign).code
        kept = replace(forecast, id=data.number("forecast"))
        data.forecasts[code] = (*data.forecasts.get(code, ()), kept)
        return kept

    def latest(self, campaign: str) -> KeptForecast | None:
        return next(iter(self.of(campaign, 1)), None)

    def of(self, campaign: str, limit: int) -> list[KeptForecast]:
        code = self._work.campaign(campaign).code
        return list(reversed(self._work.data.forecasts.get(code, ())))[:limit]


def _without_parts(plan: KeptPlan) -> KeptPlan:
    return replace(plan, late=(), batches=(), steps=())


def _figures(plan: KeptPlan) -> KeptPlan:
    return replace(_without_parts(plan), seen="")
