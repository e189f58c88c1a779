"""The planner's flow: launch a campaign."""

from __future__ import annotations

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State

from campaign.config import Settings
from campaign.errors import CallerError, CampaignError, FlowsUnreachable
from flows.batch_runs import BatchRuns
from flows.forms import LaunchCampaign
from flows.launching import launch
from flows.opening import done, not_done, opened
from flows.rest import PrefectApi
from flows.starting import request_advance


@flow(name="launch-campaign", flow_run_name="launch {params.campaign}", retries=0)
def launch_campaign(params: LaunchCampaign) -> State:
    """Launch an upgrade campaign · 启动升级活动

    Freezes the rules as revision 1, plans batches over every car of the site at the source version, and
    schedules a run for each batch at its planned start.
    """
    settings = Settings.load()
    try:
        services = opened(settings)
        made = launch(services, settings, params)
    except CampaignError as refused:
        return not_done(refused, settings.language)
    try:
        BatchRuns(PrefectApi(settings.prefect_url), services.store, services.clock, made.code).ask()
        request_advance(settings)
    except (FlowsUnreachable, CallerError) as later:
        get_run_logger().warning(
            "The next run of advance-campaign asks again for the batches' runs: %s", later
        )
    first = f"{made.starts_at:%Y-%m-%d %H:%M} UTC"
    return done("Launched", f"{made.code}: {made.cars} cars in {made.batches} batches, the first at {first}")
