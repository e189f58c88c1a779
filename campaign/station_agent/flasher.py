"""The detached process that flashes one car and writes its own result. Only a power cut ends it (rule 4)."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from campaign.station_agent import journal
from campaign.station_agent.driver import Driver, Job, ReadBack, ToolDriver, Trouble
from campaign.station_agent.package import PackageRefused, StagedPackage, open_package

END_TRIES = 20  # a full disk may be emptied while the result waits to be written
END_WAIT = 3.0  # seconds between them
MOST_DESCRIPTORS = 1024  # the agent itself opens a handful


class NoProcess(Exception):
    """The system made no process for the flash: nothing was begun."""


def run_detached(keep: int, journal_fd: int, flash: Callable[[], None], *, drop: int) -> None:
    """Run `flash` in a session of its own whose output is the journal. Returns at once in the caller.

    The child inherits `keep` and `journal_fd`, whose locks are its sign of life, and lets go of `drop`, the
    caller's gate. Raises NoProcess.
    """
    try:
        child = os.fork()
    except OSError as error:
        raise NoProcess(error.strerror) from error
    if child:
        os.waitpid(child, 0)
        return
    try:
        os.setsid()
        if os.fork():
            os._exit(0)
        os.close(drop)
        _settle(keep, journal_fd)
        flash()
    except BaseException:  # noqa: BLE001 - nothing may climb back into the caller's copy of the program
        _complain()
    finally:
        os._exit(0)


def _settle(keep: int, journal_fd: int) -> None:
    """Let go of the link: no terminal, no pipes, and no signal that a closing session would send."""
    for name in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGPIPE):
        signal.signal(name, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(journal_fd, 1)
    os.dup2(journal_fd, 2)
    low, high = sorted((keep, journal_fd))
    os.closerange(3, low)
    os.closerange(low + 1, high)
    os.closerange(high + 1, MOST_DESCRIPTORS)


class JournalLog:
    """`driver.Log` into a job's journal."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def step(self, step: str, percent: int) -> None:
        """On the disk before the next act."""
        self._write({"record": "progress", "step": step, "percent": percent})

    def keep(self, kind: str, **facts: object) -> None:
        """Single exchanges with a control unit are many: they wait for the next record to reach the disk."""
        self._write({"record": "fact", "kind": kind, **facts}, durable=kind not in ("uds", "line"))

    def _write(self, record: journal.Record, *, durable: bool = True) -> None:
        with contextlib.suppress(OSError):  # a full disk must not cut a running flash; the end record insists
            journal.append(self._descriptor, record, durable=durable)


class _Ending(NamedTuple):
    verdict: str
    code: str = ""
    detail: str = ""
    params: Mapping[str, str] = MappingProxyType({})
    written: bool = True


def flash_and_record(
    driver: Driver, job: Job, home: Path, journal_fd: int, locks: tuple[int, ...] = ()
) -> None:
    """Check the package, flash the job's car, read it back in the same session and write the end record.

    `locks` are the descriptors that say that somebody is at work: a driver that starts a tool hands them on.
    """
    log = JournalLog(journal_fd)
    package: StagedPackage | None = None
    if isinstance(driver, ToolDriver):
        driver.keep_open, driver.jobs = locks, home / "jobs"
    try:
        package = _package(job, home, log)
        ending = _judge(driver, job, package, log)
    except PackageRefused as refused:
        ending = _Ending("error", refused.code, str(refused), {"file": refused.what}, written=False)
    # What is silent is not asked again, which would only wait.
    read_back = _silence(job.vin) if ending.verdict == "timeout" else _read_back(driver, job.vin, package)
    if ending.verdict == "pass" and read_back.get("version") != job.target:
        seen = str(read_back.get("version"))
        params = {"count": "1", "field": "version", "specified": job.target, "actual": seen}
        ending = _Ending("fail", "differs", f"the car reports {seen}", params)
    end = {"record": "end", **ending._asdict(), "params": dict(ending.params), "read_back": read_back}
    _insist(journal_fd, end)


def _package(job: Job, home: Path, log: JournalLog) -> StagedPackage | None:
    if job.digest == "-":
        return None
    package = open_package(home, job.digest)
    package.check_files()
    told = [row._asdict() for row in package.manifest.files]
    log.keep("package", name=package.manifest.name, digest=package.digest, key=package.key, files=told)
    return package


def _judge(driver: Driver, job: Job, package: StagedPackage | None, log: JournalLog) -> _Ending:
    try:
        driver.flash(job, package, log)
    except Trouble as trouble:
        return _Ending(trouble.verdict, trouble.code, trouble.what, trouble.params, trouble.written)
    except Exception as failure:  # noqa: BLE001 - the rig broke in a way that nobody foresaw: still a result
        _complain()
        what = f"{type(failure).__name__}: {failure}"
        return _Ending("error", "broken", what, {"what": what})
    return _Ending("pass")


def _read_back(driver: Driver, vin: str, package: StagedPackage | None) -> ReadBack:
    try:
        return driver.read_back(vin, package)
    except Exception:  # noqa: BLE001 - a car that cannot be read has no version; the flash's own result stands
        _complain()
        return _silence(vin)


def _silence(vin: str) -> dict[str, Any]:
    return {"vin": vin, "version": None, "soc_display": None, "soc_bms": None}


def _complain() -> None:
    """Print the traceback into the journal; on a full disk the result matters more than the reason."""
    with contextlib.suppress(OSError):
        sys.excepthook(*sys.exc_info())


def _insist(journal_fd: int, record: journal.Record) -> None:
    for _ in range(END_TRIES):
        try:
            return journal.append(journal_fd, record)
        except OSError:
            time.sleep(END_WAIT)
    return None
