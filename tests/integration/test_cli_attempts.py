"""Attempts at the command line: what happened, what to do, what is kept, and the raw journal in a pipe."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from campaign.ports.station import JobVerdict
from tests.fakes.command_line import Desk, desk_in
from tests.fakes.journal import whole_journal
from tests.fakes.plant import RULES, vin_no
from tests.fakes.station import FakeOutcome

LOW = FakeOutcome(
    JobVerdict.ABORTED,
    "VBV4.5.2C",
    fault="volts_below",
    params=(("volts", "11.6"), ("min", "12.5")),
    written=False,
)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A car that failed once and passed at the second try."""
    with desk_in(tmp_path) as desk:
        plant = desk.plant
        plant.add_cars([300, 300])
        plant.stations.journal = lambda _begin: [line for line in whole_journal()[1:-2] if line[0] == "{"]
        plant.outcome(1, LOW)
        plant.services.planning.launch(plant.actor("wang"), RULES, reason="go")
        plant.tick(3)
        plant.outcome(1, FakeOutcome())
        plant.mark("retry", 1, reason="charger connected")
        plant.tick(3)
        yield desk


def test_every_attempt_is_a_line_with_its_reason(desk: Desk) -> None:
    told = desk.run("attempts", vin_no(1), by="li")
    lines = told.out.splitlines()
    assert told.code == 0
    assert [line.split()[0] for line in lines[1:]] == ["2", "1"]
    assert "aborted" in lines[2]
    assert "12 V too low" in lines[2]


def test_the_reason_is_a_sentence_in_ones_own_language(desk: Desk) -> None:
    english = desk.run("evidence", vin_no(1), "--attempt", "1", by="li")
    assert "The 12 V battery has 11.6 V, at least 12.5 V is needed" in english.out
    chinese = desk.run("evidence", vin_no(1), "--attempt", "1", by="li", CAMPAIGN_LANGUAGE="zh")
    assert "12 V 蓄电池电压为 11.6 V" in chinese.out
    assert "volts_below" not in english.out + chinese.out


def test_evidence_of_the_last_attempt(desk: Desk) -> None:
    out = desk.run("evidence", vin_no(1), by="li").out
    assert "udsoncan 1.26.1" in out
    assert "0452" in out
    assert "00FE" in out


def test_the_raw_journal_is_what_was_sealed(desk: Desk) -> None:
    raw = desk.run("evidence", vin_no(1), "--raw", by="li").out
    kept = desk.run("evidence", vin_no(1), "--json", by="li").json["kept"]
    assert hashlib.sha256(raw.encode()).hexdigest() == kept["journal"]
    assert json.loads(raw.splitlines()[0])["record"] == "start"


def test_an_attempt_that_is_not_there_is_wrong_usage(desk: Desk) -> None:
    told = desk.run("evidence", vin_no(1), "--attempt", "3", by="li")
    assert (told.code, "1 to 2" in told.err) == (2, True)


def test_a_car_that_was_never_at_a_station_says_so(tmp_path: Path) -> None:
    with desk_in(tmp_path) as desk:
        desk.plant.launch([100, 100])
        assert desk.run("evidence", vin_no(1), by="li").code == 2
        assert desk.run("attempts", vin_no(1), "--json", by="li").json == []


def test_the_story_tells_the_reason_and_not_the_stations_own_words(desk: Desk) -> None:
    out = desk.run("story", vin_no(1), by="li").out
    assert "The 12 V battery has 11.6 V" in out
