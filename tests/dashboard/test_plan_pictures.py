"""The pictures of the plan as values: rows of bars, the Gantt's markup, load against capacity, the fan."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaign.domain.identity import Vin
from campaign.ports.plans import KeptForecast, PlannedStep
from campaign.ports.views import DoneWork
from dashboard.theme import Work
from dashboard.voice import voice
from dashboard.widgets import burn_up, fan, gantt, loads
from dashboard.widgets.work_rows import Bar, Row, Window, point_rows, station_rows, thinned
from tests.fakes.plant import CODE, Plant, vin_no

NOW = datetime(2026, 3, 2, 4, 30, tzinfo=UTC)  # 12:30 at the site
ZONE = ZoneInfo("Asia/Shanghai")
EN, ZH = voice("en").at(ZONE), voice("zh").at(ZONE)
WINDOW = Window.around(NOW, 24)


def at(hours: float) -> datetime:
    return NOW + timedelta(hours=hours)


def step(n: int, machine: str, begin: float, end: float, stage: str = "charge") -> PlannedStep:
    return PlannedStep(vin_no(n), stage, machine, at(begin), at(end))


def bars_of(rows: tuple[Row, ...], name: str) -> list[tuple[Work, str]]:
    return [(bar.work, bar.vin) for row in rows if row.name == name for bar in row.bars]


def planned_bar(begin: float, minutes: float, n: int = 1) -> Bar:
    return Bar(Work.PLANNED, at(begin), at(begin) + timedelta(minutes=minutes), vin_no(n))


def test_a_window_begins_six_hours_before_now_with_a_whole_hour() -> None:
    begin = datetime(2026, 3, 1, 22, 0, tzinfo=UTC)
    assert Window(begin, begin + timedelta(hours=24)) == WINDOW
    assert [WINDOW.share(moment) for moment in (at(-48), WINDOW.begin, at(5.5), WINDOW.end, at(99))] == [
        0.0, 0.0, 0.5, 1.0, 1.0,
    ]  # fmt: skip


def test_every_point_and_station_has_a_row_even_an_idle_one(plant: Plant) -> None:
    plant.launch([100, 200])
    board = plant.services.boards.board(CODE)
    window = Window.around(board.now, 24)
    assert [row.name for row in point_rows(board, (), (), (), window)] == [f"CP-0{n}" for n in range(1, 5)]
    assert [row.name for row in station_rows(board, (), (), (), window)] == ["S1", "S2"]


def test_work_is_drawn_as_it_happens_and_not_as_it_was_planned(plant: Plant) -> None:
    plant.launch([100, 200, 150, 120])
    plant.mark("charging", 1)
    board = plant.services.boards.board(CODE)
    here = next(tile.point for tile in board.data.points if tile.charge and tile.charge.vin == vin_no(1))
    other = next(tile.point for tile in board.data.points if tile.point != here)
    now = board.now
    steps = [PlannedStep(vin_no(n), "charge", other, now, now + timedelta(hours=4)) for n in (1, 2)]
    rows = point_rows(board, steps, (), (), Window.around(now, 24))
    assert bars_of(rows, here) == [(Work.RUNNING, vin_no(1))]
    assert bars_of(rows, other) == [(Work.PLANNED, vin_no(2))]


def test_what_is_over_stands_as_done_or_failed_and_a_failed_car_is_still_planned(plant: Plant) -> None:
    plant.launch([100, 200])
    board = plant.services.boards.board(CODE)
    now = board.now
    begin, end = now - timedelta(hours=2), now - timedelta(hours=1)
    done = [DoneWork("S1", vin_no(1), begin, end), DoneWork("S1", vin_no(2), begin, end, passed=False)]
    later = [PlannedStep(vin_no(n), "flash", "S1", now, now + timedelta(hours=1)) for n in (1, 2)]
    rows = station_rows(board, later, done, (), Window.around(now, 24))
    assert bars_of(rows, "S1") == [
        (Work.DONE, vin_no(1)),
        (Work.FAILED, vin_no(2)),
        (Work.PLANNED, vin_no(2)),
    ]


def test_planned_work_of_a_car_that_misses_its_promise_is_late(plant: Plant) -> None:
    plant.launch([100, 200])
    board = plant.services.boards.board(CODE)
    steps = [
        PlannedStep(vin_no(n), "charge", "CP-01", board.now, board.now + timedelta(hours=n)) for n in (1, 2)
    ]
    rows = point_rows(board, steps, (), {vin_no(2)}, Window.around(board.now, 24))
    assert bars_of(rows, "CP-01") == [(Work.PLANNED, vin_no(1)), (Work.LATE, vin_no(2))]


def test_planned_work_that_should_be_over_is_not_drawn(plant: Plant) -> None:
    plant.launch([100])
    board = plant.services.boards.board(CODE)
    over = PlannedStep(vin_no(1), "charge", "CP-01", board.now - timedelta(hours=2), board.now)
    going = replace(over, end=board.now + timedelta(minutes=1))
    window = Window.around(board.now, 24)
    assert bars_of(point_rows(board, [over], (), (), window), "CP-01") == []
    assert bars_of(point_rows(board, [going], (), (), window), "CP-01") == [(Work.PLANNED, vin_no(1))]


def test_bars_outside_the_window_are_left_out_and_those_at_its_edge_stay() -> None:
    before = Bar(Work.DONE, at(-9), WINDOW.begin, vin_no(1))
    across = Bar(Work.DONE, at(-9), WINDOW.begin + timedelta(minutes=30), vin_no(2))
    after = Bar(Work.PLANNED, WINDOW.end, WINDOW.end + timedelta(hours=1), vin_no(3))
    assert thinned([before, across, after], WINDOW) == (across,)


def test_neighbours_too_narrow_to_tell_apart_grow_into_one_bar_that_counts_them() -> None:
    narrow = [planned_bar(1 + n / 20, 3, n) for n in range(6)]  # 3 minutes each; 8 min 38 s can be told apart
    assert thinned(narrow, WINDOW) == (
        replace(narrow[0], end=narrow[2].end, cars=3),
        replace(narrow[3], end=narrow[5].end, cars=3),
    )
    wide = [planned_bar(1 + n, 45, n) for n in range(6)]
    assert thinned(wide, WINDOW) == tuple(wide)
    two_kinds = [planned_bar(1, 5), replace(planned_bar(1.1, 5), work=Work.LATE)]
    assert len(thinned(two_kinds, WINDOW)) == 2


def full_rows(cars_per_row: int = 24) -> list[tuple[str, list[Row]]]:
    """60 points and 6 stations without a free minute."""
    minutes = 24 * 60 / cars_per_row
    bars = [planned_bar(-6.5 + n * minutes / 60, minutes, n) for n in range(cars_per_row)]
    points = [Row(f"CP-{n:02d}", thinned(bars, WINDOW)) for n in range(1, 61)]
    return [("Stations", [Row(f"ST-{n}", thinned(bars, WINDOW)) for n in range(1, 7)]), ("Points", points)]


@pytest.mark.parametrize("cars_per_row", [8, 24, 150, 2000])
def test_a_full_day_of_sixty_points_stays_small_and_loses_no_car(cars_per_row: int) -> None:
    groups = full_rows(cars_per_row)
    html = str(gantt.gantt(groups, WINDOW, NOW, EN))
    cars = sum(bar.cars for _, rows in groups for row in rows for bar in row.bars)
    assert len(html.encode()) < 100_000
    assert f"planned {cars}<" in html


def drawn(bars: list[Bar], v=EN, hours: int = 24) -> str:
    window = Window.around(NOW, hours)
    return str(gantt.gantt([("Points", [Row("CP-01", thinned(bars, window))])], window, NOW, v))


def test_a_bar_has_its_place_its_state_and_tells_its_car_and_times() -> None:
    html = drawn([planned_bar(-0.5, 360)])
    assert 'class="planned" style="left:25.0%;width:25.0%"' in html
    assert f'title="…{vin_no(1)[-6:]} 12:00–18:00 planned"' in html
    assert f"○ …{vin_no(1)[-6:]}<" in html


def test_a_narrow_bar_has_no_room_for_words_but_still_tells_them() -> None:
    html = drawn([planned_bar(0, 30)])
    assert f"○ …{vin_no(1)[-6:]}<" not in html
    assert f"…{vin_no(1)[-6:]} 12:30–13:00" in html


def test_planned_work_is_seen_from_where_the_work_before_it_ends_and_tells_its_own_times() -> None:
    running = Bar(Work.RUNNING, at(-2), at(5.5), vin_no(2))
    html = drawn([running, planned_bar(2.5, 360), planned_bar(0.5, 60, 3)])
    assert (
        f'class="planned" style="left:50.0%;width:12.5%" title="…{vin_no(1)[-6:]} 15:00–21:00 planned"'
        in html
    )
    assert vin_no(3)[-6:] not in html  # altogether behind it


@pytest.mark.parametrize(("v", "word"), [(EN, "late"), (ZH, "逾期")])
def test_states_have_glyph_word_and_count_in_both_languages(v, word: str) -> None:
    html = drawn([replace(planned_bar(1, 240), work=Work.LATE), planned_bar(8, 240, 2)], v)
    legend = re.sub(r"<[^>]+>", "", html)
    assert f"!{word} 1" in legend
    assert "failed" not in legend.split("CP-01")[0]


def test_the_picture_says_in_one_sentence_what_it_shows() -> None:
    assert re.search(
        r'role="img" aria-label="1 charge points and stations, 03-02 06:00 to 03-03 06:00\.', drawn([])
    )


@pytest.mark.parametrize(
    ("hours", "first"), [(12, ["06:00", "07:00"]), (24, ["06:00", "08:00"]), (72, ["06:00", "12:00"])]
)
def test_the_axis_tells_round_hours_of_the_site(hours: int, first: list[str]) -> None:
    told = re.findall(r"gantt-tick[^>]*>([^<]+)<", drawn([], hours=hours))
    assert told[:2] == first
    assert "03-03" in told or hours == 12
    assert len(told) == 12


LOADS = (
    ("charge", tuple((at(n), 60 * min(n, 3), 240) for n in range(6))),
    ("flash", tuple((at(n), 90, 120) for n in range(6))),
)


def test_load_is_shown_as_places_in_use_of_places_there() -> None:
    assert loads.in_use(LOADS[0][1])[:3] == [(at(0), 0.0, 4.0), (at(1), 1.0, 4.0), (at(2), 2.0, 4.0)]
    halves = [(at(n / 2), 45, 60) for n in range(3)]
    assert loads.in_use(halves)[0] == (at(0), 1.5, 2.0)
    assert loads.in_use([(at(0), 30, 60)]) == [(at(0), 0.5, 1.0)]


def test_each_stage_has_a_panel_with_an_area_under_the_line_of_its_capacity() -> None:
    options = loads.loads_chart(LOADS, NOW, EN)
    assert [title["text"] for title in options["title"]] == ["charging", "flashing"]
    assert [line["xAxisIndex"] for line in options["series"]] == [0, 0, 1, 1]
    assert "areaStyle" in options["series"][0]
    assert options["series"][1]["lineStyle"]["type"] == "dashed"
    assert {(axis["min"], axis["max"]) for axis in options["xAxis"]} == {
        ("2026-03-02T12:30:00Z", "2026-03-02T17:30:00Z")
    }


def test_a_long_campaign_s_load_is_as_small_as_a_short_one_s() -> None:
    long = [("charge", [(at(n), 60, 60) for n in range(5000)])]
    assert len(loads.loads_chart(long, NOW, EN)["series"][0]["data"]) <= 241


def test_a_load_without_points_is_an_empty_panel_and_no_failure() -> None:
    assert loads.loads_chart([("charge", ())], NOW, EN)["series"][0]["data"] == []


FORECAST = KeptForecast(
    id=1,
    campaign=CODE,
    at=NOW,
    cars=40,
    done=8,
    p50=at(20),
    p80=at(24),
    p95=at(30),
    fan=((at(6), 10, 11, 14, 16, 18), (at(12), 15, 18, 22, 26, 31), (at(30), 38, 40, 40, 40, 40)),
    promises=(),
    replications=1000,
)


def test_the_fan_begins_with_what_is_done_and_its_bands_are_as_high_as_the_percentiles_are_apart() -> None:
    series = {line["name"]: line for line in fan.fan_series(burn_up.fan_points(FORECAST, EN), EN)}
    assert series["outer-low"]["data"][0] == ["2026-03-02T12:30:00Z", 8]
    assert series["outer-low"]["data"][2] == ["2026-03-03T00:30:00Z", 15]
    assert [height for _, height in series["outer-high"]["data"]] == [0, 8, 16, 2]
    assert [height for _, height in series["inner-high"]["data"]] == [0, 5, 8, 0]
    assert [cars for _, cars in series["forecast (middle)"]["data"]] == [8, 14, 22, 40]


def test_a_tooltip_never_tells_a_band_s_height() -> None:
    bands = [line for line in fan.fan_series(burn_up.fan_points(FORECAST, EN), EN) if "stack" in line]
    assert len(bands) == 4
    assert all(line["tooltip"] == {"show": False} for line in bands)


def test_the_burn_up_has_the_fan_behind_its_lines_only_with_a_forecast(plant: Plant) -> None:
    plant.launch([100, 200])
    board = plant.services.boards.board(CODE)
    plain, fanned = burn_up.burn_up(board, EN), burn_up.burn_up(board, EN, FORECAST)
    assert len(fanned["series"]) == len(plain["series"]) + 5
    assert fanned["series"][5:] == plain["series"]
    assert "60 % of cases" in burn_up.legend(EN, fan=True)
    assert "60 % of cases" not in burn_up.legend(EN)


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_the_forecast_is_told_in_words_in_both_languages() -> None:
    assert words(fan.promise(FORECAST, NOW, EN)).startswith(
        "with 80 % certainty by 2026-03-03 12:30 50 %: 2026-03-03 08:30 · 95 %: 2026-03-03 18:30"
    )
    assert "80% 把握在 2026-03-03 12:30 前完成" in words(fan.promise(FORECAST, NOW, ZH))


@pytest.mark.parametrize(("minutes", "old"), [(45, False), (46, True)])
def test_a_forecast_that_is_old_says_so(minutes: int, old: bool) -> None:
    told = words(fan.promise(FORECAST, NOW + timedelta(minutes=minutes), EN))
    assert ("▼ forecast is 46 min old" in told) == old


def test_without_a_forecast_there_is_a_word_about_when_it_comes() -> None:
    assert "within 15 minutes" in words(fan.promise(None, NOW, EN))


def test_a_vin_in_a_bar_is_data_and_never_markup() -> None:
    html = drawn([replace(planned_bar(0, 360), vin=Vin("<b>x</b>"))])
    assert "<b>" not in html
