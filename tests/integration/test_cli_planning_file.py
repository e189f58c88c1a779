"""`campaign plan --snapshot`: a file in, a plan out, without an installation and without a sign-in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.fakes.command_line import Printed, run

SHOP = {"stages": [2, 3, 2], "jobs": [[10, 20, 5], [7, 9, 4]]}
NIGHT = {"windows": {"daily": [["08:00", "20:00"]]}}


def yard(**more: object) -> dict[str, object]:
    """Twelve cars through one station, promised for the same noon; eight can be flashed until then."""
    return {
        "start": "2026-01-05T06:00+08:00",
        "stages": [
            {"name": "charge", "machines": 12},
            {"name": "flash", "machines": ["ST-1"]},
            {"name": "inspect", "machines": 4},
        ],
        "jobs": [{"id": f"car{n}", "durations": [0, 40, 0], "due": "2026-01-05T12:00"} for n in range(12)],
    } | more


def planned(home: Path, document: object, *args: str, **env: str) -> Printed:
    file = home / "snapshot.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    return run(home, "plan", "--snapshot", str(file), *args, **env)


def test_a_flow_shop_is_planned_with_nothing_set_up(tmp_path: Path) -> None:
    told = planned(tmp_path, SHOP)
    assert (told.code, told.err) == (0, "")
    assert "2 cars through 3 stages" in told.out
    assert "1.0000 times the shortest possible" in told.out
    assert not (tmp_path / "campaign.db").exists()


def test_the_plan_goes_to_a_file_and_the_summary_to_the_screen(tmp_path: Path) -> None:
    out = tmp_path / "plan.json"
    told = planned(tmp_path, SHOP, "--out", str(out))
    plan = json.loads(out.read_text("utf-8"))
    assert (plan["makespan"], plan["ratio"], plan["bounds"]["makespan"]) == (35, 1.0, 35)
    assert {(step["stage"], step["job"]) for step in plan["operations"]} == {
        (f"stage-{stage}", f"job-{job}") for stage in (1, 2, 3) for job in (1, 2)
    }
    assert "2 cars" in told.out


@pytest.mark.parametrize("how", [("--out", "-"), ("--json",)])
def test_standard_output_holds_nothing_but_the_plan(how: tuple[str, ...], tmp_path: Path) -> None:
    assert planned(tmp_path, SHOP, *how).json["rule"].startswith("due date")


def test_the_snapshot_may_come_from_standard_input(tmp_path: Path) -> None:
    told = run(tmp_path, "plan", "--snapshot", "-", typed=json.dumps(SHOP))
    assert (told.code, "2 cars through 3 stages" in told.out) == (0, True)


def test_late_cars_say_why_and_what_would_help(tmp_path: Path) -> None:
    told = planned(tmp_path, yard())
    assert "3 of 12 promised cars are late" in told.out
    assert "waits for station ST-1, free at 2026-01-05 13:20" in told.out
    assert "- 1 station more\n- every promise a day later" in told.out


def test_late_cars_say_it_in_chinese(tmp_path: Path) -> None:
    told = planned(tmp_path, yard(), CAMPAIGN_LANGUAGE="zh")
    assert "12 辆承诺车辆中 3 辆逾期" in told.out
    assert "等待工位 ST-1，2026-01-05 13:20 空闲" in told.out
    assert "- 增加 1 个工位" in told.out


def test_promises_that_no_plan_can_keep_are_said_at_once(tmp_path: Path) -> None:
    hopeless = [{"id": "A", "durations": [400, 40, 10], "due": 449}, {"id": "B", "durations": [0, 40, 10]}]
    told = planned(tmp_path, yard(jobs=hopeless))
    assert "no plan can keep 1 of these promises: A" in told.out
    plan = planned(tmp_path, yard(jobs=hopeless), "--json").json
    assert plan["impossible"] == ["A"]
    assert [remedy["text"] for remedy in plan["remedies"]] == ["every promise a day later"]


def test_every_promise_kept_is_said_too(tmp_path: Path) -> None:
    jobs = [{"id": "A", "durations": [10, 40, 10], "due": 60}]
    assert "every promise is kept: 1" in planned(tmp_path, yard(jobs=jobs)).out


def test_the_same_file_and_seed_give_the_same_plan(tmp_path: Path) -> None:
    def steps(seed: str) -> object:
        return planned(tmp_path, yard(), "--json", "--seed", seed).json["operations"]

    assert steps("7") == steps("7")


def test_a_long_search_says_that_it_works(tmp_path: Path) -> None:
    many = {"stages": [1], "jobs": [[1]] * 5_000}
    told = planned(tmp_path, many)
    assert (told.code, told.err) == (0, "planning 5000 cars ...\n")


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (b'{"stages": [2], "jobs": [[1, 2]]}', "jobs[0]: 2 durations for 1 stages"),
        (b'{"stages": [2], "jobs": [[1]], "jobs": [[2]]}', "jobs: this field is there twice"),
        (b'{"stages": [2],\n "jobs": oops}', "line 2, column 10"),
        (b'{"stages": [2], "jobs": [["\xff"]]}', "UTF-8"),
        (b"[" * 100_000, "not JSON"),
        (b"", "not JSON"),
        (b'"' + b"9" * 5_000 + b'"', "not an object"),
        (b"9" * 5_000, "not JSON"),
        (b"NaN", "not an object"),
    ],
)
def test_a_file_that_is_none_is_one_line_and_an_exit_code(text: bytes, where: str, tmp_path: Path) -> None:
    file = tmp_path / "snapshot.json"
    file.write_bytes(text)
    told = run(tmp_path, "plan", "--snapshot", str(file))
    assert (told.code, told.out, len(told.err.splitlines())) == (2, "", 1)
    assert where in told.err


def test_a_file_of_notepad_is_read(tmp_path: Path) -> None:
    (tmp_path / "bom.json").write_text(json.dumps(SHOP), encoding="utf-8-sig")
    assert run(tmp_path, "plan", "--snapshot", str(tmp_path / "bom.json")).code == 0


def test_a_place_that_cannot_be_read_or_written_is_wrong_input(tmp_path: Path) -> None:
    for args in (("--snapshot", str(tmp_path / "no.json")), ("--snapshot", str(tmp_path))):
        told = run(tmp_path, "plan", *args)
        assert (told.code, len(told.err.splitlines())) == (2, 1)
    told = planned(tmp_path, SHOP, "--out", str(tmp_path / "no" / "plan.json"))
    assert (told.code, "cannot be written" in told.err) == (2, True)


@pytest.mark.parametrize("args", [("CODE",), ("--starts-at", "08:00"), ("--file", "x.yaml")])
def test_a_snapshot_goes_with_nothing_that_it_says_itself(args: tuple[str, ...], tmp_path: Path) -> None:
    told = planned(tmp_path, SHOP, *args)
    assert (told.code, "--snapshot" in told.err) == (2, True)


@pytest.mark.parametrize("args", [("--out", "x"), ("--search", "1"), ("--seed", "2")])
def test_what_goes_with_a_snapshot_does_not_go_without(args: tuple[str, ...], tmp_path: Path) -> None:
    told = run(tmp_path, "plan", *args)
    assert (told.code, "--snapshot" in told.err) == (2, True)
    assert planned(tmp_path, SHOP, "--search", "-1").code == 2


def test_a_yard_that_closes_at_night_may_stay_open_longer(tmp_path: Path) -> None:
    stages = [{"name": "inspect", "machines": 1, "calendar": NIGHT}]
    jobs = [{"id": f"car{n}", "durations": [60], "due": "2026-01-05T21:00"} for n in range(13)]
    told = planned(tmp_path, yard(start="2026-01-05T08:00+08:00", stages=stages, jobs=jobs))
    assert "- inspection open 1 h longer every day" in told.out
