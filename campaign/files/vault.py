"""Files by their content, below one folder: `<folder>/<first two digits>/<sha256>`.

A file is written beside its place, synced and renamed, so that a power cut leaves a whole one or none.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import RawIOBase
from pathlib import Path

from campaign.errors import BadFile, NotFound, SiteError
from campaign.ports.files import Stored

CHUNK = 1024 * 1024
_SHA256 = re.compile(r"[0-9a-f]{64}")


class FolderVault:
    """`ports.files.FileVault` on a file system. The folder is made at the first file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, source: Path | bytes | Iterable[bytes], expected: str | None = None) -> Stored:
        """Over a file that was damaged since, too: the same content makes it whole again."""
        with self._as_ours():
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, name = tempfile.mkstemp(prefix="incoming-", dir=self._folder)
        incoming = Path(name)
        try:
            stored = self._write(handle, source)
            if expected is None or stored.sha256 == expected:
                self._move(incoming, self._place(stored.sha256))
        finally:
            incoming.unlink(missing_ok=True)
        return stored

    def path(self, sha256: str) -> Path:
        """Of a file that is there; whether it is still whole, `whole` says."""
        place = self._place(sha256)
        if not place.is_file():
            raise NotFound(f"the vault has no file {sha256[:12]}...")
        return place

    def read(self, sha256: str) -> Iterator[bytes]:
        """In pieces of a megabyte."""
        yield from _pieces(self.path(sha256))

    def whole(self, sha256: str) -> bool:
        """False for a missing, shortened or changed one, and where the disk cannot be read."""
        total = hashlib.sha256()
        try:
            for piece in self.read(sha256):
                total.update(piece)
        except (NotFound, OSError, BadFile):
            return False
        return total.hexdigest() == sha256

    def _write(self, handle: int, source: Path | bytes | Iterable[bytes]) -> Stored:
        total, size = hashlib.sha256(), 0
        with os.fdopen(handle, "wb", buffering=0) as file:
            for piece in _source(source):
                total.update(piece)
                size += len(piece)
                self._append(file, piece)
            with self._as_ours():
                os.fsync(file.fileno())
        return Stored(total.hexdigest(), size)

    def _append(self, file: RawIOBase, piece: bytes) -> None:
        view = memoryview(piece)
        with self._as_ours():
            while view:
                view = view[file.write(view) or 0 :]

    @contextmanager
    def _as_ours(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            text = error.strerror or str(error)
            raise SiteError(f"the files folder {self._folder} cannot be used: {text}") from error

    def _move(self, incoming: Path, place: Path) -> None:
        with self._as_ours():
            place.parent.mkdir(exist_ok=True, mode=0o700)
            incoming.replace(place)
            folder = os.open(place.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def _place(self, sha256: str) -> Path:
        if not _SHA256.fullmatch(sha256):
            raise NotFound(f"{sha256[:80]!r} is no sha256")
        return self._folder / sha256[:2] / sha256


def _source(source: Path | bytes | Iterable[bytes]) -> Iterable[bytes]:
    if isinstance(source, bytes):
        return [source]
    return _pieces(source) if isinstance(source, Path) else source


def _pieces(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while piece := file.read(CHUNK):
                yield piece
    except OSError as error:
        raise BadFile(f"cannot be read: {error.strerror}", where=str(path)) from error
