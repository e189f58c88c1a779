"""DoIP messages (ISO 13400-2), as bytes: header, routing activation, diagnostic messages, alive check."""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import NamedTuple

VERSION = 0x02  # ISO 13400-2:2012
SPOKEN = frozenset({0x02, 0x03})  # what is taken; 2019 has the same messages
LONGEST = 16 * 1024 * 1024
_HEADER = struct.Struct("!BBHL")
HEADER_SIZE = _HEADER.size
_ADDRESSES = struct.Struct("!HH")


class Kind(IntEnum):
    """Payload types."""

    HEADER_REFUSED = 0x0000
    ROUTING_REQUEST = 0x0005
    ROUTING_RESPONSE = 0x0006
    ALIVE_REQUEST = 0x0007
    ALIVE_RESPONSE = 0x0008
    MESSAGE = 0x8001
    MESSAGE_TAKEN = 0x8002
    MESSAGE_REFUSED = 0x8003


class HeaderFault(IntEnum):
    """Why a header was refused."""

    PATTERN = 0x00
    UNKNOWN_TYPE = 0x01
    TOO_LARGE = 0x02
    LENGTH = 0x04


class Routing(IntEnum):
    """What came of a routing activation."""

    UNKNOWN_SOURCE = 0x00
    SOURCE_CHANGED = 0x02
    SOURCE_IN_USE = 0x03
    UNKNOWN_TYPE = 0x06
    ACTIVE = 0x10


class MessageFault(IntEnum):
    """Why a diagnostic message was refused."""

    INVALID_SOURCE = 0x02
    UNKNOWN_TARGET = 0x03


class Header(NamedTuple):
    """`length` of the payload in bytes."""

    kind: int
    length: int


class BadHeader(Exception):
    """A header that cannot be read on from: `fault` is told to the other side."""

    def __init__(self, fault: HeaderFault) -> None:
        self.fault = fault
        super().__init__(fault.name)


def read_header(raw: bytes) -> Header:
    """The header in eight bytes. Raises BadHeader."""
    version, inverse, kind, length = _HEADER.unpack(raw)
    if version ^ 0xFF != inverse or version not in SPOKEN:
        raise BadHeader(HeaderFault.PATTERN)
    if length > LONGEST:
        raise BadHeader(HeaderFault.TOO_LARGE)
    return Header(kind, length)


def pack(kind: Kind, payload: bytes) -> bytes:
    """A whole message."""
    return _HEADER.pack(VERSION, VERSION ^ 0xFF, kind, len(payload)) + payload


def header_refused(fault: HeaderFault) -> bytes:
    """Generic header negative acknowledge."""
    return pack(Kind.HEADER_REFUSED, bytes([fault]))


def routing_response(tester: int, gateway: int, outcome: Routing) -> bytes:
    """Routing activation response."""
    return pack(Kind.ROUTING_RESPONSE, struct.pack("!HHBL", tester, gateway, outcome, 0))


def message(source: int, target: int, data: bytes) -> bytes:
    """A diagnostic message."""
    return pack(Kind.MESSAGE, _ADDRESSES.pack(source, target) + data)


def taken(source: int, target: int) -> bytes:
    """Positive acknowledge: the gateway passes the message on."""
    return pack(Kind.MESSAGE_TAKEN, _ADDRESSES.pack(source, target) + b"\0")


def message_refused(source: int, target: int, fault: MessageFault) -> bytes:
    """Negative acknowledge."""
    return pack(Kind.MESSAGE_REFUSED, _ADDRESSES.pack(source, target) + bytes([fault]))


def addresses(payload: bytes) -> tuple[int, int]:
    """Source and target of a diagnostic message's payload."""
    source, target = _ADDRESSES.unpack_from(payload)
    return source, target
