"""What fake stations hold of files: uploads that can be cut, refused, kept waiting, and files that get lost."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from campaign.errors import StationError, StationLinkLost, StationRejected
from campaign.ports.station import Held, Upload

CHUNK = 1000


@dataclass
class FakeFiles:
    """One station's blobs. `refuse`: the code with which uploads end; `cut_after`: bytes until the link breaks once."""

    station: str
    whole: dict[str, bytes] = field(default_factory=dict)
    parts: dict[str, bytes] = field(default_factory=dict)
    refuse: str = ""
    cut_after: int | None = None
    gate: threading.Event | None = None  # uploads wait here, in the middle
    uploads: int = 0  # how many were begun
    down: StationError | None = None

    def have(self, sha256: str) -> Held:
        if sha256 in self.whole:
            return Held(len(self.whole[sha256]), True)
        return Held(len(self.parts.get(sha256, b"")), False)

    def put(self, upload: Upload, told: Callable[[int], object]) -> None:
        self.uploads += 1
        if upload.sha256 in self.whole:
            return
        if self.refuse:
            raise StationRejected(self.station, f"no: {self.refuse}", self.refuse)
        data = upload.path.read_bytes()
        here = self.parts.get(upload.sha256, b"")
        for at in range(len(here), len(data), CHUNK):
            if self.down is not None:
                raise StationLinkLost(self.station, "the link broke")
            if self.cut_after is not None and at >= self.cut_after:
                self.cut_after = None
                raise StationLinkLost(self.station, "the link broke")
            here += data[at : at + CHUNK]
            self.parts[upload.sha256] = here
            told(len(here))
            if self.gate is not None:
                self.gate.wait(30)
        self.parts.pop(upload.sha256, None)
        if hashlib.sha256(here).hexdigest() != upload.sha256:
            raise StationRejected(self.station, "what came is another file", "checksum")
        self.whole[upload.sha256] = here
