"""Short forms for many names: `CP-01..CP-60`, and a row of slots by its count."""

from __future__ import annotations

import re

from campaign.definitions.checking import Wrong

MOST = 100_000
"""More names than this in one range are a typing error."""

_NUMBERED = re.compile(r"^(.*?)([0-9]+)$")


def expand(text: str) -> tuple[str, ...]:
    """`CP-08..CP-11` as CP-08, CP-09, CP-10, CP-11; a plain name as itself. Raises Wrong."""
    if ".." not in text:
        return (text,)
    first, last = (end.strip() for end in text.split("..", 1))
    low, high = _NUMBERED.match(first), _NUMBERED.match(last)
    if low is None or high is None:
        raise Wrong(f"{text!r} has an end without a number", "write it like CP-01..CP-60")
    prefix, width = low[1], len(low[2])
    if high[1] != prefix:
        raise Wrong(
            f"{text!r} changes its name on the way", f"write a range for {prefix} and one for {high[1]}"
        )
    start, end = int(low[2]), int(high[2])
    if start > end:
        raise Wrong(f"{text!r} runs backwards", f"write {last}..{first}")
    if end - start >= MOST:
        raise Wrong(f"{text!r} names {end - start + 1:,} things", f"write at most {MOST:,}")
    return tuple(f"{prefix}{number:0{width}d}" for number in range(start, end + 1))


def row(name: str, count: int) -> tuple[str, ...]:
    """The slots of a row: `A` with 250 as A-001 to A-250 (three digits, or as many as the count needs)."""
    width = max(3, len(str(count)))
    return tuple(f"{name}-{number:0{width}d}" for number in range(1, count + 1))
