"""The jobs of one station: at most one at a time, each id at most once, and no guess about how one ended.

    <home>/station.json    {"name", "driver", "driver_options"}
    <home>/gate.lock       held for the moment of a decision: exclusive to start, shared to look
    <home>/station.lock    held by the flasher as long as it lives
    <home>/current         the id of the last job
    <home>/cable           the VIN on the cable, where the station can tell
    <home>/jobs/<id>.jsonl the journal, locked by its flasher as long as it lives
    <home>/blobs, trusted_keys    packages: see `package` and `uploads`

A start without an end and without a lock is `unknown`: nobody knows what was written, the station takes no
other job until a person read the car back and cleared that one (rule 3).
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from campaign.station_agent import AGENT_VERSION, journal
from campaign.station_agent.cars import write_whole
from campaign.station_agent.driver import Driver, Job, Trouble
from campaign.station_agent.drivers import DRIVERS, make_driver
from campaign.station_agent.flasher import NoProcess, flash_and_record, run_detached
from campaign.station_agent.package import PackageRefused, StagedPackage, open_package
from campaign.station_agent.refusal import Refusal

PARTING_WAIT = 2.0  # seconds for a flasher that wrote its end to let go of the station
Answer = dict[str, Any]


class Station:
    """One station's home folder. Raises Refusal for every "no"."""

    def __init__(self, home: Path) -> None:
        self._home = home
        try:
            config = json.loads((home / "station.json").read_text())
            self.name: str = str(config["name"])
            self._driver_name: str = config["driver"]
            self._options: dict[str, Any] = config.get("driver_options", {})
            DRIVERS[self._driver_name]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise _unusable(error) from error

    def identify(self) -> Answer:
        """Who is here, the clock (UTC), free bytes, and the job that works or blocks."""
        with self._gate(fcntl.LOCK_SH):
            last = self._last()
            state = self._state(last) if last else "none"
            at_work = state == "running" or self._is_taken()
            disk = os.statvfs(self._home)
            return {
                "agent": AGENT_VERSION,
                "driver": self._driver_name,
                "clock": journal.now(),
                "disk_free": disk.f_bavail * disk.f_frsize,
                "busy_with": last if at_work else None,
                "blocked_by": last if state == "unknown" and not self._read(last).cleared else None,
            }

    def start(self, job: Job) -> Answer:
        """Start the job once. The intent is on the disk before anything reaches the car."""
        driver = self._driver()
        with self._gate(fcntl.LOCK_EX) as gate:
            known = self._read(job.job).start
            if known is not None:
                if any(known.get(name) != value for name, value in job._asdict().items()):
                    raise Refusal("other_job", "this id was used for another car or package", job.job)
                return {"answer": "already"}
            self._refuse_other_car(job.vin)
            self._refuse_package(job.digest)
            station_lock = self._take_station()
            try:
                self._refuse_blocked()
                self._begin(driver, job, station_lock, gate)
            except OSError as error:
                raise Refusal("disk", f"the job cannot be written down: {error.strerror}") from error
            finally:
                os.close(station_lock)  # the flasher has its own copy
            return {"answer": "started"}

    def status(self, job_id: str, offset: int | None = None) -> Answer:
        """Where the job stands, from its journal and its lock; with the new lines when an offset is given."""
        with self._gate(fcntl.LOCK_SH):
            state = self._state(job_id)
            story = self._read(job_id, offset or 0)
        progress, end = story.progress or {}, story.end or {}
        answer = {
            "job": job_id,
            "state": state,
            "vin": (story.start or {}).get("vin"),
            "step": progress.get("step", ""),
            "percent": progress.get("percent", 0),
            "verdict": end.get("verdict"),
            "code": end.get("code", ""),
            "params": end.get("params", {}),
            "written": end.get("written", True),
            "detail": end.get("detail", self._guess(story) if state == "unknown" else ""),
            "read_back": end.get("read_back"),
            "started_at": (story.start or {}).get("at"),
            "ended_at": end.get("at"),
            "cleared": story.cleared,
        }
        return answer if offset is None else {**answer, "lines": story.lines, "offset": story.offset}

    def read_back(self, vin: str) -> Answer:
        """Ask the car on the cable now. Refused while a job talks to it."""
        self._refuse_other_car(vin)
        with self._gate(fcntl.LOCK_SH):
            last = self._last()
            state = self._state(last) if last else "none"
            if state == "running" or self._is_taken():
                raise Refusal("busy", "a flash is running", last)
            start = self._read(last).start or {} if last else {}
        told = self._ask_car(vin, start.get("digest", "-") if start.get("vin") == vin else "-")
        if told.get("vin") != vin:
            raise Refusal("other_car", f"the car on the cable is {told.get('vin')}")
        if state == "unknown" and start.get("vin") == vin:
            self._add(last, {"record": "read_back", "read_back": told})
        return {"read_back": told}

    def _ask_car(self, vin: str, digest: str) -> Answer:
        """The package of the last flash says which versions make which baseline; without it there is no name."""
        package: StagedPackage | None = None
        with suppress(PackageRefused):
            package = open_package(self._home, digest) if digest != "-" else None
        try:
            return self._driver().read_back(vin, package)
        except Trouble as trouble:
            raise Refusal("rig", trouble.what) from trouble

    def clear(self, job_id: str) -> Answer:
        """A person resolved an unknown job, and the car was asked since. Again, or of a job that ended: no change."""
        with self._gate(fcntl.LOCK_EX):
            state = self._state(job_id)
            if state == "none":
                raise Refusal("no_job", "no such job here", job_id)
            if state == "running":
                raise Refusal("running", "the job is running", job_id)
            story = self._read(job_id)
            if state == "unknown" and not story.cleared:
                if not story.read_back:
                    raise Refusal("no_read_back", "read the car back first", job_id)
                self._add(job_id, {"record": "cleared"})
        return {"answer": "cleared"}

    def _add(self, job_id: str, record: journal.Record) -> None:
        descriptor = self._open(job_id)
        try:
            journal.append(descriptor, record)
        except OSError as error:
            raise Refusal("disk", f"it cannot be written down: {error.strerror}") from error
        finally:
            os.close(descriptor)

    def _begin(self, driver: Driver, job: Job, station_lock: int, gate: int) -> None:
        write_whole(self._home / "current", job.job)
        descriptor = self._open(job.job)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            start = {"record": "start", **job._asdict(), "boot_id": journal.boot_id()}
            journal.append(descriptor, {**start, "agent": AGENT_VERSION, "driver": self._driver_name})
            _sync_folder(self._home / "jobs")
            locks = (station_lock, descriptor)
            run_detached(
                station_lock,
                descriptor,
                lambda: flash_and_record(driver, job, self._home, descriptor, locks),
                drop=gate,
            )
        except NoProcess as error:
            detail = f"no process for the flash: {error}"
            end = {"record": "end", "verdict": "error", "code": "broken", "params": {"what": detail}}
            journal.append(descriptor, {**end, "detail": detail, "written": False, "read_back": None})
        finally:
            os.close(descriptor)

    def _state(self, job_id: str) -> str:
        """The lock first, then the journal: a flasher writes its end before it lets go."""
        path = self._journal(job_id)
        alive = path.exists() and _is_locked(path)
        story = journal.read(path)
        if story.start is None:
            return "none"
        if story.end is not None:
            return "ended"
        return "running" if alive else "unknown"

    def _is_taken(self) -> bool:
        """Also after the last job's end: a vendor's tool that nobody waits for any more is still in the car."""
        lock = self._home / "station.lock"
        return lock.exists() and _is_locked(lock)

    def _take_station(self) -> int:
        descriptor = os.open(self._home / "station.lock", os.O_RDWR | os.O_CREAT, 0o600)
        deadline = time.monotonic() + PARTING_WAIT
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return descriptor
            except BlockingIOError:
                last = self._last()
                if self._state(last) == "running" or time.monotonic() > deadline:
                    os.close(descriptor)
                    raise Refusal("busy", "the station works on another job", last) from None
                time.sleep(0.01)

    def _refuse_blocked(self) -> None:
        last = self._last()
        if last and self._state(last) == "unknown" and not self._read(last).cleared:
            raise Refusal("blocked", "the last job's outcome is unknown: read the car, then clear it", last)

    def _refuse_other_car(self, vin: str) -> None:
        cable = self._text("cable")
        if cable and cable != vin:
            raise Refusal("other_car", "another car is on the cable")

    def _refuse_package(self, digest: str) -> None:
        """Its sheet must be here and trusted; the flasher reads every byte of its files before it writes."""
        if digest != "-":
            try:
                open_package(self._home, digest)
            except PackageRefused as refused:
                raise Refusal(refused.code, str(refused)) from refused

    def _driver(self) -> Driver:
        try:
            return make_driver(self._driver_name, self._options)
        except (ValueError, KeyError, TypeError, ImportError) as error:
            raise _unusable(error) from error

    def _guess(self, story: journal.Story) -> str:
        if (story.start or {}).get("boot_id") != journal.boot_id():
            return "the station was restarted during the flash"
        return "the flash process ended without a result"

    def _last(self) -> str:
        return self._text("current")

    def _text(self, name: str) -> str:
        try:
            return (self._home / name).read_text().strip()
        except FileNotFoundError:
            return ""

    def _journal(self, job_id: str) -> Path:
        return self._home / "jobs" / f"{job_id}.jsonl"

    def _read(self, job_id: str, offset: int = 0) -> journal.Story:
        return journal.read(self._journal(job_id), offset)

    def _open(self, job_id: str) -> int:
        self._journal(job_id).parent.mkdir(exist_ok=True)
        return os.open(self._journal(job_id), os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)

    @contextmanager
    def _gate(self, kind: int) -> Iterator[int]:
        """Hold the gate: nobody looks while somebody starts."""
        gate = os.open(self._home / "gate.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(gate, kind)
            yield gate
        finally:
            fcntl.flock(gate, fcntl.LOCK_UN)
            os.close(gate)


def _unusable(error: Exception) -> Refusal:
    return Refusal("config", f"station.json cannot be used: {type(error).__name__}: {error}")


def _is_locked(path: Path) -> bool:
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
