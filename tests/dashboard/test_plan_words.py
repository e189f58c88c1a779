"""What the plan page says: head, moves, late cars, chances, two outlooks side by side, past forecasts."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaign.domain.campaign import CampaignState
from campaign.planning.plan import Wait
from campaign.ports.plans import KeptForecast, KeptPlan, LateCar, LateReason, Moved
from campaign.services.forecasting import CalibrationPoint, EndScores, Scores
from campaign.services.outlook import Comparison, Outlook
from dashboard.voice import voice
from dashboard.widgets import calibration, compare, plan_head, promises
from tests.fakes.plant import CODE, Plant, vin_no

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # 12:00 at the site
EN, ZH = (voice(lang).at(ZoneInfo("Asia/Shanghai")) for lang in ("en", "zh"))


def at(hours: float) -> datetime:
    return NOW + timedelta(hours=hours)


def words(html: object) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", str(html)).split())


LATE = LateCar(vin_no(7), at(8), at(13.5), LateReason(Wait.MACHINE, "charge", "CP-02", at(1), at(5)))
PLAN = KeptPlan(
    campaign=CODE,
    made_at=NOW,
    by="wang",
    cause="down",
    why="S1",
    rule="due date",
    seconds=0.4,
    ends_at=at(100.25),
    gate_at=at(6),
    bound_ends_at=at(100),
    binding="charge",
    cars=40,
    late=(LATE, replace(LATE, vin=vin_no(8), approved=at(30), reason=None)),
    tardiness_min=1651,
    moved=(Moved(vin_no(3), 12, 2, "down S1"), Moved(vin_no(4), 2, 3, "down S1")),
    moved_count=2,
    batches=(),
    steps=(),
    late_count=2,
)  # fmt: skip


def test_the_head_tells_end_certainty_late_cars_bottleneck_ratio_and_gate() -> None:
    forecast = KeptForecast(1, CODE, NOW, 40, 0, at(90), at(110), at(120), (), (), 1000)
    told = words(plan_head.headline(PLAN, forecast, NOW, EN))
    assert "planned end 2026-03-06 16:15" in told
    assert "with 80 % certainty by 2026-03-07 02:00" in told
    assert "after their promise 2 cars 28 car-hours" in told
    assert "bottleneck charging" in told
    assert "times the shortest 1.003" in told
    assert "pilot approved 03-02 18:00" in told
    assert "S1" in told


def test_without_a_forecast_the_head_has_a_dash_and_without_late_cars_no_hours() -> None:
    told = words(plan_head.headline(replace(PLAN, late=(), late_count=0, gate_at=None), None, NOW, EN))
    assert "with 80 % certainty by —" in told
    assert "after their promise 0 cars bottleneck" in told
    assert "pilot approved done" in told


@pytest.mark.parametrize(
    ("ends", "bound", "told"), [(100, 100, "1.000"), (100.001, 100, "1.001"), (1, 0, "—"), (1, -1, "—")]
)
def test_the_ratio_is_rounded_up_and_has_no_word_when_nothing_is_left(ends, bound, told) -> None:
    assert plan_head.ratio_words(replace(PLAN, ends_at=at(ends), bound_ends_at=at(bound))) == told


@pytest.mark.parametrize(
    ("state", "kept", "age", "told"),
    [
        (CampaignState.RUNNING, True, 13, None),
        (CampaignState.RUNNING, True, 13.1, "This plan is 13 h 06 old"),
        (CampaignState.RUNNING, False, 0, "No plan is kept yet"),
        (CampaignState.COMPLETE, True, 99, "This campaign is over"),
        (CampaignState.STOPPED, False, 0, "no new work starts"),
    ],
)
def test_a_plan_that_is_none_over_or_old_says_so(plant: Plant, state, kept, age, told) -> None:
    plant.launch([100, 200])
    with plant.services.store.read() as uow:
        campaign = uow.campaigns.get(CODE)
    said = plan_head.standing(replace(campaign, state=state), PLAN if kept else None, at(age), EN)
    assert (said is None) if told is None else (told in words(said))


def test_a_car_that_moved_says_how_far_and_why() -> None:
    told = words(plan_head.moved_list(PLAN, EN))
    assert f"{vin_no(3)[-6:]} ▲ 10 places earlier" in told
    assert f"{vin_no(4)[-6:]} ▼ 1 places later" in told
    assert told.count("S1") == 2


def test_moves_beyond_those_that_are_kept_are_counted() -> None:
    assert "first 2 shown" in words(plan_head.moved_list(replace(PLAN, moved_count=900), EN))
    assert "first" not in words(plan_head.moved_list(PLAN, EN))


@pytest.mark.parametrize("v", [EN, ZH])
def test_late_cars_stand_with_the_latest_first_and_their_reason_in_words(v) -> None:
    html = str(promises.late_cars(PLAN, v))
    told = words(html)
    assert told.index(vin_no(8)[-6:]) < told.index(vin_no(7)[-6:])
    assert "CP-02" in told
    assert "17:00" in told  # until when it waits, at the site
    assert "None" not in told


def test_no_late_car_is_good_news() -> None:
    assert "Every promised date is kept" in words(promises.late_cars(replace(PLAN, late=()), EN))


@pytest.mark.parametrize(
    ("chance", "told"),
    [(1.0, "✓ 100 %"), (0.8, "✓ 80 %"), (0.79, "~ 79 %"), (0.5, "~ 50 %"), (0.49, "! 49 %")],
)
def test_a_chance_is_a_glyph_and_a_number_and_never_colour_alone(chance: float, told: str) -> None:
    forecast = KeptForecast(
        1, CODE, NOW, 40, 0, NOW, NOW, NOW, (), ((date(2026, 3, 9), 12, chance, 0.25),), 100
    )
    said = words(promises.chances(forecast, EN))
    assert f"2026-03-09 12 cars {told} 0.2" in said


NOW_OUTLOOK = Outlook(
    cars=40,
    starts_at=NOW,
    ends_at=at(100),
    gate_at=at(6),
    late=5,
    tardiness_min=600,
    binding="charge",
    bound_ends_at=at(99),
    rule="due date",
    curve=tuple((at(n), n) for n in range(10, 41)),
    loads=(),
)
THEN_OUTLOOK = replace(
    NOW_OUTLOOK, cars=43, ends_at=at(80), gate_at=at(7.5), late=7, tardiness_min=601, binding="flash"
)
BOTH = Comparison(NOW_OUTLOOK, THEN_OUTLOOK)


def test_two_outlooks_stand_side_by_side_with_what_is_better_and_worse() -> None:
    told = words(compare.side_by_side(BOTH, EN))
    assert "Cars 40 43 +3" in told
    assert "Ends 03-06 16:00 03-05 20:00 ▲ 20 h 00 sooner" in told
    assert "Pilot approved 03-02 18:00 03-02 19:30 ▼ 1 h 30 later" in told
    assert "Late cars 5 7 ▼ +2" in told
    assert "Car-hours late 10 11 ▼ +1" in told
    assert "Bottleneck charging flashing" in told


def test_outlooks_that_do_not_differ_say_the_same() -> None:
    told = words(compare.side_by_side(Comparison(NOW_OUTLOOK, NOW_OUTLOOK), EN))
    assert "Ends 03-06 16:00 03-06 16:00 the same" in told
    assert "▲" not in told
    assert "▼" not in told


def test_a_pilot_that_is_approved_is_done_on_both_sides() -> None:
    open_gate = replace(NOW_OUTLOOK, gate_at=None)
    told = words(compare.side_by_side(Comparison(open_gate, open_gate), EN))
    assert "Pilot approved done done" in told


def test_both_curves_are_in_one_chart_told_apart_by_more_than_colour() -> None:
    series = compare.curves(BOTH, EN)["series"]
    assert [line["name"] for line in series] == ["as it is", "what if"]
    assert [line["lineStyle"]["type"] for line in series] == ["dashed", "solid"]
    assert series[0]["data"][0] == ["2026-03-02T12:00:00Z", 0]
    assert series[0]["data"][-1][1] == 40


def test_a_long_campaign_s_curves_are_thinned_and_keep_their_end() -> None:
    long = replace(NOW_OUTLOOK, curve=tuple((at(n), n) for n in range(5000)))
    data = compare.curves(Comparison(long, long), EN)["series"][0]["data"]
    assert len(data) <= 242
    assert data[-1][1] == 4999


POINTS = tuple(CalibrationPoint(said, came, 120) for said, came in ((0.95, 0.97), (0.5, 0.4), (0.05, 0.0)))


def test_past_forecasts_are_plotted_as_said_against_happened_with_the_diagonal() -> None:
    diagonal, ours = calibration.plot(Scores(40, POINTS), EN)["series"]
    assert diagonal["data"] == [[0, 0], [100, 100]]
    assert ours["data"] == [[5, 0], [50, 40], [95, 97]]
    assert "Judged over 120 hours of 40 forecasts" in words(calibration.words(Scores(40, POINTS), EN))


@pytest.mark.parametrize(("outcomes", "enough"), [(0, False), (47, False), (48, True)])
def test_too_little_to_judge_is_said_and_nothing_is_plotted(outcomes: int, enough: bool) -> None:
    points = tuple(replace(point, outcomes=outcomes) for point in POINTS) if outcomes else ()
    scores = Scores(3, points)
    assert (calibration.plot(scores, EN) is not None) == enough
    assert (
        f"{outcomes} hours of forecasts have passed, 48 are needed" in words(calibration.words(scores, EN))
    ) != enough


def test_a_campaign_that_ended_tells_how_often_its_end_kept_the_dates() -> None:
    told = words(calibration.words(Scores(40, POINTS, EndScores(0.45, 0.805, 1.0)), EN))
    assert "ended by the 50 % date of 45 % of the forecasts" in told
    assert "ended by the 80 % date of 80 % of the forecasts" in told
    assert "ended by the 95 % date of 100 % of the forecasts" in told
