"""TesterPresent for every unit that is not in its default session: five seconds without a word end a session.

A thread of its own, since the flash may wait for a disk, for a unit that erases, or for another one's answer. What it
sends (3E 80) is never answered and is kept nowhere: there are thousands of them in a long flash.
"""

from __future__ import annotations

import threading

from campaign.station_drivers.wire import Wire

EVERY = 2.0  # seconds; S3 is 5 (ISO 14229-2)
LOOK_EVERY = 0.25
TESTER_PRESENT = bytes.fromhex("3E80")


class Presence:
    """Keeps sessions up on one wire. `busy` is the unit that works on a request just now: it is left alone."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._kept: frozenset[int] = frozenset()
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self.busy: int | None = None

    def keep(self, address: int) -> None:
        """From now on this unit's session is kept."""
        self._kept |= {address}
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="tester present", daemon=True)
            self._thread.start()

    def drop(self, address: int) -> None:
        """This unit is in its default session again."""
        self._kept -= {address}

    def kept(self) -> frozenset[int]:
        """The units whose sessions are kept."""
        return self._kept

    def end(self) -> None:
        """Send no more."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(LOOK_EVERY):
            for address in self._kept:
                if address != self.busy and self._wire.idle(address) >= EVERY:
                    try:
                        self._wire.send(address, TESTER_PRESENT)
                    except OSError:
                        return  # the flash itself meets it at its next word
