"""A DoIP gateway that says what a test tells it to: for what the virtual car would never do."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator

Script = Callable[[int, bytes], list[bytes]]
"""Address of a unit and what it is asked -> DoIP messages to send, as bytes; an empty one ends the connection."""

TESTER, GATEWAY, UNIT, OTHER = 0x0E00, 0x1001, 0x1007, 0x1010
ROUTED, SILENT = 0x10, -1


def message(kind: int, payload: bytes) -> bytes:
    """A whole DoIP message."""
    return struct.pack("!BBHL", 2, 0xFD, kind, len(payload)) + payload


def says(data: str, unit: int = UNIT, tester: int = TESTER) -> bytes:
    """A unit's diagnostic message."""
    return message(0x8001, struct.pack("!HH", unit, tester) + bytes.fromhex(data))


def taken(unit: int = UNIT) -> bytes:
    """The gateway's acknowledge."""
    return message(0x8002, struct.pack("!HHB", unit, TESTER, 0))


def refused(code: int, unit: int = UNIT) -> bytes:
    """The gateway's negative acknowledge."""
    return message(0x8003, struct.pack("!HHB", unit, TESTER, code))


ALIVE_REQUEST = message(0x0007, b"")
CLOSE = b""


class Gateway:
    """What it heard: diagnostic messages as (unit, hex), and every kind of message.

    `routing`: the answer to a routing activation; None: it hangs up; SILENT: there is none.
    """

    def __init__(self, script: Script, routing: int | None = ROUTED) -> None:
        self._script, self._routing = script, routing
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.asked: list[tuple[int, str]] = []
        self.kinds: list[int] = []
        self.heard = threading.Condition()
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def wait_for(self, what: Callable[[], bool], within: float = 5.0) -> bool:
        """Until it heard that, for a bounded time."""
        with self.heard:
            return self.heard.wait_for(what, within)

    def close(self) -> None:
        """End everything."""
        for one in (self._listening, *self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._open.append(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, struct.error), connection, connection.makefile("rb") as file:
            while True:
                _, _, kind, length = struct.unpack("!BBHL", file.read(8))
                for answer in self._answers(kind, file.read(length)):
                    if answer == CLOSE:
                        return
                    connection.sendall(answer)

    def _answers(self, kind: int, payload: bytes) -> list[bytes]:
        with self.heard:
            self.kinds.append(kind)
            if kind == 0x8001:
                self.asked.append((int.from_bytes(payload[2:4], "big"), payload[4:].hex()))
            self.heard.notify_all()
        if kind == 0x0005:
            if self._routing is None or self._routing == SILENT:
                return [CLOSE] if self._routing is None else []
            return [message(0x0006, struct.pack("!HHBL", TESTER, GATEWAY, self._routing, 0))]
        return self._script(*self._last(payload)) if kind == 0x8001 else []

    @staticmethod
    def _last(payload: bytes) -> tuple[int, bytes]:
        return int.from_bytes(payload[2:4], "big"), payload[4:]


@contextlib.contextmanager
def gateway(script: Script, routing: int | None = ROUTED) -> Iterator[Gateway]:
    """Serve on loopback."""
    made = Gateway(script, routing)
    try:
        yield made
    finally:
        made.close()
