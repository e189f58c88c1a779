"""What goes wrong at a station, from the cable to the page: the verdict, the words for a technician, the evidence.

Real agents behind a real sshd flash virtual cars over DoIP; the use cases follow them as in production.
"""

from __future__ import annotations

import contextlib
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from campaign.domain.retry import Outcome
from campaign.domain.vehicle import Car, Status
from campaign.ports.clock import SystemClock
from campaign.ports.records import Attempt, KeptEvidence
from campaign.station.local_sshd import find_sshd
from campaign.wording.flash_faults import fault_say, fault_title
from campaign.yard.virtual_car.car import THREE, CarSpec
from tests.acceptance.uds_plant import charged_cars, one_batch_rules
from tests.bench.plant import CODE, Plant, Size, opened
from tests.fakes.plant import vin_no
from tests.fakes.station_rig import until
from tests.fakes.uds_yard import UdsYard
from tests.servers.needs import missing

pytestmark = [pytest.mark.ssh, pytest.mark.slow]
VIN, OTHER = vin_no(1), vin_no(2)


@dataclass
class Site:
    """One station, one car that waits for it."""

    yard: UdsYard
    plant: Plant

    @property
    def station(self) -> Path:
        return self.yard.made.folder_of("ST-1")

    def car(self) -> Car:
        with self.plant.services.store.read() as uow:
            return uow.cars.latest([VIN])[VIN]

    def attempts(self) -> list[Attempt]:
        with self.plant.services.store.read() as uow:
            return uow.attempts.of_car(self.car())

    def tick(self) -> None:
        self.plant.services.reconcile.tick(CODE)

    def flashed(self) -> Attempt:
        """Look until the first attempt ended and its evidence is kept."""

        def over() -> bool:
            self.tick()
            tries = self.attempts()
            return bool(tries) and tries[0].ended_at is not None and self.raw(tries[0]) is not None

        until(over, within=60)
        return self.attempts()[0]

    def kept(self, attempt: Attempt) -> KeptEvidence | None:
        files = self.plant.services.evidence.of_car(self.plant.actors["martin"], VIN)
        return next(file.kept for file in files if file.attempt.id == attempt.id)

    def raw(self, attempt: Attempt) -> bytes | None:
        """The raw journal as it is kept in the vault."""
        kept = self.kept(attempt)
        if kept is None:
            return None
        return b"".join(self.plant.services.evidence.raw(self.plant.actors["martin"], kept))

    def holds(self) -> list[tuple[str, str]]:
        with self.plant.services.store.read() as uow:
            return [(hold.scope, hold.target) for hold in uow.holds.open()]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Callable[..., Site]]:
    if find_sshd() is None:
        missing("OpenSSH's server", "openssh-server")
    with contextlib.ExitStack() as stack:

        def make(car: Callable[[UdsYard], object] = lambda _: None, **more: object) -> Site:
            rules = one_batch_rules(1)
            home = tmp_path / "home"
            yard = UdsYard(home / "stations", ["ST-1"], package=rules.package, **more)
            stack.callback(yard.close)
            car(yard)
            plant = stack.enter_context(opened(home, Size(1, 1, 1), None, SystemClock()))
            charged_cars(plant, yard, rules, 1)
            return Site(yard, plant)

        yield make


def told(attempt: Attempt) -> tuple[Outcome | None, str]:
    return attempt.outcome, attempt.fault


def a_technician_understands(attempt: Attempt, *facts: str) -> None:
    """Both languages say what happened, with the facts, and nothing is left in code."""
    for lang in ("en", "zh"):
        said = fault_say(attempt.fault, attempt.params, lang)
        assert all(fact in said for fact in facts)
        assert attempt.fault not in said
        assert "{" not in said
        assert fault_title(attempt.fault, lang)
    assert any("\u4e00" <= sign <= "\u9fff" for sign in fault_say(attempt.fault, attempt.params, "zh"))


def the_evidence_is_the_station_s_journal(site: Site, attempt: Attempt) -> None:
    journal = site.station / "jobs" / f"{attempt.job_id}.jsonl"
    assert site.raw(attempt) == journal.read_bytes()
    assert b'"identification"' in journal.read_bytes() or not attempt.fault.startswith("programming")


def harmed(harm: Callable[[CarSpec], None]) -> Callable[[UdsYard], object]:
    return lambda yard: harm(yard.add_car(VIN))


def test_another_car_on_the_cable(site: Callable[..., Site]) -> None:
    here = site()
    there = here.yard.add_car(OTHER)
    here.yard.plugged["ST-1"] = OTHER
    attempt = here.flashed()
    assert told(attempt) == (Outcome.ABORTED, "wrong_car")
    a_technician_understands(attempt, OTHER)
    the_evidence_is_the_station_s_journal(here, attempt)
    assert here.car().status is Status.CHARGED
    assert ("station", "ST-1") in here.holds()
    assert {unit.successes for unit in there.memory().values()} == {0}


def test_a_package_for_another_car(site: Callable[..., Site]) -> None:
    other = tuple(replace(ecu, software="0452", hardware="2EA000000") for ecu in THREE)
    here = site(lambda yard: yard.add_car(VIN, ecus=other))
    attempt = here.flashed()
    assert told(attempt) == (Outcome.ABORTED, "package_unfit")
    a_technician_understands(attempt, "2EA000000")
    the_evidence_is_the_station_s_journal(here, attempt)
    assert here.car().status is Status.REWORK
    assert here.yard.successes(VIN) == {0}


@pytest.mark.parametrize(
    ("raw", "soc", "status"), [(75, "26.9", Status.CHARGED), (76, "27.4", Status.FLASHED)]
)
def test_the_station_reads_the_gate_again(
    site: Callable[..., Site], raw: int, soc: str, status: Status
) -> None:
    def low(car: CarSpec) -> None:
        car.faults.soc_raw = raw

    here = site(harmed(low))
    attempt = here.flashed()
    assert here.car().status is status
    reading = here.car().soc
    assert reading is not None
    assert f"{reading.tenths / 10:.1f}" == soc
    the_evidence_is_the_station_s_journal(here, attempt)
    if status is Status.CHARGED:
        assert told(attempt) == (Outcome.ABORTED, "soc_below")
        a_technician_understands(attempt, "26.9", "27.0")
        here.tick()
        assert len(here.attempts()) == 1  # below the gate it goes to a charge point, not to a station again
        with here.plant.services.store.read() as uow:
            assert [charge.vin for charge in uow.charges.open(here.plant.layout.code)] == [VIN]


def freezes(car: CarSpec) -> None:
    car.faults.of("bms").freeze_at = 4


def loses_power(car: CarSpec) -> None:
    car.faults.of("bms").power_loss_at = 4


def refuses_to_be_written(car: CarSpec) -> None:
    car.faults.of("bms").nrc_at = {4: 0x72}


@pytest.mark.parametrize(
    ("harm", "outcome", "fault", "fact"),
    [
        (freezes, Outcome.TIMEOUT, "silent", "bms"),
        (loses_power, Outcome.ERROR, "interface_lost", ""),
        (refuses_to_be_written, Outcome.FAIL, "programming_failed", "0x72"),
    ],
    ids=["frozen ECU", "ECU killed in transfer", "NRC 0x72"],
)
def test_a_car_that_is_lost_in_mid_transfer_is_uncertain(
    site: Callable[..., Site],
    harm: Callable[[CarSpec], None],
    outcome: Outcome,
    fault: str,
    fact: str,
) -> None:
    here = site(harmed(harm))
    attempt = here.flashed()
    assert told(attempt) == (outcome, fault)
    a_technician_understands(attempt, fact)
    the_evidence_is_the_station_s_journal(here, attempt)
    assert here.car().status is Status.UNCERTAIN
    assert here.car().read_back is None


def test_a_package_that_was_harmed_on_the_station_is_held_everywhere(site: Callable[..., Site]) -> None:
    here = site()
    row = here.yard.fitting.manifest.files[0]
    blob = here.station / "blobs" / row.sha256
    until(lambda: here.tick() or blob.exists() or bool(here.attempts()), within=30)
    until(blob.exists)
    blob.write_bytes(b"X" + blob.read_bytes()[1:])
    attempt = here.flashed()
    assert told(attempt) == (Outcome.ERROR, "package_damaged")
    a_technician_understands(attempt, row.name)
    assert here.car().status is Status.CHARGED
    assert ("package", one_batch_rules(1).package) in here.holds()
    assert here.yard.successes(VIN) == {0}


def test_a_station_whose_clock_is_a_day_off_flashes_and_its_skew_is_told(
    site: Callable[..., Site], tmp_path: Path
) -> None:
    here = site(python=str(_a_day_ahead(tmp_path)))
    attempt = here.flashed()
    assert (attempt.outcome, here.car().status) == (Outcome.PASS, Status.FLASHED)
    assert attempt.ended_at is not None
    assert abs((attempt.ended_at - here.plant.services.clock.now()).total_seconds()) < 600
    kept = here.kept(attempt)
    assert kept is not None
    assert kept.skew_ms is not None
    assert 86_000_000 < kept.skew_ms < 87_000_000
    the_evidence_is_the_station_s_journal(here, attempt)


def _a_day_ahead(folder: Path) -> Path:
    """A Python whose clock is a day ahead."""
    program = folder / "ahead.py"
    program.write_text(
        "import os, runpy, sys, time\n"
        "true = time.time\n"
        "time.time = lambda: true() + 86400\n"
        "sys.argv = sys.argv[1:]\n"
        "runpy.run_path(sys.argv[0], run_name='__main__')\n"
    )
    wrapper = folder / "python-ahead"
    wrapper.write_text(f'#!/bin/sh\nshift 2\nexec {sys.executable} -I -S {program} "$@"\n')
    wrapper.chmod(wrapper.stat().st_mode | stat.S_IXUSR)
    return wrapper


@pytest.fixture
def small_disk() -> Iterator[Callable[[Path], Path]]:
    """Puts a disk of 4 MB at a folder."""
    if os.geteuid() != 0:
        missing("the right to mount a small disk", "root")
    mounted: list[Path] = []

    def mount(folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "none", str(folder)], check=True)
        mounted.append(folder)
        return folder

    yield mount
    for folder in mounted:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Take every byte that is left."""
    ballast = folder / "ballast"
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(b"\0" * 4096)
    return ballast


def test_a_disk_that_fills_up_during_a_flash_does_not_cut_it(
    site: Callable[..., Site], small_disk: Callable[[Path], Path]
) -> None:
    here = site(seconds_per_block=0.05)
    jobs = small_disk(here.station / "jobs")
    until(lambda: here.tick() or (bool(here.attempts()) and here.attempts()[0].percent >= 10), within=40)
    ballast = fill(jobs)
    until(lambda: here.yard.successes(VIN) == {1}, within=40)
    ballast.unlink()
    attempt = here.flashed()
    assert (attempt.outcome, here.car().status) == (Outcome.PASS, Status.FLASHED)


def test_a_full_disk_starts_no_flash_and_is_told(
    site: Callable[..., Site], small_disk: Callable[[Path], Path]
) -> None:
    here = site()
    fill(small_disk(here.station / "jobs"))

    def refused() -> bool:
        here.tick()
        return bool(here.attempts()) and here.attempts()[0].ended_at is not None

    until(refused, within=40)
    assert here.attempts()[0].outcome is Outcome.NEVER_STARTED
    assert "space" in here.attempts()[0].detail
    assert ("station", "ST-1") in here.holds()
    assert here.car().status is Status.CHARGED
    assert here.yard.successes(VIN) == {0}
