"""What Prefect shows: a batch's table and progress, alarms, the daily report; in both languages."""

from dataclasses import replace
from datetime import timedelta

import pytest

from campaign.domain.people import SYSTEM
from campaign.domain.rules import FailureThreshold
from campaign.domain.vehicle import Status
from campaign.ports.station import JobVerdict, StationIdentity
from flows.alarms import LEAST_DISK, MOST_SKEW, StationLook, alarms, markdown, station_alarms
from flows.batch_story import artifact_key, percent, sentence, table
from flows.day_report import report
from tests.fakes.plant import CODE, RULES, START, vin_no
from tests.fakes.station import FakeOutcome


def story(plant, no: int):
    return plant.services.views.batch(CODE, no)


@pytest.mark.parametrize(
    ("name", "key"),
    [("VBV453C-2026/B007", "vbv453c-2026-b007"), ("day_A B", "day-a-b"), ("升级-1/B001", "1-b001")],
)
def test_a_key_holds_only_what_prefect_takes(name, key):
    assert artifact_key(name) == key


def test_a_batch_tells_its_cars_in_the_order_of_work(plant):
    plant.launch([300, 100, 100])
    plant.tick()
    batch = plant.batch_of(1)
    rows = table(story(plant, batch), "en")
    mine = next(row for row in rows if row["VIN"] == vin_no(1))
    assert (mine["Status"], mine["SOC"], mine["Read-back"], mine["Last attempt"]) == (
        "flashed", "30.0 %", "VBV4.5.3C", "passed",
    )  # fmt: skip
    assert "状态" in table(story(plant, batch), "zh")[0]


def test_progress_goes_from_queued_to_released(plant):
    plant.launch([100] * 4)
    cars = plant.cars()
    for status, expected in (
        (Status.QUEUED, 0.0), (Status.FLASHING, 50.0), (Status.UNCERTAIN, 50.0),
        (Status.RELEASED, 100.0), (Status.WITHDRAWN, 100.0),
    ):  # fmt: skip
        assert percent([replace(car, status=status) for car in cars]) == expected
    assert percent([]) == 100.0


def test_a_batch_is_told_in_one_sentence(plant):
    plant.launch([100] * 2)
    seen = story(plant, 1)
    assert sentence(seen.batch, seen.cars, "en") == f"{CODE}/B001 in work: 2 cars, 2 queued"
    assert sentence(seen.batch, seen.cars, "zh") == f"{CODE}/B001 进行中: 2 辆车, 2 排队"


def look(name: str = "S1", **fields) -> StationLook:
    identity = StationIdentity(name, "1", START, 10**10)
    return StationLook(name, replace(identity, **fields), START)


def test_a_station_that_is_well_raises_no_alarm():
    assert station_alarms(look(), "en") == []


@pytest.mark.parametrize(
    ("seen", "word"),
    [
        (StationLook("S1", None, START, "connection refused"), "does not answer: connection refused"),
        (look(clock=START + MOST_SKEW + timedelta(seconds=1)), "clock"),
        (look(clock=START - MOST_SKEW - timedelta(seconds=1)), "clock"),
        (look(disk_free_bytes=LEAST_DISK - 1), "disk"),
    ],
)
def test_a_station_that_is_not_well_is_told(seen, word):
    [alarm] = station_alarms(seen, "en")
    assert word in alarm
    assert "S1" in station_alarms(seen, "zh")[0]


def test_limits_themselves_are_no_alarm():
    assert station_alarms(look(clock=START + MOST_SKEW, disk_free_bytes=LEAST_DISK), "en") == []


def test_a_charge_that_should_have_ended_is_an_alarm_only_when_it_is_overdue(plant):
    plant.launch([100, 100])
    plant.mark("charging", 1)
    end = next(
        t.charge for t in plant.services.boards.board(CODE).data.points if t.charge and t.charge.started_at
    )
    plant.clock.move_to(end.expected_end + timedelta(minutes=30))
    assert alarms(plant.services.boards.board(CODE), [], "en") == []
    plant.clock.move(minutes=1)
    [alarm] = alarms(plant.services.boards.board(CODE), [], "en")
    assert alarm.startswith(f"{vin_no(1)} on {end.point} should have been charged 31 min ago")


def test_an_unknown_outcome_and_a_tripped_threshold_are_alarms(plant):
    plant.add_cars([300, 300])
    plant.outcome(1, FakeOutcome(JobVerdict.PASS, silent=True))
    plant.outcome(2, FakeOutcome(JobVerdict.FAIL, "VBV4.5.2C"))
    rules = replace(RULES, thresholds=FailureThreshold(count=0, percent=None, min_attempts=0))
    plant.services.planning.launch(plant.actor("wang"), rules, reason="test")
    plant.tick(4)
    told = alarms(plant.services.boards.board(CODE), [], "en")
    assert any("unknown outcome" in alarm for alarm in told)
    assert any(str(vin_no(1)) in alarm and "blocked" in alarm for alarm in told)
    assert "fail" in told[0]


def test_alarms_are_told_campaign_by_campaign():
    text = markdown({"A": ["one", "two"], "B": []}, START)
    assert text.splitlines() == [
        "# 2026-03-02 00:00 UTC",
        "",
        "## A",
        "",
        "- one",
        "- two",
        "",
        "## B",
        "",
        "- -",
    ]


@pytest.mark.parametrize(("lang", "title"), [("en", "# Daily report"), ("zh", "# 日报")])
def test_the_daily_report_holds_target_and_actual(plant, lang, title):
    plant.launch([300, 300, 100])
    plant.tick(2)
    plant.clock.move(hours=1)
    text = report(plant.services.boards.board(CODE), lang)
    assert text.startswith(f"{title} · {CODE} · 2026-03-02 01:00 UTC")
    assert "100.0 % (2/2)" in text
    assert {"en": "| flashed | 2 | 2 |", "zh": "| 刷写 | 2 | 2 |"}[lang] in text


def test_a_blocked_car_stands_in_the_report_with_its_reason(plant):
    plant.launch([300, 300])
    plant.services.quality.set_hold(plant.actor("chen"), "car", str(vin_no(2)), "scratch on the door")
    text = report(plant.services.boards.board(CODE), "en")
    assert "scratch on the door" in text
    assert SYSTEM.id not in text
