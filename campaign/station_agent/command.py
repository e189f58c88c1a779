"""The flash driver for any vendor's tool: starts it, listens to it, and never stops it (rule 4).

The tool writes to a file, not to a pipe, and inherits the station's and the job's lock: when this process dies, it
goes on, and the station stays locked as long as it lives. Options: see `command_options`. Before the flash the car is
asked with the read-back tool: another car, another version or a closed gate end the try before anything is written.
Whether it succeeded is decided by the read-back afterwards, by whoever called.

    <jobs>/<job>.out     all that the tool printed
    <jobs>/<job>.work    its working folder, {folder}: links to the package's files
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from campaign.station_agent.command_options import PASS, Outcome, Tool, fill, read_options
from campaign.station_agent.command_output import Evidence, Finding, Lines, Reader, read_all
from campaign.station_agent.driver import (
    Aborted,
    CarFailed,
    CarSilent,
    Job,
    Log,
    ReadBack,
    RigFailed,
    Trouble,
)
from campaign.station_agent.package import StagedPackage

LOOK_EVERY = 0.1  # seconds between two looks at the tool
LARGEST_PROGRAM = 256 * 1024 * 1024  # bytes that are hashed to tell which program it was
KINDS: Mapping[str, type[Trouble]] = {
    "fail": CarFailed, "error": RigFailed, "timeout": CarSilent, "aborted": Aborted,
}  # fmt: skip
_KILLED = Outcome("error", "tool_failed", {}, written=True)  # by a signal: nobody's verdict on the car
_NOT_SAID = Outcome("fail", "tool_failed", {}, written=True)


class CommandDriver:
    """Flashes with a program of station.json. Raises ValueError for options that are not as they should be."""

    keep_open: tuple[int, ...] = ()
    """Descriptors whose locks say that somebody is at work: the tool inherits them."""
    jobs: Path | None = None
    """Where the tool's output and working folder go; a temporary folder while nobody said."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._tool = read_options(options)

    def flash(self, job: Job, package: StagedPackage | None, log: Log) -> None:
        """Run the tool to its end, however long it takes. Returns when it says so itself; raises Trouble otherwise."""
        jobs = self.jobs or Path(tempfile.mkdtemp(prefix="campaign-command-"))
        tool, out = self._tool, jobs / f"{job.job}.out"
        try:
            program = _program(tool.flash[0], tool)
            words = _filled(tool.flash, job._asdict(), package, _folder(jobs / f"{job.job}.work", package))
            log.keep("tools", driver="command", versions={program.name: _version_of(program)}, words=words)
            self._look_first(job, package, log)
            process = _start([str(program), *words[1:]], tool, jobs / f"{job.job}.work", out, self.keep_open)
        except Trouble as trouble:
            trouble.written = False
            raise
        reader, evidence = Reader(tool), Evidence(log)
        self._wait(process, Lines(out, tool.encoding), reader, evidence)
        self._judge(job, process.returncode, reader)

    def read_back(self, vin: str, package: StagedPackage | None) -> ReadBack:
        """Run the read-back tool, for a bounded time. Raises Aborted when it reports another car than `vin`."""
        told = self._ask(vin, package)
        if told.pop("vin", vin) is None:  # nobody knows whose answer this is
            told = dict.fromkeys(told)
        return {"vin": vin, "version": None, "soc_display": None, "soc_bms": None, **told}

    def _ask(self, vin: str, package: StagedPackage | None) -> dict[str, Any]:
        """What the tool can tell, by name; `vin` too where it can."""
        tool = self._tool
        program = _program(tool.read_back[0], tool)
        with tempfile.TemporaryDirectory(prefix="campaign-read-back-") as made:
            folder, out = Path(made, "work"), Path(made, "out")
            words = _filled(tool.read_back, {"vin": vin, **_of(package)}, package, _folder(folder, package))
            process = _start([str(program), *words[1:]], tool, folder, out, ())
            _end_within(process, tool.read_back_seconds, program.name)
            told = read_all(Lines(out, tool.encoding).last(), tool)
        if process.returncode != 0:
            told = dict.fromkeys(told)
        reported = told.get("vin")
        if reported is not None and reported != vin:
            what = f"{reported} is on the cable, not {vin}"
            raise Aborted("wrong_car", what, expected=vin, found=reported)
        return told

    def _look_first(self, job: Job, package: StagedPackage | None, log: Log) -> None:
        """The car itself, before anything is written. An erased unit has no version: it is flashed."""
        log.step("identify", 0)
        told = self._ask(job.vin, package)
        log.keep("identification", when="before", **{"vin": None, "ecus": [], **told})
        if told.get("vin", job.vin) is None:
            raise RigFailed("no_car", "no car tells its VIN")
        version = told["version"]
        if version not in (None, "mixed", job.source, job.target):
            what = f"the car is at {version}, not at {job.source}"
            raise Aborted("wrong_version", what, found=version, source=job.source)
        if job.gate != "-":
            _check_gate(job.gate, told)

    def _wait(
        self, process: subprocess.Popen[bytes], lines: Lines, reader: Reader, evidence: Evidence
    ) -> None:
        """Listen until the tool ends. A silent one is told of, waited for, in the end left alone, never killed."""
        tool, heard, since, quiet = self._tool, 0, time.monotonic(), False
        while True:
            ended = process.poll() is not None
            for line in lines.last() if ended else lines.fresh():
                evidence.line(line)
                taken = reader.read(line)
                if taken is not None:
                    evidence.took(*taken)
            if ended:
                return evidence.end()
            if lines.heard != heard:
                heard, since = lines.heard, time.monotonic()
                if quiet:
                    evidence.again()
                quiet = False
            silent_for = time.monotonic() - since
            if silent_for >= tool.give_up:
                evidence.end()
                name = Path(tool.flash[0]).name
                what = f"{name} has said nothing for {silent_for:.0f} s and still runs"
                raise CarSilent("tool_silent", what, tool=name, seconds=round(silent_for))
            if silent_for >= tool.silence and not quiet:
                evidence.silent()
                quiet = True
            time.sleep(LOOK_EVERY)

    def _judge(self, job: Job, status: int, reader: Reader) -> None:
        """Raise what the tool's lines, else its exit status, say. Success it only claims."""
        found = reader.trouble or self._by_exit(status, reader)
        vin = reader.readings.get("vin")
        if found is None and vin is not None and vin != job.vin:
            found = Finding(Outcome("fail", "wrong_car", {}, written=True), {"found": vin})
        if found is None:
            return
        name, line = Path(self._tool.flash[0]).name, reader.last_line[:200]
        about = {
            "tool": name,
            "exit_status": str(status),
            "line": line,
            "expected": job.vin,
            "source": job.source,
        }
        trouble = KINDS[found.outcome.verdict](
            found.outcome.code, f"{name} ended with {status}: {line}", **{**about, **found.params}
        )
        trouble.written = found.outcome.written
        raise trouble

    def _by_exit(self, status: int, reader: Reader) -> Finding | None:
        tool = self._tool
        unknown = _KILLED if status < 0 else tool.otherwise
        outcome = tool.exits.get(status, unknown)
        if outcome.verdict == PASS and tool.must_say_pass and not reader.passed:
            outcome = _NOT_SAID
        return None if outcome.verdict == PASS else Finding(outcome, outcome.params)


def _check_gate(gate: str, told: Mapping[str, Any]) -> None:
    """Rule 1 by the car's own words. A tool that never tells this gauge leaves it to the orchestrator's reading."""
    gauge, _, least = gate.partition(":")
    if f"soc_{gauge}" not in told:
        return
    soc = told[f"soc_{gauge}"]
    if soc is None:
        raise Aborted("soc_unreadable", f"the car tells no SOC ({gauge})", gauge=gauge)
    if soc < int(least):
        what = f"the SOC is {soc / 10:.1f} %, below {int(least) / 10:.1f} %"
        raise Aborted("soc_below", what, soc=soc, gate=least, gauge=gauge, raw=told.get("soc_raw") or "")


def _program(name: str, tool: Tool) -> Path:
    found = shutil.which(name, path=tool.environment["PATH"])
    if found is None:
        raise RigFailed("tool_missing", f"there is no program {name} here", tool=name)
    return Path(found).absolute()


def _version_of(program: Path) -> str:
    """Tools that tell no version are known by their bytes."""
    with contextlib.suppress(OSError):
        if program.stat().st_size <= LARGEST_PROGRAM:
            return f"sha256:{hashlib.sha256(program.read_bytes()).hexdigest()}"
    return ""


def _of(package: StagedPackage | None) -> dict[str, str]:
    """What a package says of the job where no job is at hand."""
    if package is None:
        return dict.fromkeys(("source", "target", "package", "digest"), "-")
    manifest = package.manifest
    return {
        "source": manifest.source,
        "target": manifest.target,
        "package": manifest.name,
        "digest": package.digest,
    }


def _folder(folder: Path, package: StagedPackage | None) -> Path:
    """The folder with the package's files under the names that the tool knows them by."""
    rows = package.manifest.files if package is not None else ()
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        for row in rows:
            assert package is not None  # noqa: S101 - for the reader of types
            (folder / row.name).symlink_to(package.file(row.sha256).absolute())
    except FileExistsError as error:
        raise RigFailed("broken", "two files have one name", what=f"{error.filename}") from error
    except OSError as error:
        raise RigFailed("disk_full", f"the tool's folder cannot be made: {error.strerror}") from error
    return folder


def _filled(
    words: Sequence[str], places: Mapping[str, str], package: StagedPackage | None, folder: Path
) -> list[str]:
    rows = package.manifest.files if package is not None else ()
    files = {row.name: str(folder / row.name) for row in rows}
    try:
        return fill(words, {**places, "folder": str(folder)}, files)
    except KeyError as missing:
        name = str(missing.args[0])
        raise RigFailed("package_missing", f"the package has no file {name}", file=name) from missing


def _start(
    words: Sequence[str], tool: Tool, folder: Path, out: Path, keep_open: tuple[int, ...]
) -> subprocess.Popen[bytes]:
    """The tool in a session of its own, its output in a file: nothing of ours can cut it."""
    try:
        with out.open("ab") as output:
            return subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=folder,
                env=dict(tool.environment),
                pass_fds=keep_open,
                start_new_session=True,
            )
    except OSError as error:
        what = f"{words[0]} cannot be started: {error.strerror}"
        raise RigFailed("tool_missing", what, tool=Path(words[0]).name) from error


def _end_within(process: subprocess.Popen[bytes], seconds: float, name: str) -> None:
    """Only a question: a tool that hangs at it is ended, with all that it started."""
    deadline = time.monotonic() + seconds
    # It is looked at without being taken away: until then nobody else can have its number.
    look = os.WEXITED | os.WNOHANG | os.WNOWAIT
    while not (ended := os.waitid(os.P_PID, process.pid, look)) and time.monotonic() < deadline:
        time.sleep(LOOK_EVERY / 2)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if not ended:
        what = f"{name} did not answer within {seconds:.0f} s"
        raise CarSilent("tool_silent", what, tool=name, seconds=round(seconds))
