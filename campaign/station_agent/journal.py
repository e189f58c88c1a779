"""The journal of one job: JSON lines by whoever did what they tell, each on the disk before the next act.

    {"record": "start", "at", "job", "vin", "source", "target", "package", "digest", "gate", "boot_id", "agent",
                        "driver"}
    {"record": "progress", "at", "step", "percent"}
    {"record": "fact", "at", "kind", ...}                        evidence, see `driver.Log.keep`
    {"record": "end", "at", "verdict", "code", "params", "detail", "written", "read_back": {"vin", "version", ...}}
    {"record": "read_back", "at", "read_back": {...}}            asked later, of a job whose outcome is unknown
    {"record": "cleared", "at"}

The flasher's own output lands between them; a line that is not a record is kept and skipped. A last line that
was torn by a power cut is closed by the next writer and never read as a record.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any, NamedTuple

Record = dict[str, Any]

MOST_NEW_BYTES = 64 * 1024  # of one answer; the next question goes on from its offset
EVIDENCE = b'{"record": "fact"'
"""How most lines begin: what a driver kept. They say nothing about where the job stands, and are not parsed for it."""

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def now() -> str:
    """The station's clock as UTC, to the millisecond. The reader takes it as a claim (rule 9)."""
    seconds = time.time()
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    return f"{whole}.{int(seconds * 1000) % 1000:03d}+00:00"


def boot_id() -> str:
    """Changes with every start of the machine; empty where the system has none."""
    try:
        return BOOT_ID.read_text().strip()
    except OSError:
        return ""


def append(descriptor: int, record: Record, *, durable: bool = True) -> None:
    """Write one record to a journal opened with O_RDWR and O_APPEND, and wait until the disk has it.

    Closes a torn line first. Raises OSError when the disk is full or gone.
    """
    line = json.dumps({"record": record["record"], "at": now(), **record}).encode() + b"\n"
    size = os.fstat(descriptor).st_size
    if size and os.pread(descriptor, 1, size - 1) != b"\n":
        line = b"\n" + line
    while line:
        line = line[os.write(descriptor, line) :]
    if durable:
        os.fsync(descriptor)


class Story(NamedTuple):
    """What a journal tells: the records by kind. `start` is None when nothing was ever begun."""

    start: Record | None = None
    progress: Record | None = None  # the last one
    end: Record | None = None
    cleared: bool = False
    read_back: bool = False  # somebody asked the car after the job had been lost
    lines: tuple[str, ...] = ()  # the complete lines from the asked offset
    offset: int = 0  # where the next reader goes on


def read(path: Path, offset: int = 0) -> Story:
    """The story in a journal, with its complete lines from byte `offset`; a missing file is an empty one."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return Story()
    whole = data[: data.rfind(b"\n") + 1]
    story = Story()
    for line in whole.splitlines():
        if not line.startswith(EVIDENCE) and (record := _record(line)):
            story = _told(story, record)
    fresh = whole[offset:][:MOST_NEW_BYTES]
    fresh = fresh[: fresh.rfind(b"\n") + 1]
    lines = tuple(fresh.decode("utf-8", "replace").splitlines())
    return story._replace(lines=lines, offset=min(offset, len(whole)) + len(fresh))


def _record(line: bytes) -> Record | None:
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def _told(story: Story, record: Record) -> Story:
    kind = record.get("record")
    if kind == "start" and story.start is None:
        return story._replace(start=record)
    if kind == "progress":
        return story._replace(progress=record)
    if kind == "end" and story.end is None:
        return story._replace(end=record)
    if kind == "read_back":
        return story._replace(read_back=True)
    return story._replace(cleared=story.cleared or kind == "cleared")
