"""From the orchestrator over SSH to a car's control units and back: one job, its verdict, its evidence."""

from __future__ import annotations

import json
import os
import secrets
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from campaign.domain.identity import Vin
from campaign.errors import StationRejected
from campaign.ports.station import JobReport, JobState, JobVerdict
from campaign.station.link import SshStations
from campaign.station.local_sshd import find_sshd
from campaign.yard.virtual_car.car import CarSpec
from tests.fakes.flashed_car import TARGET
from tests.fakes.station_rig import holders_of, until
from tests.fakes.uds_yard import UdsYard
from tests.servers.needs import missing

pytestmark = pytest.mark.ssh


@pytest.fixture(scope="module")
def shared_yard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[UdsYard]:
    if find_sshd() is None:
        missing("OpenSSH's server", "openssh-server")
    made = UdsYard(tmp_path_factory.mktemp("yard"), ["S1"])
    yield made
    made.close()


@pytest.fixture(scope="module")
def link(shared_yard: UdsYard) -> Iterator[SshStations]:
    made = SshStations(shared_yard.served.addresses, None, shared_yard.served.known_hosts)
    shared_yard.stage(made, "S1")
    yield made
    made.close()


@pytest.fixture
def yard(shared_yard: UdsYard, link: SshStations) -> Iterator[UdsYard]:
    yield shared_yard
    shared_yard.plugged.clear()
    blocked = link.identify("S1").blocked_by
    if blocked:
        for car in shared_yard.cars.values():
            car.faults.clear()
        start = json.loads(link.report("S1", blocked).lines[0])
        link.read_back("S1", Vin(start["vin"]))
        link.clear("S1", blocked)


def a_car(yard: UdsYard) -> CarSpec:
    return yard.add_car(Vin(f"WVWZZ{secrets.randbelow(10**12):012d}"))


def flashed(yard: UdsYard, link: SshStations, vin: Vin, **job: str) -> JobReport:
    job_id = secrets.token_hex(16)
    link.start("S1", yard.job(job_id, vin, **job))
    until(lambda: link.report("S1", job_id).state is not JobState.RUNNING, within=40)
    return link.report("S1", job_id)


def facts(report: JobReport, kind: str) -> list[dict[str, Any]]:
    records = [json.loads(line) for line in report.lines]
    return [record for record in records if record.get("kind") == kind]


def test_a_flash_over_the_link_ends_with_the_car_s_own_words(yard: UdsYard, link: SshStations) -> None:
    car = a_car(yard)
    report = flashed(yard, link, Vin(car.vin))
    assert (report.state, report.verdict, report.fault) == (JobState.ENDED, JobVerdict.PASS, "")
    assert report.read_back is not None
    assert (report.read_back.vin, report.read_back.version) == (car.vin, TARGET)
    assert report.read_back.soc_display == 278
    assert yard.successes(Vin(car.vin)) == {1}
    assert link.read_back("S1", Vin(car.vin)).version == TARGET


def test_the_evidence_is_in_the_journal(yard: UdsYard, link: SshStations) -> None:
    report = flashed(yard, link, Vin(a_car(yard).vin))
    assert [fact["when"] for fact in facts(report, "identification")] == ["before", "after"]
    assert facts(report, "package")[0]["digest"] == yard.digest
    assert facts(report, "tools")[0]["driver"] == "uds"
    assert facts(report, "dtcs")
    assert facts(report, "comparison")


def low_soc(car: CarSpec) -> None:
    car.faults.soc_raw = 74  # 26.5 % on the display


def refuses_a_block(car: CarSpec) -> None:
    car.faults.of("bms").nrc_at = {3: 0x72}


def freezes(car: CarSpec) -> None:
    car.faults.of("bms").freeze_at = 3


def loses_power(car: CarSpec) -> None:
    car.faults.of("bms").power_loss_at = 3


CASES: list[tuple[Callable[[CarSpec], None], JobVerdict, str, bool]] = [
    (low_soc, JobVerdict.ABORTED, "soc_below", False),
    (refuses_a_block, JobVerdict.FAIL, "programming_failed", True),
    (freezes, JobVerdict.TIMEOUT, "silent", True),
    (loses_power, JobVerdict.ERROR, "interface_lost", True),
]


@pytest.mark.parametrize(
    ("harm", "verdict", "fault", "written"), CASES, ids=lambda case: getattr(case, "__name__", "")
)
def test_each_trouble_has_its_verdict(
    yard: UdsYard,
    link: SshStations,
    harm: Callable[[CarSpec], None],
    verdict: JobVerdict,
    fault: str,
    written: bool,
) -> None:
    car = a_car(yard)
    harm(car)
    report = flashed(yard, link, Vin(car.vin))
    assert (report.verdict, report.fault, report.written) == (verdict, fault, written)
    assert report.params
    assert yard.successes(Vin(car.vin)) != {1}


def test_another_car_on_the_cable_is_left_alone(yard: UdsYard, link: SshStations) -> None:
    wanted, there = a_car(yard), a_car(yard)
    yard.plugged["S1"] = Vin(there.vin)
    report = flashed(yard, link, Vin(wanted.vin))
    assert (report.verdict, report.fault, report.written) == (JobVerdict.ABORTED, "wrong_car", False)
    assert dict(report.params) == {"expected": wanted.vin, "found": there.vin}
    assert yard.successes(Vin(there.vin)) == yard.successes(Vin(wanted.vin)) == {0}


def test_another_car_s_words_are_never_taken_for_the_one_that_was_asked(
    yard: UdsYard, link: SshStations
) -> None:
    wanted, there = a_car(yard), a_car(yard)
    yard.plugged["S1"] = Vin(there.vin)
    with pytest.raises(StationRejected, match=there.vin) as refused:
        link.read_back("S1", Vin(wanted.vin))
    assert refused.value.code == "other_car"


def test_a_package_that_was_harmed_on_the_station_is_found_before_anything_is_erased(
    yard: UdsYard, link: SshStations
) -> None:
    car = a_car(yard)
    row = yard.fitting.manifest.files[0]
    blob = yard.made.folder_of("S1") / "blobs" / row.sha256
    good = blob.read_bytes()
    blob.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    report = flashed(yard, link, Vin(car.vin))
    blob.write_bytes(good)
    assert (report.verdict, report.fault) == (JobVerdict.ERROR, "package_damaged")
    assert dict(report.params) == {"file": row.name}
    assert report.written is False
    assert yard.successes(Vin(car.vin)) == {0}


def test_a_package_that_was_never_staged_does_not_start(yard: UdsYard, link: SshStations) -> None:
    job = replace(yard.job(secrets.token_hex(16), Vin(a_car(yard).vin)), digest="0" * 64)
    with pytest.raises(StationRejected) as refused:
        link.start("S1", job)
    assert refused.value.code == "package_missing"


def test_a_power_cut_in_mid_transfer_leaves_the_car_erased_and_the_station_blocked(
    yard: UdsYard, link: SshStations
) -> None:
    car = a_car(yard)
    car.faults.seconds_per_block = 0.2
    job_id = secrets.token_hex(16)
    link.start("S1", yard.job(job_id, Vin(car.vin)))
    until(lambda: link.report("S1", job_id).percent >= 20, within=30)
    for pid in holders_of(yard.made.folder_of("S1") / "station.lock"):
        os.kill(pid, signal.SIGKILL)
    until(lambda: link.report("S1", job_id).state is JobState.UNKNOWN)
    assert link.identify("S1").blocked_by == job_id
    assert link.read_back("S1", Vin(car.vin)).version is None
    link.clear("S1", job_id)
    car.faults.clear()
    again = flashed(yard, link, Vin(car.vin))
    assert (again.verdict, yard.successes(Vin(car.vin))) == (JobVerdict.PASS, {1})
    assert again.read_back is not None
    assert again.read_back.version == TARGET
