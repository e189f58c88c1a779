"""What is printed when nobody looks at a terminal, and as JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from campaign.cli.show import as_json, moment, percent, plain, table
from campaign.domain.vehicle import Status


def test_columns_are_aligned_and_the_last_one_is_not_padded(capsys: pytest.CaptureFixture[str]) -> None:
    table(("car", "n", "why"), [("A", 5, "a long reason"), ("BB", 12, None)], right=(1,))
    assert capsys.readouterr().out == "car   n  why\nA     5  a long reason\nBB   12  -\n"


def test_chinese_signs_count_twice(capsys: pytest.CaptureFixture[str]) -> None:
    table(("状态", "n"), [("排队", 1), ("ok", 2)])
    assert capsys.readouterr().out == "状态  n\n排队  1\nok    2\n"


def test_a_line_break_in_a_cell_does_not_break_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    table(("a",), [("one\ntwo\x1b[31m",)])
    told = capsys.readouterr().out
    assert len(told.splitlines()) == 2
    assert "\x1b" not in told  # and nobody's text commands the terminal


@dataclass(frozen=True)
class Thing:
    status: Status
    at: datetime
    day: date
    counts: dict[Status, int]


def test_values_become_json_with_codes_and_utc(capsys: pytest.CaptureFixture[str]) -> None:
    at = datetime(2026, 3, 2, 8, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    as_json(Thing(Status.QUEUED, at, date(2026, 3, 2), {Status.CHARGED: 2}))
    told = json.loads(capsys.readouterr().out)
    assert told == {
        "status": "queued",
        "at": "2026-03-02T00:00:00Z",
        "day": "2026-03-02",
        "counts": {"charged": 2},
    }


def test_what_is_strange_to_json_becomes_text() -> None:
    assert plain(frozenset({1})) == [1]
    assert plain(3 + 4j) == "(3+4j)"


@pytest.mark.parametrize(("tenths", "text"), [(270, "27.0 %"), (1000, "100.0 %"), (5, "0.5 %"), (None, "-")])
def test_percents_are_exact(tenths: int | None, text: str) -> None:
    assert percent(tenths) == text


def test_a_time_without_a_site_says_that_it_is_utc() -> None:
    at = datetime(2026, 3, 2, 0, 5, tzinfo=UTC)
    assert moment(at, None) == "2026-03-02 00:05 UTC"
    assert moment(at, ZoneInfo("Asia/Shanghai")) == "2026-03-02 08:05"
    assert moment(None, None) == "-"
