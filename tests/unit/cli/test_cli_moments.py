"""Times as people type them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from campaign.cli.moments import read_moment
from campaign.errors import BadInput

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)  # 08:30 in Shanghai


def claimed(text: str) -> str:
    return read_moment(text, "--at", NOW, SHANGHAI, past=True).isoformat(timespec="minutes")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("08:00", "2026-03-02T00:00+00:00"),
        ("08：00", "2026-03-02T00:00+00:00"),
        ("08:34", "2026-03-02T00:34+00:00"),  # a wall clock that is a little fast
        ("23:50", "2026-03-01T15:50+00:00"),  # nobody did tonight's work already: yesterday
        ("2026-03-01 14:05", "2026-03-01T06:05+00:00"),
        ("2026/03/01 14:05", "2026-03-01T06:05+00:00"),
        ("2026-03-01T14:05Z", "2026-03-01T14:05+00:00"),
        ("2026-03-01T14:05+08:00", "2026-03-01T06:05+00:00"),
    ],
)
def test_what_was_typed_is_what_is_meant(typed: str, meant: str) -> None:
    assert claimed(typed) == meant


def test_a_start_lies_ahead() -> None:
    start = read_moment("07:00", "--starts-at", NOW, SHANGHAI, past=False)
    assert start == datetime(2026, 3, 2, 23, 0, tzinfo=UTC)


def test_without_a_site_the_time_is_utc() -> None:
    assert read_moment("00:10", "--at", NOW, None, past=True) == datetime(2026, 3, 2, 0, 10, tzinfo=UTC)


@pytest.mark.parametrize("typed", ["", "soon", "25:00", "14:05+08:00", "2026-13-01", "0001-01-01 00:00", "8"])
def test_what_is_no_time_is_said_with_an_example(typed: str) -> None:
    with pytest.raises(BadInput, match=r"--at.*14:05"):
        read_moment(typed, "--at", NOW, SHANGHAI, past=True)
