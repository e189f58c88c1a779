"""Values of a JSON document, each checked where it stands: a wrong one is named by its path and what would be right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta

from campaign.errors import BadInput

MOST_MINUTES = 10_000_000  # 19 years
MOST_MACHINES = 100_000

_MINUTE = timedelta(minutes=1)
_SHOWN = 40
_LARGE = 10**30


def wrong(what: str, where: str, todo: str) -> BadInput:
    """What is wrong at a path of the document, and what would be right."""
    return BadInput(what, where=where or "snapshot", todo=todo)


def shown(value: object) -> str:
    """A value in a message: its JSON type's word, or short text."""
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int) and abs(value) > _LARGE:
        return "a huge number"
    written = ascii(value) if isinstance(value, int | float | str) else type(value).__name__
    return written if len(written) <= _SHOWN else written[:_SHOWN] + "..."


def whole(value: object, where: str, *, least: int = 0, most: int = MOST_MINUTES) -> int:
    """A whole number within limits; a bool is none. Raises BadInput."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong(f"{shown(value)} is not a whole number", where, f"write one from {least} on")
    if not least <= value <= most:
        raise wrong(f"{shown(value)} is out of range", where, f"write a number from {least} to {most}")
    return value


def text(value: object, where: str) -> str:
    """Text that is not empty. Raises BadInput."""
    if not isinstance(value, str) or not value.strip():
        raise wrong(f"{shown(value)} is not a name", where, 'write text such as "P-12"')
    if any("\ud800" <= sign <= "\udfff" for sign in value):
        raise wrong("half a sign of UTF-16", where, "write whole characters")
    return value


def items(value: object, where: str) -> Iterator[tuple[str, object]]:
    """The values of a list with their paths. Raises BadInput."""
    if not isinstance(value, list | tuple):
        raise wrong(f"{shown(value)} is not a list", where, "write [ ... ]")
    return ((f"{where}[{place}]", item) for place, item in enumerate(value))


def pair(value: object, where: str) -> tuple[object, object]:
    """Exactly two values: from and until. Raises BadInput."""
    both = [item for _, item in items(value, where)]
    if len(both) != 2:
        raise wrong(f"{len(both)} values instead of two", where, "write [from, until]")
    return both[0], both[1]


class Fields:
    """The fields of one JSON object, none of them unknown.

    Raises:
        BadInput: it is no object, or has a field that nobody knows.
    """

    def __init__(self, raw: object, where: str, known: Iterable[str]) -> None:
        if not isinstance(raw, Mapping):
            raise wrong(f"{shown(raw)} is not an object", where, "write { ... }")
        self.where, self._known = where, tuple(known)
        for name in raw:
            if name not in self._known:
                what = "this field is not known"
                raise wrong(what, self.at(str(name)), f"known are {', '.join(self._known)}")
        self._raw = raw

    def __contains__(self, name: str) -> bool:
        return name in self._raw

    def __getitem__(self, name: str) -> object:
        if name not in self._raw:
            raise wrong("it is missing", self.at(name), "add it")
        return self._raw[name]

    def get(self, name: str, default: object = None) -> object:
        """The raw value, or the default when the field is absent."""
        return self._raw.get(name, default)

    def at(self, name: str) -> str:
        """The path of a field."""
        place = name if name.isidentifier() else shown(name)
        return f"{self.where}.{place}" if self.where else place

    def whole(self, name: str, default: int, *, least: int = 0, most: int = MOST_MINUTES) -> int:
        """A whole number, or the default when the field is absent."""
        return whole(self._raw[name], self.at(name), least=least, most=most) if name in self else default

    def text(self, name: str, default: str) -> str:
        """Text, or the default when the field is absent."""
        return text(self._raw[name], self.at(name)) if name in self else default

    def items(self, name: str) -> Iterator[tuple[str, object]]:
        """The values of a list with their paths; none when the field is absent."""
        return items(self._raw[name], self.at(name)) if name in self else iter(())


class Minutes:
    """Minutes of the plan, written as whole numbers or as moments; `start` is minute 0."""

    def __init__(self, start: datetime) -> None:
        self.start = start

    def read(self, value: object, where: str, *, least: int = 0) -> int:
        """A minute. A number below `least` is refused, an earlier moment counts as `least`. Raises BadInput."""
        if not isinstance(value, str):
            return whole(value, where, least=least)
        moment = read_moment(value, where)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=self.start.tzinfo)
        return max(least, self._within((moment - self.start) // _MINUTE, where))

    def span(self, value: object, where: str) -> tuple[int, int]:
        """From and until; it may have begun before the start. Raises BadInput."""
        begin, end = (self.read(side, where, least=-MOST_MINUTES) for side in pair(value, where))
        if begin >= end:
            raise wrong("it does not end after it begins", where, "write [from, until]")
        return begin, end

    def day(self, value: object, where: str) -> tuple[int, int]:
        """All of one day, given as `2026-10-01`. Raises BadInput."""
        try:
            day = date.fromisoformat(value if isinstance(value, str) else "")
        except ValueError:
            raise wrong(f"{shown(value)} is not a date", where, 'write "2026-10-01"') from None
        midnight = datetime.combine(day, time(), self.start.tzinfo)
        begin = self._within((midnight - self.start) // _MINUTE, where)
        return begin, begin + 24 * 60

    @staticmethod
    def _within(minute: int, where: str) -> int:
        if abs(minute) > MOST_MINUTES:
            raise wrong("it is more than 19 years from the start", where, "write a moment near the start")
        return minute


def read_moment(value: object, where: str) -> datetime:
    """A moment in ISO 8601, with or without an offset. Raises BadInput."""
    try:
        return datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise wrong(f"{shown(value)} is not a moment", where, 'write "2026-01-05T08:00+08:00"') from None
