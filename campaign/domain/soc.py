"""State of charge: an int of tenths of a percent (270 = 27.0 %), always of a named gauge (rule 1).

A reading is cut to tenths, never rounded up: 26.96 is 26.9, so that no rounding lifts a car over the gate.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum
from typing import TypeAlias

from campaign.domain.identity import without_invisible

Soc: TypeAlias = int
"""Tenths of a percent, 0 to 1000."""

GATE_DEFAULT: Soc = 270
"""27.0 % inclusive (rule 1)."""

FULL: Soc = 1000

_TENTH = Decimal("0.1")
_NUMBER = re.compile(r"^([+-]?)([0-9]{1,9})(?:[.,]([0-9]{1,30}))?(%?)$")
_MINUS = str.maketrans("\u2212\u2010\u2011\u2013\u2014\u3002", "-----.")


class Gauge(StrEnum):
    """Where a reading was taken. The two differ by 3 to 4 points on these cars: never mix them."""

    DISPLAY = "display"
    BMS = "bms"


class SocFault(StrEnum):
    """Why a text or cell gives no SOC."""

    EMPTY = "soc_empty"
    NOT_A_NUMBER = "soc_not_a_number"
    OUT_OF_RANGE = "soc_out_of_range"
    FRACTION = "soc_fraction"  # a bare 0.5: half a percent, or 50 %?


@dataclass(frozen=True, slots=True)
class SocReading:
    """What came of reading `raw`: tenths, or a problem, or a question that only a person can answer."""

    tenths: Soc | None
    raw: object = None
    problem: SocFault | None = None
    question: SocFault | None = None


def parse_soc(raw: object, *, percent_formatted: bool = False) -> SocReading:
    """Read 27, "27%", "27％", "27,5" or a cell. Never raises.

    `percent_formatted` says that the cell shows 0.27 as 27 %.
    A bare number between 0 and 1 is a question; True, NaN, -3 and 101 are problems.
    """
    if raw is None:
        return SocReading(None, raw, SocFault.EMPTY)
    if isinstance(raw, bool):
        return SocReading(None, raw, SocFault.NOT_A_NUMBER)
    if isinstance(raw, int | float):
        if isinstance(raw, float) and not math.isfinite(raw):
            return SocReading(None, raw, SocFault.NOT_A_NUMBER)
        if abs(raw) > 1000:
            return SocReading(None, raw, SocFault.OUT_OF_RANGE)
        value = Decimal(repr(raw))  # the shortest decimal that is this float: 0.29 stays 0.29
        return _in_range(value * 100, raw) if percent_formatted else _bare(value, raw)
    if isinstance(raw, Decimal):
        return _bare(raw, raw) if raw.is_finite() else SocReading(None, raw, SocFault.NOT_A_NUMBER)
    return _text(raw) if isinstance(raw, str) else SocReading(None, raw, SocFault.NOT_A_NUMBER)


def format_soc(tenths: Soc) -> str:
    """`270` as "27.0 %"."""
    return f"{tenths // 10}.{tenths % 10} %"


def _text(raw: str) -> SocReading:
    text = "".join(without_invisible(unicodedata.normalize("NFKC", raw)).split()).translate(_MINUS)
    if not text:
        return SocReading(None, raw, SocFault.EMPTY)
    found = _NUMBER.match(text)
    if found is None:
        return SocReading(None, raw, SocFault.NOT_A_NUMBER)
    sign, whole, fraction, percent = found.groups()
    value = Decimal(f"{sign}{whole}.{fraction or 0}")
    return _in_range(value, raw) if percent else _bare(value, raw)


def _bare(value: Decimal, raw: object) -> SocReading:
    if 0 < value < 1:
        return SocReading(None, raw, question=SocFault.FRACTION)
    return _in_range(value, raw)


def _in_range(value: Decimal, raw: object) -> SocReading:
    if not 0 <= value <= 100:
        return SocReading(None, raw, SocFault.OUT_OF_RANGE)
    return SocReading(int(value.quantize(_TENTH, ROUND_FLOOR) * 10), raw)
