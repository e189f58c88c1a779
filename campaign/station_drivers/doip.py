"""The one adapter between the flash and its libraries: units to talk to, over one line.

Every exception of udsoncan, doipclient and the socket is classified here, once (`talk.py`). udsoncan makes and judges
each exchange but TransferData, whose requests are many, large and simple.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeVar, cast

from udsoncan.BaseService import BaseService
from udsoncan.client import Client
from udsoncan.connections import BaseConnection
from udsoncan.exceptions import (
    InvalidResponseException,
    NegativeResponseException,
    TimeoutException,
    UnexpectedResponseException,
)
from udsoncan.Request import Request
from udsoncan.Response import Response
from udsoncan.services.DiagnosticSessionControl import DiagnosticSessionControl
from udsoncan.services.ECUReset import ECUReset
from udsoncan.services.ReadDataByIdentifier import ReadDataByIdentifier
from udsoncan.services.RoutineControl import RoutineControl
from udsoncan.typing import ClientConfig

from campaign.station_drivers.presence import Presence
from campaign.station_drivers.talk import Garbled, LinkLost, Negative, NoAnswer
from campaign.station_drivers.wire import TargetRefused, Wire

# Their warnings would go to standard error, which is the job's journal; all that they tell is in the evidence.
for _name in ("UdsClient", "Connection", "doipclient"):
    logging.getLogger(_name).addHandler(logging.NullHandler())

NEGATIVE, PENDING, TRANSFER = 0x7F, 0x78, 0x36
NOBODY_THERE = frozenset(
    {0x03, 0x06}
)  # unknown target, target unreachable: to us a unit that does not answer
MOST_REQUEST, MOST_RESPONSE = 32, 64  # bytes of an exchange that are kept
P2_STAR = 5.0  # seconds; a unit that said "pending" may take as long again

_ECHO = {0x10: 1, 0x11: 1, 0x19: 1, 0x22: 2, 0x27: 1, 0x28: 1, 0x2E: 2, 0x31: 3, 0x36: 1, 0x3E: 1, 0x85: 1}
"""Service -> how many bytes of a request its answer repeats: what does not fit is a late answer to another one."""

T = TypeVar("T")
Keep = Callable[..., None]


class Timing(NamedTuple):
    """Seconds. `silence` until an answer begins, `longest` for a whole exchange, however often it is "pending"."""

    silence: float
    longest: float


class UnitConnection(BaseConnection):
    """One unit as udsoncan sees it, over the wire that all share. Knows what was said last."""

    def __init__(self, wire: Callable[[], Wire], address: int) -> None:
        super().__init__()
        self._wire, self._address = wire, address
        self.sent, self.got = b"", b""

    def specific_send(self, payload: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        """Hand a request to the gateway."""
        self.sent, self.got = bytes(payload), b""
        self._wire().send(self._address, self.sent)

    def specific_wait_frame(self, timeout: float | None = None) -> bytes | None:
        """The next answer that fits the last request."""
        deadline = time.monotonic() + (timeout or 0.0)
        while True:
            try:
                self.got = self._wire().receive(self._address, deadline - time.monotonic())
            except TimeoutError as late:
                raise TimeoutException(str(late)) from late  # type: ignore[no-untyped-call]
            if fits(self.sent, self.got):
                return self.got

    def empty_rxqueue(self) -> None:
        """udsoncan asks for it before each request."""
        self._wire().forget(self._address)

    def empty_txqueue(self) -> None:
        """Nothing waits to be sent."""

    def open(self) -> UnitConnection:
        """The wire is open as long as it is there."""
        return self

    def close(self) -> None:
        """The wire is closed by whoever opened it."""

    def is_open(self) -> bool:
        """As `open`."""
        return True


def fits(request: bytes, answer: bytes) -> bool:
    """Whether this can be the answer to that."""
    if len(answer) >= 3 and answer[0] == NEGATIVE:
        return answer[1] == request[0]
    echo = _ECHO.get(request[0], 0)
    return answer[:1] == bytes([request[0] | 0x40]) and answer[1 : 1 + echo] == request[1 : 1 + echo]


class Unit:
    """One control unit to talk to. Every method raises TalkFailed."""

    def __init__(self, line: Line, name: str, address: int) -> None:
        self.name, self.address = name, address
        self._line = line
        self._connection = UnitConnection(line.wire, address)
        timing = line.timing
        config = {
            # What a unit promises (50 ms) would be udsoncan's own limit: no station is that exact.
            "use_server_timing": False,
            "p2_timeout": timing.silence,
            "p2_star_timeout": timing.silence + P2_STAR,
            "request_timeout": timing.longest,
        }
        self._client = Client(self._connection, cast(ClientConfig, config))

    def ask(
        self,
        service: type[BaseService],
        subfunction: int | None = None,
        data: bytes = b"",
        *,
        within: float | None = None,
    ) -> Response:
        """One exchange, kept as evidence. `within`: seconds for all of it, instead of the line's timing."""
        timeout = self._line.left(within)
        if timeout == 0:
            raise NoAnswer(self.name)
        request = Request(service, subfunction, data=data)
        began = time.monotonic()
        try:
            with self._line.classified(self):
                # Its type says int; it only compares and adds.
                response = self._client.send_request(request, timeout=timeout)  # type: ignore[arg-type]
        finally:
            self._keep(began)
        if response is None:
            raise NoAnswer(self.name)
        return response

    def understood(self, read: Callable[[Response], T], response: Response) -> T:
        """What one of udsoncan's services reads out of an answer."""
        with self._line.classified(self):
            return read(response)

    def transfer(self, counter: int, piece: bytes) -> None:
        """One TransferData. It is never sent twice: an answer that does not come is the end of it."""
        wire, timing = self._line.wire(), self._line.timing
        request = bytes((TRANSFER, counter)) + piece
        with self._line.classified(self):
            wire.send(self.address, request)
            answer = wire.receive(self.address, timing.silence)
            if answer[:2] != bytes((TRANSFER | 0x40, counter)):
                self._transfer_said(request[:2], answer, time.monotonic() + timing.longest)

    def _transfer_said(self, request: bytes, answer: bytes, deadline: float) -> None:
        """What is not simply the answer: pending, a refusal, or something late."""
        wire = self._line.wire()
        while not (fits(request, answer) and answer[0] != NEGATIVE):
            refused = fits(request, answer)
            if refused and answer[2] != PENDING:
                raise Negative(self.name, TRANSFER, answer[2])
            patience = self._line.timing.silence + (P2_STAR if refused else 0.0)
            answer = wire.receive(self.address, min(patience, deadline - time.monotonic()))

    def session(self, number: int, *, within: float | None = None) -> None:
        """10: change the session; one that is not the default is kept up from then on."""
        self.ask(DiagnosticSessionControl, number, within=within)
        self._line.in_session(self.address, number)

    def reset(self) -> None:
        """11 01: the unit starts anew, in its default session."""
        self._line.in_session(self.address, 1)
        self.ask(ECUReset, 0x01)

    def routine(self, identifier: int, option: bytes = b"") -> bytes:
        """31 01: start a routine. Returns its status record."""
        response = self.ask(RoutineControl, 0x01, identifier.to_bytes(2, "big") + option)
        return (response.data or b"")[3:]

    def read(self, did: int, *, within: float | None = None) -> bytes:
        """22: the bytes under one data identifier."""
        data = did.to_bytes(2, "big")
        return (self.ask(ReadDataByIdentifier, data=data, within=within).data or b"")[2:]

    def _keep(self, began: float) -> None:
        sent, got = self._connection.sent, self._connection.got
        if sent[:1] == b"\x27":  # a seed and its key would tell the secret
            sent, got = sent[:2], got if got[:1] == b"\x7f" else got[:2]
        self._line.keep(
            "uds",
            ecu=self.name,
            request=sent[:MOST_REQUEST].hex(),
            response=got[:MOST_RESPONSE].hex(),
            ms=round((time.monotonic() - began) * 1000, 1),
        )


class Line:
    """The connection to one car, opened once and shared by all its units. `until`: nothing is waited for after it."""

    def __init__(
        self,
        connect: Callable[[], Wire],
        timing: Timing,
        keep: Keep = lambda *_, **__: None,
        until: float | None = None,
    ) -> None:
        self._connect, self.timing, self.keep, self._until = connect, timing, keep, until
        self._wire: Wire | None = None
        self._presence: Presence | None = None

    def open(self) -> None:
        """Connect. Raises LinkLost."""
        try:
            self._wire = self._connect()
        except ConnectionRefusedError as refused:
            raise LinkLost(f"refused: {refused}") from refused
        except OSError as error:
            what = f"no car can be reached: {error.strerror or error}"
            raise LinkLost(what, car_there=False) from error
        self._presence = Presence(self._wire)

    def again(self) -> None:
        """After a unit was reset, which may have been the gateway itself: connect once more. Raises LinkLost."""
        kept = self._presence.kept() if self._presence else frozenset()
        self.close()
        self.open()
        for address in kept:
            self.in_session(address, 0x03)

    def close(self) -> None:
        """Let go of the car; its sessions end by themselves."""
        presence, wire = self._presence, self._wire
        self._presence = self._wire = None
        if wire is not None:
            wire.close()
        if presence is not None:
            presence.end()

    def wire(self) -> Wire:
        """The open connection. Raises OSError where there is none."""
        if self._wire is None:
            raise ConnectionResetError("there is no connection")
        return self._wire

    def in_session(self, address: int, number: int) -> None:
        """A unit changed its session."""
        if self._presence is not None:
            (self._presence.drop if number == 1 else self._presence.keep)(address)

    def left(self, within: float | None) -> float:
        """Seconds that an exchange may take; below 0 for the line's own timing."""
        if self._until is None:
            return -1.0 if within is None else within
        left = max(self._until - time.monotonic(), 0.0)
        return min(left, self.timing.silence if within is None else within)

    @contextlib.contextmanager
    def classified(self, unit: Unit) -> Iterator[None]:
        """Turn what the libraries raise while `unit` is asked into TalkFailed."""
        presence = self._presence
        if presence is not None:
            presence.busy = unit.address
        try:
            yield
        except (TimeoutException, TimeoutError) as late:
            raise NoAnswer(unit.name) from late
        except NegativeResponseException as refused:
            service = refused.response.service
            raise Negative(
                unit.name, service.request_id() if service else 0, refused.response.code or 0
            ) from None
        except TargetRefused as refused:
            if refused.code in NOBODY_THERE:
                raise NoAnswer(unit.name) from refused
            raise LinkLost(str(refused)) from refused
        except (InvalidResponseException, UnexpectedResponseException, NotImplementedError) as odd:
            raise Garbled(f"{unit.name}: {odd}") from odd
        except OSError as error:
            raise LinkLost(f"the connection to the car was lost: {error.strerror or error}") from error
        finally:
            if presence is not None:
                presence.busy = None
