"""The planner at the command line while a campaign runs: again, what if, forecast, the work list of a shift."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time
from pathlib import Path

import pytest

from campaign.cli.planning_whatif import read_days, read_hours
from campaign.domain.vehicle import OrderState
from campaign.errors import BadInput
from tests.fakes.command_line import Desk, desk_in
from tests.fakes.plant import CODE, vin_no

CONFIGURED = "VBV453C-2026"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Six cars at work, two of them above the gate by their lists."""
    with desk_in(tmp_path) as desk:
        desk.plant.launch([300, 300, 200, 200, 200, 200])
        yield desk


def test_a_planner_plans_again_and_hears_what_moved(desk: Desk) -> None:
    told = desk.run("replan", CODE, "--reason", "two points are back", by="wang")
    assert told.code == 0
    assert f"{CODE} planned again" in told.out
    assert "every promise is kept" in told.out
    told = desk.run("replan", CODE, "--reason", "once more", "--json", by="wang").json
    assert (told["cause"], told["why"], told["cars"]) == ("asked", "once more", 6)
    assert "plan" in desk.run("audit", "log", CODE, by="xu").out


def test_a_plan_is_made_again_by_planners_with_a_reason(desk: Desk) -> None:
    assert desk.run("replan", CODE, by="wang").code == 2
    assert desk.run("replan", CODE, "--reason", " ", by="wang").code == 1
    assert desk.run("replan", CODE, "--reason", "x", by="li").code == 1
    assert desk.run("replan", "NOPE", "--reason", "x", by="wang").code == 2


def test_a_campaign_that_is_over_is_not_planned_again(desk: Desk) -> None:
    desk.run("stop", CODE, "--reason", "sold", by="wang")
    told = desk.run("replan", CODE, "--reason", "x", by="wang")
    assert (told.code, told.err.startswith("refused: ")) == (1, True)


def test_late_cars_say_why_and_what_would_help(tmp_path: Path) -> None:
    with desk_in(tmp_path) as desk:
        desk.plant.launch([100] * 90, orders=OrderState.KNOWN)  # promised for the evening of 2026-03-09
        told = desk.run("replan", CODE, "--reason", "so many", by="wang")
        assert told.code == 0
        assert "cars are late" in told.out
        assert "2026-03-09 20:00" in told.out
        assert "waits for point CP-0" in told.out
        assert "charge points more" in told.out
        assert "- every promise " in told.out
        asked = desk.run("whatif", CODE, by="zhou").out
        assert [line for line in asked.splitlines() if line.startswith("- ")]


def test_two_scenarios_stand_side_by_side_and_nothing_is_saved(desk: Desk) -> None:
    before = desk.run("audit", "log", CODE, "--json", by="xu").json
    told = desk.run("whatif", CODE, "--cars", "30", "--points", "+2", "--stations", "-1", by="wang")
    assert told.code == 0
    rows = {line.split("  ")[0]: line for line in told.out.splitlines()}
    assert "as it is" in told.out
    assert rows["cars"].split()[1:] == ["6", "36", "+30"]
    assert "later" in rows["done"]
    assert desk.run("audit", "log", CODE, "--json", by="xu").json == before


def test_days_without_work_and_other_hours_of_quality_are_wishes_too(desk: Desk) -> None:
    day = desk.plant.clock.now().date().isoformat()
    closed = desk.run("whatif", "--closed", day, "--json", by="zhou").json
    assert closed["then"]["ends_at"] > closed["now"]["ends_at"]
    longer = desk.run("whatif", "--qa-hours", "00:00-24:00", "--json", by="zhou").json
    assert longer["then"]["ends_at"] <= longer["now"]["ends_at"]


def test_without_a_wish_it_tells_how_it_stands(desk: Desk) -> None:
    told = desk.run("whatif", by="zhou")
    assert (told.code, "what if" in told.out, "bottleneck" in told.out) == (0, False, True)


def test_a_campaign_that_is_not_launched_is_compared_as_its_launch(tmp_path: Path) -> None:
    with desk_in(tmp_path) as desk:
        desk.plant.add_cars([200] * 6)
        told = desk.run("whatif", CONFIGURED, "--inspectors", "+1", "--json", by="wang")
        assert (told.code, told.json["now"]["cars"]) == (0, 6)
        assert desk.run("whatif", "--json", by="wang").json["now"]["cars"] == 6


@pytest.mark.parametrize(
    "wish",
    [
        ("--stations", "-99"),
        ("--points", "many"),
        ("--cars", "-1"),
        ("--closed", "1/10"),
        ("--closed", "2020-01-01"),
        ("--qa-hours", "6-24"),
        ("NOPE",),
    ],
)
def test_a_wish_that_makes_no_sense_is_wrong_input(wish: tuple[str, ...], desk: Desk) -> None:
    told = desk.run("whatif", *wish, by="wang")
    assert (told.code, told.out) == (2, "")


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("06:00-24:00", (time(6), time(0))),
        ("0:00 - 24:00", (time(0), time(0))),
        ("20：00–08：00", (time(20), time(8))),
    ],
)
def test_hours_as_people_type_them(text: str, hours: tuple[time, time]) -> None:
    assert read_hours(text) == hours


@pytest.mark.parametrize(
    "text", ["", "6", "06:00", "25:00-26:00", "06:60-07:00", "24:00-06:00", "06:00-24:01"]
)
def test_hours_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(BadInput, match="--qa-hours"):
        read_hours(text)


def test_days_are_counted_once_however_they_are_typed() -> None:
    first, second = date(2026, 10, 1), date(2026, 10, 2)
    assert read_days(["2026-10-02，2026/10/01", "2026-10-01"]) == (first, second)
    assert read_days([]) == ()


def test_there_is_no_forecast_until_one_is_made(desk: Desk) -> None:
    none = desk.run("forecast", CODE, by="zhou")
    assert (none.code, "--now" in none.err) == (2, True)
    assert desk.run("forecast", "--now", by="zhou").code == 1
    made = desk.run("forecast", "--now", by="wang")
    assert (made.code, "80 %" in made.out) == (0, True)
    kept = desk.run("forecast", "--json", by="zhou").json
    assert (kept["campaign"], kept["cars"], kept["done"]) == (CODE, 6, 0)
    assert kept["p50"] <= kept["p80"] <= kept["p95"]
    assert set(kept["fan"][0]) == {"at", "p5", "p20", "p50", "p80", "p95"}


def test_past_forecasts_are_scored(desk: Desk) -> None:
    desk.run("forecast", "--now", by="wang")
    told = desk.run("forecast", "--scores", by="zhou")
    assert (told.code, "what happened: 1" in told.out) == (0, True)
    assert desk.run("forecast", "--scores", "--json", by="zhou").json["forecasts"] == 1
    assert desk.run("forecast", "--scores", "--now", by="wang").code == 2


def test_a_shift_has_its_work_list(desk: Desk) -> None:
    told = desk.run("worklist", by="zhou")
    assert told.code == 0
    assert vin_no(1) in told.out
    work = desk.run("worklist", CODE, "--json", by="zhou").json
    assert {line["vin"] for line in work["lines"]} <= {vin_no(n) for n in range(1, 7)}
    assert {line["what"] for line in work["lines"]} <= {"charge", "flash", "inspect"}
    tomorrow = desk.run("worklist", "--at", "2026-03-03 09:00", "--json", by="zhou").json
    assert (work["day"], tomorrow["day"]) == ("2026-03-02", "2026-03-03")


def test_between_shifts_there_is_no_work_list(desk: Desk) -> None:
    told = desk.run("worklist", "--at", "23:00", by="zhou")  # one shift only, 08:00 to 20:00
    assert (told.code, "no shift" in told.err) == (2, True)


def test_a_time_that_is_none_is_wrong_input(desk: Desk) -> None:
    assert desk.run("worklist", "--at", "noonish", by="zhou").code == 2


def test_it_is_told_in_chinese_too(desk: Desk) -> None:
    for args in (("whatif", "--cars", "3"), ("worklist",)):
        told = desk.run(*args, by="zhou", CAMPAIGN_LANGUAGE="zh")
        assert "车辆" in told.out


@pytest.mark.parametrize(
    "args", [("replan", CODE, "--reason", "x"), ("whatif",), ("forecast",), ("worklist",)]
)
def test_nothing_is_told_without_a_sign_in(args: tuple[str, ...], desk: Desk) -> None:
    assert desk.run(*args).code == 1


def test_before_a_launch_it_is_said_at_once_which_promises_break_and_what_would_keep_them(
    tmp_path: Path,
) -> None:
    with desk_in(tmp_path) as desk:
        desk.plant.add_cars([100] * 90, orders=OrderState.KNOWN)  # promised for the evening of 2026-03-09
        told = desk.run("plan", CONFIGURED, by="wang")
        assert told.code == 0
        assert "later than promised" in told.out
        assert "charge points more" in told.out
        assert desk.run("plan", CONFIGURED, "--json", by="wang").json["remedies"]
        asked = desk.run("whatif", CONFIGURED, by="zhou").out
        assert [line for line in asked.splitlines() if line.startswith("- ")]


def test_when_every_promise_is_kept_a_preview_advises_nothing(tmp_path: Path) -> None:
    with desk_in(tmp_path) as desk:
        desk.plant.add_cars([200] * 6, orders=OrderState.KNOWN)
        told = desk.run("plan", CONFIGURED, by="wang")
        assert "0 later than promised" in told.out
        assert "keeps the promises" not in told.out
