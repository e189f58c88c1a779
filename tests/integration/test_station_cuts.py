"""A flash outlives what is around it: cut sessions, killed clients, frozen servers. Nothing runs twice."""

from __future__ import annotations

import contextlib
import json
import os
import random
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from campaign.domain.identity import Vin
from campaign.errors import StationError, StationLinkLost, StationUnreachable
from campaign.ports.station import FlashJob, JobReport, JobState, JobVerdict
from campaign.station.dialling import Timeouts
from campaign.station.link import SshStations
from campaign.station.local_sshd import find_sshd, session_processes
from campaign.station.provision import set_pace
from campaign.station.serving import ServerKind, serve_stations
from tests.fakes.station_rig import RealRig, until
from tests.servers.needs import missing

SOURCE, TARGET = "VBV4.5.2C", "VBV4.5.3C"


def a_rig(folder: Path, kind: str) -> RealRig:
    if kind == "sshd" and find_sshd() is None:
        missing("OpenSSH's server", "openssh-server")
    return RealRig(folder, ServerKind(kind))


@pytest.fixture(params=[pytest.param("sshd", marks=pytest.mark.ssh), "embedded"])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RealRig]:
    made = a_rig(tmp_path, request.param)
    yield made
    made.close()


@pytest.fixture
def sshd_rig(tmp_path: Path) -> Iterator[RealRig]:
    made = a_rig(tmp_path, "sshd")
    yield made
    made.close()


def a_job(rig: RealRig) -> FlashJob:
    vin = Vin(f"WVWZZ{secrets.randbelow(10**12):012d}")
    rig.put_car(vin, SOURCE)
    return FlashJob(secrets.token_hex(16), vin, SOURCE, TARGET, "pkg")


def cut(rig: RealRig) -> None:
    """Kill what serves the connection; the embedded server comes back on its port."""
    assert rig.served.cut_sessions() > 0
    if rig.kind is ServerKind.EMBEDDED:
        rig.restart_server()


def patiently_ended(rig: RealRig, job: FlashJob) -> JobReport:
    """The end of a job, asking again after every lost link."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            report = rig.link.report("S1", job.job_id)
        except (StationLinkLost, StationUnreachable):
            continue
        if report.state is not JobState.RUNNING:
            return report
    raise AssertionError("the flash did not end")


def journal_of(rig: RealRig, job: FlashJob) -> list[dict[str, object]]:
    text = (rig.made.folder_of("S1") / "jobs" / f"{job.job_id}.jsonl").read_text()
    return [json.loads(line) for line in text.splitlines()]


def test_a_follower_that_is_cut_off_goes_on_where_it_was(rig: RealRig) -> None:
    set_pace(rig.made.home, 2.0)
    job = a_job(rig)
    rig.link.start("S1", job)
    lines: list[str] = []
    offset, cuts, state = 0, 0, JobState.RUNNING
    while state is not JobState.ENDED:
        try:
            report = rig.link.report("S1", job.job_id, offset)
        except StationLinkLost:
            continue
        lines += report.lines
        offset, state = report.offset, report.state
        if report.percent >= 20 * (cuts + 1) and cuts < 3 and state is JobState.RUNNING:
            cut(rig)
            cuts += 1
    assert cuts >= 1
    assert [json.loads(line) for line in lines] == journal_of(rig, job)
    assert rig.link.report("S1", job.job_id).verdict is JobVerdict.PASS


@pytest.mark.ssh
def test_a_start_whose_answer_was_lost_is_repeated_without_a_second_flash(sshd_rig: RealRig) -> None:
    rig, chance = sshd_rig, random.Random(7)
    for _ in range(8):
        job = a_job(rig)
        rig.link.identify("S1")
        axe = threading.Timer(chance.uniform(0.0, 0.04), lambda: cut(rig))
        axe.start()
        with contextlib.suppress(StationLinkLost, StationUnreachable):
            rig.link.start("S1", job)  # asked again by itself when the kept link proves dead
        axe.join()
        with contextlib.suppress(StationLinkLost):
            rig.link.start("S1", job)
        assert patiently_ended(rig, job).verdict is JobVerdict.PASS
        assert [record["record"] for record in journal_of(rig, job)].count("start") == 1
        assert [record["record"] for record in journal_of(rig, job)].count("end") == 1


def test_a_flash_outlives_its_killed_client(rig: RealRig) -> None:
    rig.hold()
    job = a_job(rig)
    script = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from campaign.domain.identity import Vin\n"
        "from campaign.ports.station import FlashJob\n"
        "from campaign.station.link import SshStations\n"
        "from campaign.station.serving import read_addresses\n"
        "home = Path(sys.argv[1])\n"
        "link = SshStations(read_addresses(home), None, home / 'known_hosts')\n"
        "link.start('S1', FlashJob(sys.argv[2], Vin(sys.argv[3]), *sys.argv[4:]))\n"
        "print('started', flush=True)\n"
        "time.sleep(60)\n"
    )
    words = [job.job_id, job.vin, job.source, job.target, job.package]
    client = subprocess.Popen(
        [sys.executable, "-c", script, str(rig.made.home), *words], stdout=subprocess.PIPE, text=True
    )
    assert client.stdout is not None
    assert client.stdout.readline() == "started\n"
    client.send_signal(signal.SIGKILL)
    client.wait()
    client.stdout.close()
    assert rig.link.report("S1", job.job_id).state is JobState.RUNNING
    rig.go()
    assert patiently_ended(rig, job).verdict is JobVerdict.PASS


def test_a_flash_outlives_the_stopped_server(rig: RealRig) -> None:
    rig.hold()
    job = a_job(rig)
    rig.link.start("S1", job)
    rig.served.stop()
    with pytest.raises((StationUnreachable, StationLinkLost)):
        rig.link.report("S1", job.job_id)
    with pytest.raises(StationUnreachable):
        rig.link.report("S1", job.job_id)
    rig.go()
    until(lambda: journal_of(rig, job)[-1]["record"] == "end")
    port = rig.served.port
    rig.restart_server()
    assert rig.served.port == port
    assert rig.link.report("S1", job.job_id).verdict is JobVerdict.PASS


@pytest.mark.ssh
def test_a_frozen_session_is_given_up_and_the_next_question_is_answered(sshd_rig: RealRig) -> None:
    rig = sshd_rig
    rig.link.close()
    link = SshStations(
        rig.served.addresses, None, rig.served.known_hosts, timeouts=Timeouts(silence=1, channel=1)
    )
    link.identify("S1")
    frozen = session_processes(rig.served.process.pid)
    for pid in frozen:
        os.kill(pid, signal.SIGSTOP)
    began = time.monotonic()
    assert link.identify("S1").station == "S1"  # the dead connection was noticed before the question
    assert 0.5 < time.monotonic() - began < 8
    link.close()
    for pid in frozen:
        os.kill(pid, signal.SIGKILL)


@pytest.mark.ssh
def test_a_session_that_freezes_in_mid_answer_is_a_lost_link(sshd_rig: RealRig) -> None:
    rig = sshd_rig
    link = SshStations(rig.served.addresses, None, rig.served.known_hosts, timeouts=Timeouts(silence=1))
    link.identify("S1")
    os.mkfifo(rig.made.folder_of("S1") / "cable")  # the agent waits for the cable's other end
    job = a_job(rig)
    began = time.monotonic()
    with pytest.raises(StationLinkLost):
        link.start("S1", job)
    assert 0.9 < time.monotonic() - began < 8
    (rig.made.folder_of("S1") / "cable").unlink()
    link.close()


@pytest.mark.ssh
def test_a_frozen_server_is_unreachable_in_bounded_time(sshd_rig: RealRig) -> None:
    rig = sshd_rig
    os.kill(rig.served.process.pid, signal.SIGSTOP)
    link = SshStations(rig.served.addresses, None, rig.served.known_hosts, timeouts=Timeouts(connect=1))
    began = time.monotonic()
    with pytest.raises(StationUnreachable):
        link.identify("S1")
    assert time.monotonic() - began < 8
    os.kill(rig.served.process.pid, signal.SIGCONT)
    assert link.identify("S1").station == "S1"
    link.close()


@pytest.mark.ssh
def test_fifty_clients_at_once_are_all_answered(sshd_rig: RealRig) -> None:
    links = [sshd_rig.new_link() for _ in range(50)]
    names: list[str] = []

    def ask(link: SshStations) -> None:
        try:
            names.append(link.identify("S2").station)
        except StationError as error:
            names.append(str(error))

    askers = [threading.Thread(target=ask, args=(link,)) for link in links]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    for link in links:
        link.close()
    assert names == ["S2"] * 50


def test_a_server_that_was_left_behind_is_replaced(rig: RealRig) -> None:
    left = rig.served
    again = serve_stations(rig.made.home, kind=rig.kind)
    assert left.process.wait(10) is not None
    assert again.port == left.port
    assert rig.link.identify("S1").station == "S1"
    left.stop()
    rig.served = again


def test_the_embedded_server_does_not_outlive_its_starter(tmp_path: Path) -> None:
    rig = a_rig(tmp_path, "embedded")
    assert rig.served.process.stdin is not None
    rig.served.process.stdin.close()
    assert rig.served.process.wait(10) == 0
    rig.close()


@pytest.mark.ssh
def test_an_agent_that_hangs_ends_itself_and_the_station_answers_again(sshd_rig: RealRig) -> None:
    os.mkfifo(sshd_rig.made.folder_of("S1") / "cable")  # nobody ever opens the other end
    job = a_job(sshd_rig)
    with pytest.raises(StationLinkLost):
        sshd_rig.link.read_back("S1", job.vin)  # beats, then gives itself up after 20 s
    (sshd_rig.made.folder_of("S1") / "cable").unlink()
    assert sshd_rig.link.identify("S1").station == "S1"
