"""Closes links that fell silent: a peer that hangs can hold a caller past every timeout of its own, and only
closing the link from another thread frees it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(slots=True)
class _Watched:
    close: Callable[[], None]
    silence: float
    last: float  # by when everything must be over
    due: float  # when silence becomes too long


class Watchdog:
    """One thread for all links of a process; it lives while something is watched."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._watched: list[_Watched] = []
        self._thread: threading.Thread | None = None

    @contextmanager
    def watching(
        self, close: Callable[[], None], *, silence: float, at_most: float
    ) -> Iterator[Callable[[], None]]:
        """Call `close` after `silence` seconds without a sign of life, or after `at_most` seconds in all.

        Yields what to call at each sign of life.
        """
        now = time.monotonic()
        entry = _Watched(close, silence, now + at_most, now + min(silence, at_most))

        def heard() -> None:
            entry.due = min(time.monotonic() + entry.silence, entry.last)

        with self._changed:
            self._watched.append(entry)
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="station watchdog", daemon=True)
                self._thread.start()
            self._changed.notify()
        try:
            yield heard
        finally:
            with self._changed:
                if entry in self._watched:
                    self._watched.remove(entry)

    def _watch(self) -> None:
        while True:
            with self._changed:
                if not self._watched and not self._changed.wait_for(lambda: self._watched, timeout=30):
                    self._thread = None
                    return
                now = time.monotonic()
                silent = [entry for entry in self._watched if entry.due <= now]
                self._watched = [entry for entry in self._watched if entry.due > now]
                if not silent:
                    self._changed.wait(min(entry.due for entry in self._watched) - now)
            for entry in silent:
                entry.close()
