"""One DoIP connection for all units of a car: doipclient's, with a sending and reading of its own.

doipclient formats each message byte by byte into a debug line that nobody reads, which is most of the time of a
transfer, knows one unit per connection, and waits up to two seconds longer than it was asked to. What is kept of it is
the connection's life: addresses, routing activation, the messages of it. Measured by tests/bench/bench_uds.py.

Everything raises OSError (TimeoutError where nothing came in time) and TargetRefused; `doip.py` tells what it means.
"""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import threading
import time
from collections import deque
from typing import Any

from doipclient.client import DoIPClient
from doipclient.messages import (
    AliveCheckRequest,
    AliveCheckResponse,
    DiagnosticMessage,
    DiagnosticMessageNegativeAcknowledgement,
    GenericDoIPNegativeAcknowledge,
    payload_type_to_message,
)

VERSION = 0x02  # ISO 13400-2:2012
CONNECT_WITHIN = 2.0  # seconds
SEND_WITHIN = 10  # seconds; TCP itself would try for a quarter of an hour
LONGEST = 16 * 1024 * 1024  # bytes of one message
READ_AT_ONCE = 65536

_HEADER = struct.Struct("!BBHL")
_ADDRESSES = struct.Struct("!HH")
_HEAD = struct.Struct("!BBHLHH")  # of a diagnostic message: header, source, target


class TargetRefused(Exception):
    """The gateway did not pass a message on (ISO 13400-2, diagnostic message negative acknowledge)."""

    def __init__(self, address: int, code: int) -> None:
        self.address, self.code = address, code
        super().__init__(f"the gateway refused a message to 0x{address:04X} with code 0x{code:02X}")


class Wire(DoIPClient):
    """An open connection with active routing. One thread may receive; any thread may send."""

    def __init__(self, host: str, port: int, tester: int, gateway: int) -> None:
        """Connect and activate routing. Raises OSError; ConnectionRefusedError also where routing was refused."""
        self._tester = tester
        self._sending = threading.Lock()
        self._received = bytearray()
        self._answers: dict[int, deque[bytes]] = {}
        self._refusals: dict[int, int] = {}
        self._sent_at: dict[int, float] = {}
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        address = str(found[0][4][0])
        try:
            super().__init__(  # type: ignore[no-untyped-call]
                address, gateway, tcp_port=port, client_logical_address=tester, protocol_version=VERSION
            )
        except BaseException:
            self.close()
            raise

    def _connect(self) -> None:
        """As doipclient does, but within a time, and without the socket for finding cars, which nobody uses here."""
        # Also the name by which doipclient closes it.
        self._tcp_sock = self._udp_sock = socket.create_connection(
            (self._ecu_ip_address, self._tcp_port), CONNECT_WITHIN
        )
        self._tcp_sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # Blocking, with the system's own limit: a Python timeout would cost a call more for each message.
        self._tcp_sock.settimeout(None)
        limit = struct.pack("ll", SEND_WITHIN, 0)
        self._tcp_sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
        self._readable = select.poll()
        self._readable.register(self._tcp_sock, select.POLLIN)

    def close(self) -> None:
        """Let go of the connection; may be called twice."""
        if hasattr(self, "_tcp_sock"):
            # The keeper of the sessions may be sending at this moment.
            with contextlib.suppress(OSError):
                self._tcp_sock.shutdown(socket.SHUT_RDWR)
            self._tcp_sock.close()

    def send_doip(
        self,
        payload_type: int,
        payload_data: bytes,
        transport: object = DoIPClient.TransportType.TRANSPORT_TCP,  # noqa: ARG002 - doipclient's signature
        disable_retry: bool = False,  # noqa: ARG002, FBT001, FBT002, RUF100 - as above; a write is never repeated
    ) -> None:
        """Any message: doipclient calls it for routing activation."""
        with self._sending:
            header = _HEADER.pack(VERSION, VERSION ^ 0xFF, payload_type, len(payload_data))
            self._tcp_sock.sendall(header + payload_data)

    def read_doip(self, timeout: float = CONNECT_WITHIN, transport: object = None) -> Any:  # noqa: ARG002
        """The next message as doipclient's object; doipclient calls it for routing activation."""
        kind, payload = self._next(time.monotonic() + timeout)
        known: Any = payload_type_to_message.get(kind)
        return None if known is None else known.unpack(payload, len(payload))

    def send(self, address: int, data: bytes) -> None:
        """One diagnostic message to a unit. The gateway's acknowledge is not waited for: an answer says more."""
        head = _HEAD.pack(
            VERSION,
            VERSION ^ 0xFF,
            DiagnosticMessage.payload_type,
            len(data) + _ADDRESSES.size,
            self._tester,
            address,
        )
        self._refusals.pop(address, None)
        with self._sending:
            self._sent_at[address] = time.monotonic()
            self._tcp_sock.sendall(head + data)

    def idle(self, address: int) -> float:
        """Seconds since something was sent to this unit."""
        return time.monotonic() - self._sent_at.get(address, 0.0)

    def forget(self, address: int) -> None:
        """Drop what this unit said so far: late answers to what nobody waits for any more."""
        while self._readable.poll(0):
            self._take_in()
        while (message := self._buffered()) is not None:
            self._deal(*message)
        self._answers.pop(address, None)

    def receive(self, address: int, within: float) -> bytes:
        """The next message from a unit. Raises TimeoutError, TargetRefused and other OSErrors."""
        deadline = time.monotonic() + within
        waiting = self._answers.setdefault(address, deque())
        while not waiting:
            if address in self._refusals:
                raise TargetRefused(address, self._refusals.pop(address))
            self._deal(*self._next(deadline))
        return waiting.popleft()

    def _deal(self, kind: int, payload: bytes) -> None:
        """Put a message where the one who waits for it finds it."""
        if kind == DiagnosticMessage.payload_type:
            source, target = _ADDRESSES.unpack_from(payload)
            if target == self._tester:
                self._answers.setdefault(source, deque()).append(payload[_ADDRESSES.size :])
        elif kind == DiagnosticMessageNegativeAcknowledgement.payload_type:
            source, _ = _ADDRESSES.unpack_from(payload)
            self._refusals[source] = payload[_ADDRESSES.size]
        elif kind == AliveCheckRequest.payload_type:
            self.send_doip(AliveCheckResponse.payload_type, self._tester.to_bytes(2, "big"))
        elif kind == GenericDoIPNegativeAcknowledge.payload_type:
            raise ConnectionAbortedError(f"DoIP: a header was refused with code 0x{payload[0]:02X}")

    def _next(self, deadline: float) -> tuple[int, bytes]:
        while (message := self._buffered()) is None:
            remaining = deadline - time.monotonic()
            if not self._readable.poll(max(0.0, remaining * 1000)):
                raise TimeoutError("nothing came in time")
            self._take_in()
        return message

    def _take_in(self) -> None:
        data = self._tcp_sock.recv(READ_AT_ONCE)
        if not data:
            raise ConnectionResetError("the car closed the connection")
        self._received += data

    def _buffered(self) -> tuple[int, bytes] | None:
        """A whole message out of what was read, if there is one: payload type and payload."""
        received = self._received
        if len(received) < _HEADER.size:
            return None
        version, inverse, kind, length = _HEADER.unpack_from(received)
        if version ^ inverse != 0xFF or length > LONGEST:
            raise ConnectionAbortedError("what came is not DoIP")
        end = _HEADER.size + length
        if len(received) < end:
            return None
        payload = bytes(received[_HEADER.size : end])
        del received[:end]
        return kind, payload
