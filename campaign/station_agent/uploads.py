"""Files come in by their content: streamed, resumed where the last try ended, checked as a whole, then renamed.

An upload holds a lock on its part, so that two of the same file never mix. What is complete is never written again.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from campaign.station_agent.package import CHUNK
from campaign.station_agent.refusal import Refusal

LONGEST_SILENCE = 60  # seconds without a byte, then the upload ends by itself and can be resumed
SET_PIPE_SIZE = 1031  # F_SETPIPE_SZ; a server that waits for us less often brings the bytes faster
RESERVE = 64 * 1024 * 1024  # bytes that stay free for journals
_FULL = (errno.ENOSPC, errno.EDQUOT)


class Blobs:
    """The content store in `<home>/blobs`. Raises Refusal for every "no"."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "blobs"

    def have(self, sha256: str) -> dict[str, Any]:
        """{"size": bytes from the beginning, "complete": checked as a whole}."""
        whole, part = self._folder / sha256, self._part(sha256)
        if whole.exists():
            return {"size": whole.stat().st_size, "complete": True}
        return {"size": part.stat().st_size if part.exists() else 0, "complete": False}

    def put(self, sha256: str, size: int, offset: int, source: int) -> dict[str, Any]:
        """Take `size - offset` bytes from the descriptor `source`, after the `offset` bytes that are here.

        Fewer bytes than announced are kept for the next try. A whole that is another file is thrown away: `checksum`.
        """
        if (self._folder / sha256).exists():
            return self.have(sha256)
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self._refuse_full(size - offset)
        with self._writing(sha256) as part:
            here = os.fstat(part).st_size
            if here != offset:
                raise Refusal("offset", f"{here} bytes are here, not {offset}")
            total = _read_again(part)
            _take(source, part, size - offset, total)
            if os.fstat(part).st_size == size:
                self._finish(sha256, part, total.hexdigest())
        return self.have(sha256)

    def _finish(self, sha256: str, part: int, found: str) -> None:
        if found != sha256:
            self._part(sha256).unlink()
            raise Refusal("checksum", f"what came is another file: {found}")
        os.fsync(part)
        self._part(sha256).replace(self._folder / sha256)
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _refuse_full(self, wanted: int) -> None:
        disk = os.statvfs(self._folder)
        free = disk.f_bavail * disk.f_frsize
        if free < wanted + RESERVE:
            raise Refusal("disk", f"{wanted} bytes do not fit: {free} are free, {RESERVE} of them stay so")

    @contextmanager
    def _writing(self, sha256: str) -> Iterator[int]:
        part = os.open(self._part(sha256), os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            fcntl.flock(part, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield part
        except BlockingIOError:
            raise Refusal("uploading", "another upload of this file is under way") from None
        except OSError as error:
            if error.errno in _FULL:
                raise Refusal("disk", "the disk is full; what came is kept") from error
            raise
        finally:
            os.close(part)

    def _part(self, sha256: str) -> Path:
        return self._folder / f"{sha256}.part"


def _read_again(part: int) -> Any:
    """The hash over what is here already; bounded memory."""
    total, at = hashlib.sha256(), 0
    while chunk := os.pread(part, CHUNK, at):
        total.update(chunk)
        at += len(chunk)
    return total


def _take(source: int, part: int, wanted: int, total: Any) -> None:
    """Many small pieces arrive: they are hashed and written by the megabyte. Silence ends the process."""
    buffer = memoryview(bytearray(CHUNK))
    with suppress(OSError):  # no pipe, or not allowed: only slower
        fcntl.fcntl(source, SET_PIPE_SIZE, CHUNK)
    try:
        while wanted > 0:
            signal.alarm(LONGEST_SILENCE)
            filled = _fill(source, buffer[: min(CHUNK, wanted)])
            total.update(buffer[:filled])
            view = buffer[:filled]
            while view:
                view = view[os.write(part, view) :]
            os.posix_fadvise(
                part, 0, 0, os.POSIX_FADV_DONTNEED
            )  # begins to write now what fsync would wait for
            wanted -= filled
            if not filled:
                return
    finally:
        signal.alarm(0)


def _fill(source: int, buffer: memoryview) -> int:
    """How many bytes came; fewer than the buffer holds only at the end."""
    filled = 0
    while filled < len(buffer):
        count = os.readv(source, [buffer[filled:]])
        if not count:
            break
        filled += count
    return filled
