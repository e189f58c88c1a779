"""Why a flash did not pass, as a station tells it: codes with parameters. Texts live in `campaign.wording`.

The agent sends the code as a text; one that this version does not know is told as BROKEN with its own words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum


class FlashFault(StrEnum):
    """Every reason that a driver or the agent gives. Parameters are named in the comment."""

    # a precondition did not hold, nothing was written: ABORTED
    WRONG_CAR = "wrong_car"  # expected, found: the VIN that the car on the cable reports (F190)
    WRONG_VERSION = "wrong_version"  # found, source: ABORTED, or FAIL of the simulated driver
    PACKAGE_UNFIT = "package_unfit"  # ecu, field, specified, actual: the package is for another car
    SOC_BELOW = "soc_below"  # soc, gate, gauge, raw
    SOC_UNREADABLE = "soc_unreadable"  # gauge
    VOLTS_BELOW = "volts_below"  # volts, min
    PRECONDITIONS = "preconditions"  # ecu, nrc, name: the unit refused its own check (31 01 0203)
    # the car: FAIL
    REFUSED = "refused"  # ecu, service, nrc, name: a negative response
    PROGRAMMING_FAILED = "programming_failed"  # ecu, block, nrc, name: NRC 0x72 and its like while writing
    CHECKSUM_REFUSED = "checksum_refused"  # ecu, block
    DEPENDENCIES_REFUSED = "dependencies_refused"  # ecu
    DIFFERS = "differs"  # count, ecu, field, specified, actual: the first of them
    # the car stopped answering: TIMEOUT
    SILENT = "silent"  # ecu, step
    # the rig: ERROR
    NO_CAR = "no_car"
    INTERFACE_LOST = "interface_lost"  # what
    PACKAGE_MISSING = "package_missing"  # file
    PACKAGE_DAMAGED = "package_damaged"  # file
    PACKAGE_UNTRUSTED = "package_untrusted"  # key
    DISK_FULL = "disk_full"
    TOOL_FAILED = "tool_failed"  # tool, exit_status, line
    TOOL_MISSING = "tool_missing"  # tool
    TOOL_SILENT = "tool_silent"  # tool, seconds: TIMEOUT
    BROKEN = "broken"  # what

    @classmethod
    def of(cls, code: str) -> FlashFault:
        """The code of a station, also of a newer one than this program."""
        return cls(code) if code in set(cls) else cls.BROKEN


_NOTE = re.compile(r"([a-z_]+):((?: \w+=[^=;]*;)*)")
_PARAM = re.compile(r" (\w+)=([^=;]*);")


def note(code: FlashFault, params: Iterable[tuple[str, str]]) -> str:
    """A fault as the reason of a hold that the system sets: one line, to be read by people and back by `read_note`."""
    told = (f" {name}={re.sub('[=;]', ' ', value)};" for name, value in params if value)
    return f"{code.value}:{''.join(told)}"


def read_note(text: str) -> tuple[str, dict[str, str]] | None:
    """Code and parameters of a note, or None for any other text."""
    found = _NOTE.fullmatch(text)
    if found is None or found[1] not in set(FlashFault):
        return None
    return found[1], dict(_PARAM.findall(found[2]))
