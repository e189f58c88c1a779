"""The scheduled forecast of every active campaign: kept, so that it can be held against what happens."""

from __future__ import annotations

from collections.abc import Callable

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State

from campaign.bootstrap import Services
from campaign.config import Settings
from campaign.errors import CallerError, CampaignError, Refused
from campaign.ports.plans import KeptForecast
from flows.opening import done, not_done, opened


@flow(name="forecast", retries=0)
def forecast() -> State:
    """Forecast · 预测

    When each active campaign may really end: drawn a thousand times from the yard as it stands, and kept.
    """
    settings = Settings.load()
    try:
        services = opened(settings)
        codes = services.reconcile.active_codes()
        made = [kept for code in codes if (kept := forecast_of(services, code, get_run_logger().warning))]
    except CampaignError as error:
        return not_done(error, settings.language)
    return done("Forecast" if made else "Idle", "; ".join(map(told, made)) or "no campaign is active")


def forecast_of(services: Services, code: str, warn: Callable[[str], object]) -> KeptForecast | None:
    """The forecast of one campaign. One that ends at this moment, or cannot be planned, must not cost the others."""
    try:
        return services.forecasting.recompute(code)
    except (Refused, CallerError) as none:
        warn(f"{code}: {none}")
        return None


def told(kept: KeptForecast) -> str:
    """`C1: 1,204 of 2,300 cars, 50 % by 03-18 04:30, 80 % by ..., 95 % by ... UTC`."""
    ends = ", ".join(
        f"{share} % by {at:%m-%d %H:%M}" for share, at in ((50, kept.p50), (80, kept.p80), (95, kept.p95))
    )
    return f"{kept.campaign}: {kept.done:,} of {kept.cars:,} cars, {ends} UTC"
