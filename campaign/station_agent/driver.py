"""What a flash driver is to the agent: how it is asked, how it tells what it does, and how it fails.

A driver brings one car from the job's source to its target and asks the car what it runs. It never decides what
comes next: it raises one of four kinds of trouble, each with a code that people read in their own language, and
whoever called it writes the verdict down (openhtf's words: fail is the car, error the rig).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple, Protocol, runtime_checkable

from campaign.station_agent.package import StagedPackage

ReadBack = dict[str, Any]
"""What the car reports: {"vin", "version", "soc_display", "soc_bms"}, SOC in tenths, null where it does not answer.

`version` is the name of the baseline that every control unit matches, "mixed" where they match none together, and null
where one of them does not answer or holds no software. More keys are evidence: "ecus", "soc_raw", "volts".
"""


class Job(NamedTuple):
    """One attempt as the orchestrator asked for it. `gate` is `display:270` (tenths), or `-` for none."""

    job: str
    vin: str
    source: str
    target: str
    package: str
    digest: str = "-"  # sha256 of the signed manifest; `-`: the driver needs no files
    gate: str = "-"


class Log(Protocol):
    """Where a driver tells what it does. Never raises: a full disk must not cut a running flash."""

    def step(self, step: str, percent: int) -> None:
        """Where the flash stands; percent never goes back."""

    def keep(self, kind: str, **facts: object) -> None:
        """One piece of evidence: identification, dtcs, sample, block, comparison, tools, uds, line."""


class Driver(Protocol):
    """Made with the `driver_options` of station.json: `Driver(options)`. Raises ValueError, KeyError for bad ones."""

    def flash(self, job: Job, package: StagedPackage | None, log: Log) -> None:
        """Bring the car to the target. Returns when it believes so; raises Trouble otherwise."""

    def read_back(self, vin: str, package: StagedPackage | None) -> ReadBack:
        """Ask the car. A car that does not answer has nulls; raises Trouble only where the rig is broken."""


@runtime_checkable
class ToolDriver(Protocol):
    """A driver that starts a program of its own: it must inherit the locks, so that it counts as at work."""

    keep_open: tuple[int, ...]
    jobs: Path


class Trouble(Exception):
    """A flash that did not succeed: `code` for programs and texts, `params` to fill them, the message for logs."""

    verdict = "error"
    written = True  # something may have been written to the car

    def __init__(self, code: str, what: str = "", /, **params: object) -> None:
        self.code, self.what = code, what or code
        self.params = {name: str(value) for name, value in params.items()}
        super().__init__(self.what)


class CarFailed(Trouble):
    """The car refused or failed: verdict FAIL."""

    verdict = "fail"


class CarSilent(Trouble):
    """The car stopped answering: verdict TIMEOUT."""

    verdict = "timeout"


class RigFailed(Trouble):
    """The station could not do its work: verdict ERROR."""

    verdict = "error"


class Aborted(Trouble):
    """A precondition did not hold and nothing was written: verdict ABORTED."""

    verdict = "aborted"
    written = False
