"""Scheduled looks: alarms every few minutes, a report every day."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from prefect import flow, get_run_logger
from prefect.artifacts import create_markdown_artifact
from prefect.client.schemas.objects import State

from campaign.bootstrap import Services
from campaign.config import Settings
from campaign.errors import CampaignError, StationError
from flows.alarms import StationLook, alarms, markdown
from flows.batch_story import artifact_key
from flows.day_report import report
from flows.opening import done, not_done, opened


@flow(name="watch", retries=0)
def watch() -> State:
    """Raise alarms · 监视报警

    Tripped thresholds, silent stations, unknown outcomes, charges and flashes that take too long.
    """
    settings = Settings.load()
    try:
        services = opened(settings)
        codes = services.reconcile.active_codes()
        told = {code: alarms_of(services, code, settings.language) for code in codes}
    except CampaignError as error:
        return not_done(error, settings.language)
    for alarm in dict.fromkeys(alarm for each in told.values() for alarm in each):
        get_run_logger().warning(alarm)
    create_markdown_artifact(markdown(told, services.clock.now()), key="alarms", description="Alarms · 报警")
    count = sum(map(len, told.values()))
    return done("Alarms" if count else "Quiet", f"{count} alarms in {len(codes)} active campaigns")


def alarms_of(services: Services, code: str, lang: str) -> list[str]:
    """The alarms of one campaign; its stations are asked side by side."""
    board = services.boards.board(code)
    names = [tile.station for tile in board.data.stations]
    with ThreadPoolExecutor(max(1, min(16, len(names)))) as pool:
        looks = list(pool.map(lambda name: look_at(services, name), names))
    return alarms(board, looks, lang)


def look_at(services: Services, station: str) -> StationLook:
    """Ask one station who it is."""
    asked_at = services.clock.wall()
    try:
        return StationLook(station, services.links.identify(station), asked_at)
    except StationError as silent:
        return StationLook(station, None, asked_at, silent.what)


@flow(name="daily-report", retries=0)
def daily_report() -> State:
    """Report the day · 日报

    Target against actual, output of the last 24 hours, pass rate and what is blocked, for each campaign.
    """
    settings = Settings.load()
    try:
        services = opened(settings)
        codes = services.reconcile.active_codes()
        texts = {code: report(services.boards.board(code), settings.language) for code in codes}
    except CampaignError as error:
        return not_done(error, settings.language)
    for code, text in texts.items():
        create_markdown_artifact(text, key=artifact_key(f"day-{code}"), description=f"{code}")
    return done("Reported", f"{len(texts)} campaigns")
