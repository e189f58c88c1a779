"""When a stage works: open windows that repeat by the day or by the week, in integer minutes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise

from campaign.errors import BadInput, BrokenRule

DAY = 24 * 60
WEEK = 7 * DAY

Window = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Calendar:
    """Open windows `(opens, closes)` in minutes of a cycle; `phase` is the minute of the cycle at minute 0.

    Windows are sorted, disjoint and not touching; only the last may reach past the end of the cycle (a night
    shift). `closed` are minutes from the start of the plan, sorted and disjoint: holidays, a typhoon day. Make one with
    `round_the_clock`, `daily` or `weekly`, and `closing`. Clock changes of a zone are not followed.
    """

    windows: tuple[Window, ...] = ((0, DAY),)
    cycle: int = DAY
    phase: int = 0
    closed: tuple[Window, ...] = ()
    _unbroken: bool = field(init=False, repr=False, compare=False)  # asked for at every fit

    def __post_init__(self) -> None:
        reach = 0
        for index, (opens, closes) in enumerate(self.windows):
            if not 0 <= opens < closes or opens >= self.cycle or (index and opens <= reach):
                raise BadInput(
                    f"windows {self.windows} are not sorted, apart and inside the cycle", where="calendar"
                )
            reach = closes
        if not self.windows or reach > self.windows[0][0] + self.cycle:
            raise BadInput("a calendar needs windows that do not overlap", where="calendar")
        if any(begin >= end for begin, end in self.closed) or any(
            later[0] < earlier[1] for earlier, later in pairwise(self.closed)
        ):
            raise BadInput(f"closed times {self.closed} are not sorted and apart", where="calendar")
        opens, closes = self.windows[0]
        object.__setattr__(self, "_unbroken", closes - opens >= self.cycle)

    def closing(self, *times: Window) -> Calendar:
        """The same, closed at these times too (minutes from the start of the plan)."""
        return replace(self, closed=tuple(apart([*self.closed, *times])))

    def longer(self, minutes: int) -> Calendar:
        """The same, the last window of each day open so many minutes longer; closed times stay."""
        last = {opens // DAY: opens for opens, _ in self.windows}
        longer = [
            (opens, closes + minutes if last[opens // DAY] == opens else closes)
            for opens, closes in self.windows
        ]
        return replace(self._merged(longer, self.cycle, self.phase), closed=self.closed)

    @classmethod
    def round_the_clock(cls) -> Calendar:
        """Always open."""
        return cls()

    @classmethod
    def daily(cls, opens: int, closes: int, start: datetime) -> Calendar:
        """Open every day from minute `opens` to `closes` of the day (`closes <= opens`: over midnight).

        `start` is what minute 0 means, in the site's zone.
        """
        return cls.every_day([(opens, closes)], start)

    @classmethod
    def every_day(cls, windows: Iterable[Window], start: datetime) -> Calendar:
        """Open in several windows of every day, each as for `daily`."""
        spread = [_over_midnight(*window) for window in windows]
        return cls._merged(spread, DAY, start.hour * 60 + start.minute)

    @classmethod
    def weekly(cls, windows: Mapping[int, Iterable[Window]], start: datetime) -> Calendar:
        """Open by weekday (0 is Monday); windows in minutes of the day, belonging to the day they open on.

        `start` is what minute 0 means, in the site's zone.
        """
        spread = []
        for weekday, day_windows in windows.items():
            for window in day_windows:
                opens, closes = _over_midnight(*window)
                spread.append((weekday * DAY + opens, weekday * DAY + closes))
        return cls._merged(spread, WEEK, start.weekday() * DAY + start.hour * 60 + start.minute)

    @classmethod
    def _merged(cls, windows: Iterable[Window], cycle: int, phase: int) -> Calendar:
        merged = apart(windows)
        # What reaches past the end of the cycle swallows the windows at its beginning that it touches.
        while len(merged) > 1 and merged[-1][1] >= merged[0][0] + cycle:
            first = merged.pop(0)
            merged[-1] = (merged[-1][0], max(merged[-1][1], first[1] + cycle))
        if merged and merged[-1][1] - merged[-1][0] >= cycle:
            merged = [(0, cycle)]
        return cls(tuple(merged), cycle, phase % cycle)

    @property
    def always_open(self) -> bool:
        """True when no moment is closed."""
        return self._unbroken and not self.closed

    @property
    def longest(self) -> int | None:
        """Minutes of the longest window, None when there are no windows: longer work cannot be done in one piece."""
        return None if self._unbroken else max(closes - opens for opens, closes in self.windows)

    @property
    def open_share(self) -> float:
        """The open part of the cycle, above 0 and at most 1."""
        return sum(closes - opens for opens, closes in self.windows) / self.cycle

    def fit(self, start: int, duration: int) -> int:
        """The first minute from `start` on at which work of `duration` minutes fits into one window.

        Raises:
            BadInput: no window is that long.
        """
        if self._unbroken and not self.closed:
            return start
        at = self._fit(start, duration)
        for begin, end in self.closed:
            if begin < at + duration and at < end:
                at = self._fit(end, duration)
        return at

    def _fit(self, start: int, duration: int) -> int:
        if self._unbroken:
            return start
        at = start + self.phase
        base = at // self.cycle * self.cycle
        if self.windows[-1][1] > self.cycle:
            base -= self.cycle  # the night shift of the day before may still be on
        for _ in range(4):
            for opens, closes in self.windows:
                first = at if at > base + opens else base + opens
                if first + duration <= base + closes:
                    return first - self.phase
            base += self.cycle
        raise _too_long(duration)

    def fit_back(self, end: int, duration: int) -> int:
        """The last minute at which work of `duration` minutes starts in one window and ends by `end`.

        Raises:
            BadInput: no window is that long.
        """
        at = self._fit_back(end, duration)
        for begin, until in reversed(self.closed):
            if begin < at + duration and at < until:
                at = self._fit_back(begin, duration)
        return at

    def _fit_back(self, end: int, duration: int) -> int:
        if self._unbroken:
            return end - duration
        at = end + self.phase
        begin = at // self.cycle * self.cycle
        for base in (begin, begin - self.cycle, begin - 2 * self.cycle):
            for opens, closes in reversed(self.windows):
                last = min(at, base + closes) - duration
                if last >= base + opens:
                    return last - self.phase
        raise _too_long(duration)

    def covers(self, start: int, end: int) -> bool:
        """True when all of `[start, end)` lies in one open window."""
        if any(begin < end and start < until for begin, until in self.closed):
            return False
        if self._unbroken:
            return True
        at = (start + self.phase) % self.cycle
        length = end - start
        return any(
            opens <= first and first + length <= closes
            for opens, closes in self.windows
            for first in (at, at + self.cycle)
        )

    def opened(self, minute: int) -> int:
        """Open minutes up to `minute`, counted from the beginning of its first cycle (differences matter)."""
        lost = sum(
            self._opened(min(until, minute)) - self._opened(begin)
            for begin, until in self.closed
            if begin < minute
        )
        return self._opened(minute) - lost

    def _opened(self, minute: int) -> int:
        if self._unbroken:
            return minute
        cycles, at = divmod(minute + self.phase, self.cycle)
        pieces = self._pieces()
        whole = sum(closes - opens for opens, closes in pieces)
        return cycles * whole + sum(max(0, min(at, closes) - opens) for opens, closes in pieces)

    def at_opened(self, open_minutes: int) -> int:
        """The first minute by which `opened` has reached `open_minutes`."""
        lost = 0
        for begin, until in self.closed:
            if open_minutes + lost <= self._opened(begin):
                break
            lost += self._opened(until) - self._opened(begin)
        return self._at_opened(open_minutes + lost)

    def _at_opened(self, open_minutes: int) -> int:
        if self._unbroken:
            return open_minutes
        pieces = self._pieces()
        whole = sum(closes - opens for opens, closes in pieces)
        cycles, rest = divmod(open_minutes - 1, whole)
        for opens, closes in pieces:
            if rest < closes - opens:
                return cycles * self.cycle + opens + rest + 1 - self.phase
            rest -= closes - opens
        raise BrokenRule("the rest of a division lies inside its divisor")

    def _pieces(self) -> list[Window]:
        """The windows cut at the end of the cycle, in order."""
        opens, closes = self.windows[-1]
        if closes <= self.cycle:
            return list(self.windows)
        return [(0, closes - self.cycle), *self.windows[:-1], (opens, self.cycle)]


def apart(windows: Iterable[Window]) -> list[Window]:
    """The same minutes, each in one window only, sorted; windows that touch become one."""
    merged: list[Window] = []
    for begin, end in sorted(windows):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((begin, end))
    return merged


def _over_midnight(opens: int, closes: int) -> Window:
    if not (0 <= opens < DAY and 0 <= closes <= DAY):
        raise BadInput(f"window {opens}-{closes} is not within a day of {DAY} minutes", where="calendar")
    return (opens, closes) if closes > opens else (opens, closes + DAY)


def _too_long(duration: int) -> BadInput:
    return BadInput(
        f"work of {duration} minutes fits into no open window",
        where="calendar",
        todo="open longer or split the work",
    )
