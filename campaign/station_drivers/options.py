"""The `driver_options` of station.json for the UDS driver, read and checked. `uds.py` says what each one means."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from campaign.station_drivers.soc import Formula

DOIP_PORT = 13400
TESTER = 0x0E00
LARGEST_BLOCK = 16386  # 16 KiB and the two bytes before them: more is no faster


class Security(NamedTuple):
    """How a unit is unlocked: the odd level of 27, and how the key is made from the seed."""

    level: int
    key: Callable[[bytes], bytes]


class Volts(NamedTuple):
    """Where the 12 V are read, and their limits in volts."""

    ecu: int
    did: int
    factor: Decimal
    least: Decimal
    marginal: Decimal


class Soc(NamedTuple):
    """Where the battery's raw value is read, and what each gauge shows for it."""

    ecu: int
    did: int
    formulas: Mapping[str, Formula]


class Options(NamedTuple):
    """All of them. Times in seconds, sizes in bytes."""

    host: str
    port: int
    tester: int
    gateway: int
    vin_ecu: int
    security: Security
    security_of: Mapping[str, Security]
    volts: Volts | None
    soc: Soc | None
    coding_did: int
    sample_every: float
    block_limit: int
    erase_timeout: float
    silence: float
    restart_timeout: float
    reset_pause: float

    def security_for(self, ecu: str) -> Security:
        """How this unit is unlocked."""
        return self.security_of.get(ecu, self.security)


def _xor(secret: bytes) -> Callable[[bytes], bytes]:
    def key(seed: bytes) -> bytes:
        if len(seed) != len(secret):
            raise ValueError(f"a seed of {len(seed)} bytes, a secret of {len(secret)}")
        return bytes(one ^ other for one, other in zip(seed, secret, strict=True))

    return key


ALGORITHMS: Mapping[str, Callable[[bytes], Callable[[bytes], bytes]]] = {"xor": _xor}
"""Name -> what makes, from a secret, the function that makes the key from a seed. Add others here."""


def read_options(raw: Mapping[str, Any]) -> Options:
    """The options in a dict. Raises KeyError for one that is missing and ValueError for a bad or unknown one."""
    top = _Part(raw, "driver_options")
    security = top.part("security")
    options = Options(
        host=top.text("host"),
        port=top.whole("port", DOIP_PORT, most=65535),
        tester=top.whole("tester_address", TESTER),
        gateway=top.whole("gateway"),
        vin_ecu=top.whole("vin_ecu"),
        security=_security(security, None),
        security_of=_security_of(security),
        volts=_volts(top.part("volts")) if "volts" in raw else None,
        soc=_soc(top.part("soc")) if "soc" in raw else None,
        coding_did=top.did("coding_did", "0600"),
        sample_every=top.seconds("sample_every", 30),
        block_limit=top.whole("block_limit", LARGEST_BLOCK, least=3, most=2**24),
        erase_timeout=top.seconds("erase_timeout", 300),
        silence=top.seconds("silence", 5),
        restart_timeout=top.seconds("restart_timeout", 60),
        reset_pause=top.seconds("reset_pause", 0.5, least=0),
    )
    security.done()
    top.done()
    if options.erase_timeout < options.silence:
        raise ValueError(
            "driver_options.erase_timeout is shorter than silence: every erase would end too early"
        )
    return options


class _Part:
    """A dict of the options with its place, so that every complaint says where; knows what was never asked for."""

    def __init__(self, raw: object, where: str) -> None:
        if not isinstance(raw, Mapping):
            raise ValueError(f"{where} should be an object")
        self._raw, self._where, self._asked = raw, where, set[str]()

    def get(self, name: str, default: object = None) -> Any:
        self._asked.add(name)
        if name in self._raw:
            return self._raw[name]
        if default is None:
            raise KeyError(f"{self._where}.{name} is missing")
        return default

    def has(self, name: str) -> bool:
        return name in self._raw

    def bad(self, name: str, what: str) -> ValueError:
        return ValueError(f"{self._where}.{name} should be {what}")

    def text(self, name: str, default: str | None = None) -> str:
        value = self.get(name, default)
        if not isinstance(value, str) or not value:
            raise self.bad(name, "a text")
        return value

    def whole(self, name: str, default: int | None = None, *, least: int = 0, most: int = 0xFFFF) -> int:
        """A number, or a text such as 0x1007: JSON has no hexadecimal numbers, and addresses are written so."""
        value = self.get(name, default)
        if isinstance(value, str):
            try:
                value = int(value, 0)
            except ValueError:
                raise self.bad(name, "a whole number or a text such as 0x1007") from None
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self.bad(name, f"a whole number from {least} to {most}")
        return value

    def did(self, name: str, default: str | None = None) -> int:
        value = self.text(name, default)
        if not re.fullmatch("[0-9A-Fa-f]{4}", value):
            raise self.bad(name, "a data identifier in hex, such as F442")
        return int(value, 16)

    def number(self, name: str, default: float | None = None) -> Decimal:
        value = self.get(name, default)
        try:
            made = Decimal(str(value))
        except InvalidOperation:
            made = Decimal("NaN")
        if isinstance(value, bool) or not made.is_finite():
            raise self.bad(name, "a number")
        return made

    def seconds(self, name: str, default: float, *, least: float = 0.01) -> float:
        value = float(self.number(name, default))
        if not least <= value <= 86400:
            raise self.bad(name, f"seconds, from {least} to 86400")
        return value

    def part(self, name: str) -> _Part:
        return _Part(self.get(name), f"{self._where}.{name}")

    def names(self) -> list[str]:
        return list(self._raw)

    def done(self) -> None:
        """Raises ValueError for what nobody asked for: a misspelt limit must not be a limit that is not there."""
        unknown = sorted(str(name) for name in self._raw.keys() - self._asked)
        if unknown:
            raise ValueError(f"{self._where} knows no {', '.join(unknown)}")


def _security(part: _Part, default: _Part | None) -> Security:
    """How to unlock; `default` says what a unit's own part leaves out, except the secret."""
    above = part if default is None else default
    level = part.whole("level", above.whole("level", 0x11), least=1, most=0x7D)
    name = part.text("algorithm", above.text("algorithm", "xor"))
    if level % 2 == 0:
        raise part.bad("level", "odd: the level of the seed")
    if name not in ALGORITHMS:
        raise part.bad("algorithm", f"one of {', '.join(ALGORITHMS)}")
    try:
        secret = bytes.fromhex(part.text("secret"))
    except ValueError:
        # Without the value: secrets never reach an error text.
        raise part.bad("secret", "hex digits") from None
    return Security(level, ALGORITHMS[name](secret))


def _security_of(security: _Part) -> dict[str, Security]:
    if not security.has("ecus"):
        return {}
    own, found = security.part("ecus"), {}
    for name in own.names():
        part = own.part(name)
        found[name] = _security(part, security)
        part.done()
    return found


def _volts(part: _Part) -> Volts:
    volts = Volts(
        part.whole("ecu"),
        part.did("did", "F442"),
        part.number("factor", 0.1),
        part.number("min", 12.0),
        part.number("marginal", 12.3),
    )
    part.done()
    if volts.marginal < volts.least:
        raise part.bad("marginal", "not below min")
    return volts


def _soc(part: _Part) -> Soc:
    gauges, formulas = part.part("formulas"), {}
    for name in gauges.names():
        one = gauges.part(name)
        formulas[name] = Formula(one.text("id"), one.number("factor"), one.number("offset", 0))
        one.done()
        if formulas[name].factor <= 0:
            raise one.bad("factor", "above 0")
    soc = Soc(part.whole("ecu"), part.did("did", "028C"), formulas)
    part.done()
    return soc
