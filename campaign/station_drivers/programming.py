"""How one unit is programmed (ISO 14229, and open projects for these cars): session, key, fingerprint, blocks, reset.

Each step is asked once. What a unit refuses is a verdict on the car; whatever does not answer raises TalkFailed.
"""

from __future__ import annotations

import contextlib
import time
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple, NoReturn

from udsoncan.common.MemoryLocation import MemoryLocation
from udsoncan.Response import Response
from udsoncan.services.CommunicationControl import CommunicationControl
from udsoncan.services.ControlDTCSetting import ControlDTCSetting
from udsoncan.services.RequestDownload import RequestDownload
from udsoncan.services.RequestTransferExit import RequestTransferExit
from udsoncan.services.RoutineControl import RoutineControl
from udsoncan.services.SecurityAccess import SecurityAccess
from udsoncan.services.WriteDataByIdentifier import WriteDataByIdentifier

from campaign.station_agent.driver import CarFailed, Job, Log, RigFailed
from campaign.station_agent.manifest import Block, EcuRow
from campaign.station_drivers.doip import Unit
from campaign.station_drivers.options import Options, Security
from campaign.station_drivers.talk import Garbled, Negative, nrc_name

DEFAULT, PROGRAMMING, EXTENDED = 1, 2, 3
PRECONDITIONS, CHECKSUM, ERASE, DEPENDENCIES = 0x0203, 0x0202, 0xFF00, 0xFF01
FINGERPRINT = 0xF15A
DTCS_OFF, DTCS_ON = 0x02, 0x01
SILENT, TALKING = 0x03, 0x00  # 28: neither receive nor send what is not diagnostics; both
NORMAL_MESSAGES = b"\x01"
WHILE_WRITING = frozenset({0x71, 0x72, 0x73, 0x92, 0x93})
"""Programming itself failed: suspended, general failure, wrong counter, voltage too high, too low."""
SMALLEST_BLOCK = 3  # service, counter, one byte


class Piece(NamedTuple):
    """One block with its file. `size` in bytes."""

    block: Block
    path: Path
    size: int


class Told(NamedTuple):
    """Whom the programming tells how far it is."""

    erase: Callable[[], None]  # before each erase: from the first one on, the car is being written
    transfer: Callable[[int], None]  # bytes that the unit took
    verify: Callable[[], None]


def prepare(unit: Unit) -> None:
    """Extended session, and the unit's own preconditions. Raises Negative for both."""
    unit.session(EXTENDED)
    record = unit.routine(PRECONDITIONS)
    if any(record):
        # Some answer positively, with a list of what does not hold.
        raise Negative(unit.name, RoutineControl.request_id(), next(byte for byte in record if byte))


def quiet(unit: Unit) -> None:
    """In the extended session: no new trouble codes, no messages but diagnostics."""
    unit.ask(ControlDTCSetting, DTCS_OFF)
    unit.ask(CommunicationControl, SILENT, NORMAL_MESSAGES)


def wake(unit: Unit, within: float | None = None) -> None:
    """The opposite of `quiet`, and the default session. A refusal is no trouble. Raises NoAnswer, LinkLost."""
    for step in (
        partial(unit.ask, CommunicationControl, TALKING, NORMAL_MESSAGES, within=within),
        partial(unit.ask, ControlDTCSetting, DTCS_ON, within=within),
        partial(unit.session, DEFAULT, within=within),
    ):
        with contextlib.suppress(Negative, Garbled):
            step()


def program(
    unit: Unit, row: EcuRow, pieces: list[Piece], job: Job, options: Options, log: Log, told: Told
) -> None:
    """From the extended session to the reset. Raises CarFailed, RigFailed and TalkFailed."""
    unit.session(PROGRAMMING)
    unlock(unit, options.security_for(row.name))
    data = FINGERPRINT.to_bytes(2, "big") + fingerprint(job.job, datetime.now(UTC))
    unit.ask(WriteDataByIdentifier, data=data)
    for piece in pieces:
        _write(unit, piece, options.block_limit, log, told)
    told.verify()
    try:
        status = unit.routine(DEPENDENCIES)
    except Negative as refused:
        raise CarFailed("dependencies_refused", str(refused), **refused.params()) from refused
    if any(status):
        what = f"{unit.name}: its parts do not fit each other ({status.hex()})"
        raise CarFailed("dependencies_refused", what, ecu=unit.name)
    unit.reset()


def unlock(unit: Unit, security: Security) -> None:
    """27: seed and key. A seed of zeros says that the unit is open."""
    answer = unit.ask(SecurityAccess, security.level)
    seed = (answer.data or b"")[1:]
    if not any(seed):
        return
    try:
        key = security.key(seed)
    except ValueError as wrong:
        what = f"{unit.name}: the station's key does not fit its seed: {wrong}"
        raise RigFailed("broken", what, what=what) from wrong
    unit.ask(SecurityAccess, security.level + 1, key)


def fingerprint(job: str, day: datetime) -> bytes:
    """Who programs: the day as BCD, and six bytes that name the job (its own digits, else a hash of its name)."""
    date = bytes.fromhex(day.strftime("%y%m%d"))
    try:
        name = bytes.fromhex(job)[:6]
    except ValueError:
        name = b""
    return date + (name if len(name) == 6 else sha256(job.encode()).digest()[:6])


def _write(unit: Unit, piece: Piece, limit: int, log: Log, told: Told) -> None:
    """Erase, transfer and check one block."""
    block = piece.block
    where = MemoryLocation(block.address, piece.size, address_format=32, memorysize_format=32)
    location = where.alfid.get_byte() + where.get_address_bytes() + where.get_memorysize_bytes()
    told.erase()
    try:
        status = unit.routine(ERASE, location)
        if any(status):
            raise _programming_failed(unit, block, status[0], "erase")
        longest = _download(unit, location, limit)
        began = time.monotonic()
        crc = _transfer(unit, piece, longest, told)
        seconds = time.monotonic() - began
        unit.ask(RequestTransferExit)
    except Negative as refused:
        _refused_while_writing(unit, block, refused)
    log.keep(
        "block",
        ecu=unit.name,
        block=block.name,
        bytes=piece.size,
        seconds=round(seconds, 3),
        crc32=f"{crc:08x}",
    )
    told.verify()
    _check(unit, block)


def _download(unit: Unit, location: bytes, limit: int) -> int:
    """34. Returns the longest TransferData that both sides take, in bytes, its first two counted."""
    response = unit.ask(RequestDownload, data=b"\x00" + location)
    offered = unit.understood(_max_length, response)
    if offered < SMALLEST_BLOCK:
        raise CarFailed(
            "broken", f"{unit.name} takes blocks of {offered} bytes", what=f"block length {offered}"
        )
    return min(offered, limit)


def _max_length(response: Response) -> int:
    return RequestDownload.interpret_response(response).service_data.max_length


def _transfer(unit: Unit, piece: Piece, longest: int, told: Told) -> int:
    """36, over and over. Returns the CRC-32 of what was sent."""
    crc, counter = 0, 0
    told.transfer(0)
    for data in _pieces(piece, longest - 2):
        counter = (counter + 1) & 0xFF
        unit.transfer(counter, data)
        crc = zlib.crc32(data, crc)
        told.transfer(len(data))
    return crc


def _pieces(piece: Piece, size: int) -> Iterator[bytes]:
    """The file bit by bit; it was checked as a whole before. Raises RigFailed where it cannot be read any more."""
    left = piece.size
    try:
        with piece.path.open("rb", buffering=0) as file:
            while left and (data := file.read(min(size, left))):
                left -= len(data)
                yield data
    except OSError as error:
        raise _damaged(piece, error.strerror or str(error)) from error
    if left:
        raise _damaged(piece, "shorter than it was")


def _damaged(piece: Piece, what: str) -> RigFailed:
    return RigFailed("package_damaged", f"{piece.path.name}: {what}", file=piece.path.name)


def _check(unit: Unit, block: Block) -> None:
    try:
        status = unit.routine(CHECKSUM, block.crc32.to_bytes(4, "big"))
        what = f"{unit.name} does not accept what it holds as {block.name} ({status.hex()})"
        refused = any(status)
    except Negative as no:
        refused, what = True, str(no)
    if refused:
        raise CarFailed("checksum_refused", what, ecu=unit.name, block=block.name)


def _refused_while_writing(unit: Unit, block: Block, refused: Negative) -> NoReturn:
    if refused.nrc in WHILE_WRITING:
        raise _programming_failed(unit, block, refused.nrc, refused.name) from refused
    raise refused


def _programming_failed(unit: Unit, block: Block, nrc: int, name: str = "") -> CarFailed:
    name = name or nrc_name(nrc)
    what = f"{unit.name} could not be programmed ({block.name}): 0x{nrc:02X} {name}"
    return CarFailed(
        "programming_failed", what, ecu=unit.name, block=block.name, nrc=f"0x{nrc:02X}", name=name
    )
