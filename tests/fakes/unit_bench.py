"""A virtual car on a bench: its units asked directly in hex, without a bus, on a clock that the test moves."""

from __future__ import annotations

import asyncio
import zlib
from dataclasses import replace
from pathlib import Path

from campaign.yard.virtual_car.car import CarSpec, block_data, key_of, make_car
from campaign.yard.virtual_car.running import RunningCar

VIN = "LSVAA4187E2184847"
ADDRESS = 0x10000


class UnitBench:
    """Asks one unit at a time. `cuts` counts how often the car's connections ended."""

    def __init__(self, folder: Path, spec: CarSpec | None = None, **built: object) -> None:
        made = spec or make_car(VIN, folder)
        self.spec = replace(made, ecus=tuple(replace(ecu, **built) for ecu in made.ecus))
        self.now = 1000.0
        self.cuts = 0
        self._runner = asyncio.Runner()
        self.again()

    def _cut(self) -> None:
        self.cuts += 1

    def close(self) -> None:
        """End the event loop."""
        self._runner.close()

    def again(self) -> None:
        """Another process finds the car as its file says."""
        self.car = RunningCar(self.spec, lambda: self.now, self._cut)

    def answers(self, request: str | bytes, ecu: str = "bms") -> list[str]:
        """Every response to one request, in hex and capitals."""
        data = bytes.fromhex(request) if isinstance(request, str) else request
        heard: list[bytes] = []
        self._runner.run(self.car.ask(self.spec.ecu(ecu).address, data, heard.append))
        return [response.hex().upper() for response in heard]

    def ask(self, request: str | bytes, ecu: str = "bms") -> str:
        """The only response; empty for none."""
        return "".join(self.answers(request, ecu))

    def into_programming(self, ecu: str = "bms", *, key: bool = True, fingerprint: bool = True) -> None:
        """To where erasing is allowed."""
        assert self.ask("1003", ecu).startswith("5003")
        assert self.ask("1002", ecu).startswith("5002")
        if key:
            assert self.open(ecu) == "6712"
        if fingerprint:
            assert self.ask("2EF15A20261101", ecu) == "6EF15A"

    def open(self, ecu: str = "bms") -> str:
        """Security access with the right key."""
        seed = bytes.fromhex(self.ask("2711", ecu))[2:]
        return self.ask(b"\x27\x12" + key_of(seed, self.spec.ecu(ecu).secret), ecu)

    def erase(self, size: int, address: int = ADDRESS, ecu: str = "bms") -> str:
        """31 01 FF00."""
        return self.ask(f"3101FF0044{address:08X}{size:08X}", ecu)

    def download(self, size: int, address: int = ADDRESS, ecu: str = "bms") -> str:
        """34."""
        return self.ask(f"340044{address:08X}{size:08X}", ecu)

    def send(self, data: bytes, ecu: str = "bms", piece: int = 4093) -> list[str]:
        """36 in pieces: the responses."""
        starts = range(0, len(data), piece)
        return [
            self.ask(bytes([0x36, (number + 1) & 0xFF]) + data[at : at + piece], ecu)
            for number, at in enumerate(starts)
        ]

    def write(self, data: bytes, address: int = ADDRESS, ecu: str = "bms") -> str:
        """Erase, download, transfer, exit and checksum: the checksum's response."""
        assert self.erase(len(data), address, ecu) == "7101FF0000"
        assert self.download(len(data), address, ecu).startswith("7420")
        assert all(answer.startswith("76") for answer in self.send(data, ecu))
        assert self.ask("37", ecu) == "77"
        return self.ask(f"31010202{zlib.crc32(data):08X}", ecu)

    def flash(self, software: str = "0453", ecu: str = "bms") -> str:
        """The whole sequence: the response to the check of dependencies."""
        self.into_programming(ecu)
        data = block_data(software, self.spec.ecu(ecu).part_number, 10_000, 1)
        assert self.write(data, ecu=ecu) == "7101020200"
        return self.ask("3101FF01", ecu)


def text(response: str) -> str:
    """What a positive answer to 22 holds, as text."""
    return bytes.fromhex(response)[3:].decode("ascii")
