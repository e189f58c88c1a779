"""A virtual car under power: its units with their sessions' timeouts, their slowness, and what makes them silent."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from campaign.yard.virtual_car import reading
from campaign.yard.virtual_car.car import CarSpec, EcuSpec
from campaign.yard.virtual_car.faults import FaultBook, Faults, UnitFaults
from campaign.yard.virtual_car.image import version_of
from campaign.yard.virtual_car.memory import UnitMemory, save
from campaign.yard.virtual_car.programming import Frozen, PowerLost
from campaign.yard.virtual_car.sessions import DEFAULT
from campaign.yard.virtual_car.unit import Unit, parse

S3 = 5.0  # seconds without a request after which a session ends
P2 = 0.05  # seconds after which the answer is announced as pending
PENDING_EVERY = 1.0
NEGATIVE, PENDING = 0x7F, 0x78
RESET, TRANSFER, ERASE = 0x11, 0x36, bytes.fromhex("3101FF00")

Answer = Callable[[bytes], None]


class Slot:
    """A unit in the car: answers one request after the other."""

    def __init__(self, unit: Unit, now: float) -> None:
        self.unit = unit
        self.lock = asyncio.Lock()
        self.last = now  # when it was last busy
        self.silent_until = now
        self.frozen = False


class RunningCar:
    """Runs in one event loop. `cut` ends every connection to it: called when the power goes."""

    def __init__(
        self,
        spec: CarSpec,
        clock: Callable[[], float] = time.monotonic,
        cut: Callable[[], None] = lambda: None,
    ) -> None:
        self.spec = spec
        self._clock, self._cut = clock, cut
        self._book = FaultBook(spec.faults, spec.faults_file)
        self._dark = False
        self._power_up()

    def _power_up(self) -> None:
        """Every unit starts from what it remembers."""
        self._memory = self.spec.memory()
        now = self._clock()
        self._slots = {
            ecu.address: Slot(Unit(ecu, self._memory[ecu.name], self._read, self._keep, self._clock), now)
            for ecu in self.spec.ecus
        }
        self._dark = False

    @property
    def addresses(self) -> tuple[int, ...]:
        """Of every unit."""
        return tuple(self._slots)

    @property
    def gateway(self) -> int:
        """The address of the unit that speaks DoIP."""
        return self.spec.ecu(self.spec.gateway).address

    def powered(self) -> bool:
        """Whether the car has power; it comes back when no unit's fault says that it is lost."""
        if self._dark:
            faults = self._book.now()
            if all(own.power_loss_at is None for own in list(faults.ecus.values())):
                self._power_up()
        return not self._dark

    async def ask(self, address: int, pdu: bytes, answer: Answer) -> None:
        """Have one unit handle a request; `answer` is called with each response, pending ones too, or never."""
        slot = self._slots[address]
        async with slot.lock:
            if self._slots.get(address) is not slot or not self.powered():
                return
            faults = self._book.now()
            own = faults.ecus.get(slot.unit.spec.name) or UnitFaults()
            now = self._clock()
            if self._mute(slot, own, now):
                return
            if now - slot.last > S3 and slot.unit.state.session != DEFAULT:
                slot.unit.fall_back()
            response = await self._respond(slot, pdu, faults, own, answer)
            if response is not None:
                answer(response)
            slot.last = self._clock()

    @staticmethod
    def _mute(slot: Slot, own: UnitFaults, now: float) -> bool:
        if slot.frozen and own.freeze_at is None:
            slot.frozen = False
            slot.unit.fall_back()  # its watchdog restarted it
        return own.silent or slot.frozen or now < slot.silent_until

    async def _respond(
        self, slot: Slot, pdu: bytes, faults: Faults, own: UnitFaults, answer: Answer
    ) -> bytes | None:
        for beginning, code in own.refuse.items():
            if pdu.startswith(bytes.fromhex(beginning)):
                return bytes([NEGATIVE, pdu[0], code])
        slot.unit.faults = own
        try:
            response = await slot.unit.respond(parse(pdu))
        except Frozen:
            slot.frozen = True
            return None
        except PowerLost:
            self._dark = True
            self._cut()
            return None
        said = None if response is None else response.pdu
        if said is None or said[0] != NEGATIVE:
            await self._take_time(slot, pdu, faults, own, answer)
        return said

    async def _take_time(
        self, slot: Slot, pdu: bytes, faults: Faults, own: UnitFaults, answer: Answer
    ) -> None:
        """What was asked takes its time, and the unit tells so (ISO 14229-1: response pending)."""
        seconds = 0.0
        if pdu[0] == TRANSFER:
            seconds = faults.seconds_per_block if own.seconds_per_block is None else own.seconds_per_block
        elif pdu[:4] == ERASE:
            seconds = own.erase_seconds
        elif pdu[0] == RESET:
            slot.silent_until = self._clock() + slot.unit.spec.boot_seconds
            if own.cut_by_reset:
                asyncio.get_running_loop().call_later(P2, self._cut)
        if seconds > P2:
            answer(bytes([NEGATIVE, pdu[0], PENDING]))
        while seconds > 0:
            await asyncio.sleep(min(seconds, PENDING_EVERY))
            seconds -= PENDING_EVERY
            if seconds > 0:
                answer(bytes([NEGATIVE, pdu[0], PENDING]))

    def _read(self, ecu: EcuSpec, memory: UnitMemory, identifier: int) -> bytes | None:
        return reading.data(self.spec, self._book.now(), ecu, memory, identifier)

    def _keep(self) -> None:
        """Make the units' memory durable, and tell the yard what the car is now."""
        save(self.spec.file, self.spec.vin, self._memory)
        if self.spec.yard is not None:
            reading.tell_yard(self.spec, version_of({unit.software for unit in self._memory.values()}))
