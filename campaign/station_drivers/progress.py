"""How far a flash is: by the bytes that the units took."""

from __future__ import annotations

from campaign.station_agent.driver import Log

TRANSFER_FROM, TRANSFER_TO = 10, 90  # percent: before is identification, after is read-back
APART = 2  # percent between two records of one step


class Progress:
    """Tells a log; percent never goes back. `total` in bytes; `step` is where the flash is now."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._total = self._sent = 0
        self._percent = 0
        self.step = ""

    def at(self, step: str, percent: int | None = None) -> None:
        """A new step, at this percent or where the transfer stands."""
        percent = max(self._by_bytes() if percent is None else percent, self._percent)
        if (step, percent) != (self.step, self._percent):
            self.step, self._percent = step, percent
            self._log.step(step, percent)

    def expect(self, total: int) -> None:
        """So many bytes will be transferred."""
        self._total = total

    def sent(self, size: int, ecu: str) -> None:
        """A unit took so many bytes more."""
        self._sent += size
        step = f"transfer {ecu}"
        if step != self.step or self._by_bytes() >= self._percent + APART:
            self.at(step)

    def _by_bytes(self) -> int:
        span = TRANSFER_TO - TRANSFER_FROM
        return TRANSFER_FROM + (span * self._sent // self._total if self._total else 0)
