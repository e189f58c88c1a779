"""The simulated car and its flash: honest about an erased control unit, with every fault on command."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from campaign.station_agent.cars import read_car, update_car
from campaign.station_agent.driver import Aborted, Job, RigFailed
from campaign.station_agent.flasher import flash_and_record
from campaign.station_agent.simulated import SimulatedDriver

VIN, SOURCE, TARGET = "LSVAA4182E2184847", "VBV4.5.2C", "VBV4.5.3C"
JOB = Job("a" * 32, VIN, SOURCE, TARGET, "pkg")


class Steps:
    """A log that tells each percent to whoever wants to know."""

    def __init__(self, told: Callable[[int], object] = lambda _: None) -> None:
        self._told = told

    def step(self, step: str, percent: int) -> None:
        self._told(percent)

    def keep(self, kind: str, **facts: object) -> None:
        raise AssertionError(f"the simulated driver keeps no {kind}")


@pytest.fixture
def cars(tmp_path: Path) -> Path:
    folder = tmp_path / "cars"
    (folder / "faults").mkdir(parents=True)
    update_car(folder, VIN, version=SOURCE, soc_display=270, soc_bms=305)
    return folder


def driver(cars: Path, **options: object) -> SimulatedDriver:
    return SimulatedDriver({"cars": str(cars), "seconds": 0, **options})


def fault(cars: Path, **what: object) -> None:
    (cars / "faults" / f"{VIN}.json").write_text(json.dumps(what))


def end_of(cars: Path, tmp_path: Path, **options: object) -> dict[str, Any]:
    """Flash in this process and return the journal's last record."""
    path = tmp_path / "job.jsonl"
    journal = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT)
    try:
        flash_and_record(driver(cars, **options), JOB, tmp_path, journal)
    finally:
        os.close(journal)
    last: dict[str, Any] = json.loads(path.read_text().splitlines()[-1])
    return last


def version(cars: Path) -> object:
    return (read_car(cars, VIN) or {})["version"]


def test_a_good_flash_ends_with_the_car_s_own_words(cars: Path, tmp_path: Path) -> None:
    end = end_of(cars, tmp_path)
    assert end["record"] == "end"
    assert (end["verdict"], end["detail"]) == ("pass", "")
    assert end["read_back"] == {"vin": VIN, "version": TARGET, "soc_display": 270, "soc_bms": 305}


def test_the_car_has_no_version_from_erase_to_the_last_block(cars: Path) -> None:
    seen: list[tuple[int, object]] = []
    driver(cars).flash(JOB, None, Steps(lambda percent: seen.append((percent, version(cars)))))
    assert seen[0] == (0, SOURCE)
    assert all(value is None for percent, value in seen if 10 <= percent < 90)
    assert seen[-1] == (100, TARGET)


def test_progress_never_goes_back_and_comes_in_steps_of_ten(cars: Path) -> None:
    percents: list[int] = []
    driver(cars).flash(JOB, None, Steps(percents.append))
    assert percents == sorted(percents)
    assert set(range(0, 101, 10)) == set(percents)


def test_a_refused_block_is_the_car_s_failure_and_the_old_software_stays(cars: Path, tmp_path: Path) -> None:
    fault(cars, fail_at=50)
    end = end_of(cars, tmp_path)
    assert end["verdict"] == "fail"
    assert "50" in end["detail"]
    assert end["read_back"]["version"] == SOURCE


def test_a_lost_interface_is_the_rig_s_error(cars: Path, tmp_path: Path) -> None:
    fault(cars, error="cable torn")
    end = end_of(cars, tmp_path)
    assert (end["verdict"], end["detail"]) == ("error", "cable torn")
    assert version(cars) == SOURCE


def test_a_car_that_falls_silent_has_no_read_back(cars: Path, tmp_path: Path) -> None:
    fault(cars, silent=True)
    end = end_of(cars, tmp_path)
    assert end["verdict"] == "timeout"
    assert end["read_back"]["version"] is None


def test_no_car_is_an_error(cars: Path, tmp_path: Path) -> None:
    (cars / f"{VIN}.json").unlink()
    end = end_of(cars, tmp_path)
    assert (end["verdict"], end["detail"]) == ("error", "no car answers")


def test_a_car_at_another_version_is_not_flashed(cars: Path) -> None:
    update_car(cars, VIN, version="VBV4.5.1C")
    with pytest.raises(Aborted, match=r"VBV4\.5\.1C"):
        driver(cars).flash(JOB, None, Steps())
    assert version(cars) == "VBV4.5.1C"


def test_a_car_that_qa_sent_back_is_flashed_again_from_the_target(cars: Path, tmp_path: Path) -> None:
    update_car(cars, VIN, version=TARGET)
    end = end_of(cars, tmp_path)
    assert (end["verdict"], end["read_back"]["version"]) == ("pass", TARGET)


def test_an_erased_car_can_be_flashed_again(cars: Path, tmp_path: Path) -> None:
    update_car(cars, VIN, version=None)
    assert end_of(cars, tmp_path)["verdict"] == "pass"


def test_a_driver_that_breaks_is_an_error_with_a_read_back(cars: Path, tmp_path: Path) -> None:
    (cars / f"{VIN}.json").write_text("{")
    end = end_of(cars, tmp_path)
    assert end["verdict"] == "error"
    assert "JSONDecodeError" in end["detail"]
    assert end["read_back"]["version"] is None


@pytest.mark.parametrize(
    ("option", "verdict"), [("fail_rate", "fail"), ("error_rate", "error"), ("silent_rate", "timeout")]
)
def test_a_rate_of_one_strikes_always(cars: Path, tmp_path: Path, option: str, verdict: str) -> None:
    assert end_of(cars, tmp_path, **{option: 1.0})["verdict"] == verdict


def test_the_luck_of_a_job_is_its_seed_s(cars: Path) -> None:
    def failed(seed: int) -> list[int]:
        rig = driver(cars, error_rate=0.3, seed=seed)
        return [number for number in range(100) if _breaks(rig, JOB._replace(job=f"{number:032x}"), cars)]

    first = failed(1)
    assert failed(1) == first
    assert failed(2) != first
    assert 15 < len(first) < 45


def _breaks(rig: SimulatedDriver, job: Job, cars: Path) -> bool:
    update_car(cars, VIN, version=SOURCE)
    try:
        rig.flash(job, None, Steps())
    except RigFailed:
        return True
    return False


def test_the_pace_file_rules_when_it_can_be_read(cars: Path, tmp_path: Path) -> None:
    pace = tmp_path / "pace.json"
    pace.write_text('{"seconds": 0}')
    driver(cars, seconds=3600, pace=str(pace)).flash(JOB, None, Steps())
    assert version(cars) == TARGET
    update_car(cars, VIN, version=SOURCE)
    pace.write_text('{"seconds": "soon"')
    driver(cars, seconds=0, pace=str(pace)).flash(JOB, None, Steps())
    assert version(cars) == TARGET


def test_a_charging_car_keeps_its_charge_when_it_is_flashed(cars: Path) -> None:
    update_car(cars, VIN, soc_display=301)
    update_car(cars, VIN, version=TARGET)
    assert read_car(cars, VIN) == {"vin": VIN, "version": TARGET, "soc_display": 301, "soc_bms": 305}
