"""The plan's page and the work list over a real plant: states, re-planning, advice, what-if, what is shown to whom."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from campaign.config import Settings
from campaign.domain.vehicle import OrderState
from campaign.errors import StoreError
from tests.fakes.pages import RAW_KEY, Pages, html_of, press, text_of
from tests.fakes.plant import CODE, PASSWORD, Plant, vin_no
from tests.fakes.scene import CONFIGS

SOCS = [100, 200, 300, 150, 180, 290, 120, 90, 210, 60, 75, 140]
ZONE = ZoneInfo("Asia/Shanghai")
DEFINED = "VBV453C-2026"


def opened(floor: Pages, person: str, *names: str, lang: str = "en", **query: str):
    """The plan's page with some of its parts open."""
    app = floor.start(person, lang)
    for name in names:
        app.session_state[f"open-{name}"] = True
    for key, value in query.items():
        app.query_params[key] = value
    return app.switch_page(str(Path("dashboard/views/plan.py").resolve())).run()


def late_plant(plant: Plant) -> None:
    """Twelve cars, promised for a day that is over."""
    plant.launch(SOCS, orders=OrderState.KNOWN)
    plant.advance(hours=24 * 9)
    plant.services.replanning.replan(plant.actor("wang"), CODE, why="nine days stood still")


def test_without_a_campaign_the_page_says_so_and_offers_what_if_before_a_launch(
    plant: Plant, floor: Pages
) -> None:
    plant.add_cars(SOCS)
    app = floor.open("wang", "plan", "en")
    assert "No campaign is launched yet" in text_of(app)
    press(app, f"compare-{DEFINED}")
    told = text_of(app)
    assert "Nothing is saved" in told
    assert re.search(r"Cars\s+12\s+12", told)
    assert "the same" in told


def test_before_a_launch_without_cars_what_if_says_why_not(plant: Plant, floor: Pages) -> None:
    app = press(floor.open("wang", "plan", "en"), f"compare-{DEFINED}")
    assert "No car at site anting" in text_of(app)
    assert "panel bad" not in html_of(app)


def test_a_launched_campaign_has_its_plan_in_figures_and_as_a_picture(plant: Plant, floor: Pages) -> None:
    plant.launch(SOCS)
    app = floor.open("wang", "plan", "en")
    told, html = text_of(app), html_of(app)
    kept = plant.services.replanning.kept(CODE)
    assert f"{kept.ends_at.astimezone(ZONE):%Y-%m-%d %H:%M}" in told
    assert len(re.findall(r'class="gantt-name">(CP-0\d|S\d)<', html)) == 6
    assert 'class="planned"' in html
    assert "No forecast yet" in told
    assert RAW_KEY.findall(told) == []


def test_what_runs_and_what_is_over_is_in_the_picture(plant: Plant, floor: Pages) -> None:
    plant.launch(SOCS)
    plant.charge(1)
    plant.mark("charging", 2)
    html = html_of(floor.open("wang", "plan", "en"))
    assert re.search(rf'class="done"[^>]*title="…{vin_no(1)[-6:]} 08:00–10:00 done"', html)
    assert re.search(rf'class="running"[^>]*title="…{vin_no(2)[-6:]} 10:00–', html)


def test_the_window_of_the_picture_is_chosen_and_kept_in_the_address(plant: Plant, floor: Pages) -> None:
    plant.launch(SOCS)
    app = opened(floor, "wang", hours="72")
    assert "03-02 02:00 to 03-05 02:00" in text_of(app)
    app.segmented_control(key="hours_choice").set_value("12").run()
    assert "03-02 02:00 to 03-02 14:00" in text_of(app)
    assert app.query_params["hours"] == "12"


def test_a_forecast_stands_in_the_head_and_on_the_board(plant: Plant, floor: Pages) -> None:
    plant.launch(SOCS)
    made = plant.services.forecasting.recompute(CODE)
    p80 = f"{made.p80.astimezone(ZONE):%Y-%m-%d %H:%M}"
    assert p80 in text_of(floor.open("wang", "plan", "en"))
    told = text_of(floor.open("wang", "board", "en"))
    assert f"with 80 % certainty by {p80}" in told
    assert "90 % of cases" in told


class CountedForecasts:
    """How often the latest forecast was read."""

    def __init__(self) -> None:
        self.read = 0

    def latest(self, code: str) -> None:
        self.read += 1


def test_the_board_reads_a_forecast_once_for_a_change_and_not_at_every_look(
    plant: Plant, tmp_path: Path
) -> None:
    plant.launch(SOCS)
    counted = CountedForecasts()
    services = replace(plant.services, forecasting=counted)
    pages = Pages(services, Settings(home=tmp_path / "home", configs=CONFIGS), PASSWORD)
    for _ in range(3):
        pages.open("xu", "board", "en")
    assert counted.read == 1
    plant.mark("charging", 1)
    pages.open("xu", "board", "en")
    assert counted.read == 2


def test_late_cars_stand_with_reasons_and_advice_when_asked_for(plant: Plant, floor: Pages) -> None:
    late_plant(plant)
    app = floor.open("wang", "plan", "en")
    told = text_of(app)
    assert "12 in all" in told
    assert "2026-03-09" in told
    assert "The next 4" in told
    told = text_of(press(app, "advise"))
    assert "keep every promise" in told
    assert not [button for button in app.button if button.key == "advise"]


def test_without_late_cars_that_is_good_news_and_no_advice_is_offered(plant: Plant, floor: Pages) -> None:
    plant.launch(SOCS)
    app = floor.open("wang", "plan", "en")
    assert "Every promised date is kept" in text_of(app)
    assert not [button for button in app.button if button.key == "advise"]


def test_a_planner_plans_anew_with_a_reason_and_the_page_tells_it(plant: Plant, floor: Pages) -> None:
    plant.launch(SOCS)
    app = press(floor.open("wang", "plan", "en"), "replan")
    press(app, "really-replan")
    assert "A reason is missing" in text_of(app)
    app.text_area(key="why-replan").set_value("new connectors")
    press(app, "really-replan")
    kept = plant.services.replanning.kept(CODE)
    assert (kept.by, kept.why) == ("wang", "new connectors")
    told = text_of(app)
    assert "Planned anew: ends" in told
    assert "by Wang: new connectors" in told


@pytest.mark.parametrize("person", ["li", "sun", "chen", "xu"])
def test_only_a_planner_plans_anew_and_everybody_sees_the_plan(
    plant: Plant, floor: Pages, person: str
) -> None:
    plant.launch(SOCS)
    app = floor.open(person, "plan", "en")
    assert "planned end" in text_of(app)
    assert not [button for button in app.button if button.key == "replan"]


def test_what_moved_is_told_with_the_plans_before(plant: Plant, floor: Pages) -> None:
    plant.launch(SOCS)
    plant.services.replanning.replan(plant.actor("wang"), CODE, why="first try")
    plant.advance(minutes=30)
    plant.services.replanning.replan(plant.actor("wang"), CODE, why="second try")
    told = text_of(opened(floor, "wang", "moved"))
    assert "first try" in told
    assert "second try" in told


def test_what_if_compares_and_saves_nothing(plant: Plant, floor: Pages) -> None:
    plant.launch(SOCS)
    before, token = plant.services.replanning.kept(CODE), plant.services.views.token(CODE)
    app = opened(floor, "wang", "whatif")
    app.number_input(key=f"cars-{CODE}").set_value(40)
    app.number_input(key=f"points-{CODE}").set_value(2)
    press(app, f"compare-{CODE}")
    told = text_of(app)
    assert "+40" in told
    assert "Nothing is saved" in told
    assert re.search(r"▼\s+.* later", told)
    assert plant.services.replanning.kept(CODE) == before
    assert plant.services.views.token(CODE) == token


def test_a_wish_that_contradicts_itself_is_told_and_not_planned(plant: Plant, floor: Pages) -> None:
    plant.launch(SOCS)
    app = opened(floor, "wang", "whatif")
    app.number_input(key=f"points-{CODE}").set_value(-4)
    press(app, f"compare-{CODE}")
    told = text_of(app)
    assert "panel warn" in html_of(app)
    assert "panel bad" not in html_of(app)
    assert "difference" not in told


def test_one_end_of_the_hours_of_qa_is_not_enough(plant: Plant, floor: Pages) -> None:
    plant.launch(SOCS)
    app = opened(floor, "wang", "whatif")
    app.time_input(key=f"qa_from-{CODE}").set_value(time(6))
    press(app, f"compare-{CODE}")
    assert "Give both QA times, or neither" in text_of(app)
    app.time_input(key=f"qa_to-{CODE}").set_value(time(22))
    press(app, f"compare-{CODE}")
    assert "Give both QA times" not in text_of(app)
    assert "difference" in text_of(app)


def test_a_closed_day_makes_it_later(plant: Plant, floor: Pages) -> None:
    plant.launch(SOCS)
    app = opened(floor, "wang", "whatif")
    app.date_input(key=f"closed-{CODE}").set_value(date(2026, 3, 2))
    press(app, f"compare-{CODE}")
    assert re.search(r"Ends.*?▼\s+.* later", text_of(app), re.S)


def test_load_and_past_forecasts_open_when_asked_for(plant: Plant, floor: Pages) -> None:
    plant.launch(SOCS)
    told = text_of(opened(floor, "wang", "load", "scores"))
    assert "Load against capacity" in told
    assert "Too little to judge yet" in told


@pytest.mark.parametrize(("lang", "told"), [("en", "This campaign is over"), ("zh", "该升级活动已结束")])
def test_a_campaign_that_is_stopped_shows_its_last_plan_and_no_switches(
    plant: Plant, floor: Pages, lang: str, told: str
) -> None:
    plant.launch(SOCS)
    plant.services.control.stop(plant.actor("wang"), CODE, "recalled")
    app = floor.open("wang", "plan", lang)
    assert told in text_of(app)
    assert 'class="gantt-row"' in html_of(app)
    assert not [button for button in app.button if button.key in ("replan", "advise")]


def test_an_old_plan_says_how_old_it_is(plant: Plant, floor: Pages) -> None:
    plant.launch(SOCS)
    plant.advance(hours=14)
    assert "This plan is 14 h 00 old" in text_of(floor.open("wang", "plan", "en"))


class AwayReplanning:
    """A store that does not answer."""

    def kept(self, code: str) -> None:
        raise StoreError("disk I/O error at /secret/place")


def test_when_the_store_is_away_the_page_says_so_and_shows_no_trace(plant: Plant, tmp_path: Path) -> None:
    plant.launch(SOCS)
    away = replace(plant.services, replanning=AwayReplanning())
    pages = Pages(away, Settings(home=tmp_path / "home", configs=CONFIGS), PASSWORD)
    app = pages.open("xu", "plan", "en")
    assert not app.exception
    assert "The data cannot be reached" in text_of(app)
    assert "secret" not in text_of(app)


def test_the_work_list_shows_the_shift_of_now(plant: Plant, floor: Pages) -> None:
    plant.launch(SOCS)
    app = floor.open("li", "worklist", "zh")
    html = html_of(app)
    assert "安亭 · 白班 · 2026-03-02" in html
    assert re.findall(r'data-stage="(\w+)"', html)[0] == "charge"
    assert vin_no(1) in html


def test_the_work_list_of_another_day_comes_by_address_and_may_be_empty(plant: Plant, floor: Pages) -> None:
    plant.launch(SOCS)
    told = text_of(floor.open("li", "worklist", "en", day="2026-05-01", shift="day"))
    assert "Nothing is planned in this shift" in told


def test_a_day_in_the_address_that_is_none_shows_the_shift_of_now(plant: Plant, floor: Pages) -> None:
    plant.launch(SOCS)
    assert "2026-03-02" in html_of(floor.open("li", "worklist", "en", day="yesterday", shift="<b>"))


def test_without_a_campaign_the_work_list_says_so(plant: Plant, floor: Pages) -> None:
    assert "No campaign is launched yet" in text_of(floor.open("li", "worklist", "en"))
