"""How fast our transfer is against plain udsoncan over doipclient: the same file, unit and block size, in turns.

The peer is `Client.transfer_data` over doipclient's own `DoIPClientUDSConnector`, as both document it, with nothing
around it. Ours is the whole flash driver: it also reads the file, takes its CRC-32, tells its progress and keeps
sessions up. Both are timed over TransferData only, and the unit offers both 4,095 bytes a block. The virtual car is a
process of its own.
"""

from __future__ import annotations

import contextlib
import statistics
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from doipclient import DoIPClient
from doipclient.connectors import DoIPClientUDSConnector
from udsoncan import MemoryLocation, Request, services
from udsoncan.client import Client

from campaign.station_agent.manifest import Block
from campaign.station_agent.package import StagedPackage
from campaign.station_drivers.uds import UdsDriver
from campaign.yard.virtual_car.car import key_of, make_car, manifest_for
from tests.bench.measured import Measured, tell
from tests.fakes.flashed_car import JOB, VIN, Told, driver_options, staged

NAME = "uds.transfer.ratio_to_plain_doipclient"
SIZE = 8 * 1024 * 1024
ROUNDS = 5
UNIT, ADDRESS = "bms", 0x1007


def run(size: int = SIZE, rounds: int = ROUNDS) -> Measured:
    """The ratio of the medians of bytes per second."""
    with tempfile.TemporaryDirectory(prefix="bench-uds-") as folder, _car(Path(folder)) as port:
        spec = make_car(VIN, Path(folder))
        fitting = manifest_for(spec, size=size, sizes=dict.fromkeys(("gateway", "motor"), 0))
        package = staged(fitting, Path(folder) / "blobs")
        peer, ours = [], []
        for number in range(rounds):
            peer.append(plain(port, package))
            ours.append(driven(port, package))
            tell(f"round {number + 1}: plain {_mib(size, peer[-1])}, the driver {_mib(size, ours[-1])}")
    plain_s, ours_s = (statistics.median(one.seconds for one in side) for side in (peer, ours))
    plain_cpu, ours_cpu = (statistics.median(one.cpu for one in side) for side in (peer, ours))
    figures = (
        f"plain udsoncan over doipclient transfers {size / 2**20:g} MiB in {plain_s:.2f} s ({plain_cpu:.2f} s of CPU), "
        f"{_mib(size, _Spent(plain_s, 0))}, in blocks of 4095 bytes; the driver in {ours_s:.2f} s (its whole flash "
        f"takes {ours_cpu:.2f} s of CPU), {_mib(size, _Spent(ours_s, 0))}"
    )
    return Measured.of(NAME, plain_s / ours_s, "x", figures)


class _Spent(NamedTuple):
    seconds: float
    cpu: float


def plain(port: int, package: StagedPackage) -> _Spent:
    """The peer, from the extended session to the reset; its time for TransferData."""
    block = _block(package)
    path = package.file(block.file)
    size = path.stat().st_size
    with _client(port) as client:
        longest = _ready(client, block, size)
        with path.open("rb") as file:
            began, cpu = time.perf_counter(), time.process_time()
            counter = 1
            while data := file.read(longest - 2):
                client.transfer_data(counter & 0xFF, data)
                counter += 1
            spent = _Spent(time.perf_counter() - began, time.process_time() - cpu)
        client.request_transfer_exit()
        if zlib.crc32(path.read_bytes()) != block.crc32:
            raise RuntimeError("the file is another one")
        client.start_routine(0x0202, block.crc32.to_bytes(4, "big"))
        if client.start_routine(0xFF01).data[3:] != b"\0":
            raise RuntimeError("the unit did not take what the peer sent")
        client.ecu_reset(1)
    return spent


def driven(port: int, package: StagedPackage) -> _Spent:
    """Ours: the whole flash, and its own time for TransferData."""
    told, cpu = Told(), time.process_time()
    UdsDriver(driver_options(port, silence=5)).flash(JOB, package, told)
    (block,) = told.of("block")
    return _Spent(block["seconds"], time.process_time() - cpu)


def _ready(client: Client, block: Block, size: int) -> int:
    """Everything before the first block. Returns the longest TransferData that the unit takes."""
    client.change_session(3)
    client.change_session(2)
    client.unlock_security_access(17)
    client.send_request(Request(services.WriteDataByIdentifier, data=bytes.fromhex("F15A") + bytes(9)))
    where = MemoryLocation(block.address, size, 32, 32)
    client.start_routine(0xFF00, b"\x44" + where.get_address_bytes() + where.get_memorysize_bytes())
    longest: int = client.request_download(where).service_data.max_length
    return longest


@contextlib.contextmanager
def _client(port: int) -> Iterator[Client]:
    config: dict[str, Any] = {
        "use_server_timing": False,
        "request_timeout": 60,
        "p2_timeout": 5,
        "security_algo": lambda level, seed, params: key_of(seed),
    }
    doip = DoIPClient("127.0.0.1", ADDRESS, tcp_port=port, client_logical_address=0x0E00)
    with contextlib.closing(doip), Client(DoIPClientUDSConnector(doip), config=config) as client:
        yield client


@contextlib.contextmanager
def _car(folder: Path) -> Iterator[int]:
    words = [sys.executable, "-m", "campaign.yard.virtual_car", "--folder", str(folder), "--vin", VIN]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as car:
        assert car.stdin is not None
        assert car.stdout is not None
        yield int(car.stdout.readline().split()[1])
        car.stdin.close()


def _block(package: StagedPackage) -> Block:
    return next(row.blocks[0] for row in package.manifest.ecus if row.name == UNIT)


def _mib(size: int, spent: _Spent) -> str:
    return f"{size / spent.seconds / 2**20:.1f} MiB/s"
