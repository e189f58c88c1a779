"""A tester that speaks DoIP byte by byte, so that a test can also say what no library would."""

from __future__ import annotations

import socket
import struct

from campaign.yard.virtual_car.car import key_of

TESTER = 0x0E00
MESSAGE, TAKEN, REFUSED = 0x8001, 0x8002, 0x8003


class Closed(Exception):
    """The other side ended the connection."""


class DoipTester:
    """One TCP connection; `address` is the tester's own. Every wait has a deadline of `within` seconds."""

    def __init__(
        self, port: int, *, activate: bool = True, address: int = TESTER, within: float = 5.0
    ) -> None:
        self.address = address
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=within)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self._socket.makefile("rb")
        if activate:
            code = self.activate()
            if code != 0x10:
                raise Closed(f"routing activation was answered {code:#04x}")

    def __enter__(self) -> DoipTester:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        self._file.close()
        self._socket.close()

    def raw(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._socket.sendall(data)

    def put(self, kind: int, payload: bytes, version: int = 2) -> None:
        """Send one message."""
        self.raw(struct.pack("!BBHL", version, version ^ 0xFF, kind, len(payload)) + payload)

    def get(self) -> tuple[int, bytes]:
        """The next message: kind and payload. Raises Closed, TimeoutError."""
        try:
            header = self._file.read(8)
        except ConnectionError as error:
            raise Closed(str(error)) from error
        if len(header) < 8:
            raise Closed("the connection ended")
        version, inverse, kind, length = struct.unpack("!BBHL", header)
        assert (version, inverse) == (2, 0xFD)
        return kind, self._file.read(length)

    def ended(self) -> bool:
        """Read on until the other side ends the connection. Raises TimeoutError where it does not."""
        while True:
            try:
                self.get()
            except Closed:
                return True

    def activate(self, kind: int = 0x00) -> int:
        """Routing activation: the response code."""
        self.put(0x0005, struct.pack("!HBI", self.address, kind, 0))
        got, payload = self.get()
        assert got == 0x0006
        tester, _, code = struct.unpack_from("!HHB", payload)
        assert tester == self.address
        return int(code)

    def say(self, ecu: int, request: bytes) -> None:
        """Send a diagnostic message."""
        self.put(MESSAGE, struct.pack("!HH", self.address, ecu) + request)

    def hear(self) -> tuple[int, bytes]:
        """The next response of any unit: address and bytes. Acknowledgements are passed over, pending ones not."""
        while True:
            kind, payload = self.get()
            if kind == MESSAGE:
                source, target = struct.unpack_from("!HH", payload)
                assert target == self.address
                return source, payload[4:]
            assert kind == TAKEN

    def ask(self, ecu: int, request: str | bytes) -> bytes:
        """The final response of one unit that nobody else is asked beside."""
        self.say(ecu, bytes.fromhex(request) if isinstance(request, str) else request)
        while True:
            source, response = self.hear()
            assert source == ecu
            if not (response[0] == 0x7F and response[2] == 0x78):
                return response

    def into_programming(self, ecu: int) -> None:
        """To where the unit may be erased."""
        self.ask(ecu, "1003")
        self.ask(ecu, "1002")
        seed = self.ask(ecu, "2711")[2:]
        assert self.ask(ecu, b"\x27\x12" + key_of(seed)) == b"\x67\x12"
        assert self.ask(ecu, "2EF15A01") == bytes.fromhex("6EF15A")

    def erase(self, ecu: int, size: int = 1000) -> bytes:
        """The same, and the answer to the erase."""
        self.into_programming(ecu)
        return self.ask(ecu, f"3101FF004400010000{size:08X}")
