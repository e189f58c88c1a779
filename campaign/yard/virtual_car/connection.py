"""One tester's TCP connection to a virtual car: routing activation first, then messages to any of its units."""

from __future__ import annotations

import asyncio
from typing import Protocol

from campaign.yard.virtual_car import doip
from campaign.yard.virtual_car.doip import BadHeader, HeaderFault, Kind, MessageFault, Routing
from campaign.yard.virtual_car.running import RunningCar

TESTERS = range(0x0E00, 0x1000)
DEFAULT_ACTIVATION, REGULATORY = 0x00, 0x01
EVERY_UNIT = 0xE400  # functional: every unit of the car
ALIVE_WITHIN = 0.5  # seconds (T_TCP_Alive_Check)
_KEPT_TO_ITSELF = frozenset({0x11, 0x12, 0x31, 0x7E, 0x7F})
"""Refusals that no unit sends to a functional request: it was meant for others (ISO 14229-1)."""


class Cable(Protocol):
    """What a connection asks of the server."""

    def car(self) -> RunningCar | None:
        """The car that is plugged in now."""

    def registered(self, car: RunningCar, tester: int) -> Connection | None:
        """The connection that this tester has to the car."""


class Connection:
    """Serves one connection until it ends. `tester` is its address once routing is active."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, cable: Cable) -> None:
        self._reader, self._writer, self._cable = reader, writer, cable
        self._car: RunningCar | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._heard = asyncio.Event()
        self.tester: int | None = None

    @property
    def car(self) -> RunningCar | None:
        """The car that routing is active to."""
        return self._car

    async def run(self) -> None:
        """Until the other side, the car's power or a broken message ends it."""
        try:
            while await self._next():
                await self._writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the tester went
        finally:
            self._writer.close()

    def cut(self) -> None:
        """End it at once, as when the power goes."""
        self._writer.transport.abort()

    async def alive(self) -> bool:
        """Whether the tester still answers; one that does not is cut off."""
        self._heard.clear()
        self._send(doip.pack(Kind.ALIVE_REQUEST, b""))
        try:
            await asyncio.wait_for(self._heard.wait(), ALIVE_WITHIN)
        except TimeoutError:
            self.cut()
            return False
        return True

    def _send(self, message: bytes) -> None:
        if not self._writer.is_closing():
            self._writer.write(message)

    async def _next(self) -> bool:
        """Handle one message. False ends the connection."""
        try:
            header = doip.read_header(await self._reader.readexactly(doip.HEADER_SIZE))
        except BadHeader as bad:
            self._send(doip.header_refused(bad.fault))
            return False
        payload = await self._reader.readexactly(header.length)
        self._heard.set()
        if header.kind == Kind.MESSAGE:
            return self._message(payload)
        if header.kind == Kind.ROUTING_REQUEST:
            return await self._activate(payload)
        if header.kind == Kind.ALIVE_REQUEST:
            if self._car is not None:
                self._send(doip.pack(Kind.ALIVE_RESPONSE, self._car.gateway.to_bytes(2, "big")))
            return True
        if header.kind != Kind.ALIVE_RESPONSE:
            self._send(doip.header_refused(HeaderFault.UNKNOWN_TYPE))
        return True

    async def _activate(self, payload: bytes) -> bool:
        if len(payload) not in (7, 11):
            self._send(doip.header_refused(HeaderFault.LENGTH))
            return False
        car = self._car or self._cable.car()
        if car is None or not car.powered():
            return False  # nobody there who could refuse
        tester = int.from_bytes(payload[:2], "big")
        outcome = await self._outcome(car, tester, payload[2])
        self._send(doip.routing_response(tester, car.gateway, outcome))
        if outcome != Routing.ACTIVE:
            return False
        self._car, self.tester = car, tester
        return True

    async def _outcome(self, car: RunningCar, tester: int, kind: int) -> Routing:
        if tester not in TESTERS:
            return Routing.UNKNOWN_SOURCE
        if kind not in (DEFAULT_ACTIVATION, REGULATORY):
            return Routing.UNKNOWN_TYPE
        if self.tester not in (None, tester):
            return Routing.SOURCE_CHANGED
        other = self._cable.registered(car, tester)
        if other is not None and other is not self and await other.alive():
            return Routing.SOURCE_IN_USE
        return Routing.ACTIVE

    def _message(self, payload: bytes) -> bool:
        if len(payload) < 5:
            self._send(doip.header_refused(HeaderFault.LENGTH))
            return False
        source, target = doip.addresses(payload)
        car = self._car
        if car is None or source != self.tester:
            self._send(doip.message_refused(target, source, MessageFault.INVALID_SOURCE))
            return False
        asked = car.addresses if target == EVERY_UNIT else (target,)
        if asked[0] not in car.addresses:
            self._send(doip.message_refused(target, source, MessageFault.UNKNOWN_TARGET))
            return True
        self._send(doip.taken(target, source))
        for address in asked:
            self._ask(car, address, payload[4:], functional=target == EVERY_UNIT)
        return True

    def _ask(self, car: RunningCar, address: int, data: bytes, *, functional: bool) -> None:
        """Units work beside each other: one that erases holds no other up."""

        def answer(response: bytes) -> None:
            if not (functional and response[0] == 0x7F and response[2] in _KEPT_TO_ITSELF):
                self._send(doip.message(address, self.tester or 0, response))

        task = asyncio.create_task(car.ask(address, data, answer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
