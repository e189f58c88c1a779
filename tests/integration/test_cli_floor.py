"""The floor at the command line: marks in bulk, duplicates, refusals, and what is next."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from campaign.domain.marks import MarkKind
from campaign.domain.vehicle import Status
from tests.fakes.command_line import Desk, desk_in
from tests.fakes.plant import CODE, vin_no

SOCS = [200] * 4
STRANGER = "LSVAA49J5000000995"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Four cars below the gate, launched; each has its charge point."""
    with desk_in(tmp_path) as desk:
        desk.plant.launch(SOCS)
        yield desk


def test_one_line_per_car_and_done(desk: Desk) -> None:
    told = desk.run("mark", "charging", vin_no(1), vin_no(2), by="li")
    assert told.code == 0
    lines = told.out.splitlines()
    assert [line.split()[0] for line in lines[:2]] == [vin_no(1), vin_no(2)]
    assert lines[2] == "2 cars: done 2"
    assert desk.plant.car(1).status is Status.CHARGING


def test_the_end_of_a_vin_is_enough_when_it_fits_one_car(desk: Desk) -> None:
    assert desk.run("mark", "charging", "0003", by="li").code == 0
    assert desk.plant.car(3).status is Status.CHARGING


def test_lines_from_a_pipe_bring_their_own_soc(desk: Desk) -> None:
    desk.run("mark", "charging", vin_no(1), vin_no(2), by="li")
    told = desk.run("mark", "charged", "-", by="li", typed=f"{vin_no(1)},31.5\n\n{vin_no(2)}\t30\n")
    assert told.code == 0
    assert (desk.plant.car(1).soc.tenths, desk.plant.car(2).soc.tenths) == (315, 300)


def test_a_car_at_26_9_is_refused_with_the_gate_and_27_0_goes(desk: Desk) -> None:
    desk.run("mark", "charging", vin_no(1), by="li")
    below = desk.run("mark", "charged", vin_no(1), "--soc", "26.9", by="li")
    assert (below.code, "27.0 %" in below.out) == (1, True)
    assert desk.run("mark", "charged", vin_no(1), "--soc", "27.0", by="li").code == 0


def test_one_refused_car_does_not_hold_up_the_others(desk: Desk) -> None:
    told = desk.run("mark", "charging", vin_no(1), "NOT-A-VIN", vin_no(2), by="li")
    assert told.code == 1
    assert "done 2, refused 1" in told.out
    assert desk.plant.car(2).status is Status.CHARGING


def test_a_double_scan_is_no_error_and_the_second_technician_sees_the_first(desk: Desk) -> None:
    assert desk.run("mark", "charging", vin_no(1), by="li").code == 0
    again = desk.run("mark", "charging", vin_no(1), by="li")
    assert (again.code, "already recorded" in again.out) == (0, True)
    other = desk.run("mark", "charging", vin_no(1), by="zhao")
    assert (other.code, "li" in other.out) == (1, True)


def test_a_report_of_failure_says_why(desk: Desk) -> None:
    told = desk.run("mark", "failed", vin_no(1), by="li")
    assert (told.code, "reason" in told.out) == (1, True)
    assert desk.run("mark", "failed", vin_no(1), "--reason", "door damaged", by="li").code == 0


def test_the_claimed_time_is_kept_beside_the_servers(desk: Desk) -> None:
    desk.run("mark", "charging", vin_no(1), "--at", "2026-03-02 07:10", by="li")
    (event,) = [e for e in desk.plant.services.views.story(vin_no(1)) if e.fact.claimed_at]
    assert event.fact.claimed_at.isoformat() == "2026-03-01T23:10:00+00:00"
    assert "claimed for 2026-03-02 07:10" in desk.run("story", vin_no(1), by="li").out


@pytest.mark.parametrize(
    ("args", "named"),
    [
        (("--soc", "0.5"), "--soc"),
        (("--soc", "full"), "--soc"),
        (("--at", "soon"), "--at"),
        (("--gauge", "fuel"), "--gauge"),
    ],
)
def test_a_wrong_value_is_named_and_nothing_is_marked(args: tuple[str, ...], named: str, desk: Desk) -> None:
    told = desk.run("mark", "charged", vin_no(1), *args, by="li")
    assert (told.code, named in told.err) == (2, True)
    assert desk.plant.car(1).status is Status.QUEUED


def test_nothing_to_mark_is_wrong_usage(desk: Desk) -> None:
    assert desk.run("mark", "charging", "-", by="li", typed="\n\n").code == 2


def test_marks_as_json_carry_codes(desk: Desk) -> None:
    told = desk.run("mark", "charged", vin_no(1), "--soc", "20", "--json", by="li")
    assert told.code == 1
    (mark,) = told.json
    assert (mark["vin"], mark["answer"]) == (vin_no(1), "refused")
    assert "soc_below" in [reason["code"] for reason in mark["reasons"]]


def test_more_marks_than_one_hand_in_holds(desk: Desk) -> None:
    told = desk.run("mark", "soc", "-", "--json", by="li", typed=f"{vin_no(1)},25\n" * 501)
    assert (told.code, len(told.json)) == (0, 501)


def test_only_the_floor_marks(desk: Desk) -> None:
    told = desk.run("mark", "charging", vin_no(1), by="wang")
    assert (told.code, "technician" in told.err) == (1, True)
    assert desk.plant.car(1).status is Status.QUEUED


def test_next_names_the_command_that_helps(desk: Desk) -> None:
    told = desk.run("next", vin_no(1), by="li")
    assert told.code == 0
    assert f"campaign mark charging {vin_no(1)} --point CP-0" in told.out
    asked = desk.run("next", vin_no(1), "--json", by="li").json
    assert (asked["next"], asked["status"]) == (MarkKind.CHARGING, Status.QUEUED)


def test_next_on_several_cars_shows_them(desk: Desk) -> None:
    told = desk.run("next", "0000", by="li")
    assert (told.code, vin_no(1) in told.err, vin_no(2) in told.err) == (2, True, True)


def test_a_stranger_gets_the_cars_that_look_like_it(desk: Desk) -> None:
    told = desk.run("next", STRANGER, by="li")
    assert told.code == 2
    assert len(told.err.splitlines()) == 1


def test_find_and_story(desk: Desk) -> None:
    assert len(desk.run("find", "0000", "--json", by="li").json) == len(SOCS)
    assert vin_no(1) in desk.run("find", vin_no(1)[-5:].lower(), by="li").out
    assert desk.run("find", "ZZZ9", by="li").code == 2
    story = desk.run("story", vin_no(1), "--json", by="li").json
    assert (story["vin"], story["car"]["campaign"]) == (vin_no(1), CODE)


def test_chinese_for_a_chinese_technician(desk: Desk) -> None:
    told = desk.run("mark", "charging", vin_no(1), "X", by="li", CAMPAIGN_LANGUAGE="zh")
    assert "开始充电: 完成  充电中" in told.out
    assert "无法识别" in told.out
