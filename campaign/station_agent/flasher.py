"""The detached process that flashes one car and writes its own result. Only a power cut ends it (rule 4)."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

from campaign.station_agent import journal
from campaign.station_agent.simulated import CarFailed, CarSilent, RigFailed, SimulatedDriver

DRIVERS: dict[str, Callable[[dict[str, Any]], SimulatedDriver]] = {"simulated": SimulatedDriver}
END_TRIES = 20  # a full disk may be emptied while the result waits to be written
END_WAIT = 3.0  # seconds between them
MOST_DESCRIPTORS = 1024  # the agent itself opens a handful


def run_detached(keep: int, journal_fd: int, flash: Callable[[], None], *, drop: int) -> None:
    """Run `flash` in a session of its own whose output is the journal. Returns at once in the caller.

    The child inherits `keep` and `journal_fd`, whose locks are its sign of life, and lets go of `drop`, the
    caller's gate. Raises OSError when the system makes no process.
    """
    child = os.fork()
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
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(journal_fd, 1)
    os.dup2(journal_fd, 2)
    low, high = sorted((keep, journal_fd))
    os.closerange(3, low)
    os.closerange(low + 1, high)
    os.closerange(high + 1, MOST_DESCRIPTORS)


def flash_and_record(driver: SimulatedDriver, job: dict[str, str], journal_fd: int) -> None:
    """Flash the job's car, read it back in the same session and write the end record."""

    def note(step: str, percent: int) -> None:
        try:
            journal.append(journal_fd, {"record": "progress", "step": step, "percent": percent})
        except OSError:
            return  # a full disk must not cut a running flash; the end record insists

    verdict, detail = _judge(driver, job, note)
    read_back = _silence(job["vin"]) if verdict == "timeout" else _read_back(driver, job["vin"])
    if verdict == "pass" and read_back["version"] != job["target"]:
        verdict, detail = "fail", f"the car reports {read_back['version']}"
    _insist(journal_fd, {"record": "end", "verdict": verdict, "detail": detail, "read_back": read_back})


def _judge(driver: SimulatedDriver, job: dict[str, str], note: Callable[[str, int], None]) -> tuple[str, str]:
    try:
        driver.flash(job, note)
    except CarFailed as failure:
        return "fail", str(failure)
    except CarSilent as silence:
        return "timeout", str(silence)
    except RigFailed as failure:
        return "error", str(failure)
    except Exception as failure:  # noqa: BLE001 - the rig broke in a way that nobody foresaw: still a result
        _complain()
        return "error", f"{type(failure).__name__}: {failure}"
    return "pass", ""


def _read_back(driver: SimulatedDriver, vin: str) -> dict[str, Any]:
    try:
        return driver.read_back(vin)
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
