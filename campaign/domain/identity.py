"""Who a car is and what it runs: the VIN and the software version, as people really type them.

The VIN rules are those of ISO 3779 and GB 16735: seventeen of the 33 characters 0-9 A-Z without I, O, Q, and
a check digit in position 9. Chinese makers (WMI L..., H...) and North American ones (1 to 5, and 7F to 70)
must write a right check digit; for other makers the position is free, so that a mismatch is a warning only.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, combinations
from operator import mul

from campaign.errors import BadInput

VIN_LENGTH = 17
VIN_CHARACTERS = "0123456789ABCDEFGHJKLMNPRSTUVWXYZ"
CHECK_POSITION = 8  # counted from 0: the ninth character
DEFAULT_PREFIX = "VBV"

_VALID = VIN_CHARACTERS.encode()
_VALUES = bytes.maketrans(
    b"ABCDEFGHJKLMNPRSTUVWXYZ0123456789", bytes(map(int, "123456781234579234567890123456789"))
)
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_CHECK_DIGITS = "0123456789X"
_FORBIDDEN_AS = str.maketrans("IOQ", "100")  # what was probably meant

_LABEL = re.compile(
    r"^(?:VIN|车架号码?|车辆识别代号|车辆识别代码|底盘号|大架号)(?:码|CODE|NO\.?|NUMBER)?[:.#=]*"
)
_JOINERS = dict.fromkeys((ord(c) for c in " *-_'\"`\u2010\u2011\u2012\u2013\u2014\u2015\u2212"), None)
_SCIENTIFIC = re.compile(r"^[0-9](?:[.,][0-9]+)?E\+?[0-9]{1,2}$")


class VinFault(StrEnum):
    """What can be wrong with a VIN."""

    EMPTY = "vin_empty"
    NUMBER = "vin_number"  # a spreadsheet number: digits after the fifteenth are lost
    LENGTH = "vin_length"
    FORBIDDEN = "vin_forbidden_letter"  # I, O or Q
    CHARACTERS = "vin_characters"
    REPEATED = "vin_repeated"  # seventeen 1s pass the check digit and are no car
    CHECK_DIGIT = "vin_check_digit"


_FAULT_WORDS = {
    VinFault.EMPTY: ("no VIN", "scan or type the 17 characters"),
    VinFault.NUMBER: (
        "a number, not a VIN: spreadsheets lose digits after the fifteenth",
        "format the cell as text",
    ),
    VinFault.LENGTH: ("not 17 characters", "scan or type all 17 characters"),
    VinFault.FORBIDDEN: ("I, O and Q never occur in a VIN", "probably 1 or 0"),
    VinFault.CHARACTERS: ("characters that no VIN has", "only 0-9 and A-Z without I, O, Q"),
    VinFault.REPEATED: ("the same character seventeen times is no VIN", "scan the car"),
    VinFault.CHECK_DIGIT: ("the check digit (ninth character) is wrong", "compare with the plate on the car"),
}


class Vin(str):
    """A validated, normalised VIN: 17 characters, upper case. `Vin(text)` trusts, `Vin.parse(raw)` checks."""

    __slots__ = ()

    @classmethod
    def parse(cls, raw: object, *, strict: bool | None = None) -> Vin:
        """The VIN in `raw`, repaired where that is safe. Raises BadInput: what is wrong, and what to do."""
        reading = read_vin(raw, strict=strict)
        if reading.vin is not None:
            return reading.vin
        fault = reading.problem.fault if reading.problem else VinFault.EMPTY
        what, todo = _FAULT_WORDS[fault]
        if reading.problem and reading.problem.suggestion:
            todo = f"{todo}; did you mean {reading.problem.suggestion}?"
        raise BadInput(what, where=f"VIN {raw[:40]!r}" if isinstance(raw, str) else "VIN", todo=todo)

    @property
    def maker(self) -> str:
        """The world manufacturer identifier: the first three characters."""
        return self[:3]

    @property
    def serial(self) -> str:
        """The last six characters: what people on the floor call the car."""
        return self[11:]


@dataclass(frozen=True, slots=True)
class VinProblem:
    """What is wrong with a text that should be a VIN, the part that shows it, and what it may have meant."""

    fault: VinFault
    detail: str = ""
    suggestion: Vin | None = None


@dataclass(frozen=True, slots=True)
class VinReading:
    """What came of reading `raw`: a VIN (with named repairs, perhaps a warning) or a problem, never both."""

    vin: Vin | None
    raw: object
    repairs: tuple[str, ...] = ()
    problem: VinProblem | None = None
    warning: VinProblem | None = None


def read_vin(raw: object, *, strict: bool | None = None) -> VinReading:
    """Read a VIN as typed, scanned or found in a cell. Never raises.

    `strict` decides what a wrong check digit is: True a problem, False a warning, None by the maker's region.
    """
    if isinstance(raw, str):
        if len(raw) == VIN_LENGTH and raw.isascii() and not raw.encode().translate(None, _VALID):
            return _judge(raw, raw, (), strict)
        text, repairs = _normalise(raw)
        return _judge(text, raw, repairs, strict)
    if raw is None:
        return VinReading(None, raw, problem=VinProblem(VinFault.EMPTY))
    if isinstance(raw, int | float):
        return VinReading(None, raw, problem=VinProblem(VinFault.NUMBER))
    return VinReading(None, raw, problem=VinProblem(VinFault.CHARACTERS, type(raw).__name__))


def check_digit(vin17: str) -> str:
    """The right ninth character ("0" to "9" or "X") for 17 VIN characters, whatever stands there now."""
    return _CHECK_DIGITS[sum(map(mul, vin17.encode("ascii").translate(_VALUES), _WEIGHTS)) % 11]


def with_check_digit(vin17: str) -> Vin:
    """The same VIN with its ninth character made right."""
    return Vin(vin17[:CHECK_POSITION] + check_digit(vin17) + vin17[CHECK_POSITION + 1 :])


def needs_check_digit(vin: str) -> bool:
    """Whether the maker's region prescribes the check digit: China (L, H), North America (1-5, 7F to 70)."""
    first = vin[:1]
    return first in "LH12345" or (first == "7" and vin[1:2] not in "ABCDE")


def _judge(text: str, raw: object, repairs: tuple[str, ...], strict: bool | None) -> VinReading:
    if len(text) == VIN_LENGTH and text.isascii():
        code = text.encode()
        right = _CHECK_DIGITS[sum(map(mul, code.translate(_VALUES), _WEIGHTS)) % 11] == text[CHECK_POSITION]
        if (
            right
            and not code.isdigit()
            and not code.translate(None, _VALID)
            and text.count(text[0]) < VIN_LENGTH
        ):
            return VinReading(Vin(text), raw, repairs)
    problem = _problem(text)
    if problem is None:
        return VinReading(Vin(text), raw, repairs)
    if problem.fault is VinFault.CHECK_DIGIT and not (needs_check_digit(text) if strict is None else strict):
        return VinReading(Vin(text), raw, repairs, warning=problem)
    return VinReading(None, raw, repairs, problem)


def _problem(text: str) -> VinProblem | None:
    """The first thing wrong with a normalised text, the grossest first."""
    if not text:
        return VinProblem(VinFault.EMPTY)
    if _SCIENTIFIC.match(text):
        return VinProblem(VinFault.NUMBER, text)
    if len(text) != VIN_LENGTH:
        return VinProblem(VinFault.LENGTH, str(len(text)))
    if text.count(text[0]) == VIN_LENGTH:
        return VinProblem(VinFault.REPEATED, text[0])
    if forbidden := sorted(set(text) & set("IOQ")):
        return VinProblem(VinFault.FORBIDDEN, " ".join(forbidden), _meant(text))
    if strange := sorted(set(text) - set(VIN_CHARACTERS)):
        return VinProblem(VinFault.CHARACTERS, " ".join(strange))
    if text.isdigit():
        return VinProblem(VinFault.NUMBER, text)
    right = check_digit(text)
    return None if text[CHECK_POSITION] == right else VinProblem(VinFault.CHECK_DIGIT, right)


def _meant(text: str) -> Vin | None:
    """The VIN with 1 for I and 0 for O and Q, if its check digit agrees."""
    guess = text.translate(_FORBIDDEN_AS)
    if set(guess) <= set(VIN_CHARACTERS) and check_digit(guess) == guess[CHECK_POSITION]:
        return Vin(guess)
    return None


def _normalise(raw: str) -> tuple[str, tuple[str, ...]]:
    """NFKC, no invisible characters, upper case, no label, no joiners; with the names of the repairs made."""
    repairs: list[str] = []

    def repaired(before: str, after: str, name: str) -> str:
        if before != after:
            repairs.append(name)
        return after

    text = repaired(raw, unicodedata.normalize("NFKC", raw), "width")
    text = repaired(text, without_invisible(text), "invisible")
    text = repaired(text, "".join(text.split()), "blanks")
    text = repaired(text, text.upper(), "case")
    text = repaired(text, text.strip("*"), "stars")
    text = repaired(text, _LABEL.sub("", text), "label")
    text = repaired(text, text.translate(_JOINERS), "joiners")
    if len(text) == VIN_LENGTH + 1 and text[0] == "I":  # the Code 39 import mark in front of a VIN label
        text = repaired(text, text[1:], "import mark")
    return text, tuple(repairs)


def normal_vin_text(raw: str) -> str:
    """The text as VINs are judged: NFKC, upper case, without labels, blanks, hyphens and stars."""
    return _normalise(raw)[0]


def without_invisible(text: str) -> str:
    """The text without BOMs, zero-width characters and controls (tabs and line ends become blanks)."""
    if text.isascii() and text.isprintable():
        return text
    spaced = text.translate(_SPACES)
    return "".join(c for c in spaced if unicodedata.category(c) not in _INVISIBLE)


_SPACES = str.maketrans("\t\r\n\v\f", "     ")
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Mn"})

# What eyes and cameras confuse on a plate, in a hand-written list or through a glove on a keyboard.
_CONFUSED = (
    "8B", "0D", "5S", "2Z", "17", "6G", "UV", "VY", "CG", "EF", "MN",
    "38", "69", "PR", "4A", "1L", "WV", "HN", "KX", "1T", "JU",
)  # fmt: skip
_LOOKS_LIKE: dict[str, str] = {
    c: "".join(pair.replace(c, "") for pair in _CONFUSED if c in pair) for c in VIN_CHARACTERS + "IOQ"
} | {"I": "1LT", "O": "0D", "Q": "0G"}


def look_alikes(text: str, fleet: Container[str], *, most: int = 5) -> tuple[Vin, ...]:
    """VINs of the fleet that `text` may have meant, the likeliest first.

    One confused character, two neighbours swapped, one character different, any two swapped, one missing,
    one too many.

    Makes the some 800 neighbours of `text` and looks each up: the cost does not depend on the fleet's size.
    """
    seen: dict[str, None] = {}
    for neighbour in chain(_confusions(text), _neighbours(text)):
        if neighbour != text and neighbour in fleet:
            seen[neighbour] = None
            if len(seen) >= most:
                break
    return tuple(map(Vin, seen))


def _confusions(text: str) -> Iterator[str]:
    for at, c in enumerate(text):
        for other in _LOOKS_LIKE.get(c, ""):
            yield text[:at] + other + text[at + 1 :]


def _neighbours(text: str) -> Iterator[str]:
    for at in range(len(text) - 1):
        yield text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    if len(text) == VIN_LENGTH:
        for at in range(VIN_LENGTH):
            for other in VIN_CHARACTERS:
                yield text[:at] + other + text[at + 1 :]
        for a, b in combinations(range(VIN_LENGTH), 2):
            yield text[:a] + text[b] + text[a + 1 : b] + text[a] + text[b + 1 :]
    elif len(text) == VIN_LENGTH - 1:
        for at in range(VIN_LENGTH):
            for other in VIN_CHARACTERS:
                yield text[:at] + other + text[at:]
    elif len(text) == VIN_LENGTH + 1:
        for at in range(len(text)):
            yield text[:at] + text[at + 1 :]


_VERSION = re.compile(
    r"^(?:([A-Z]{1,8})[._-]*)?([0-9]{1,6}(?:\.[0-9]{1,6}){1,5})(?:[._-]*([A-Z][A-Z0-9]{0,7}))?$"
)


@dataclass(frozen=True, slots=True, order=True)
class SoftwareVersion:
    """A whole-vehicle baseline such as VBV4.5.3C, compared as (prefix, (4, 5, 3), "C"), never as text.

    `4.5.3` is not `4.5.3C`: the letter is part of the version.
    """

    prefix: str
    numbers: tuple[int, ...]
    suffix: str = ""

    def __str__(self) -> str:
        return f"{self.prefix}{'.'.join(map(str, self.numbers))}{self.suffix}"

    @classmethod
    def parse(cls, text: str, aliases: Mapping[str, str] | None = None) -> SoftwareVersion:
        """Read `VBV4.5.3C`, `4.5.3c`, `VBV4.5.3 C`, full width too; no prefix or a bare V means VBV.

        `aliases` maps names that people use ("new", "4.5.3-c hotfix") to versions; both sides are compared
        normalised. Raises BadInput.
        """
        normal = normal_version_text(text)
        if aliases:
            for alias, meaning in aliases.items():
                if normal_version_text(alias) == normal:
                    normal = normal_version_text(meaning)
                    break
        found = _VERSION.match(normal)
        if found is None:
            todo = "write it like VBV4.5.3C, or add an alias"
            raise BadInput("not a software version", where=f"version {text[:40]!r}", todo=todo)
        prefix, numbers, suffix = found.groups()
        if prefix in (None, "V"):
            prefix = DEFAULT_PREFIX
        return cls(prefix, tuple(map(int, numbers.split("."))), suffix or "")


def normal_version_text(text: str) -> str:
    """The text as versions and aliases are compared: NFKC, nothing invisible, no blanks, upper case."""
    return "".join(without_invisible(unicodedata.normalize("NFKC", text)).split()).upper()
