"""What a car's battery gauge shows, from the number that its control unit gives. Pure.

Open projects disagree about the formula for these cars, and none of them had an ID.4 X of the Chinese market: the
formula is configuration with a name, and the name is kept beside every value (notes on reaching the car).
"""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal
from typing import NamedTuple

FULL = 1000  # tenths of a percent


class Formula(NamedTuple):
    """Percent = raw * factor + offset. `id` says which one it is, in evidence."""

    id: str
    factor: Decimal
    offset: Decimal


class Gate(NamedTuple):
    """From which value on a gauge a car may be flashed: `display`, 270 (tenths, inclusive)."""

    gauge: str
    least: int


def tenths(raw: int, formula: Formula) -> int:
    """What the gauge shows, cut off to tenths, within 0 and 1000. Never rounded up: 26.99 % is below 27.0 %."""
    shown = (raw * formula.factor + formula.offset) * 10
    return min(max(int(shown.to_integral_value(ROUND_FLOOR)), 0), FULL)


def raw_of(data: bytes) -> int | None:
    """The number in an answer, big-endian. None for no bytes, and for all ones, which say that there is no value."""
    if not data or all(byte == 0xFF for byte in data):
        return None
    return int.from_bytes(data, "big")


def parse_gate(text: str) -> Gate | None:
    """The gate of a job: `display:270`, or None for `-`. Raises ValueError."""
    if text == "-":
        return None
    gauge, _, least = text.partition(":")
    if not gauge or not least.isdecimal():
        raise ValueError(f"{text!r} is no gate: it should be like display:270")
    return Gate(gauge, int(least))


def percent(value: int) -> str:
    """Tenths as people read them: 269 is 26.9."""
    return f"{value // 10}.{value % 10}"
