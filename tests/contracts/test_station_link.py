"""What every StationLink promises: the fake, and the real one over OpenSSH and over the embedded server."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from campaign.domain.identity import Vin
from campaign.errors import StationBusy, StationRejected, StationUnreachable
from campaign.ports.station import (
    FlashJob,
    JobReport,
    JobState,
    JobVerdict,
    ReadBack,
    StartAnswer,
)
from campaign.station.local_sshd import find_sshd
from campaign.station.serving import ServerKind
from tests.fakes.station_rig import FakeRig, RealRig, StationRig, until
from tests.servers.needs import missing

SOURCE, TARGET = "VBV4.5.2C", "VBV4.5.3C"
KINDS = ["fake", pytest.param("sshd", marks=pytest.mark.ssh), "embedded"]


@pytest.fixture(scope="module", params=KINDS)
def shared_rig(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[StationRig]:
    """One server for the whole module; each test brings its own cars."""
    if request.param == "fake":
        yield FakeRig()
        return
    if request.param == "sshd" and find_sshd() is None:
        missing("OpenSSH's server", "openssh-server")
    rig = RealRig(tmp_path_factory.mktemp(request.param), ServerKind(request.param))
    yield rig
    rig.close()


@pytest.fixture
def rig(shared_rig: StationRig) -> Iterator[StationRig]:
    """The rig with nothing on the cables, and every station free again afterwards."""
    yield shared_rig
    shared_rig.connect_car("S1", None)
    shared_rig.go()
    until(lambda: shared_rig.link.identify("S1").busy_with is None)
    blocked = shared_rig.link.identify("S1").blocked_by
    if blocked:
        resolve(shared_rig, blocked)


def a_car(rig: StationRig, version: str | None = SOURCE) -> Vin:
    digits = "".join(secrets.choice("0123456789") for _ in range(12))
    vin = Vin(f"WVWZZ{digits}")
    rig.put_car(vin, version)
    return vin


def a_job(vin: Vin) -> FlashJob:
    return FlashJob(secrets.token_hex(16), vin, SOURCE, TARGET, "pkg-4.5.3C")


def resolve(rig: StationRig, job_id: str) -> None:
    """What a person does about an unknown job: read the car back, then clear the station."""
    start = json.loads(rig.link.report("S1", job_id).lines[0])
    rig.link.read_back("S1", Vin(start["vin"]))
    rig.link.clear("S1", job_id)


def ended(rig: StationRig, job_id: str) -> JobReport:
    until(lambda: rig.link.report("S1", job_id).state is not JobState.RUNNING)
    return rig.link.report("S1", job_id)


def a_held_flash(rig: StationRig) -> FlashJob:
    rig.hold()
    job = a_job(a_car(rig))
    assert rig.link.start("S1", job) is StartAnswer.STARTED
    return job


def test_a_flash_passes_and_the_car_itself_reports_the_target(rig: StationRig) -> None:
    job = a_job(a_car(rig))
    assert rig.link.start("S1", job) is StartAnswer.STARTED
    report = ended(rig, job.job_id)
    assert (report.state, report.verdict, report.percent) == (JobState.ENDED, JobVerdict.PASS, 100)
    assert report.read_back == ReadBack(job.vin, TARGET, 300, 335)
    assert report.started_at is not None
    assert report.ended_at is not None
    assert report.started_at <= report.ended_at
    assert rig.link.read_back("S1", job.vin).version == TARGET


def test_the_same_id_again_is_the_same_job(rig: StationRig) -> None:
    job = a_held_flash(rig)
    assert rig.link.start("S1", job) is StartAnswer.ALREADY
    rig.go()
    assert ended(rig, job.job_id).verdict is JobVerdict.PASS
    assert rig.link.start("S1", job) is StartAnswer.ALREADY
    assert rig.link.report("S1", job.job_id).state is JobState.ENDED


OTHER_CAR = Vin("WVWZZ000000000000")


@pytest.mark.parametrize("change", [{"target": "VBV9.9.9C"}, {"package": "other"}, {"vin": OTHER_CAR}])
def test_an_id_is_never_used_for_another_job(rig: StationRig, change: dict[str, str]) -> None:
    job = a_held_flash(rig)
    with pytest.raises(StationRejected) as refused:
        rig.link.start("S1", replace(job, **change))
    assert refused.value.code == "other_job"


def test_a_working_station_takes_no_second_job_and_names_the_first(rig: StationRig) -> None:
    job = a_held_flash(rig)
    with pytest.raises(StationBusy) as refused:
        rig.link.start("S1", a_job(a_car(rig)))
    assert refused.value.job_id == job.job_id
    assert rig.link.identify("S1").busy_with == job.job_id
    assert rig.link.identify("S2").busy_with is None
    with pytest.raises(StationBusy):
        rig.link.read_back("S1", job.vin)


def test_ten_callers_with_one_id_start_one_job(rig: StationRig) -> None:
    job = a_job(a_car(rig))
    with ThreadPoolExecutor(10) as callers:
        answers = list(callers.map(lambda _: rig.link.start("S1", job), range(10)))
    assert sorted(answers) == [StartAnswer.ALREADY] * 9 + [StartAnswer.STARTED]
    assert ended(rig, job.job_id).verdict is JobVerdict.PASS


def test_a_job_that_was_never_started_is_none(rig: StationRig) -> None:
    assert rig.link.report("S1", secrets.token_hex(16)).state is JobState.NONE


def test_only_new_lines_come_after_the_offset(rig: StationRig) -> None:
    job = a_job(a_car(rig))
    rig.link.start("S1", job)
    whole = ended(rig, job.job_id)
    assert '"start"' in whole.lines[0]
    assert '"end"' in whole.lines[-1]
    first = len(whole.lines[0].encode()) + 1
    rest = rig.link.report("S1", job.job_id, first)
    assert rest.lines == whole.lines[1:]
    assert (rest.verdict, rest.offset) == (whole.verdict, whole.offset)
    assert rig.link.report("S1", job.job_id, whole.offset).lines == ()


def test_another_car_on_the_cable_is_refused(rig: StationRig) -> None:
    job = a_job(a_car(rig))
    rig.connect_car("S1", a_car(rig))
    for ask in (lambda: rig.link.start("S1", job), lambda: rig.link.read_back("S1", job.vin)):
        with pytest.raises(StationRejected) as refused:
            ask()
        assert refused.value.code == "other_car"
    assert rig.link.report("S1", job.job_id).state is JobState.NONE
    rig.connect_car("S1", job.vin)
    assert rig.link.start("S1", job) is StartAnswer.STARTED
    assert ended(rig, job.job_id).verdict is JobVerdict.PASS


def test_where_no_car_answers_the_rig_is_to_blame(rig: StationRig) -> None:
    job = a_job(Vin("WVWZZ999999999999"))
    rig.link.start("S1", job)
    report = ended(rig, job.job_id)
    assert report.verdict is JobVerdict.ERROR
    assert report.read_back == ReadBack(job.vin, None)
    assert report.detail == "no car answers"


def test_a_killed_flasher_leaves_an_unknown_job_and_a_blocked_station(rig: StationRig) -> None:
    job = a_held_flash(rig)
    rig.kill_flasher("S1", job.job_id)
    assert rig.link.report("S1", job.job_id).state is JobState.UNKNOWN
    assert rig.link.identify("S1").blocked_by == job.job_id
    with pytest.raises(StationRejected) as refused:
        rig.link.start("S1", a_job(a_car(rig)))
    assert refused.value.code == "blocked"
    assert rig.link.start("S1", job) is StartAnswer.ALREADY  # the id refuses to run again
    assert rig.link.report("S1", job.job_id).state is JobState.UNKNOWN


def test_a_cleared_station_works_again_and_the_unknown_job_stays_unknown(rig: StationRig) -> None:
    job = a_held_flash(rig)
    rig.kill_flasher("S1", job.job_id)
    resolve(rig, job.job_id)
    rig.link.clear("S1", job.job_id)  # twice is once
    assert rig.link.identify("S1").blocked_by is None
    assert rig.link.report("S1", job.job_id).state is JobState.UNKNOWN
    after = a_job(a_car(rig))
    assert rig.link.start("S1", after) is StartAnswer.STARTED
    rig.go()
    assert ended(rig, after.job_id).verdict is JobVerdict.PASS


def test_an_unknown_job_is_cleared_only_after_the_car_was_asked(rig: StationRig) -> None:
    job = a_held_flash(rig)
    rig.kill_flasher("S1", job.job_id)
    rig.link.read_back("S1", a_car(rig))  # another car proves nothing
    with pytest.raises(StationRejected) as refused:
        rig.link.clear("S1", job.job_id)
    assert refused.value.code == "no_read_back"
    assert rig.link.identify("S1").blocked_by == job.job_id


def test_a_running_job_and_an_unheard_one_cannot_be_cleared(rig: StationRig) -> None:
    job = a_held_flash(rig)
    with pytest.raises(StationRejected) as running:
        rig.link.clear("S1", job.job_id)
    with pytest.raises(StationRejected) as unheard:
        rig.link.clear("S1", secrets.token_hex(16))
    assert (running.value.code, unheard.value.code) == ("running", "no_job")


def test_a_silent_car_reads_back_without_a_version(rig: StationRig) -> None:
    assert rig.link.read_back("S1", Vin("WVWZZ888888888888")) == ReadBack(Vin("WVWZZ888888888888"), None)


def test_an_unknown_station_is_unreachable(rig: StationRig) -> None:
    with pytest.raises(StationUnreachable):
        rig.link.identify("S99")


def test_the_clock_is_an_aware_time(rig: StationRig) -> None:
    identity = rig.link.identify("S1")
    assert identity.clock.tzinfo is not None
    assert identity.disk_free_bytes > 0
