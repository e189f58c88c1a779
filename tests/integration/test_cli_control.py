"""The planner, sales and the holds at the command line, and where a campaign stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from campaign.domain.campaign import CampaignState
from campaign.domain.vehicle import OrderState, Status
from tests.fakes.command_line import Desk, desk_in
from tests.fakes.plant import CODE, vin_no

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "manager-auditor.md"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Six cars, two of them above the gate."""
    with desk_in(tmp_path) as desk:
        desk.plant.launch([300, 300, 200, 200, 200, 200])
        yield desk


def state(desk: Desk) -> CampaignState:
    return desk.plant.services.views.campaigns()[0].state


def test_pause_resume_stop(desk: Desk) -> None:
    for command, after in (
        ("pause", CampaignState.PAUSED),
        ("resume", CampaignState.RUNNING),
        ("stop", CampaignState.STOPPED),
    ):
        told = desk.run(command, CODE, "--reason", "storm", by="wang")
        assert (told.code, state(desk)) == (0, after)
    again = desk.run("resume", CODE, "--reason", "sun", by="wang")
    assert (again.code, "refused:" in again.err, "stopped" in again.err) == (1, True, True)


def test_a_reason_is_asked_for_and_a_blank_one_is_refused(desk: Desk) -> None:
    missing = desk.run("pause", CODE, by="wang")
    assert (missing.code, "--reason" in missing.err) == (2, True)
    blank = desk.run("pause", CODE, "--reason", " ", by="wang")
    assert (blank.code, "reason is missing" in blank.err) == (1, True)


def test_only_a_planner_runs_campaigns(desk: Desk) -> None:
    told = desk.run("stop", CODE, "--reason", "x", by="root")
    assert (told.code, "Who can lift it: planner" in told.err) == (1, True)
    assert state(desk) is CampaignState.RUNNING


def test_an_unknown_campaign_is_wrong_input(desk: Desk) -> None:
    told = desk.run("pause", "NOPE", "--reason", "x", by="wang")
    assert (told.code, "NOPE" in told.err) == (2, True)
    shown = desk.run("status", "NOPE", by="wang")
    assert (shown.code, CODE in shown.err) == (2, True)


def test_withdraw_names_each_car(desk: Desk) -> None:
    told = desk.run("withdraw", vin_no(5), vin_no(6), "--reason", "sold", by="wang")
    assert (told.code, desk.plant.car(5).status) == (0, Status.WITHDRAWN)
    assert [line.split()[0] for line in told.out.splitlines()] == [vin_no(5), vin_no(6)]
    again = desk.run("withdraw", vin_no(5), "--reason", "sold", by="wang")
    assert (again.code, "withdrawn" in again.err) == (1, True)


def test_a_hold_stops_and_is_lifted_by_its_number(desk: Desk) -> None:
    assert "Nothing is on hold" in desk.run("hold", "list", by="sun").out
    told = desk.run("hold", "set", "car", vin_no(1)[-4:], "--reason", "scratch", by="sun")
    assert (told.code, vin_no(1) in told.out) == (0, True)
    (hold,) = desk.run("hold", "list", "--json", by="sun").json
    assert (hold["scope"], hold["target"], hold["by"]) == ("car", vin_no(1), "sun")
    assert "scratch" in desk.run("next", vin_no(1), by="sun").out
    assert desk.run("hold", "lift", str(hold["id"]), "--reason", "polished", by="sun").code == 0
    gone = desk.run("hold", "lift", str(hold["id"]), "--reason", "again", by="sun")
    assert (gone.code, "no open hold" in gone.err) == (2, True)


def test_a_batch_is_held_by_any_of_its_names(desk: Desk) -> None:
    for name in ("B002", "2", f"{CODE}/B002"):
        told = desk.run("hold", "set", "batch", name, "--reason", "wait", by="sun")
        assert (told.code, f"{CODE}/B002" in told.out) == (0, True)
    wrong = desk.run("hold", "set", "batch", "the second", "--reason", "wait", by="sun")
    assert (wrong.code, "B007" in wrong.err) == (2, True)


def test_the_floor_sets_no_holds(desk: Desk) -> None:
    assert desk.run("hold", "set", "car", vin_no(1), "--reason", "x", by="li").code == 1


def test_sales_says_which_order_or_that_there_is_none(desk: Desk) -> None:
    order = ("--order", "PO-7", "--promised", "2026-03-05")
    told = desk.run("orders", "set", vin_no(1), *order, "--reason", "sold", by="han")
    assert told.code == 0
    assert (desk.plant.car(1).order_state, desk.plant.car(1).order_no) == (OrderState.KNOWN, "PO-7")
    desk.run("orders", "set", vin_no(1), "--none", "--reason", "cancelled", by="han")
    assert desk.plant.car(1).order_state is OrderState.NONE


@pytest.mark.parametrize(
    "args",
    [
        (),
        ("--none", "--order", "PO-1"),
        ("--none", "--promised", "2026-03-05"),
        ("--order", "P", "--promised", "soon"),
    ],
)
def test_half_an_order_is_wrong_usage(args: tuple[str, ...], desk: Desk) -> None:
    assert desk.run("orders", "set", vin_no(1), *args, "--reason", "x", by="han").code == 2


def test_status_for_people(desk: Desk) -> None:
    told = desk.run("status", by="xu")
    assert told.code == 0
    assert CODE in told.out
    assert re.search(r"^total\s+6", told.out, re.MULTILINE)
    assert CODE in desk.run("status", "--all", by="xu").out


def test_status_says_what_is_blocked_and_who_can_lift_it(desk: Desk) -> None:
    desk.run("mark", "failed", vin_no(3), "--reason", "no key", by="li")
    assert re.search(rf"{vin_no(3)}\s+rework\s+.*Who can lift it", desk.run("status", by="xu").out)


def test_status_as_json_has_the_documented_shape(desk: Desk) -> None:
    told = desk.run("status", CODE, "--json", by="xu").json
    documented = set(re.findall(r"^\| `([a-z_]+)` \|", GUIDE.read_text(encoding="utf-8"), re.MULTILINE))
    assert set(told) == documented
    assert told["shape"] == 1
    assert told["cars"]["total"] == 6
    assert told["cars"] == {"total": 6} | {s.value: told["cars"][s.value] for s in Status}
    assert next(batch["name"] for batch in told["batches"]) == f"{CODE}/B001"


def test_status_before_any_campaign_says_how_to_launch(tmp_path: Path) -> None:
    with desk_in(tmp_path) as empty:
        told = empty.run("status", by="wang")
        assert (told.code, "campaign launch" in told.err) == (2, True)


def test_nobody_signed_in_is_one_line(desk: Desk) -> None:
    told = desk.run("status")
    assert (told.code, len(told.err.splitlines())) == (1, 1)
    assert "--as" in told.err


def test_the_name_may_stand_before_the_command(desk: Desk) -> None:
    assert desk.run("--as", "xu", "status", CAMPAIGN_PASSWORD="correct horse").code == 0
