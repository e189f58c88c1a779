"""Who waits for a stage, in many replications at once: a priority queue as bits, one row for each replication."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from campaign.planning.forecast_calendar import NEVER, Minutes

Cars = npt.NDArray[np.intp]
"""A car for each replication, by its priority (0 goes first)."""

_WORD = 64


class WaitingCars:
    """Cars come by the clock of their replication; the first of those that came is taken.

    `going` says which replications have cars left, waiting or to come.
    """

    def __init__(self, arrivals: npt.NDArray[np.int32]) -> None:
        """`arrivals` by (car, replication)."""
        cars, count = arrivals.shape
        self._rows = np.arange(count)
        self._order = np.argsort(arrivals, axis=0, kind="stable")
        times = np.take_along_axis(arrivals, self._order, axis=0)
        self._times = np.concatenate((times, np.full((1, count), NEVER, dtype=np.int32)))
        self._came = np.zeros(count, dtype=np.intp)
        self._next = self._times[0].copy()
        words = -(-cars // _WORD) or 1
        self._bits = np.zeros((count, words), dtype=np.uint64)
        self._flat = self._bits.reshape(-1)
        self._base = self._rows * words
        self._left = np.full(count, cars)
        self._taken = np.zeros(count, dtype=np.intp)
        self.going = self._left > 0

    def come(self, clock: Minutes) -> Minutes:
        """Let everybody come who comes by the clock; where nobody waits, it moves on to the next one."""
        idle = (self._came == self._taken) & self.going
        clock = np.where(idle, np.maximum(clock, self._next), clock)
        due = np.flatnonzero(self._next <= clock)
        while due.size:
            place = self._came[due]
            car = self._order[place, due]
            self._flat[self._base[due] + car // _WORD] |= _bit(car % _WORD)
            self._came[due] = place + 1
            self._next[due] = coming = self._times[place + 1, due]
            due = due[coming <= clock[due]]
        return clock

    def first(self) -> Cars:
        """The first of those that wait; -1 where nobody does."""
        self._word = self._base + (self._bits != 0).argmax(axis=1)
        bits = self._flat[self._word]
        self._lowest = bits & (~bits + np.uint64(1))
        place = np.frexp(self._lowest.astype(np.float64))[1] - 1
        return np.where(self._lowest != 0, (self._word - self._base) * _WORD + place, -1)

    def take(self, taken: npt.NDArray[np.bool_]) -> None:
        """Those that `first` named last leave, in these replications."""
        self._flat[self._word] ^= np.where(taken, self._lowest, np.uint64(0))
        self._taken += taken
        self.going = self._taken < self._left


def _bit(place: Cars) -> npt.NDArray[np.uint64]:
    return np.left_shift(np.uint64(1), place.astype(np.uint64))
