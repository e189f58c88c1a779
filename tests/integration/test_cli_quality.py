"""QA and the auditor at the command line: evidence, four eyes, the proof of the log."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from campaign.domain.vehicle import Status
from tests.fakes.command_line import Desk, desk_in
from tests.fakes.plant import CODE, PASSWORD, vin_no
from tests.fakes.station import FakeOutcome

PILOT = f"{CODE}/B001"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """The pilot is charged by `li` and `hands` and flashed; QA is next."""
    with desk_in(tmp_path) as desk:
        plant = desk.plant
        plant.launch([200] * 6)
        first, second = plant.pilot()
        plant.charge(first, by="li")
        plant.charge(second, by="hands")
        plant.tick(3)
        desk.follow_clock()
        yield desk


def test_the_list_shows_what_waits_for_qa(desk: Desk) -> None:
    (batch,) = desk.run("batch", "list", "--ready", "--json", by="chen").json
    assert (batch["name"], batch["status"]) == (PILOT, "ready")
    assert PILOT in desk.run("batch", "list", by="chen").out


def test_the_evidence_shows_every_car_and_who_touched_it(desk: Desk) -> None:
    told = desk.run("batch", "show", "1", by="chen").out
    assert all(vin_no(n) in told for n in desk.plant.pilot())
    assert "hands charged" in told
    review = desk.run("batch", "show", PILOT, "--json", by="chen").json
    assert (review["may_approve"], review["exceptions"]) == (True, [])


def test_qa_signs_over_what_was_shown(desk: Desk) -> None:
    told = desk.run("batch", "approve", "B001", by="chen")
    assert told.code == 0
    assert "approved by chen" in told.out
    assert {desk.plant.car(n).status for n in desk.plant.pilot()} == {Status.APPROVED}
    assert "approved by chen" in desk.run("batch", "show", "1", by="zhou").out


def test_whoever_touched_a_car_is_refused_by_name(desk: Desk) -> None:
    told = desk.run("batch", "approve", "1", by="hands")
    assert told.code == 1
    assert "hands worked on" in told.err
    assert {desk.plant.car(n).status for n in desk.plant.pilot()} == {Status.FLASHED}


def test_an_administrator_does_not_sign(desk: Desk) -> None:
    told = desk.run("batch", "approve", "1", by="root")
    assert (told.code, "QA engineer" in told.err) == (1, True)


def test_the_password_is_asked_again(desk: Desk) -> None:
    assert desk.run("sign-in", "chen", CAMPAIGN_PASSWORD=PASSWORD).code == 0
    none = desk.run("batch", "approve", "1")
    assert (none.code, "CAMPAIGN_PASSWORD" in none.err) == (2, True)
    wrong = desk.run("batch", "approve", "1", CAMPAIGN_PASSWORD="guessed it")
    assert (wrong.code, "password is wrong" in wrong.err) == (1, True)
    assert desk.run("batch", "approve", "1", CAMPAIGN_PASSWORD=PASSWORD).code == 0


def test_a_rejection_of_one_car_says_why(desk: Desk) -> None:
    first, second = desk.plant.pilot()
    missing = desk.run("batch", "reject", "1", "--vin", vin_no(first), by="chen")
    assert (missing.code, "--reason" in missing.err) == (2, True)
    assert (
        desk.run("batch", "reject", "1", "--vin", vin_no(first), "--reason", "scratch", by="chen").code == 0
    )
    assert desk.plant.car(first).status is Status.REWORK
    assert desk.plant.car(second).status is Status.FLASHED


def test_every_missing_piece_is_one_line(desk: Desk) -> None:
    told = desk.run("batch", "approve", "2", by="chen")
    assert told.code == 1
    assert all(line.startswith("refused: ") for line in told.err.splitlines())
    assert len(told.err.splitlines()) >= 3


@pytest.mark.parametrize("name", ["99", "NOPE/B001", "pilot", ""])
def test_a_batch_that_is_not_there_is_wrong_input(name: str, desk: Desk) -> None:
    assert desk.run("batch", "approve", name, by="chen").code == 2


def test_an_uncertain_car_is_resolved_only_over_its_station(desk: Desk) -> None:
    plant = desk.plant
    plant.approve(1)
    other = next(n for n in range(1, 7) if n not in plant.pilot() and plant.car(n).point)
    plant.outcome(other, FakeOutcome(silent=True))
    plant.charge(other)
    plant.tick(4)
    assert plant.car(other).status is Status.UNCERTAIN
    told = desk.run("resolve", vin_no(other), "--reason", "looked at it", by="chen")
    assert (told.code, len(told.err.splitlines())) == (3, 1)
    assert told.err.startswith("not reached: station S")


def test_a_car_that_never_met_a_station_cannot_be_resolved(desk: Desk) -> None:
    told = desk.run("resolve", vin_no(6), "--reason", "x", by="chen")
    assert (told.code, "never given to a station" in told.err) == (2, True)


def test_the_log_is_whole_until_somebody_touches_it(desk: Desk) -> None:
    whole = desk.run("audit", "verify", by="xu")
    assert (whole.code, "whole" in whole.out) == (0, True)
    tamper(desk.home / "campaign.db", seq=5)
    broken = desk.run("audit", "verify", by="xu")
    assert broken.code == 1
    assert f"chain {CODE}, row 5" in broken.err
    told = desk.run("audit", "verify", "--json", by="xu")
    assert told.json["audit"] == "broken"
    assert told.json["breaks"][0]["seq"] == 5


def tamper(database: Path, *, seq: int) -> None:
    """As somebody would with the file in their hands: the triggers dropped, a row changed."""
    with sqlite3.connect(database) as raw:
        triggers = raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in triggers:
            raw.execute(f"DROP TRIGGER {name}")
        (table,) = raw.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE '%event%'"
        ).fetchone()
        raw.execute(f"UPDATE {table} SET actor = 'somebody' WHERE chain = ? AND seq = ?", (CODE, seq))
    raw.close()


def test_the_log_is_for_auditors(desk: Desk) -> None:
    told = desk.run("audit", "log", CODE, "--limit", "3", "--json", by="xu")
    assert [row["seq"] for row in told.json] == sorted((row["seq"] for row in told.json), reverse=True)
    assert len(told.json) == 3
    assert "signed in" in desk.run("audit", "log", by="xu").out
    assert desk.run("audit", "log", by="li").code == 1
    assert desk.run("audit", "log", "NOPE", by="xu").code == 2
