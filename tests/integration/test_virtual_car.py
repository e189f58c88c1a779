"""Two clients that we did not write agree with the virtual car: gallia's own, and udsoncan over doipclient."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest
from doipclient import DoIPClient
from doipclient.connectors import DoIPClientUDSConnector
from gallia.services.uds.core import service
from gallia.services.uds.core.client import UDSClient
from gallia.services.uds.core.constants import UDSErrorCodes
from gallia.transports import TargetURI
from gallia.transports.doip import DoIPTransport, RoutingActivationDeniedError
from udsoncan import AsciiCodec, MemoryLocation
from udsoncan.client import Client
from udsoncan.exceptions import NegativeResponseException, TimeoutException

from campaign.station_agent.manifest import EcuRow
from campaign.yard.virtual_car.car import CarSpec, Fitting, key_of, make_car, manifest_for
from campaign.yard.virtual_car.serving import serve_car
from tests.fakes.apart import run_apart

VIN = "LSVAA4187E2184847"
UNITS = {0x1001: "1EA907530A", 0x1007: "1EA915184B", 0x1010: "1EA907121C"}
BMS = 0x1007
Got = TypeVar("Got")


@pytest.fixture
def car(tmp_path: Path) -> CarSpec:
    return make_car(VIN, tmp_path)


@pytest.fixture
def port(car: CarSpec) -> Iterator[int]:
    with serve_car(lambda: car) as cable:
        yield cable.port


def with_gallia(port: int, ecu: int, work: Callable[[UDSClient], Awaitable[Got]]) -> Got:
    """Do something with gallia's client over gallia's DoIP transport."""

    async def run() -> Got:
        target = TargetURI(
            f"doip://127.0.0.1:{port}?src_addr=0x0e00&target_addr={ecu:#06x}&activation_type=0&protocol_version=2"
        )
        transport = DoIPTransport(target)
        await transport.connect(timeout=5)
        try:
            return await work(UDSClient(transport, timeout=2))
        finally:
            await transport.close()

    return run_apart(run())


def gallia_reads(port: int, ecu: int, *identifiers: int) -> list[str]:
    """What gallia's client hears; a refusal by its name."""

    async def work(client: UDSClient) -> list[str]:
        told = []
        for identifier in identifiers:
            response = await client.read_data_by_identifier(identifier)
            if isinstance(response, service.NegativeResponse):
                told.append(response.response_code.name)
            else:
                told.append(response.data_record.decode("ascii"))
        return told

    return with_gallia(port, ecu, work)


@contextmanager
def udsoncan_client(port: int, ecu: int) -> Iterator[Client]:
    """udsoncan over doipclient, as the flash driver uses them."""
    doip = DoIPClient("127.0.0.1", ecu, tcp_port=port, client_logical_address=0x0E80)
    config = {
        "request_timeout": 10,
        "p2_timeout": 2,
        "use_server_timing": False,
        "security_algo": lambda level, seed, params: key_of(bytes(seed)),
        "data_identifiers": dict.fromkeys((0xF190,), AsciiCodec(17))
        | {0xF15A: AsciiCodec(4), 0xF189: AsciiCodec(4)},
    }
    with Client(DoIPClientUDSConnector(doip, close_connection=True), config=config) as client:
        yield client


def program(client: Client, row: EcuRow, fitting: Fitting) -> None:
    """The whole sequence of one unit, as ISO 14229 has it."""
    client.change_session(3)
    client.start_routine(0x0203)
    client.control_dtc_setting(2)
    client.communication_control(3, 1)
    client.change_session(2)
    client.unlock_security_access(0x11)
    client.write_data_by_identifier(0xF15A, "TEST")
    for block in row.blocks:
        write_block(client, block.address, fitting.files[block.file], block.crc32)
    checked = client.start_routine(0xFF01)
    assert checked is not None
    assert checked.service_data.routine_status_record == b"\0"
    client.ecu_reset(1)


def write_block(client: Client, address: int, data: bytes, crc32: int) -> None:
    place = address.to_bytes(4, "big") + len(data).to_bytes(4, "big")
    client.start_routine(0xFF00, b"\x44" + place)
    answer = client.request_download(
        MemoryLocation(address, len(data), address_format=32, memorysize_format=32)
    )
    piece = answer.service_data.max_length - 2
    for number, at in enumerate(range(0, len(data), piece), 1):
        client.transfer_data(number & 0xFF, data[at : at + piece])
    client.request_transfer_exit()
    checked = client.start_routine(0x0202, crc32.to_bytes(4, "big"))
    assert checked is not None
    assert checked.service_data.routine_status_record == b"\0"


def test_gallias_client_reads_every_unit(port: int) -> None:
    told = {ecu: gallia_reads(port, ecu, 0xF190, 0xF187, 0xF189) for ecu in UNITS}
    assert told == {ecu: [VIN, part_number, "0452"] for ecu, part_number in UNITS.items()}


def test_what_udsoncan_programmed_gallia_reads(car: CarSpec, port: int) -> None:
    fitting = manifest_for(car, size=300_000, blocks=2)
    row = fitting.manifest.ecus[1]
    with udsoncan_client(port, row.address) as client:
        assert client.read_data_by_identifier_first(0xF190) == VIN
        program(client, row, fitting)
    assert gallia_reads(port, BMS, 0xF187, 0xF189) == ["1EA915184B", "0453"]
    assert gallia_reads(port, 0x1001, 0xF189) == ["0452"]


def test_between_erase_and_dependencies_gallia_finds_no_software(car: CarSpec, port: int) -> None:
    fitting = manifest_for(car, size=10_000)
    block = fitting.manifest.ecus[1].blocks[0]
    with udsoncan_client(port, BMS) as client:
        client.change_session(3)
        client.change_session(2)
        client.unlock_security_access(0x11)
        client.write_data_by_identifier(0xF15A, "TEST")
        write_block(client, block.address, fitting.files[block.file], block.crc32)
        assert gallia_reads(port, BMS, 0xF189) == ["requestOutOfRange"]
        client.start_routine(0xFF01)
    assert gallia_reads(port, BMS, 0xF189) == ["0453"]


def test_gallia_takes_pending_answers_for_what_they_are(car: CarSpec, port: int) -> None:
    car.faults.of("bms").erase_seconds = 2.2

    async def work(client: UDSClient) -> bytes:
        await client.diagnostic_session_control(3)
        await client.diagnostic_session_control(2)
        seed = await client.security_access_request_seed(0x11)
        assert isinstance(seed, service.SecurityAccessResponse)
        await client.security_access_send_key(0x12, key_of(seed.security_seed))
        await client.write_data_by_identifier(0xF15A, b"TEST")
        return (await client.routine_control_start_routine(0xFF00, bytes.fromhex("440001000000001000"))).pdu

    assert with_gallia(port, BMS, work) == bytes.fromhex("7101FF0000")


def test_udsoncan_waits_for_an_erase_that_takes_longer_than_an_answer_may(car: CarSpec, port: int) -> None:
    car.faults.of("bms").erase_seconds = 2.5
    fitting = manifest_for(car, size=5000)
    with udsoncan_client(port, BMS) as client:
        program(client, fitting.manifest.ecus[1], fitting)
    assert gallia_reads(port, BMS, 0xF189) == ["0453"]


def test_both_are_told_why_a_block_was_refused(car: CarSpec, port: int) -> None:
    car.faults.of("bms").nrc_at[2] = 0x72
    fitting = manifest_for(car, size=20_000)
    with udsoncan_client(port, BMS) as client, pytest.raises(NegativeResponseException) as refused:
        program(client, fitting.manifest.ecus[1], fitting)
    assert refused.value.response.code == UDSErrorCodes.generalProgrammingFailure
    assert gallia_reads(port, BMS, 0xF189) == ["requestOutOfRange"]


def test_a_frozen_unit_is_a_timeout_and_not_a_lost_connection(car: CarSpec, port: int) -> None:
    car.faults.of("bms").freeze_at = 2
    fitting = manifest_for(car, size=20_000)
    with udsoncan_client(port, BMS) as client, pytest.raises(TimeoutException):
        program(client, fitting.manifest.ecus[1], fitting)


def test_gallia_reads_troubles_and_clears_them(port: int) -> None:
    async def work(client: UDSClient) -> list[dict[int, int]]:
        found = []
        for _ in range(2):
            answer = await client.read_dtc_information_report_dtc_by_status_mask(0xFF)
            assert isinstance(answer, service.ReportDTCByStatusMaskResponse)
            found.append(answer.dtc_and_status_record)
            await client.clear_diagnostic_information(0xFFFFFF)
        return found

    assert with_gallia(port, BMS, work) == [{0x0A0F00: 0x2F}, {}]


def test_doipclients_alive_check_is_answered(port: int) -> None:
    with DoIPClient("127.0.0.1", BMS, tcp_port=port) as client:
        assert client.request_alive_check().source_address == 0x1001


def test_gallia_is_told_that_its_address_is_no_testers(port: int) -> None:
    async def run() -> None:
        await DoIPTransport(
            TargetURI(f"doip://127.0.0.1:{port}?src_addr=0x1234&target_addr=0x1007&activation_type=0")
        ).connect(timeout=5)

    with pytest.raises(RoutingActivationDeniedError, match="UnknownSourceAddress"):
        run_apart(run())
