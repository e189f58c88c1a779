"""The file vault in memory; `spoil` damages a file as a bad disk would."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import weakref
from collections.abc import Iterable, Iterator
from pathlib import Path

from campaign.errors import NotFound
from campaign.ports.files import Stored


class FakeVault:
    """`ports.files.FileVault`. Files get a path when one is asked for, in a folder that goes with the vault."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self._folder: Path | None = None

    def put(self, source: Path | bytes | Iterable[bytes], expected: str | None = None) -> Stored:
        data = source.read_bytes() if isinstance(source, Path) else source
        data = data if isinstance(data, bytes) else b"".join(data)
        sha256 = hashlib.sha256(data).hexdigest()
        if expected in (None, sha256):
            self.files[sha256] = data
        return Stored(sha256, len(data))

    def path(self, sha256: str) -> Path:
        data = self._data(sha256)
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="fake-vault-"))
            weakref.finalize(self, shutil.rmtree, self._folder, True)
        path = self._folder / sha256
        path.write_bytes(data)
        return path

    def read(self, sha256: str) -> Iterator[bytes]:
        yield self._data(sha256)

    def whole(self, sha256: str) -> bool:
        return hashlib.sha256(self.files.get(sha256, b"-")).hexdigest() == sha256

    def spoil(self, sha256: str) -> None:
        """One byte turns."""
        data = self._data(sha256)
        self.files[sha256] = bytes([data[0] ^ 1]) + data[1:]

    def _data(self, sha256: str) -> bytes:
        if sha256 not in self.files:
            raise NotFound(f"the vault has no file {sha256[:12]}...")
        return self.files[sha256]
