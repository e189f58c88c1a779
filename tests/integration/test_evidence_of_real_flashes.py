"""Journals as real stations and a real conversation write them, read as evidence."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from campaign.domain.evidence import Evidence, read_evidence
from campaign.domain.identity import Vin
from campaign.files.vault import FolderVault
from campaign.ports.clock import SystemClock
from campaign.ports.records import Attempt
from campaign.ports.station import FlashJob, JobState
from campaign.services.evidence import Journals
from campaign.station.serving import ServerKind
from tests.fakes.flashed_car import SOURCE, TARGET, VIN, Bench, bench
from tests.fakes.station_rig import RealRig, until


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[RealRig]:
    made = RealRig(tmp_path / "stations", ServerKind.EMBEDDED)
    yield made
    made.close()


def attempt_of(job: FlashJob) -> Attempt:
    return Attempt(1, job.job_id, 1, "C", job.vin, "anting", "S1", datetime.now(UTC))


def test_the_whole_journal_of_a_station_comes_over_ssh_and_tells_the_flash(
    rig: RealRig, tmp_path: Path
) -> None:
    job = FlashJob(secrets.token_hex(16), Vin("LSVUD6E40S2100037"), SOURCE, TARGET, "p1")
    rig.put_car(job.vin, SOURCE)
    rig.link.start("S1", job)
    until(lambda: rig.link.report("S1", job.job_id).state is JobState.ENDED)
    vault = FolderVault(tmp_path / "files")
    fetched = Journals(rig.link, vault, SystemClock()).fetch(attempt_of(job))
    assert fetched.journal is not None
    journal, told = fetched.journal, fetched.journal.evidence
    assert (
        b"".join(vault.read(journal.sha256))
        == (rig.made.folder_of("S1") / "jobs" / f"{job.job_id}.jsonl").read_bytes()
    )
    assert (told.job, told.vin, told.driver, told.verdict, told.read_back) == (
        job.job_id, job.vin, "simulated", "pass", TARGET,
    )  # fmt: skip
    assert [step.step for step in told.steps][-1] == "read_back"
    assert told.unread == 0
    assert journal.skew_ms is not None
    assert abs(journal.skew_ms) < 5000  # the same machine


def test_a_station_that_never_heard_of_the_job_has_no_journal(rig: RealRig, tmp_path: Path) -> None:
    job = FlashJob(secrets.token_hex(16), Vin("LSVUD6E40S2100037"), SOURCE, TARGET, "p1")
    fetched = Journals(rig.link, FolderVault(tmp_path / "files"), SystemClock()).fetch(attempt_of(job))
    assert (fetched.journal, fetched.due) == (None, False)


def flashed(at_bench: Bench) -> Evidence:
    """A whole flash over UDS, its log written as the flasher writes it."""
    lines: list[str] = []

    def write(told: dict[str, object]) -> None:
        record = "progress" if "step" in told else "fact"
        lines.append(json.dumps({"record": record, "at": datetime.now(UTC).isoformat(), **told}))

    at_bench.heard = write
    write_start = {"record": "start", "at": datetime.now(UTC).isoformat(), "vin": VIN, "driver": "uds"}
    lines.append(json.dumps(write_start))
    trouble = at_bench.flash()
    assert trouble is None
    return read_evidence(lines)


def test_a_real_conversation_with_a_car_leaves_whole_evidence(tmp_path: Path) -> None:
    with bench(tmp_path) as at_bench:
        told = flashed(at_bench)
        units = {row.name for row in at_bench.manifest.ecus}
    assert {ecu.name for ecu in told.before} == {ecu.name for ecu in told.after} == units
    assert ("0452", "0453") in {(c.before, c.after) for c in told.changes() if c.field == "software"}
    assert {"udsoncan", "doipclient"} <= dict(told.versions).keys()
    assert (told.differences, told.unread) == ((), 0)
    assert told.matched
    assert told.exchanges > 20
    assert {sample.volts for sample in told.samples} == {12.6}
    assert {sample.soc_display for sample in told.samples} == {278}
    assert {ecu.ecu for ecu in told.dtcs_before} == units
    assert all(block.size and block.seconds is not None and block.crc32 for block in told.blocks)
    assert all(step.seconds is not None for step in told.steps)
