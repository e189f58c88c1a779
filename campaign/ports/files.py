"""What the use cases ask of files. The real ones are `campaign.files.vault` and `campaign.files.signing`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from campaign.station_agent.manifest import Signed

Verify = Callable[[Signed], bool]
"""Whether the signature is over this manifest and by this key; says nothing of whether the key is trusted."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What a file turned out to be. `size` in bytes."""

    sha256: str
    size: int


class FileVault(Protocol):
    """Files by their content. Safe to call from several threads and processes."""

    def put(self, source: Path | bytes | Iterable[bytes], expected: str | None = None) -> Stored:
        """Take a file in, streamed; it is there as a whole or not at all.

        What is not the `expected` sha256 is not kept: the answer tells what it was. Raises BadFile for a source that
        cannot be read, SiteError when the vault cannot be written.
        """

    def path(self, sha256: str) -> Path:
        """Where the file is, to be read only. Raises NotFound."""

    def read(self, sha256: str) -> Iterator[bytes]:
        """Its bytes, in pieces. Raises NotFound."""

    def whole(self, sha256: str) -> bool:
        """Read every byte again: whether it is there and still what it was."""
