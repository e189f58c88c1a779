"""Reasons and remedies of plans: short, in both languages, with the day only where it is another one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaign.planning.calendars import DAY
from campaign.planning.plan import Reason, Wait
from campaign.planning.remedies import Remedy, RemedyKind
from campaign.wording.plans import minutes_text, reason_text, remedy_text, stage_word

CHINESE = re.compile(r"[\u4e00-\u9fff]")
SHANGHAI = ZoneInfo("Asia/Shanghai")
SINCE = datetime(2026, 1, 5, 17, tzinfo=UTC)


@dataclass(frozen=True)
class Waits:
    wait: Wait
    stage: str = "charge"
    machine: str = "P-12"
    since: datetime = SINCE
    until: datetime = SINCE + timedelta(hours=1, minutes=40)


def test_a_point_is_named_with_when_it_is_free():
    told = Waits(Wait.MACHINE)
    assert reason_text(told, "en", SHANGHAI) == "waits for point P-12, free at 02:40"
    assert reason_text(told, "zh", SHANGHAI) == "等待充电桩 P-12，02:40 空闲"
    assert reason_text(told, "en") == "waits for point P-12, free at 18:40 UTC"


def test_another_day_is_named():
    later = Waits(Wait.CLOSED, "inspect", "", until=SINCE + timedelta(hours=8))
    assert reason_text(later, "en", SHANGHAI) == "waits for inspection to open at 09:00"
    assert reason_text(later, "en") == "waits for inspection to open at 01-06 01:00 UTC"


def test_machines_of_other_plans_go_by_their_names():
    told = minutes_text(Reason(Wait.MACHINE, "paint", "booth-2", 5, 90), lambda minute: f"+{minute}", "en")
    assert told == "waits for booth-2 of paint, free at +90"
    assert stage_word("paint", "zh") == "paint"


@pytest.mark.parametrize("wait", Wait)
@pytest.mark.parametrize("stage", ["charge", "flash", "inspect", ""])
def test_every_wait_is_told_whole_in_both_languages(wait, stage):
    english, chinese = (reason_text(Waits(wait, stage), lang, SHANGHAI) for lang in ("en", "zh"))
    assert CHINESE.search(chinese)
    assert not CHINESE.search(english)
    assert "{" not in english + chinese


@pytest.mark.parametrize(
    ("remedy", "english"),
    [
        (Remedy(RemedyKind.MACHINES, "charge", 1, 0, 9), "1 charge point more"),
        (Remedy(RemedyKind.MACHINES, "flash", 2, 0, 9), "2 stations more"),
        (Remedy(RemedyKind.MACHINES, "paint", 1, 0, 9), "1 more at paint"),
        (Remedy(RemedyKind.HOURS, "inspect", 240, 0, 9), "inspection open 4 h longer every day"),
        (Remedy(RemedyKind.HOURS, "inspect", DAY, 0, 9), "inspection open round the clock"),
        (Remedy(RemedyKind.DAYS, "", 1, 0, 9), "every promise a day later"),
        (
            Remedy(RemedyKind.DAYS, "", 3, 2, 9),
            "every promise 3 days later (but 2 cars stay late all the same)",
        ),
        (
            Remedy(RemedyKind.DAYS, "", 3, 1, 9),
            "every promise 3 days later (but 1 car stays late all the same)",
        ),
    ],
)
def test_what_helps_is_said_in_both_languages(remedy, english):
    assert remedy_text(remedy, "en") == english
    assert CHINESE.search(remedy_text(remedy, "zh"))
