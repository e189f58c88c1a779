"""Plans and forecasts as they are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, insert, select, update

from campaign.ports.plans import KeptForecast, KeptPlan
from campaign.store import schema as t
from campaign.store.plan_texts import (
    curves_from,
    curves_text,
    moved_from,
    moved_text,
    newest_from,
    newest_text,
)
from campaign.store.work import Work

P, F = t.Plan, t.Forecast

_PLAN: Select[*tuple[Any, ...]] = select(
    P.made_at,
    P.actor,
    P.cause,
    P.why,
    P.rule,
    P.took_ms,
    P.ends_at,
    P.gate_at,
    P.bound_ends_at,
    P.binding,
    P.cars,
    P.tardiness_min,
    P.moved_count,
    P.late_count,
    P.left_out,
    P.moved,
    P.seen,
)
_OF_CAMPAIGN = (
    _PLAN.where(P.campaign_id == bindparam("campaign")).order_by(P.id.desc()).limit(bindparam("most"))
)
_LATEST = _OF_CAMPAIGN.add_columns(P.newest)
_SEEN = select(P.made_at, P.seen).where(P.campaign_id == bindparam("campaign")).order_by(P.id.desc()).limit(1)
_NEWEST = select(P.id).where(P.campaign_id == bindparam("campaign")).order_by(P.id.desc()).limit(1)
_FORGET = update(P).where(P.id == bindparam("plan")).values(newest=None, seen="")
_FORECASTS: Select[*tuple[Any, ...]] = (
    select(F.id, F.at, F.cars, F.done, F.p50, F.p80, F.p95, F.replications, F.curves)
    .where(F.campaign_id == bindparam("campaign"))
    .order_by(F.id.desc())
    .limit(bindparam("most"))
)


class SqlPlans:
    """`ports.plans.Plans`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def keep(self, plan: KeptPlan) -> None:
        """The one before forgets its steps."""
        campaign = self._work.campaign_id(plan.campaign)
        for row in self._work.rows(_NEWEST, campaign=campaign):
            self._work.run(_FORGET, {"plan": row[0]})
        self._work.insert(insert(P), _values(campaign, plan))

    def latest(self, campaign: str) -> KeptPlan | None:
        """With its steps."""
        row = self._work.first(_LATEST, campaign=self._work.campaign_id(campaign), most=1)
        if row is None:
            return None
        *figures, newest = row
        kept = _plan(campaign, figures)
        if newest is None:
            return kept
        late, batches, steps = newest_from(newest, kept.made_at)
        return replace(kept, late=late, batches=batches, steps=steps)

    def seen(self, campaign: str) -> tuple[datetime, str] | None:
        """When, and what was seen."""
        row = self._work.first(_SEEN, campaign=self._work.campaign_id(campaign))
        return None if row is None else (row[0], row[1])

    def history(self, campaign: str, limit: int) -> list[KeptPlan]:
        """The newest first."""
        rows = self._work.rows(_OF_CAMPAIGN, campaign=self._work.campaign_id(campaign), most=limit)
        return [_plan(campaign, row) for row in rows]


class SqlForecasts:
    """`ports.plans.Forecasts`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def add(self, forecast: KeptForecast) -> KeptForecast:
        """With its number."""
        values = {
            "campaign_id": self._work.campaign_id(forecast.campaign),
            "at": forecast.at,
            "cars": forecast.cars,
            "done": forecast.done,
            "p50": forecast.p50,
            "p80": forecast.p80,
            "p95": forecast.p95,
            "replications": forecast.replications,
            "curves": curves_text(forecast),
        }
        return replace(forecast, id=self._work.insert(insert(F), values))

    def latest(self, campaign: str) -> KeptForecast | None:
        """The newest one."""
        return next(iter(self.of(campaign, 1)), None)

    def of(self, campaign: str, limit: int) -> list[KeptForecast]:
        """The newest first."""
        rows = self._work.rows(_FORECASTS, campaign=self._work.campaign_id(campaign), most=limit)
        return [_forecast(campaign, row) for row in rows]


def _values(campaign: int, plan: KeptPlan) -> dict[str, object]:
    return {
        "campaign_id": campaign,
        "made_at": plan.made_at,
        "actor": plan.by,
        "cause": plan.cause,
        "why": plan.why,
        "rule": plan.rule,
        "took_ms": round(plan.seconds * 1000),
        "ends_at": plan.ends_at,
        "gate_at": plan.gate_at,
        "bound_ends_at": plan.bound_ends_at,
        "binding": plan.binding,
        "cars": plan.cars,
        "tardiness_min": plan.tardiness_min,
        "moved_count": plan.moved_count,
        "late_count": plan.late_count,
        "left_out": plan.left_out,
        "moved": moved_text(plan.moved),
        "seen": plan.seen,
        "newest": newest_text(plan),
    }


def _plan(campaign: str, row: Sequence[Any]) -> KeptPlan:
    """A plan without what only the newest one keeps."""
    (
        made_at, by, cause, why, rule, took_ms, ends_at, gate_at, bound_ends_at, binding, cars, tardiness_min,
        moved_count, late_count, left_out, moved, seen,
    ) = row  # fmt: skip
    return KeptPlan(
        campaign=campaign,
        made_at=made_at,
        by=by,
        cause=cause,
        why=why,
        rule=rule,
        seconds=took_ms / 1000,
        ends_at=ends_at,
        gate_at=gate_at,
        bound_ends_at=bound_ends_at,
        binding=binding,
        cars=cars,
        late=(),
        tardiness_min=tardiness_min,
        moved=moved_from(moved),
        moved_count=moved_count,
        batches=(),
        steps=(),
        late_count=late_count,
        left_out=left_out,
        seen=seen,
    )


def _forecast(campaign: str, row: Row[*tuple[Any, ...]]) -> KeptForecast:
    number, at, cars, done, p50, p80, p95, replications, curves = row
    fan, promises = curves_from(curves, at)
    return KeptForecast(number, campaign, at, cars, done, p50, p80, p95, fan, promises, replications)
