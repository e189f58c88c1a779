"""What the virtual car's units are programmed with: files that begin with a header telling software and part number.

    CAMPAIGN\\0  16 bytes software version, padded with \\0  16 bytes part number, padded  bytes of no meaning

The name of a whole car's baseline and the software of its units go together by a rule: VBV4.5.2C is 0452.
"""

from __future__ import annotations

import re
from random import Random
from typing import NamedTuple

MAGIC = b"CAMPAIGN\0"
_FIELD = 16
HEADER = len(MAGIC) + 2 * _FIELD
"""Bytes of the header: no block may be smaller."""

SECRET = 0x5A3C96E1
"""What a unit's key differs from its seed by, where a unit has none of its own."""

_BASELINE = re.compile(r"VBV(\d)\.(\d)\.(\d)C")
_SOFTWARE = re.compile(r"0(\d)(\d)(\d)")


class Header(NamedTuple):
    """What a file says that it is."""

    software: str
    part_number: str


def block_data(software: str, part_number: str, size: int, seed: int) -> bytes:
    """A file of `size` bytes for one unit; the same arguments give the same bytes. Raises ValueError."""
    fields = [text.encode("ascii") for text in (software, part_number)]
    if size < HEADER or any(len(field) > _FIELD for field in fields):
        raise ValueError(f"a block has at least {HEADER} bytes, and texts of at most {_FIELD}")
    header = MAGIC + b"".join(field.ljust(_FIELD, b"\0") for field in fields)
    return header + Random(f"block:{seed}").randbytes(size - HEADER)


def read_header(data: bytes) -> Header | None:
    """What the first bytes of a file say, or None where they are no header."""
    if len(data) < HEADER or not data.startswith(MAGIC):
        return None
    at = len(MAGIC)
    try:
        software, part_number = (
            data[start : start + _FIELD].rstrip(b"\0").decode("ascii") for start in (at, at + _FIELD)
        )
    except UnicodeDecodeError:
        return None
    return Header(software, part_number) if software else None


def software_of(version: str | None) -> str:
    """The units' software in a car of this baseline; empty (erased) where the baseline is none of ours."""
    found = _BASELINE.fullmatch(version or "")
    return "0" + "".join(found.groups()) if found else ""


def version_of(softwares: set[str]) -> str | None:
    """The baseline of a car whose units run these; None while one is erased, "mixed" where they differ."""
    if not softwares or "" in softwares:
        return None
    if len(softwares) > 1:
        return "mixed"
    (software,) = softwares
    found = _SOFTWARE.fullmatch(software)
    return "VBV{}.{}.{}C".format(*found.groups()) if found else software


def key_of(seed: bytes, secret: int = SECRET) -> bytes:
    """The key (27 12) to a seed (27 11): four bytes each."""
    return (int.from_bytes(seed, "big") ^ secret).to_bytes(4, "big")
