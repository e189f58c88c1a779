"""`python -m flows.deployments` registers the work pool, its queues and the deployments with a server.

Repeating it is harmless. The entry points are modules, not scripts, so that `flows/` never goes first on
`sys.path`.
"""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from httpx import HTTPError
from prefect import Flow
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.deployments.runner import RunnerDeployment
from prefect.exceptions import ObjectAlreadyExists, PrefectException
from prefect.schedules import Schedule
from prefect.types.entrypoint import EntrypointType

from campaign.bootstrap import clock_of
from campaign.config import Settings
from campaign.definitions import campaign_codes, find_campaign, find_site
from campaign.errors import CampaignError, FlowsUnreachable
from flows.advance import advance_campaign
from flows.batch import run_batch
from flows.forecast import forecast
from flows.launch import launch_campaign
from flows.watch import daily_report, watch

URGENT, BATCHES = "urgent", "batches"
QUEUES = {URGENT: 1, BATCHES: 2}
"""Queues of the pool by priority: the reconciler and the planner never wait behind the runs of batches."""
WATCH_EVERY = timedelta(minutes=5)
FORECAST_EVERY = timedelta(minutes=15)
"""Campaign time; in a demo whose clock runs faster it is less, but never below a minute: each run costs seconds."""
REPORT_AT = "0 7 * * *"


@dataclass(frozen=True, slots=True)
class Offer:
    """A flow, the queue in which its runs wait, and when it runs by itself."""

    flow: Flow[..., Any]
    queue: str
    schedule: Schedule | None = None


def offers(settings: Settings) -> tuple[Offer, ...]:
    """Everything that is registered; each deployment bears the name of its flow."""
    return (
        Offer(launch_campaign, URGENT),
        Offer(advance_campaign, URGENT, Schedule(interval=timedelta(seconds=settings.advance_every_s))),
        Offer(run_batch, BATCHES),
        Offer(watch, BATCHES, Schedule(interval=WATCH_EVERY)),
        Offer(forecast, BATCHES, Schedule(interval=forecast_every(settings))),
        Offer(daily_report, BATCHES, Schedule(cron=REPORT_AT, timezone=zone(settings))),
    )


def register(settings: Settings) -> list[str]:
    """Register pool, queues and deployments; their full names. Raises FlowsUnreachable."""
    try:
        with get_client(sync_client=True) as client:
            _pool(client, settings.work_pool)
        return [_deploy(offer, settings) for offer in offers(settings)]
    except (HTTPError, PrefectException, RuntimeError) as away:
        raise FlowsUnreachable(
            f"the deployments cannot be registered at {settings.prefect_url}: {away}"
        ) from away


def forecast_every(settings: Settings) -> timedelta:
    """The real time between two forecasts."""
    clock = clock_of(settings.clock_file)
    now = clock.now()
    return max(timedelta(minutes=1), clock.wall_at(now + FORECAST_EVERY) - clock.wall_at(now))


def zone(settings: Settings) -> str:
    """The time zone of the first campaign's site, for the hour of the daily report."""
    try:
        codes = campaign_codes(settings.configs)
        return find_site(settings.configs, find_campaign(settings.configs, codes[0]).site).layout().zone
    except (CampaignError, IndexError):
        return "UTC"


def _pool(client: SyncPrefectClient, pool: str) -> None:
    try:
        client.create_work_pool(WorkPoolCreate(name=pool, type="process", description="Runs of this site"))
    except ObjectAlreadyExists:
        client.read_work_pool(pool)
    for queue, priority in QUEUES.items():
        try:
            client.create_work_queue(queue, priority=priority, work_pool_name=pool)
        except ObjectAlreadyExists:
            continue


def _deploy(offer: Offer, settings: Settings) -> str:
    """The engine is named as the command: else the worker starts a second Python to look for the flow.

    It is our own door to it, so that a run outlives its worker.
    """
    name = offer.flow.name
    deployment = offer.flow.to_deployment(
        name=name,
        description=offer.flow.description,
        schedules=[offer.schedule] if offer.schedule else None,
        tags=["campaign"],
        work_pool_name=settings.work_pool,
        work_queue_name=offer.queue,
        job_variables={
            "command": shlex.join([sys.executable, "-m", "flows.engine"]),
            "working_dir": str(settings.home),
        },
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    if not isinstance(deployment, RunnerDeployment):
        raise TypeError("to_deployment is synchronous here")
    deployment.apply()
    return f"{name}/{name}"


def main() -> int:
    """Register, say what, and how it ended."""
    try:
        for name in register(Settings.load()):
            sys.stdout.write(f"registered {name}\n")
    except CampaignError as failed:
        sys.stderr.write(f"{failed}\n")
        return failed.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
