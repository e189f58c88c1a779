"""What the use cases ask of a station. The real one is `campaign.station`, over SSH."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from campaign.domain.identity import Vin


class StartAnswer(StrEnum):
    """What `start` did. Both mean: the job with this id exists on the station exactly once."""

    STARTED = "started"
    ALREADY = "already"


class JobState(StrEnum):
    """Where a job stands on its station, from the journal and the lock, never from an SSH exit status."""

    NONE = "none"  # the station has never heard of this id: it was never started there
    RUNNING = "running"  # a start, a live lock, no end
    ENDED = "ended"  # the flasher wrote its own end record
    UNKNOWN = "unknown"  # a start without an end and without a lock: nobody knows what was written


class JobVerdict(StrEnum):
    """What the flasher said of the try, apart from the job's state (openhtf's words)."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"  # the car
    ERROR = "error"  # the rig: interface, package, disk
    TIMEOUT = "timeout"
    ABORTED = "aborted"


@dataclass(frozen=True, slots=True)
class FlashJob:
    """One attempt. `job_id` is ours (32 hex digits) and makes `start` idempotent.

    `digest` is the sha256 of the package's signed sheet; empty: the driver needs no files. `gate` is what the station
    itself checks again before it writes: `display:270` (gauge and tenths); empty: nothing.
    """

    job_id: str
    vin: Vin
    source: str
    target: str
    package: str
    digest: str = ""
    gate: str = ""


@dataclass(frozen=True, slots=True)
class ReadBack:
    """What the car itself reports. `version` is None when it did not answer; SOC in tenths of a percent."""

    vin: Vin
    version: str | None
    soc_display: int | None = None
    soc_bms: int | None = None


@dataclass(frozen=True, slots=True)
class JobReport:
    """A job as its station's journal tells it. Times are the station's clock: a claim (rule 9)."""

    job_id: str
    state: JobState
    percent: int = 0
    step: str = ""
    verdict: JobVerdict | None = None
    detail: str = ""  # for the log; people read `fault`
    read_back: ReadBack | None = None  # taken by the flasher at the end of the same session
    started_at: datetime | None = None
    ended_at: datetime | None = None
    offset: int = 0  # bytes of the journal read so far: pass it back to read only what is new
    lines: tuple[str, ...] = ()  # the journal from the asked offset on, as the station wrote it (evidence)
    fault: str = ""  # why it did not pass, as a code of `domain.flash_faults`
    params: tuple[tuple[str, str], ...] = ()  # what the fault's text is filled with
    written: bool = True  # False: the station knows that nothing was written to the car


@dataclass(frozen=True, slots=True)
class StationIdentity:
    """Who answers and how it stands; `clock` is the station's own."""

    station: str
    agent: str
    clock: datetime
    disk_free_bytes: int
    busy_with: str | None = None  # job id
    blocked_by: str | None = None  # job id whose outcome is unknown
    driver: str = ""  # how it flashes: simulated, command, uds


@dataclass(frozen=True, slots=True)
class Held:
    """What a station holds of a file: `size` bytes from its beginning; `complete` when it was checked as a whole."""

    size: int
    complete: bool


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to be brought to a station, known by its content."""

    sha256: str
    size: int
    path: Path


class StationLink(Protocol):
    """All stations of a site by name. Every call is bounded in time and raises `StationError`s only.

    Implementations are safe to call from several threads; one station serves one call at a time.
    """

    def identify(self, station: str) -> StationIdentity:
        """Who is there, its clock and its free disk."""

    def start(self, station: str, job: FlashJob) -> StartAnswer:
        """Start the job, detached. Idempotent by id. Raises StationBusy, StationRejected, StationLinkLost, ..."""

    def report(self, station: str, job_id: str, offset: int = 0) -> JobReport:
        """Where the job stands. State NONE means that the station never started it."""

    def read_back(self, station: str, vin: Vin) -> ReadBack:
        """Ask the car on the cable now. Raises StationRejected when another car is connected."""

    def clear(self, station: str, job_id: str) -> None:
        """A person resolved an unknown job: the station may work again."""

    def have(self, station: str, sha256: str) -> Held:
        """How much of a file is there."""

    def put(self, station: str, upload: Upload, told: Callable[[int], object]) -> None:
        """Bring a file there, from where the last try ended; `told` hears how many bytes are over there.

        Other questions are answered meanwhile. Raises StationRejected: `checksum` when what arrived is another file
        than was announced, `disk` when it does not fit; StationLinkLost: the next try goes on.
        """

    def close(self) -> None:
        """Close every connection. Running flashes are not touched (rule 4)."""
