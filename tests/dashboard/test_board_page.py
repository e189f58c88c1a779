"""The board: what it tells, what a planner can do on it, and what it shows when there is nothing or no data."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from campaign.config import Settings
from campaign.domain.campaign import Campaign, CampaignState
from campaign.domain.rules import FailureThreshold
from campaign.domain.staging import Staging, StagingState
from campaign.domain.vehicle import OrderState, Status
from campaign.errors import FlowsUnreachable, StoreError
from campaign.ports.station import JobVerdict
from campaign.ports.views import StationTile
from dashboard.voice import voice
from dashboard.widgets import yard
from tests.fakes.pages import Pages, html_of, press, text_of
from tests.fakes.plant import CODE as PLANT_CODE
from tests.fakes.plant import PASSWORD, RULES, Plant
from tests.fakes.scene import CODE, CONFIGS, Scene
from tests.fakes.station import FakeOutcome

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def tiles(app) -> dict[str, str]:
    return dict(re.findall(r'data-status="(\w+)".*?tile-count">([\d,]+)<', html_of(app), re.S))


def time_left(app) -> int:
    """Minutes on the first tile of a car that charges."""
    found = re.search(r'class="point charging".*?point-left">(?:(\d+) h )?(\d+)', html_of(app), re.S)
    assert found
    return 60 * int(found[1] or 0) + int(found[2])


def test_the_tiles_count_the_cars_by_status(night: Scene, pages: Pages) -> None:
    counts = night.services.views.board(CODE).counts
    shown = tiles(pages.open("anna", "board"))
    assert shown == {status.value: str(counts.get(status, 0)) for status in Status}


def test_the_board_tells_the_age_of_its_data_and_has_a_note_for_stale_ones(pages: Pages) -> None:
    html = html_of(pages.open("anna", "board"))
    assert "last event" in html
    assert "stale-note" in html


def test_a_blocked_car_says_why_and_who_can_lift_it(night: Scene, pages: Pages) -> None:
    lost = night.vins(Status.UNCERTAIN)[0]
    told = text_of(pages.open("anna", "board"))
    assert "Flash outcome unknown" in told
    assert "QA engineer, shift lead" in told
    assert lost[-6:] in told


def test_a_station_shows_percent_step_and_car(night: Scene, pages: Pages) -> None:
    with night.services.store.read() as uow:
        attempt = uow.attempts.running(CODE)[0]
    told = text_of(pages.open("anna", "board"))
    assert attempt.vin[-6:] in told
    assert f"{attempt.percent} %" in told
    assert "writing" in told


@pytest.mark.parametrize(
    ("state", "sent", "told"),
    [
        (StagingState.WAITING, 0, "waits for the package"),
        (StagingState.UPLOADING, 43, "43 % the package is coming"),
        (StagingState.FAILED, 43, "package refused: disk full"),
    ],
)
def test_a_station_shows_its_package_coming(state: StagingState, sent: int, told: str) -> None:
    staging = Staging("anting", "ST-1", "d" * 64, 100, state, NOW, sent, "disk full")
    drawn = str(yard.stations([StationTile("ST-1", None, staging=staging)], NOW, voice("en")))
    assert told in " ".join(re.sub(r"<[^>]+>", " ", drawn).split())


def test_all_sixty_points_are_there_by_circuit(pages: Pages) -> None:
    html = html_of(pages.open("anna", "board"))
    assert len(re.findall(r'class="point ', html)) == 60
    assert len(re.findall(r'class="circuit"', html)) == 6


def test_the_chart_has_the_plan_and_four_lines(pages: Pages) -> None:
    told = text_of(pages.open("anna", "board"))
    for line in ("planned", "charged", "flashed", "approved", "released"):
        assert line in told


def test_without_a_campaign_the_board_says_so_and_a_planner_can_launch(bare: tuple[Scene, Pages]) -> None:
    _, pages = bare
    assert "No campaign is launched yet" in text_of(pages.open("martin", "board", "en"))
    told = text_of(pages.open("anna", "board"))
    assert "Launch a campaign" in told
    assert "No car at site anting" in told  # the preview says why nothing can start


def test_the_preview_tells_what_a_launch_would_do(plant: Plant, floor: Pages) -> None:
    plant.add_cars([100, 200, 300, 150, 180, 290])
    told = text_of(floor.open("wang", "board", "en"))
    assert "What a launch would do" in told
    assert "charging" in told
    assert "bottleneck" in told


def test_the_preview_says_at_once_what_would_keep_promises_that_break(plant: Plant, floor: Pages) -> None:
    plant.add_cars([100] * 90, orders=OrderState.KNOWN)
    told = text_of(floor.open("wang", "board", "en"))
    assert "Any one of these would keep every promise" in told
    assert "charge points more" in told


def test_a_launch_goes_to_the_flows_with_who_and_why(plant: Plant, floor: Pages) -> None:
    plant.add_cars([100, 200])
    app = floor.open("wang", "board", "en")
    app.text_area(key="launch-reason").set_value("package released")
    press(app, "launch-go")
    wished = floor.launched[0]
    assert (wished["campaign"], wished["planner"], wished["reason"]) == (CODE, "wang", "package released")
    assert "Launch requested" in text_of(app)


def test_a_launch_without_flows_says_what_to_do(plant: Plant, floor: Pages) -> None:
    plant.add_cars([100, 200])
    floor.launch_fails = FlowsUnreachable("connection refused")
    app = floor.open("wang", "board", "en")
    app.text_area(key="launch-reason").set_value("go")
    press(app, "launch-go")
    assert "The flow server does not answer" in text_of(app)


def test_a_planner_pauses_with_a_reason(plant: Plant, floor: Pages) -> None:
    plant.launch([100, 200])
    app = floor.open("wang", "board", "en")
    press(app, "pause-campaign")
    press(app, "really-pause")
    assert "A reason is missing" in text_of(app)
    app.text_area(key="why-pause").set_value("power cut in hall B")
    press(app, "really-pause")
    with plant.services.store.read() as uow:
        campaign = uow.campaigns.get(PLANT_CODE)
    assert campaign is not None
    assert campaign.state is CampaignState.PAUSED
    assert app.button(key="resume-campaign")
    assert "paused" in text_of(app)


@pytest.mark.parametrize("person", ["li", "chen", "xu"])
def test_only_a_planner_has_the_switches(plant: Plant, floor: Pages, person: str) -> None:
    plant.launch([100, 200])
    app = floor.open(person, "board", "en")
    assert not [button for button in app.button if button.key in ("pause-campaign", "stop-campaign")]
    assert "Launch a campaign" not in text_of(app)


def test_a_tripped_threshold_is_told_loudly(plant: Plant, floor: Pages) -> None:
    rules = replace(RULES, thresholds=FailureThreshold(count=0, percent=None, min_attempts=0))
    plant.add_cars([300, 300])
    for n in (1, 2):
        plant.outcome(n, FakeOutcome(JobVerdict.FAIL, "VBV4.5.2C"))
    plant.services.planning.launch(plant.actor("wang"), rules, reason="test")
    plant.tick(4)
    told = text_of(floor.open("xu", "board", "en"))
    assert "New starts are stopped" in told


class AwayViews:
    """A database that does not answer."""

    def campaigns(self) -> list[Campaign]:
        raise StoreError("disk I/O error at /secret/place")


def test_when_the_store_is_away_the_page_says_so_and_shows_no_trace(plant: Plant, tmp_path: Path) -> None:
    away = replace(plant.services, views=AwayViews())
    pages = Pages(away, Settings(home=tmp_path / "home", configs=CONFIGS), PASSWORD)
    app = pages.open("xu", "board", "en")
    assert not app.exception
    assert "The data cannot be reached" in text_of(app)
    assert "secret" not in text_of(app)


def test_a_bug_shows_a_number_and_no_trace(
    plant: Plant, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    broken = replace(plant.services, views=None)
    pages = Pages(broken, Settings(home=tmp_path / "home", configs=CONFIGS), PASSWORD)
    told = text_of(pages.open("xu", "board", "zh"))
    number = re.search(r"编号 ([0-9a-f]{6})", told)
    assert number
    assert number[1] in caplog.text
    assert "Traceback" not in told


def test_time_passes_on_the_tiles_without_an_event(plant: Plant, floor: Pages) -> None:
    plant.launch([100, 200])
    plant.mark("charging", 1)
    left = time_left(floor.open("xu", "board", "en"))
    plant.advance(minutes=30)
    assert time_left(floor.open("xu", "board", "en")) == left - 30
