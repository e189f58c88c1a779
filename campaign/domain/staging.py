"""How far a package has come to a station. Files are told apart by their content, so that nothing comes twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class StagingState(StrEnum):
    """Where the way of a package to one station stands."""

    WAITING = "waiting"  # not begun, or to be tried again
    UPLOADING = "uploading"
    STAGED = "staged"  # the station confirmed every file
    FAILED = "failed"  # refused; what stands in `detail` has to be mended first


@dataclass(frozen=True, slots=True)
class Staging:
    """A package (by its digest) at a station of a site. `bytes` of `total` are over there; `at` is the server's."""

    site: str
    station: str
    digest: str
    total: int
    state: StagingState
    at: datetime
    bytes: int = 0
    detail: str = ""

    @property
    def percent(self) -> int:
        """Whole percent that are over there; 100 only when it is staged."""
        if self.state is StagingState.STAGED:
            return 100
        return min(99, self.bytes * 100 // self.total) if self.total else 0
