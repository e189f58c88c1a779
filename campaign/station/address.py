"""Where a station is reached, as the site's configuration tells it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class StationAddress:
    """One station's place. `key_file` is its own key; None means the key that the stations share."""

    name: str
    host: str
    port: int
    user: str
    key_file: Path | None = None

    @property
    def known_as(self) -> str:
        """Its name in a known_hosts file: the port shows when it is not 22."""
        return self.host if self.port == 22 else f"[{self.host}]:{self.port}"
