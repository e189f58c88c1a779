"""Packages on their way to a station: through cuts, beside questions, to the last byte, or refused by name."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from campaign.errors import StationLinkLost, StationRejected, StationUnreachable
from campaign.ports.station import Held, Upload
from campaign.station.dialling import Timeouts
from campaign.station.link import SshStations
from campaign.station.local_sshd import find_sshd
from campaign.station.serving import ServerKind
from campaign.station_agent.pack import pack
from tests.fakes.station_rig import RealRig, until
from tests.servers.needs import missing

SIZE = 24 * 1024 * 1024


@pytest.fixture(params=[pytest.param("sshd", marks=pytest.mark.ssh), "embedded"])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RealRig]:
    if request.param == "sshd" and find_sshd() is None:
        missing("OpenSSH's server", "openssh-server")
    made = RealRig(tmp_path, ServerKind(request.param))
    yield made
    made.close()


@pytest.fixture
def upload(tmp_path: Path) -> Upload:
    file = tmp_path / "package.bin"
    data = random.Random(5).randbytes(SIZE)
    file.write_bytes(data)
    return Upload(hashlib.sha256(data).hexdigest(), SIZE, file)


def arrived(rig: RealRig, upload: Upload) -> bytes:
    return (rig.made.folder_of("S1") / "blobs" / upload.sha256).read_bytes()


def test_a_file_arrives_and_its_way_is_told(rig: RealRig, upload: Upload) -> None:
    told: list[int] = []
    rig.link.put("S1", upload, told.append)
    assert arrived(rig, upload) == upload.path.read_bytes()
    assert told == sorted(told)
    assert (told[0], told[-1]) == (0, SIZE)
    assert rig.link.have("S1", upload.sha256) == Held(SIZE, complete=True)
    assert rig.link.have("S2", upload.sha256) == Held(0, complete=False)


def test_what_is_there_is_not_sent_again(rig: RealRig, upload: Upload) -> None:
    rig.link.put("S1", upload, lambda _: None)
    upload.path.write_bytes(b"")
    rig.link.put("S1", upload, lambda _: None)
    assert rig.link.have("S1", upload.sha256).complete


def test_an_upload_goes_on_after_every_cut_where_it_was(rig: RealRig, upload: Upload) -> None:
    chance = random.Random(3)
    kept: list[int] = []
    for cut in range(20):
        goal = chance.randint(SIZE // 8, SIZE // 3)
        was_cut = threading.Event()
        told = _cutter(rig, goal, was_cut) if cut < 3 else lambda _: None
        with contextlib.suppress(StationLinkLost, StationUnreachable):
            rig.link.put("S1", upload, told)
        if rig.kind is ServerKind.EMBEDDED and was_cut.is_set():
            rig.served.process.wait(10)
            rig.restart_server()
        _wait_for_the_last_writer(rig, upload)
        held = rig.link.have("S1", upload.sha256)
        kept.append(held.size)
        if held.complete:
            break
    assert arrived(rig, upload) == upload.path.read_bytes()
    assert kept == sorted(kept)  # nothing that was there was lost
    assert len(set(kept)) > 1


def _cutter(rig: RealRig, goal: int, was_cut: threading.Event) -> Callable[[int], None]:
    """Cuts the link when `goal` bytes more than at the beginning were sent."""
    first: list[int] = []

    def told(sent: int) -> None:
        if sent and not first:
            first.append(sent)
        if first and sent - first[0] > goal:
            was_cut.set()
            rig.served.cut_sessions()

    return told


def _wait_for_the_last_writer(rig: RealRig, upload: Upload) -> None:
    """The agent of the cut upload still writes what had come through."""
    part = rig.made.folder_of("S1") / "blobs" / f"{upload.sha256}.part"

    def free() -> bool:
        with contextlib.suppress(FileNotFoundError), part.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
        return True

    until(free)


def test_another_content_than_announced_is_refused_by_name(rig: RealRig, upload: Upload) -> None:
    data = upload.path.read_bytes()
    upload.path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(StationRejected) as refused:
        rig.link.put("S1", upload, lambda _: None)
    assert refused.value.code == "checksum"
    assert rig.link.have("S1", upload.sha256) == Held(0, complete=False)


def test_a_file_that_cannot_fit_is_refused_before_it_is_sent(rig: RealRig, upload: Upload) -> None:
    disk = os.statvfs(rig.made.home)
    huge = Upload(upload.sha256, min(disk.f_bavail * disk.f_frsize * 2, 10**12 - 1), upload.path)
    with pytest.raises(StationRejected) as refused:
        rig.link.put("S1", huge, lambda _: None)
    assert refused.value.code == "disk"


def test_questions_are_answered_while_a_file_is_on_its_way(rig: RealRig, upload: Upload) -> None:
    asked = threading.Event()
    answered: list[str] = []

    def told(sent: int) -> None:
        if sent > SIZE // 2 and not asked.is_set():
            asked.set()
            with ThreadPoolExecutor(1) as other:
                answered.append(other.submit(rig.link.identify, "S1").result().station)

    rig.link.put("S1", upload, told)
    assert answered == ["S1"]
    assert arrived(rig, upload) == upload.path.read_bytes()


def test_a_slow_answer_is_waited_for_while_the_station_beats(rig: RealRig) -> None:
    link = SshStations(rig.served.addresses, None, rig.served.known_hosts, timeouts=Timeouts(silence=3))
    link.identify("S1")
    with (rig.made.folder_of("S1") / "gate.lock").open("a") as gate, ThreadPoolExecutor(1) as asking:
        fcntl.flock(gate, fcntl.LOCK_EX)
        answer = asking.submit(link.identify, "S1")
        began = time.monotonic()
        until(lambda: time.monotonic() - began > 4.5 or answer.done())
        assert not answer.done()
        fcntl.flock(gate, fcntl.LOCK_UN)
        assert answer.result().station == "S1"
    link.close()


def test_a_newer_agent_is_talked_to_at_once(rig: RealRig) -> None:
    before = rig.link.identify("S1")
    fresh = rig.made.agent.with_suffix(".new")
    fresh.write_bytes(pack())
    fresh.replace(rig.made.agent)
    assert rig.link.identify("S1").agent == before.agent


def test_one_agent_process_serves_all_questions_of_a_link(rig: RealRig) -> None:
    for _ in range(30):
        rig.link.identify("S1")
    assert len(_agents(rig, "S1")) == 1
    rig.link.close()
    until(lambda: not _agents(rig, "S1"))


def _agents(rig: RealRig, station: str) -> list[int]:
    folder = str(rig.made.folder_of(station)).encode()
    found = []
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            words = line.read_bytes().split(b"\0")
            if folder in words and words[0].endswith((b"python", b"python3", b"python3.11")):
                found.append(int(line.parent.name))
    return found
