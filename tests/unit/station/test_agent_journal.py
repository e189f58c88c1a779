"""The journal: what is on the disk is what is told, a torn line is never a record."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from campaign.station_agent import journal

START = {"record": "start", "job": "a" * 32}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "job.jsonl"


@pytest.fixture
def descriptor(path: Path) -> Iterator[int]:
    opened = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT)
    yield opened
    os.close(opened)


def test_a_missing_journal_is_an_empty_story(path: Path) -> None:
    assert journal.read(path, 100) == journal.Story()


def test_records_come_back_by_kind_and_the_last_progress_counts(path: Path, descriptor: int) -> None:
    for record in (
        START,
        {"record": "progress", "step": "transfer", "percent": 10},
        {"record": "progress", "step": "transfer", "percent": 20},
        {"record": "end", "verdict": "pass"},
    ):
        journal.append(descriptor, record)
    story = journal.read(path)
    assert (story.start or {})["job"] == "a" * 32
    assert (story.progress or {})["percent"] == 20
    assert (story.end or {})["verdict"] == "pass"
    assert not story.cleared
    assert len(story.lines) == 4
    assert story.offset == path.stat().st_size


def test_every_record_carries_an_aware_utc_time(path: Path, descriptor: int) -> None:
    journal.append(descriptor, START)
    at = datetime.fromisoformat(json.loads(path.read_text())["at"])
    assert at.utcoffset() == timedelta(0)


def test_the_first_end_stands(path: Path, descriptor: int) -> None:
    journal.append(descriptor, {"record": "end", "verdict": "fail"})
    journal.append(descriptor, {"record": "end", "verdict": "pass"})
    assert (journal.read(path).end or {})["verdict"] == "fail"


def test_a_torn_last_line_is_no_record_and_does_not_move_the_offset(path: Path, descriptor: int) -> None:
    journal.append(descriptor, START)
    whole = path.stat().st_size
    os.write(descriptor, b'{"record": "end", "verdict": "pa')
    story = journal.read(path)
    assert story.end is None
    assert story.offset == whole


def test_the_next_writer_closes_a_torn_line(path: Path, descriptor: int) -> None:
    journal.append(descriptor, START)
    os.write(descriptor, b'{"record": "end", "verd')
    journal.append(descriptor, {"record": "cleared"})
    story = journal.read(path)
    assert story.cleared
    assert story.end is None
    assert story.lines[1] == '{"record": "end", "verd'


@pytest.mark.parametrize("noise", [b"Traceback (most recent\n", b"\xff\xfe\n", b"[1, 2]\n", b"\n"])
def test_what_the_flasher_prints_is_kept_and_is_no_record(path: Path, descriptor: int, noise: bytes) -> None:
    journal.append(descriptor, START)
    os.write(descriptor, noise)
    journal.append(descriptor, {"record": "end", "verdict": "error"})
    story = journal.read(path)
    assert (story.end or {})["verdict"] == "error"
    assert len(story.lines) == 3


def test_reading_by_offset_gives_every_line_once(path: Path, descriptor: int) -> None:
    seen: list[str] = []
    offset = 0
    for percent in range(20):
        journal.append(descriptor, {"record": "progress", "step": "transfer", "percent": percent})
        if percent % 3 == 0:
            story = journal.read(path, offset)
            seen += story.lines
            offset = story.offset
    seen += journal.read(path, offset).lines
    assert [json.loads(line)["percent"] for line in seen] == list(range(20))


def test_a_long_journal_comes_in_several_answers(path: Path, descriptor: int) -> None:
    line = b"x" * 999 + b"\n"
    os.write(descriptor, line * 200)
    first = journal.read(path)
    assert len(first.lines) == journal.MOST_NEW_BYTES // 1000
    offset, count = 0, 0
    while lines := (story := journal.read(path, offset)).lines:
        count, offset = count + len(lines), story.offset
    assert (count, offset) == (200, 200_000)


def test_an_offset_behind_the_end_gives_nothing(path: Path, descriptor: int) -> None:
    journal.append(descriptor, START)
    assert journal.read(path, 10_000).lines == ()
