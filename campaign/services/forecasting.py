"""When a running campaign may really end: forecast from the yard as it stands, kept, and held against what happened."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from campaign.domain.campaign import Campaign, CampaignState
from campaign.domain.reasons import Code, because
from campaign.domain.signoff import Decision
from campaign.domain.site import SiteLayout
from campaign.domain.vehicle import Status
from campaign.errors import NotFound, Refused
from campaign.planning.forecast import Forecast, forecast
from campaign.planning.observed import Observed, learned
from campaign.planning.options import PlanOptions, Rule
from campaign.planning.planner import plan
from campaign.planning.snapshot import Snapshot
from campaign.planning.uncertainty import Uncertainty
from campaign.ports.clock import Clock
from campaign.ports.plans import KeptForecast
from campaign.ports.store import Store, UnitOfWork
from campaign.ports.views import DoneWork, Views
from campaign.services.charge_models import charge_models
from campaign.services.forecast_scores import CalibrationPoint, EndScores, Scores, end_scores, scores
from campaign.services.live_snapshot import live_snapshot
from campaign.services.stages import FLASH_MIN, layout_of

__all__ = ["CalibrationPoint", "EndScores", "Forecasting", "Scores"]

FEWEST, MOST = 100, 1000
"""Replications of a forecast: the most up to 2,500 cars."""
AT_ONCE = 2_500_000
"""Cars times replications: some 100 MB and 3 s of CPU."""
EVERY = timedelta(minutes=15)
"""Campaign time between two forecasts."""
SCORED = 400
"""Past forecasts that are judged at most: the newest, about four days of them."""
OVER = (CampaignState.STOPPED, CampaignState.COMPLETE)
DONE = (Status.APPROVED, Status.RELEASED)
EVER = datetime.min.replace(tzinfo=UTC)


class Forecasting:
    """Use cases of the reconciler and of the plan's page; `away` names the stations that do not answer this process."""

    def __init__(
        self,
        store: Store,
        views: Views,
        clock: Clock,
        away: Callable[[], frozenset[str]] = frozenset,
        usual: Uncertainty | None = None,
    ) -> None:
        """`usual` is what is not known of a campaign before it has begun."""
        self._store, self._views, self._clock, self._away = store, views, clock, away
        self._usual = usual or Uncertainty()

    def recompute(self, code: str) -> KeptForecast:
        """Forecast what is left from now on, and keep it. Raises NotFound; Refused for a campaign that is over.

        Cars that nobody may work on now (held, outcome unknown) are among `cars`, but nothing is foretold of them.
        """
        now, done_work = self._clock.now(), self._views.done_since(code, EVER)
        with self._store.read() as uow:
            campaign = _campaign(uow, code)
            if campaign.state in OVER:
                raise Refused([because(Code.CAMPAIGN_STATE, state=campaign.state.value)])
            layout = layout_of(uow, campaign.rules.site)
            live = live_snapshot(uow, campaign, layout, now, self._away())
            counts = uow.campaigns.counts(campaign)
            seen = _observed(uow, campaign, layout, done_work, now)
        order = PlanOptions(rules=(Rule.AS_BEFORE,), before=live.before)
        snapshot = live.together
        made = forecast(
            snapshot,
            plan(snapshot, order),
            replications_for(len(snapshot.jobs)),
            uncertainty=learned(self._usual, seen),
        )
        done = sum(counts.get(status, 0) for status in DONE)
        cars = sum(counts.values()) - counts.get(Status.WITHDRAWN, 0)
        with self._store.write(code) as uow:
            kept = uow.forecasts.add(kept_forecast(code, now, snapshot, made, cars=cars, done=done))
            uow.commit()
        return kept

    def tend(self, code: str) -> KeptForecast | None:
        """Recompute when the last one is a quarter of an hour old and the campaign is not over; else a cheap look."""
        with self._store.read() as uow:
            campaign = _campaign(uow, code)
            last = uow.forecasts.latest(code)
        fresh = last is not None and timedelta() <= self._clock.now() - last.at < EVERY
        return None if fresh or campaign.state in OVER else self.recompute(code)

    def latest(self, code: str) -> KeptForecast | None:
        """The newest one. Raises NotFound."""
        with self._store.read() as uow:
            return uow.forecasts.latest(code)

    def scored(self, code: str) -> Scores:
        """The newest forecasts against what happened until now. Raises NotFound."""
        board = self._views.board(code)
        with self._store.read() as uow:
            past = uow.forecasts.of(code, SCORED)
            ended = _last_approval(uow, code) if board.campaign.state is CampaignState.COMPLETE else None
        judged = scores(past, board.burn_up, self._clock.now())
        return judged if ended is None else replace(judged, ends=end_scores(past, ended))


def replications_for(cars: int) -> int:
    """As many as usual, fewer for so many cars that they would take too long."""
    return min(MOST, max(FEWEST, AT_ONCE // max(1, cars)))


def kept_forecast(
    code: str, now: datetime, snapshot: Snapshot, made: Forecast, *, cars: int, done: int
) -> KeptForecast:
    """A forecast in minutes written in moments; cars that are done already count in the fan."""

    def at(minute: int) -> datetime:
        return snapshot.moment_of(minute).astimezone(UTC)

    return KeptForecast(
        id=0,
        campaign=code,
        at=now,
        cars=cars,
        done=done,
        p50=at(made.p50),
        p80=at(made.p80),
        p95=at(made.p95),
        fan=tuple(
            (at(p.minute), done + p.p5, done + p.p20, done + p.p50, done + p.p80, done + p.p95)
            for p in made.fan
        ),
        promises=tuple((snapshot.moment_of(p.due).date(), p.cars, p.chance, p.late) for p in made.promises),
        replications=made.replications,
    )


def _observed(
    uow: UnitOfWork, campaign: Campaign, layout: SiteLayout, done_work: Iterable[DoneWork], now: datetime
) -> Observed:
    """What the campaign told so far; of charges, what the site's points told lately."""
    stations = {station.name for station in layout.stations}
    paces = charge_models(uow, layout, now).paces
    return Observed(
        charges=sum(point.seen for point in paces.points.values()),
        flashes=[
            (work.ended_at - work.begun_at).total_seconds() / 60 / FLASH_MIN
            for work in done_work
            if work.passed and work.place in stations
        ],
        tried=campaign.ended,
        failed=campaign.failed,
    )


def _last_approval(uow: UnitOfWork, code: str) -> datetime | None:
    signed = (sign_off for batch in uow.batches.all(code) for sign_off in uow.sign_offs.of_batch(batch.id))
    return max((sign_off.at for sign_off in signed if sign_off.decision is Decision.APPROVE), default=None)


def _campaign(uow: UnitOfWork, code: str) -> Campaign:
    campaign = uow.campaigns.get(code)
    if campaign is None:
        raise NotFound(f"there is no campaign {code} here")
    return campaign
