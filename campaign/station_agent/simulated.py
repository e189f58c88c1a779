"""The flash driver of the demo: a virtual car in a file, with steps, time and faults as a real one has.

Options of the station file: `cars` (folder), `seconds` (one flash), `pace` (a JSON file `{"seconds": ...}`
that overrides it and may change during a flash), `fail_rate`, `error_rate`, `silent_rate` (0 to 1, drawn per
job from `seed`). A file `<cars>/faults/<VIN>.json` makes one car misbehave: `{"fail_at": percent}`,
`{"error": text}`, `{"silent": true}` or `{"cut_at": percent}` (the station loses power).
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
import zlib
from pathlib import Path
from typing import Any

from campaign.station_agent.cars import Car, read_car, update_car
from campaign.station_agent.driver import Aborted, CarFailed, CarSilent, Job, Log, RigFailed
from campaign.station_agent.package import StagedPackage

ERASED_AT = 10  # percent: from here until the last block the car has no version
WRITTEN_AT = 90
NOTE_EVERY = 10  # percent between two progress records
UNIT = "ECU"  # a simulated car has one control unit
NRC_72 = "generalProgrammingFailure"
LONGEST_NAP = 0.2  # seconds, so that a changed pace is felt soon


class SimulatedDriver:
    """Flashes the virtual cars of one folder."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._options = options
        self._cars = Path(options["cars"])

    def flash(self, job: Job, package: StagedPackage | None, log: Log) -> None:  # noqa: ARG002 - it writes no files
        """Bring the car from the job's source to its target. Raises Aborted, CarFailed, RigFailed or CarSilent.

        A car without a version is taken (a flash that was cut is mended by another one), and one that is at
        the target (QA sent it back).
        """
        car = read_car(self._cars, job.vin)
        if car is None:
            raise RigFailed("no_car", "no car answers")
        if car.get("version") not in (job.source, job.target, None):
            found = car["version"]
            told = f"the car is at {found}, not at {job.source}"
            raise Aborted("wrong_version", told, found=found, source=job.source)
        faults = self._faults(job)
        if "error" in faults:
            raise RigFailed("interface_lost", str(faults["error"]), what=faults["error"])
        self._transfer(job, car, faults, log)
        log.step("read_back", 100)
        if faults.get("silent"):
            told = "the car did not answer after the flash"
            raise CarSilent("silent", told, ecu=UNIT, step="read_back")

    def read_back(self, vin: str, package: StagedPackage | None = None) -> dict[str, Any]:  # noqa: ARG002
        """What the car reports; every value is null when it does not answer."""
        car = None if self._named_faults(vin).get("silent") else read_car(self._cars, vin)
        answer = car or {}
        return {"vin": vin, **{name: answer.get(name) for name in ("version", "soc_display", "soc_bms")}}

    def _transfer(self, job: Job, car: Car, faults: dict[str, Any], log: Log) -> None:
        percent, noted, erased = 0.0, 0, False
        log.step("identify", 0)
        while percent < WRITTEN_AT:
            percent += self._nap()
            if percent >= ERASED_AT and not erased:
                update_car(self._cars, job.vin, version=None)
                erased = True
            self._strike(faults, percent, job, car)
            if percent - noted >= NOTE_EVERY:
                noted = int(percent)
                log.step("transfer" if erased else "identify", min(noted, WRITTEN_AT))
        update_car(self._cars, job.vin, version=job.target)
        log.step("verify", WRITTEN_AT)

    def _nap(self) -> float:
        """Let one slice of the flash pass and tell how many percent it was."""
        seconds = self._seconds()
        nap = min(seconds * NOTE_EVERY / 100, LONGEST_NAP)
        time.sleep(nap)
        return 100 * nap / seconds if seconds else NOTE_EVERY

    def _seconds(self) -> float:
        seconds = self._options.get("seconds", 20)
        if "pace" in self._options:
            # Not there, or being rewritten: the station's own speed.
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                seconds = float(json.loads(Path(self._options["pace"]).read_text())["seconds"])
        return max(0.0, float(seconds))

    def _strike(self, faults: dict[str, Any], percent: float, job: Job, car: Car) -> None:
        if percent >= faults.get("cut_at", 101):
            os.kill(os.getpid(), signal.SIGKILL)
        if percent >= faults.get("fail_at", 101):
            # The car kept its old software beside the new one and goes back to it.
            update_car(self._cars, job.vin, version=car.get("version"))
            at = f"{int(percent)} %"
            raise CarFailed(
                "programming_failed", f"block refused at {at}", ecu=UNIT, block=at, nrc="0x72", name=NRC_72
            )

    def _faults(self, job: Job) -> dict[str, Any]:
        """The car's own faults, else what the job's luck brings."""
        luck = zlib.crc32(f"{self._options.get('seed', 0)}:{job.vin}:{job.job}".encode()) / 2**32
        drawn: dict[str, Any] = {}
        for option, fault in (
            ("fail_rate", {"fail_at": 20 + int(luck * 1e6) % 60}),
            ("error_rate", {"error": "the vehicle interface was lost"}),
            ("silent_rate", {"silent": True}),
        ):
            rate = float(self._options.get(option, 0))
            if luck < rate:
                drawn = fault
                break
            luck -= rate
        return self._named_faults(job.vin) or drawn

    def _named_faults(self, vin: str) -> dict[str, Any]:
        try:
            faults = json.loads((self._cars / "faults" / f"{vin}.json").read_text())
        except (OSError, ValueError):
            return {}
        return faults if isinstance(faults, dict) else {}
