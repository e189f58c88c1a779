"""How one unit is programmed, without any bus: erase, download, transfer, exit, checksum, dependencies.

Every step that comes too early is refused by the code that ISO 14229-1 has for it. Only the length, the check sum
and the first bytes of what is written are kept.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass

from campaign.yard.virtual_car.faults import UnitFaults
from campaign.yard.virtual_car.image import HEADER, read_header
from campaign.yard.virtual_car.memory import UnitMemory

LENGTH_WRONG = 0x13
CONDITIONS_NOT_CORRECT = 0x22
SEQUENCE_ERROR = 0x24
OUT_OF_RANGE = 0x31
TRANSFER_SUSPENDED = 0x71
WRONG_COUNTER = 0x73

FORMAT_44 = 0x44  # four bytes of size, four of address
_TEST_FAILED = 0x01  # bit of a trouble code's status: it is there now


class Refused(Exception):
    """A negative response, by its code."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(f"NRC {code:#04x}")


class Frozen(Exception):
    """The unit stops answering."""


class PowerLost(Exception):
    """The whole car stops."""


@dataclass(slots=True)
class Region:
    """One erased piece of memory, as far as it was written."""

    size: int
    declared: int = 0
    written: int = 0
    crc: int = 0
    head: bytes = b""
    left: bool = False  # 37 was answered
    refused: bool = False  # its check sum was wrong

    @property
    def whole(self) -> bool:
        """Whether all that was erased is written again."""
        return self.left and not self.refused and self.written == self.size


class Programming:
    """One unit's flash. `keep` makes the memory durable. Every step raises Refused where it may not be."""

    def __init__(
        self, memory: UnitMemory, memory_size: int, max_block: int, keep: Callable[[], None]
    ) -> None:
        self._memory, self._memory_size, self._max_block, self._keep = memory, memory_size, max_block, keep
        self._regions: dict[int, Region] = {}  # in the order of erasing; lost with power, as any RAM
        self.begin_session()

    def begin_session(self) -> None:
        """A diagnostic session began or ended: nothing of a running transfer is left."""
        self._fingerprint = b""
        self._counted = False
        self._current: Region | None = None
        self._last: Region | None = None
        self._counter = 0
        self._blocks = 0

    def forget(self) -> None:
        """The unit starts anew: what was written, but not accepted, must be written again."""
        self._regions.clear()

    def fingerprint(self, who: bytes) -> None:
        """2E F15A: who programs."""
        self._fingerprint = who

    def erase(self, option: bytes) -> None:
        """31 01 FF00, with 44, address and size. From here on the unit has no software."""
        if not self._fingerprint or self._current is not None:
            raise Refused(SEQUENCE_ERROR)
        address, size = self._place(option)
        ends = address + size
        for start, length in self._memory.erased.items():
            if (
                start < ends
                and address < start + length
                and not (address <= start and start + length <= ends)
            ):
                raise Refused(OUT_OF_RANGE)
        for start in [start for start in self._memory.erased if address <= start < ends]:
            del self._memory.erased[start]
            self._regions.pop(start, None)
        if not self._counted:
            self._counted = True
            self._memory.attempts += 1
        self._memory.software = ""
        self._memory.fingerprint = self._fingerprint.hex()
        self._memory.erased[address] = size
        self._regions[address] = Region(size)
        self._keep()

    def download(self, data_format: int, option: bytes) -> int:
        """34: the longest TransferData request in bytes."""
        if self._current is not None:
            raise Refused(CONDITIONS_NOT_CORRECT)
        address, size = self._place(option)
        if data_format != 0:
            raise Refused(OUT_OF_RANGE)
        if not self._memory.erased or not self._fingerprint:
            raise Refused(SEQUENCE_ERROR)
        if size > self._memory.erased.get(address, 0):
            raise Refused(OUT_OF_RANGE)
        region = self._regions.setdefault(address, Region(self._memory.erased[address]))
        if region.written:
            raise Refused(SEQUENCE_ERROR)  # must be erased again
        region.declared = size
        self._current, self._last, self._counter = region, None, 0
        return self._max_block

    def transfer(self, counter: int, data: memoryview, faults: UnitFaults) -> None:
        """36: the next piece, or the last one again. Raises Frozen and PowerLost on command."""
        region = self._current
        if region is None:
            raise Refused(SEQUENCE_ERROR)
        if not data or len(data) + 2 > self._max_block:
            raise Refused(LENGTH_WRONG)
        if counter == self._counter & 0xFF and self._counter:
            return
        if counter != (self._counter + 1) & 0xFF:
            raise Refused(WRONG_COUNTER)
        if region.written == region.declared:
            raise Refused(SEQUENCE_ERROR)
        if region.written + len(data) > region.declared:
            raise Refused(TRANSFER_SUSPENDED)
        self._strike(self._blocks + 1, faults)
        if len(region.head) < HEADER:
            region.head += bytes(data[: HEADER - len(region.head)])
        region.crc = zlib.crc32(data, region.crc)
        region.written += len(data)
        self._blocks += 1
        self._counter += 1

    @staticmethod
    def _strike(block: int, faults: UnitFaults) -> None:
        if block == faults.power_loss_at:
            raise PowerLost
        if block == faults.freeze_at:
            raise Frozen
        if block in faults.nrc_at:
            raise Refused(faults.nrc_at[block])

    def leave(self) -> None:
        """37: the piece is complete."""
        region = self._current
        if region is None or region.written < region.declared:
            raise Refused(SEQUENCE_ERROR)
        region.left = True
        self._current, self._last = None, region

    def checksum(self, option: bytes, faults: UnitFaults) -> bool:
        """31 01 0202: whether the piece that was written last has this CRC-32."""
        if len(option) != 4:
            raise Refused(LENGTH_WRONG)
        if self._last is None:
            raise Refused(SEQUENCE_ERROR)
        fits = self._last.crc == int.from_bytes(option, "big") and not faults.checksum_refused
        self._last.refused = not fits
        return fits

    def dependencies(self, faults: UnitFaults) -> bool:
        """31 01 FF01: whether all that was erased is whole, and says what it is. Then the unit has that software."""
        memory = self._memory
        if self._current is not None or not memory.erased or not self._fingerprint:
            raise Refused(SEQUENCE_ERROR)
        regions = [self._regions.get(address) for address in memory.erased]
        if faults.dependencies_refused or not all(region and region.whole for region in regions):
            return False
        headers = [read_header(region.head) for region in self._regions.values()]
        header = next((header for header in headers if header), None)
        if header is None:
            return False
        memory.software, memory.part_number = header
        memory.successes += 1
        memory.erased.clear()
        # What came and went while the unit was written is forgotten, as on real ones.
        memory.dtcs = {code: status for code, status in memory.dtcs.items() if status & _TEST_FAILED}
        self._regions.clear()
        self._keep()
        return True

    def _place(self, option: bytes) -> tuple[int, int]:
        """Address and size out of 44 + four bytes each."""
        if option and option[0] != FORMAT_44:
            raise Refused(OUT_OF_RANGE)
        if len(option) != 9:
            raise Refused(LENGTH_WRONG)
        address, size = int.from_bytes(option[1:5], "big"), int.from_bytes(option[5:9], "big")
        if not 0 < size <= self._memory_size or address + size > 2**32:
            raise Refused(OUT_OF_RANGE)
        return address, size
