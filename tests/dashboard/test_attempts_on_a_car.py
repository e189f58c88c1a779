"""A car's page: every attempt with verdict, reason and what is kept of it; and the board's held stations."""

from __future__ import annotations

import json
import re
from datetime import datetime

import pytest

from campaign.ports.station import JobVerdict
from tests.fakes.journal import failed_journal
from tests.fakes.pages import RAW_KEY, Pages, html_of, text_of
from tests.fakes.plant import CODE, RULES, Plant, vin_no
from tests.fakes.station import FakeOutcome

SOURCE = "VBV4.5.2C"
STRANGER = vin_no(77)
REFUSED = (
    ("ecu", "displays"),
    ("block", "application"),
    ("nrc", "0x72"),
    ("name", "generalProgrammingFailure"),
)
FAILED = FakeOutcome(
    JobVerdict.FAIL, SOURCE, detail="NRC seen by us", fault="programming_failed", params=REFUSED
)
ASTRAY = FakeOutcome(
    JobVerdict.ABORTED, SOURCE, fault="wrong_car", params=(("found", STRANGER),), written=False
)


def flash(plant: Plant, outcome: FakeOutcome, *, journal=failed_journal, ticks: int = 3) -> None:
    plant.stations.journal = journal
    plant.add_cars([300, 100])
    plant.outcome(1, outcome)
    plant.services.planning.launch(plant.actor("wang"), RULES, reason="go")
    plant.tick(ticks)


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("en", ["failed", "Writing failed", "Writing to unit displays failed in block application"]),
        ("zh", ["失败", "写入失败", "写入控制器 displays 失败，数据块 application"]),
    ],
)
def test_a_failed_attempt_says_what_happened_and_what_to_do(plant: Plant, floor: Pages, lang, told) -> None:
    flash(plant, FAILED)
    app = floor.open("li", "cars", lang, vin=vin_no(1))
    text = text_of(app)
    assert not app.exception
    assert [part for part in told if part not in text] == []
    assert RAW_KEY.findall(text) == []
    assert "NRC seen by us" not in text
    assert "programming_failed" not in text


def test_what_is_kept_is_shown_with_differences_marked(plant: Plant, floor: Pages) -> None:
    flash(plant, FAILED)
    html = html_of(floor.open("li", "cars", "en", vin=vin_no(1)))
    assert "udsoncan 1.26.1" in html
    assert len(re.findall(r'<span class="bar-part" style="--fill:#[0-9A-F]{6};flex-grow:[\d.]+"', html)) >= 9
    assert "<mark>✕ 0452</mark>" in html
    assert "21 values as specified, 3 not" in html
    assert html.count("data:image/svg+xml;base64,") == 2
    assert "3 blocks, 6.9 MiB" in html


def test_the_raw_journal_is_offered_under_its_seal(plant: Plant, floor: Pages) -> None:
    flash(plant, FAILED)
    (file,) = plant.services.evidence.of_car(plant.actor("li"), vin_no(1))
    app = floor.open("li", "cars", "en", vin=vin_no(1))
    assert file.kept.journal in html_of(app)
    labels = [str(button.proto.label) for button in app.get("download_button")]
    assert labels == [f"Raw journal ({file.kept.size / 1024:.1f} KiB)"]


def test_a_journal_that_is_gone_from_the_vault_is_said_to_be(plant: Plant, floor: Pages, tmp_path) -> None:
    flash(plant, FAILED)
    (file,) = plant.services.evidence.of_car(plant.actor("li"), vin_no(1))
    (tmp_path / "files" / file.kept.journal[:2] / file.kept.journal).unlink()
    app = floor.open("li", "cars", "en", vin=vin_no(1))
    assert "missing or damaged in the vault" in html_of(app)
    assert app.get("download_button") == []


def test_a_journal_that_follows_is_announced(plant: Plant, floor: Pages) -> None:
    for station in ("S1", "S2"):
        plant.stations.lose_journals(station, True)
    flash(plant, FAILED)
    assert "has not been fetched yet" in text_of(floor.open("li", "cars", "en", vin=vin_no(1)))


def test_a_running_attempt_shows_its_step(plant: Plant, floor: Pages) -> None:
    plant.stations.held = True
    flash(plant, FakeOutcome(), ticks=2)
    text = text_of(floor.open("li", "cars", "zh", vin=vin_no(1)))
    assert "进行中" in text
    assert "写入" in text


def test_a_car_without_attempts_says_so(plant: Plant, floor: Pages) -> None:
    plant.launch([100, 100])
    assert "was not given to a station yet" in text_of(floor.open("li", "cars", "en", vin=vin_no(1)))


def test_whatever_a_station_writes_stays_text(plant: Plant, floor: Pages) -> None:
    def evil(_begin: datetime) -> list[str]:
        name = "<img src=x onerror=alert(1)>"
        fact = {"record": "fact", "kind": "identification"}
        units = [{"name": name, "software": name}]
        return [
            json.dumps(fact | {"when": "after", "ecus": units}),
            json.dumps({"record": "progress", "step": name, "at": "2026-01-05T06:00:01+00:00"}),
            json.dumps({"record": "fact", "kind": "tools", "versions": {name: name}}),
        ]

    flash(plant, FAILED, journal=evil)
    html = html_of(floor.open("li", "cars", "en", vin=vin_no(1)))
    assert "&lt;img" in html
    assert "<img src=x" not in html


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("en", [f"Car {STRANGER} is on the cable, not {vin_no(1)}", "aborted", "Another car on the cable"]),
        ("zh", [f"线缆上是车辆 {STRANGER}，而不是 {vin_no(1)}", "已中止", "线缆接错车辆"]),
    ],
)
def test_a_held_station_says_why_and_how_its_last_flash_went(plant: Plant, floor: Pages, lang, told) -> None:
    plant.stations.take_down("S2")
    flash(plant, ASTRAY)
    text = text_of(floor.open("wang", "board", lang))
    assert [part for part in told if part not in text] == []
    assert "wrong_car" not in text
    (tile,) = [t for t in plant.services.views.board(CODE).stations if t.hold is not None]
    assert tile.last is not None
    assert tile.last.fault == "wrong_car"


def test_the_log_speaks_of_holds_and_ends_in_words(plant: Plant, floor: Pages) -> None:
    plant.stations.take_down("S2")
    flash(plant, ASTRAY)
    text = text_of(floor.open("xu", "journal", "zh"))
    assert f"线缆上是车辆 {STRANGER}" in text
    assert "expected=" not in text
