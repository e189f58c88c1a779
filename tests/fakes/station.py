"""Stations and cars in memory: the fake of StationLink, with outcomes and faults on command.

A job runs until it was reported `looks` times (0: it has ended when `start` returns), or, while held, until
`go`. What happens to the car follows from `outcomes[vin]`.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime

from campaign.domain.identity import Vin
from campaign.errors import (
    StationBusy,
    StationError,
    StationLinkLost,
    StationRejected,
    StationUnreachable,
)
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
from tests.fakes.station_files import FakeFiles

MOST_NEW = 64 * 1024  # of one answer, as the agent has it
START_OF_TIME = datetime(2026, 1, 5, 6, 0, tzinfo=UTC)


@dataclass(frozen=True)
class FakeOutcome:
    """How the next flash of a car ends. `version` is what it reports then; None means the job's target."""

    verdict: JobVerdict = JobVerdict.PASS
    version: str | None = None
    silent: bool = False  # no read-back
    detail: str = ""
    fault: str = ""
    params: tuple[tuple[str, str], ...] = ()
    written: bool = True
    cable: Vin | None = None  # the read-back is of this other car


@dataclass
class FakeCar:
    """What a car answers."""

    version: str | None
    soc_display: int | None = 300
    soc_bms: int | None = 335


@dataclass
class _Job:
    job: FlashJob
    looks_left: int
    state: JobState = JobState.RUNNING
    percent: int = 0
    verdict: JobVerdict | None = None
    detail: str = ""
    read_back: ReadBack | None = None
    outcome: FakeOutcome = field(default_factory=FakeOutcome)
    cleared: bool = False
    asked_since: bool = False  # the car was read back after the job had been lost
    held: bool = False
    told_end: bool = False
    lines: list[str] = field(default_factory=list)


@dataclass
class _Station:
    files: FakeFiles
    jobs: dict[str, _Job] = field(default_factory=dict)
    current: str = ""
    cable: Vin | None = None
    down: StationError | None = None
    refusal: StationError | None = None  # of every start
    keeps_journals: bool = True
    lose: str = ""  # when the next answer is lost: "before" or "after" the agent acted


class FakeStations:
    """StationLink in memory. `starts` lists every job that was really begun, in order."""

    def __init__(self, names: Iterable[str] = ("S1", "S2"), *, looks: int = 0) -> None:
        self._stations = {name: _Station(FakeFiles(name)) for name in names}
        self._looks = looks
        self._turn = threading.RLock()
        self.cars: dict[Vin, FakeCar] = {}
        self.outcomes: dict[Vin, FakeOutcome] = {}
        self.starts: list[tuple[str, FlashJob]] = []
        self.journals: dict[Vin, list[str]] = {}  # what flashes of a car write between start and end
        self.journal: Callable[[datetime], list[str]] | None = None  # of every other car, by when it begins
        self.held = False  # jobs started from now on run until `go`
        self.when_asked: Callable[[str], object] = lambda _: None  # at every `identify`, before its answer
        self.now = START_OF_TIME
        self.closed = False

    # -- what a test arranges ---------------------------------------------------------------------

    def put_car(self, vin: Vin, version: str | None, *, soc_display: int | None = 300) -> None:
        """A car that answers."""
        self.cars[vin] = FakeCar(version, soc_display)

    def connect_car(self, station: str, vin: Vin | None) -> None:
        """Put the cable on a car; None: the station cannot tell."""
        self._stations[station].cable = vin

    def go(self) -> None:
        """Let held jobs run to their end, and later ones too."""
        self.held = False
        for job in (job for station in self._stations.values() for job in station.jobs.values()):
            if job.held and job.state is JobState.RUNNING:
                self._end(job)

    def kill(self, job_id: str) -> None:
        """The flasher dies in mid flash: the car is erased, nobody knows the outcome."""
        job = self._find(job_id)
        job.state, job.detail = JobState.UNKNOWN, "the flash process ended without a result"
        self.cars[job.job.vin].version = None

    @property
    def names(self) -> list[str]:
        """Every station."""
        return list(self._stations)

    def files(self, station: str) -> FakeFiles:
        """What a station holds, to look at and to spoil."""
        return self._stations[station].files

    def take_down(self, station: str, error: StationError | None = None) -> None:
        """Every call fails with `error` (default: unreachable) until `bring_up`."""
        here = self._stations[station]
        here.down = here.files.down = error or StationUnreachable(station, "TimeoutError")

    def bring_up(self, station: str) -> None:
        """The station answers again."""
        here = self._stations[station]
        here.down = here.files.down = None

    def lose_next_answer(self, station: str, *, acted: bool) -> None:
        """The next call raises StationLinkLost; `acted`: the agent did what was asked all the same."""
        self._stations[station].lose = "after" if acted else "before"

    def lose_journals(self, station: str, lost: bool) -> None:
        """While so: the link breaks whenever more is asked of a job than how it ended."""
        self._stations[station].keeps_journals = not lost

    def forget_jobs(self, station: str) -> None:
        """The station was installed anew."""
        self._stations[station].jobs.clear()

    def say(self, job_id: str, line: str) -> None:
        """One more line in a job's journal."""
        self._find(job_id).lines.append(line)

    def refuse_starts(self, station: str, error: StationError | None) -> None:
        """Every start there is refused so, until None."""
        self._stations[station].refusal = error

    # -- StationLink ------------------------------------------------------------------------------

    def identify(self, station: str) -> StationIdentity:
        self.when_asked(station)
        with self._turn:
            here = self._reach(station)
            last = here.jobs.get(here.current)
            running = last is not None and last.state is JobState.RUNNING
            blocked = last is not None and last.state is JobState.UNKNOWN and not last.cleared
            return StationIdentity(
                station=station,
                agent="fake",
                clock=self.now,
                disk_free_bytes=10**10,
                busy_with=here.current if running else None,
                blocked_by=here.current if blocked else None,
            )

    def start(self, station: str, job: FlashJob) -> StartAnswer:
        with self._turn:
            here = self._reach(station)
            if here.refusal is not None:
                raise here.refusal
            lost, here.lose = here.lose, ""
            if lost != "before":
                answer = self._start(station, here, job)
            if lost:
                raise StationLinkLost(station, "the link broke")
            return answer

    def report(self, station: str, job_id: str, offset: int = 0) -> JobReport:
        with self._turn:
            here = self._reach(station)
            known = here.jobs.get(job_id)
            if known is None:
                return JobReport(job_id, JobState.NONE)
            if known.told_end and not here.keeps_journals:
                raise StationLinkLost(station, "the link broke")
            if known.state is JobState.RUNNING and not known.held:
                known.looks_left -= 1
                known.percent = min(90, known.percent + 30)
                if known.looks_left < 0:
                    self._end(known)
            known.told_end = known.state in (JobState.ENDED, JobState.UNKNOWN)
            return self._told(known, offset)

    def read_back(self, station: str, vin: Vin) -> ReadBack:
        with self._turn:
            here = self._reach(station)
            self._refuse_other_car(station, here, vin)
            last = here.jobs.get(here.current)
            if last is not None and last.state is JobState.RUNNING:
                raise StationBusy(station, "a flash is running", here.current)
            if last is not None and last.state is JobState.UNKNOWN and last.job.vin == vin:
                last.asked_since = True
            return self._ask_car(vin)

    def clear(self, station: str, job_id: str) -> None:
        with self._turn:
            known = self._reach(station).jobs.get(job_id)
            if known is None:
                raise StationRejected(station, "no such job here", "no_job")
            if known.state is JobState.RUNNING:
                raise StationRejected(station, "the job is running", "running")
            if known.state is JobState.UNKNOWN and not known.asked_since:
                raise StationRejected(station, "read the car back first", "no_read_back")
            known.cleared = known.cleared or known.state is JobState.UNKNOWN

    def have(self, station: str, sha256: str) -> Held:
        with self._turn:
            return self._reach(station).files.have(sha256)

    def put(self, station: str, upload: Upload, told: Callable[[int], object]) -> None:
        with self._turn:
            files = self._reach(station).files
        files.put(upload, told)  # not in turn: other questions are answered meanwhile

    def close(self) -> None:
        self.closed = True

    # -- inside -----------------------------------------------------------------------------------

    def _reach(self, station: str) -> _Station:
        here = self._stations.get(station)
        if here is None:
            raise StationUnreachable(station, "no address is configured for it")
        if here.down is not None:
            raise here.down
        return here

    def _start(self, station: str, here: _Station, job: FlashJob) -> StartAnswer:
        known = here.jobs.get(job.job_id)
        if known is not None:
            if known.job != job:
                raise StationRejected(station, "this id was used for another car or package", "other_job")
            return StartAnswer.ALREADY
        self._refuse_other_car(station, here, job.vin)
        last = here.jobs.get(here.current)
        if last is not None and last.state is JobState.RUNNING:
            raise StationBusy(station, "the station works on another job", here.current)
        if last is not None and last.state is JobState.UNKNOWN and not last.cleared:
            raise StationRejected(station, "the last job's outcome is unknown", "blocked")
        begun = _Job(job, self._looks, held=self.held)
        begun.lines.append(json.dumps(self._record("start", **(asdict(job) | {"job": job.job_id}))))
        begun.lines += self.journals.get(job.vin) or (self.journal(self.now) if self.journal else [])
        here.jobs[job.job_id], here.current = begun, job.job_id
        self.starts.append((station, job))
        if not self._looks and not begun.held:
            self._end(begun)
        return StartAnswer.STARTED

    def _end(self, job: _Job) -> None:
        outcome = self.outcomes.get(job.job.vin, FakeOutcome())
        car = self.cars.get(job.job.vin)
        if car is None:
            outcome = FakeOutcome(JobVerdict.ERROR, detail="no car answers")
        elif outcome.verdict is JobVerdict.PASS:
            car.version = outcome.version or job.job.target
        job.state, job.verdict, job.detail = JobState.ENDED, outcome.verdict, outcome.detail
        job.outcome = outcome
        job.percent = 100 if outcome.verdict is JobVerdict.PASS else job.percent
        seen = self._ask_car(outcome.cable or job.job.vin)
        job.read_back = ReadBack(seen.vin, None) if outcome.silent else seen
        end = {"verdict": outcome.verdict, "code": outcome.fault, "params": dict(outcome.params)}
        read = {"vin": seen.vin, "version": job.read_back.version}
        job.lines.append(json.dumps(self._record("end", **end, written=outcome.written, read_back=read)))

    def _record(self, record: str, **facts: object) -> dict[str, object]:
        return {"record": record, "at": self.now.isoformat(), **facts}

    def _told(self, job: _Job, offset: int) -> JobReport:
        text = "".join(f"{line}\n" for line in job.lines)
        fresh = text[offset:][:MOST_NEW]
        fresh = fresh[: fresh.rfind("\n") + 1]
        ended = job.state is JobState.ENDED
        return JobReport(
            job_id=job.job.job_id,
            state=job.state,
            percent=job.percent,
            step="read_back" if ended else "transfer",
            verdict=job.verdict,
            detail=job.detail,
            read_back=job.read_back,
            started_at=self.now,
            ended_at=self.now if ended else None,
            offset=min(offset, len(text)) + len(fresh),
            lines=tuple(fresh.splitlines()),
            fault=job.outcome.fault,
            params=job.outcome.params,
            written=job.outcome.written,
        )

    def _ask_car(self, vin: Vin) -> ReadBack:
        car = self.cars.get(vin)
        if car is None:
            return ReadBack(vin, None)
        return ReadBack(vin, car.version, car.soc_display, car.soc_bms)

    def _refuse_other_car(self, station: str, here: _Station, vin: Vin) -> None:
        if here.cable is not None and here.cable != vin:
            raise StationRejected(station, "another car is on the cable", "other_car")

    def _find(self, job_id: str) -> _Job:
        return next(here.jobs[job_id] for here in self._stations.values() if job_id in here.jobs)
