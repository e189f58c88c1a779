"""A stage's calendar for many replications at once: a table by the minute instead of windows."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from campaign.planning.calendars import Calendar

Minutes = npt.NDArray[np.int32]
"""Minutes of the plan, one for each replication."""

NEVER = np.int32(2**30)
"""Later than anything: the minute of what does not come."""


class ForecastCalendar:
    """`calendar` up to minute `horizon`; from there on everything is open, so that each search ends.

    Work never gets longer than the longest window: a forecast cuts what it draws.
    """

    def __init__(self, calendar: Calendar, horizon: int) -> None:
        self.always_open = calendar.always_open
        self.longest = NEVER if calendar.longest is None else np.int32(calendar.longest)
        self._horizon = horizon
        if not self.always_open:
            is_open = _open_minutes(calendar, horizon)
            minutes = np.arange(horizon + 1, dtype=np.int32)
            self._opens = _next(is_open, minutes)
            self._closes = _next(~is_open, minutes)
            self._closes[-1] = NEVER
            self._closes[self._closes == horizon] = NEVER
            self._opened = np.concatenate(([0], np.cumsum(is_open[:-1]))).astype(np.int32)

    def next_open(self, at: Minutes) -> Minutes:
        """The first open minute from `at` on."""
        if self.always_open:
            return at
        return np.maximum(at, self._opens[np.minimum(at, self._horizon)])

    def fit(self, at: Minutes, minutes: Minutes) -> Minutes:
        """The first minute from `at` on from which work of `minutes` lies in one window."""
        if self.always_open:
            return at
        start = self.next_open(at)
        while True:
            closes = self._closes[np.minimum(start, self._horizon)]
            cut = start + minutes > closes
            if not cut.any():
                return start
            start = np.where(cut, self.next_open(closes), start)

    def work(self, at: Minutes, minutes: Minutes) -> Minutes:
        """When work of `minutes` is done that begins at `at` and rests while it is closed."""
        if self.always_open:
            return at + minutes
        inside = np.minimum(at, self._horizon)
        wanted = self._opened[inside] + (at - inside) + minutes
        last = self._opened[-1]
        found = np.searchsorted(self._opened, np.minimum(wanted, last)).astype(np.int32)
        done: Minutes = np.where(wanted > last, self._horizon + wanted - last, found)
        return np.maximum(at, done)


def _open_minutes(calendar: Calendar, horizon: int) -> npt.NDArray[np.bool_]:
    """Whether each minute 0 to `horizon` is open; the last one always is."""
    at = (np.arange(horizon + 1) + calendar.phase) % calendar.cycle
    is_open = np.zeros(horizon + 1, dtype=bool)
    for opens, closes in calendar.windows:
        is_open |= (at >= opens) & (at < closes)
        is_open |= at + calendar.cycle < closes
    for begin, end in calendar.closed:
        is_open[max(0, begin) : max(0, end)] = False
    is_open[-1] = True
    return is_open


def _next(wanted: npt.NDArray[np.bool_], minutes: Minutes) -> Minutes:
    """For each minute the first one from it on that is wanted; the last minute where there is none."""
    found = np.where(wanted, minutes, minutes[-1])
    return np.minimum.accumulate(found[::-1])[::-1]
