"""Stations in memory on campaign time: a `StationLink` that means what the agents mean, without waiting."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from threading import RLock

from campaign.domain.identity import Vin
from campaign.errors import StationBusy, StationRejected, StationUnreachable
from campaign.ports.clock import Clock
from campaign.ports.station import (
    FlashJob,
    Held,
    JobReport,
    JobState,
    JobVerdict,
    ReadBack,
    StartAnswer,
    StationIdentity,
    Upload,
)
from campaign.yard.outages import Outages
from campaign.yard.world import BMS_ABOVE, World

GRID = timedelta(minutes=15)  # jobs end on it, as rounds begin, so that a simulation looks at few moments


@dataclass(frozen=True, slots=True)
class Luck:
    """How flashes go: parts of one. `minutes` is one flash, give or take `spread`."""

    seed: int = 1
    fail: float = 0.005  # the car refuses a block and keeps its old software
    error: float = 0.004  # the vehicle interface is lost before anything is written
    unknown: float = 0.0015  # the station loses power: nobody knows
    minutes: float = 45.0
    spread: float = 5.0
    grid: timedelta = GRID


@dataclass(slots=True)
class _Job:
    job: FlashJob
    began: datetime
    ends: datetime
    state: JobState
    verdict: JobVerdict | None
    detail: str
    version: str | None  # what the car runs afterwards
    settled: bool = False
    cleared: bool = False


class SimulatedStations:
    """Every station of a site. Safe to call from several threads.

    One that is down by `outages` does not answer who asks for a start; what runs on it ends, and can be read.
    """

    def __init__(
        self, names: Iterable[str], world: World, clock: Clock, luck: Luck, outages: Outages | None = None
    ) -> None:
        self._outages = outages
        self._jobs: dict[str, dict[str, _Job]] = {name: {} for name in names}
        self._last: dict[str, _Job] = {}
        self._files: dict[str, dict[str, int]] = {name: {} for name in self._jobs}  # sha256: size
        self._tries: dict[Vin, int] = {}
        self._world, self._clock, self._luck = world, clock, luck
        self._turn = RLock()

    def next_end(self) -> datetime | None:
        """When the first of the running jobs ends."""
        with self._turn:
            ends = [job.ends for job in self._last.values() if not job.settled]
        return min(ends, default=None)

    def next_back(self) -> datetime | None:
        """When the first station that is down works again, or a later one will; None where nothing breaks down."""
        return None if self._outages is None else self._outages.next_end(self._clock.now())

    # -- StationLink -----------------------------------------------------------------------------

    def identify(self, station: str) -> StationIdentity:
        """Who is there."""
        with self._turn:
            last = self._settle(station)
            self._must_work(station, last)
            busy = last is not None and not last.settled
            blocked = last is not None and last.settled and self._blocks(last)
            job_id = last.job.job_id if last is not None else None
            return StationIdentity(
                station,
                "simulated",
                self._clock.now(),
                10**10,
                job_id if busy else None,
                job_id if blocked else None,
            )

    def start(self, station: str, job: FlashJob) -> StartAnswer:
        """Idempotent by id."""
        with self._turn:
            last = self._settle(station)
            if job.job_id in self._jobs[station]:
                return StartAnswer.ALREADY
            if last is not None and not last.settled:
                raise StationBusy(station, "the station works on another job", last.job.job_id)
            self._must_work(station, last)
            if last is not None and self._blocks(last):
                raise StationRejected(station, "the last job's outcome is unknown", "blocked")
            begun = self._begin(job)
            self._jobs[station][job.job_id] = self._last[station] = begun
            return StartAnswer.STARTED

    def report(self, station: str, job_id: str, offset: int = 0) -> JobReport:
        """Where the job stands; progress in percent is left out, so that nobody writes it down."""
        with self._turn:
            self._settle(station)
            job = self._jobs[station].get(job_id)
            if job is None:
                return JobReport(job_id, JobState.NONE)
            if not job.settled:
                return JobReport(job_id, JobState.RUNNING, started_at=job.began, offset=offset)
            read = self._read(job.job.vin) if job.state is JobState.ENDED else None
            return JobReport(
                job_id, job.state, 100, "end", job.verdict, job.detail, read, job.began, job.ends, offset
            )

    def read_back(self, station: str, vin: Vin) -> ReadBack:
        """Ask the car."""
        with self._turn:
            last = self._settle(station)
            if last is not None and not last.settled:
                raise StationBusy(station, "a flash is running", last.job.job_id)
            return self._read(vin)

    def clear(self, station: str, job_id: str) -> None:
        """A person resolved an unknown job."""
        with self._turn:
            job = self._jobs[station].get(job_id)
            if job is None:
                raise StationRejected(station, "no such job here", "no_job")
            job.cleared = True

    def have(self, station: str, sha256: str) -> Held:
        """All of it or nothing."""
        with self._turn:
            size = self._files[station].get(sha256)
            return Held(size or 0, size is not None)

    def put(self, station: str, upload: Upload, told: Callable[[int], object]) -> None:
        """Read through for its checksum; only that is kept."""
        with upload.path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != upload.sha256:
            raise StationRejected(station, f"what came is another file: {found}", "checksum")
        with self._turn:
            self._files[station][upload.sha256] = upload.size
        told(upload.size)

    def close(self) -> None:
        """Nothing is connected."""

    # -- what happens ----------------------------------------------------------------------------

    def _begin(self, job: FlashJob) -> _Job:
        tries = self._tries[job.vin] = self._tries.get(job.vin, 0) + 1
        luck = Random(f"flash:{self._luck.seed}:{job.vin}:{tries}")
        now = self._clock.now()
        ends = now + timedelta(minutes=self._luck.minutes + luck.uniform(-1, 1) * self._luck.spread)
        state, verdict, detail, version = self._drawn(luck.random(), job)
        return _Job(job, now, _on_grid(ends, self._luck.grid), state, verdict, detail, version)

    def _drawn(self, luck: float, job: FlashJob) -> tuple[JobState, JobVerdict | None, str, str | None]:
        runs = self._world.version(job.vin)
        if runs not in (job.source, job.target, None):
            told = f"the car is at {runs}, not at {job.source}"
            return JobState.ENDED, JobVerdict.FAIL, told, runs
        if luck < self._luck.fail:
            return JobState.ENDED, JobVerdict.FAIL, "block refused at 54 %", runs
        luck -= self._luck.fail
        if luck < self._luck.error:
            return JobState.ENDED, JobVerdict.ERROR, "the vehicle interface was lost", runs
        luck -= self._luck.error
        if luck < self._luck.unknown:
            written = job.target if luck < self._luck.unknown / 2 else runs
            return JobState.UNKNOWN, None, "the station was restarted during the flash", written
        return JobState.ENDED, JobVerdict.PASS, "", job.target

    def _settle(self, station: str) -> _Job | None:
        """The station's last job, ended if its time has come."""
        last = self._last.get(station)
        if last is not None and not last.settled and self._clock.now() >= last.ends:
            last.settled = True
            self._world.set_version(last.job.vin, last.version)
        return last

    def _must_work(self, station: str, last: _Job | None) -> None:
        if self._outages is None or (last is not None and not last.settled):
            return
        if self._outages.until(station, self._clock.now()) is not None:
            raise StationUnreachable(station, "no connection")

    def _blocks(self, job: _Job) -> bool:
        return job.state is JobState.UNKNOWN and not job.cleared

    def _read(self, vin: Vin) -> ReadBack:
        soc = self._world.soc(vin, self._clock.now())
        return ReadBack(vin, self._world.version(vin), soc, soc + BMS_ABOVE)


def _on_grid(moment: datetime, grid: timedelta) -> datetime:
    """The nearest step of the grid."""
    past = timedelta(minutes=moment.minute, seconds=moment.second, microseconds=moment.microsecond) % grid
    return moment - past + (grid if past * 2 >= grid else timedelta())
