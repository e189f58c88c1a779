"""Files come in by their content: whole or not at all, resumed, never mixed, never more than fits."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.station_agent.refusal import Refusal
from campaign.station_agent.uploads import RESERVE, Blobs
from tests.fakes.agent import Agent

CONTENT = bytes(range(256)) * 4096 + b"the end"
SHA = hashlib.sha256(CONTENT).hexdigest()
SIZE = len(CONTENT)


def put(home: Path, data: bytes, *, sha: str = SHA, size: int = SIZE, offset: int = 0) -> dict[str, Any]:
    """Pour `data` through a pipe, as sshd does."""
    source = home / "incoming"
    source.write_bytes(data)
    descriptor = os.open(source, os.O_RDONLY)
    try:
        return Blobs(home).put(sha, size, offset, descriptor)
    finally:
        os.close(descriptor)


def test_a_file_that_came_whole_is_there_by_its_content(tmp_path: Path) -> None:
    assert Blobs(tmp_path).have(SHA) == {"size": 0, "complete": False}
    assert put(tmp_path, CONTENT) == {"size": SIZE, "complete": True}
    assert (tmp_path / "blobs" / SHA).read_bytes() == CONTENT
    assert [path.name for path in (tmp_path / "blobs").iterdir()] == [SHA]


def test_what_came_before_a_cut_is_kept_and_the_rest_is_enough(tmp_path: Path) -> None:
    assert put(tmp_path, CONTENT[:1000]) == {"size": 1000, "complete": False}
    assert put(tmp_path, CONTENT[1000:], offset=1000) == {"size": SIZE, "complete": True}
    assert (tmp_path / "blobs" / SHA).read_bytes() == CONTENT


@given(cuts=st.lists(st.integers(0, SIZE), max_size=6))
def test_any_number_of_cuts_ends_in_the_same_file(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int]
) -> None:
    home = tmp_path_factory.mktemp("station")
    for end in [*sorted(cuts), SIZE]:
        here = int(Blobs(home).have(SHA)["size"])
        told = put(home, CONTENT[here:end], offset=here)
    assert told == {"size": SIZE, "complete": True}


def test_another_content_than_announced_is_thrown_away(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refused:
        put(tmp_path, CONTENT[:-1] + b"X")
    assert refused.value.code == "checksum"
    assert Blobs(tmp_path).have(SHA) == {"size": 0, "complete": False}


def test_damage_to_what_was_kept_is_found_at_the_end(tmp_path: Path) -> None:
    put(tmp_path, CONTENT[:1000])
    part = tmp_path / "blobs" / f"{SHA}.part"
    part.write_bytes(b"X" + part.read_bytes()[1:])
    with pytest.raises(Refusal) as refused:
        put(tmp_path, CONTENT[1000:], offset=1000)
    assert refused.value.code == "checksum"


@pytest.mark.parametrize("offset", [999, 1001])
def test_a_gap_or_an_overlap_is_refused(tmp_path: Path, offset: int) -> None:
    put(tmp_path, CONTENT[:1000])
    with pytest.raises(Refusal) as refused:
        put(tmp_path, CONTENT[offset:], offset=offset)
    assert refused.value.code == "offset"
    assert Blobs(tmp_path).have(SHA)["size"] == 1000


def test_what_is_there_is_not_written_again(tmp_path: Path) -> None:
    put(tmp_path, CONTENT)
    before = (tmp_path / "blobs" / SHA).stat()
    assert put(tmp_path, b"") == {"size": SIZE, "complete": True}
    assert (tmp_path / "blobs" / SHA).stat() == before


def test_two_uploads_of_one_file_never_mix(tmp_path: Path) -> None:
    put(tmp_path, CONTENT[:1000])
    with (tmp_path / "blobs" / f"{SHA}.part").open("ab") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(Refusal) as refused:
            put(tmp_path, CONTENT[1000:], offset=1000)
    assert refused.value.code == "uploading"


def test_what_cannot_fit_is_refused_before_a_byte_comes(tmp_path: Path) -> None:
    disk = os.statvfs(tmp_path)
    free = disk.f_bavail * disk.f_frsize
    with pytest.raises(Refusal) as refused:
        put(tmp_path, b"", size=free - RESERVE + 2**30)
    assert refused.value.code == "disk"
    assert "free" in refused.value.what


def test_more_bytes_than_announced_are_not_taken(tmp_path: Path) -> None:
    assert put(tmp_path, CONTENT + b"more") == {"size": SIZE, "complete": True}
    assert (tmp_path / "blobs" / SHA).read_bytes() == CONTENT


def test_the_agent_takes_a_file_from_its_standard_input(tmp_path: Path) -> None:
    agent = Agent(tmp_path)
    done = subprocess.run(
        agent.words,
        env={"SSH_ORIGINAL_COMMAND": f"put {SHA} {SIZE} 0"},
        input=CONTENT,
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout) == {"ok": True, "station": "S1", "size": SIZE, "complete": True}
    assert agent.ask(f"have {SHA}")[1]["complete"] is True
