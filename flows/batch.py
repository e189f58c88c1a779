"""The flow of one batch: opens it at its planned start, starts its flashes, shows its cars to the planner."""

from __future__ import annotations

from prefect import flow, task
from prefect.artifacts import create_progress_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State

from campaign.config import Settings
from campaign.domain.batch import BatchStatus
from campaign.errors import CampaignError
from flows.batch_story import artifact_key, percent, sentence, table
from flows.opening import done, not_done, opened

NAMES = {
    BatchStatus.PLANNED: "Waiting",
    BatchStatus.OPEN: "In work",
    BatchStatus.READY: "Ready for QA",
    BatchStatus.APPROVED: "Approved",
    BatchStatus.CLOSED: "Closed",
}


@flow(name="run-batch", flow_run_name="{code}/B{no:03d}", retries=0)
def run_batch(code: str, no: int) -> State:
    """Run a batch · 执行批次

    Opens the batch when its time has come, starts the flashes whose gate is open on free stations, and shows the
    table of its cars. What follows is done by advance-campaign; a run comes again when it is ready for QA, and closed.
    """
    settings = Settings.load()
    lang = settings.language
    try:
        services = opened(settings)
        # A new plan may have moved the batch since this run was asked for.
        if services.views.batch(code, no).batch.planned_start <= services.clock.now():
            services.reconcile.open_batch(code, no)
        started = flash_vehicles(code)
        seen = services.views.batch(code, no)
    except CampaignError as error:
        return not_done(error, lang)
    told = sentence(seen.batch, seen.cars, lang)
    key = artifact_key(seen.batch.name)
    create_table_artifact(table=table(seen, lang), key=key, description=told)
    create_progress_artifact(percent(seen.cars), key=f"{key}-progress", description=told)
    return done(NAMES[seen.batch.status], f"{told}; flashes started now: {len(started)}")


@task(name="flash-vehicles", retries=0, cache_policy=NO_CACHE, persist_result=False)
def flash_vehicles(code: str) -> list[str]:
    """Give free stations to the first ready cars and start them; the job ids.

    One task per batch, not per car: Prefect's books cost more than the work. A flash is started once for its
    job id, whoever asks again (rule 3), so this never needs a retry.
    """
    return [attempt.job_id for attempt in opened(Settings.load()).flashing.dispatch(code)]
