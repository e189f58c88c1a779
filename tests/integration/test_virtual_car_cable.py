"""The virtual car on its cable: DoIP as written, and connections that come and go."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from campaign.yard.virtual_car.car import CarSpec, make_car
from campaign.yard.virtual_car.serving import serve_car
from tests.fakes.doip_tester import MESSAGE, REFUSED, TAKEN, Closed, DoipTester

VIN, OTHER = "LSVAA4187E2184847", "LSVAA4189E2184848"
GATEWAY, BMS, MOTOR = 0x1001, 0x1007, 0x1010


@pytest.fixture
def car(tmp_path: Path) -> CarSpec:
    return make_car(VIN, tmp_path)


@pytest.fixture
def port(car: CarSpec) -> Iterator[int]:
    with serve_car(lambda: car) as cable:
        yield cable.port


# ---------------------------------------------------------------- messages


def test_one_connection_talks_to_every_unit(port: int) -> None:
    with DoipTester(port) as tester:
        numbers = [tester.ask(ecu, "22F187")[3:] for ecu in (GATEWAY, BMS, MOTOR)]
    assert numbers == [b"1EA907530A", b"1EA915184B", b"1EA907121C"]


def test_a_message_is_acknowledged_before_it_is_answered(port: int) -> None:
    with DoipTester(port) as tester:
        tester.say(BMS, bytes.fromhex("22F189"))
        assert tester.get() == (TAKEN, bytes.fromhex("10070E0000"))
        assert tester.get() == (MESSAGE, bytes.fromhex("10070E00") + b"\x62\xf1\x890452")


def test_a_unit_that_erases_holds_no_other_up(car: CarSpec, port: int) -> None:
    car.faults.of("bms").erase_seconds = 1.1
    with DoipTester(port) as tester:
        tester.into_programming(BMS)
        tester.say(BMS, bytes.fromhex("3101FF00440001000000001000"))
        assert tester.hear() == (BMS, bytes.fromhex("7F3178"))
        assert tester.ask(MOTOR, "22F189") == b"\x62\xf1\x890452"
        assert tester.hear() == (BMS, bytes.fromhex("7F3178"))
        assert tester.hear() == (BMS, bytes.fromhex("7101FF0000"))


def test_two_requests_to_one_unit_are_answered_in_their_order(port: int) -> None:
    with DoipTester(port) as tester:
        for identifier in ("F190", "F187", "F189", "F191"):
            tester.say(BMS, bytes.fromhex("22" + identifier))
        heard = [tester.hear()[1][1:3].hex().upper() for _ in range(4)]
    assert heard == ["F190", "F187", "F189", "F191"]


def test_every_unit_hears_a_functional_request(port: int) -> None:
    with DoipTester(port) as tester:
        tester.say(0xE400, bytes.fromhex("1003"))
        assert sorted(tester.hear() for _ in range(3)) == [
            (ecu, bytes.fromhex("5003003201F4")) for ecu in (GATEWAY, BMS, MOTOR)
        ]
        tester.say(0xE400, bytes.fromhex("3E80"))
        tester.say(0xE400, bytes.fromhex("22028C"))  # the others have none, and keep that to themselves
        assert tester.hear() == (BMS, bytes.fromhex("62028C4D"))
        assert tester.ask(GATEWAY, "22F186") == bytes.fromhex("62F18603")


def test_an_unknown_unit_is_refused_and_the_connection_stays(port: int) -> None:
    with DoipTester(port) as tester:
        tester.say(0x1099, bytes.fromhex("22F190"))
        assert tester.get() == (REFUSED, bytes.fromhex("10990E0003"))
        assert tester.ask(BMS, "22F189") == b"\x62\xf1\x890452"


def test_nothing_goes_before_routing_is_active(port: int) -> None:
    with DoipTester(port, activate=False) as tester:
        tester.say(BMS, bytes.fromhex("22F190"))
        assert tester.get() == (REFUSED, bytes.fromhex("10070E0002"))
        with pytest.raises(Closed):
            tester.get()


def test_another_tester_address_on_the_same_connection_is_refused(port: int) -> None:
    with DoipTester(port) as tester:
        tester.address = 0x0E80
        tester.say(BMS, bytes.fromhex("22F190"))
        assert tester.get() == (REFUSED, bytes.fromhex("10070E8002"))
        with pytest.raises(Closed):
            tester.get()


@pytest.mark.parametrize(
    ("address", "kind", "code"), [(0x1234, 0, 0x00), (0x0E00, 0xE0, 0x06), (0x0E00, 1, 0x10)]
)
def test_routing_is_for_testers_and_known_kinds(port: int, address: int, kind: int, code: int) -> None:
    with DoipTester(port, activate=False, address=address) as tester:
        assert tester.activate(kind) == code


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (b"\x02\x02\x80\x01\x00\x00\x00\x05", 0x00),
        (b"\x09\xf6\x80\x01\x00\x00\x00\x05", 0x00),
        (b"\x02\xfd\x80\x01\x7f\xff\xff\xff", 0x02),
        (b"\x02\xfd\x80\x01\x00\x00\x00\x04" + b"\x0e\x00\x10\x07", 0x04),
        (b"\x02\xfd\x00\x05\x00\x00\x00\x02" + b"\x0e\x00", 0x04),
    ],
)
def test_a_broken_message_is_named_and_ends_the_connection(port: int, message: bytes, code: int) -> None:
    with DoipTester(port) as tester:
        tester.raw(message)
        assert tester.get() == (0x0000, bytes([code]))
        with pytest.raises(Closed):
            tester.get()


def test_an_unknown_kind_of_message_is_refused_and_the_connection_stays(port: int) -> None:
    with DoipTester(port) as tester:
        tester.put(0x4001, b"")
        assert tester.get() == (0x0000, b"\x01")
        tester.put(0x0007, b"", version=3)
        assert tester.get() == (0x0008, bytes.fromhex("1001"))


def test_a_message_may_come_in_pieces(port: int) -> None:
    with DoipTester(port) as tester:
        whole = bytes.fromhex("02FD8001000000070E00100722F189")
        for at in range(len(whole)):
            tester.raw(whole[at : at + 1])
        assert tester.hear() == (BMS, b"\x62\xf1\x890452")


# ---------------------------------------------------------------- connections


def test_a_second_connection_of_a_living_tester_is_refused(port: int) -> None:
    with DoipTester(port) as first, DoipTester(port, activate=False) as second:
        second.put(0x0005, bytes.fromhex("0E000000000000"))
        assert first.get() == (0x0007, b"")
        first.put(0x0008, bytes.fromhex("0E00"))
        assert second.get()[1][4] == 0x03
        assert first.ask(BMS, "22F189") == b"\x62\xf1\x890452"


def test_a_dead_connection_gives_way_to_a_new_one(port: int) -> None:
    with DoipTester(port) as dead, DoipTester(port) as fresh:
        assert fresh.ask(BMS, "22F189") == b"\x62\xf1\x890452"
        assert dead.ended()


def test_a_session_outlives_its_connection_for_as_long_as_sessions_do(port: int) -> None:
    with DoipTester(port) as first:
        first.into_programming(BMS)
    with DoipTester(port) as second:
        assert second.ask(BMS, "22F186") == bytes.fromhex("62F18602")


def test_two_testers_share_the_car(port: int) -> None:
    with DoipTester(port) as one, DoipTester(port, address=0x0E80) as other:
        assert one.ask(BMS, "22F189") == other.ask(BMS, "22F189")


def test_without_a_car_routing_is_not_answered(tmp_path: Path) -> None:
    with (
        serve_car(lambda: None) as cable,
        DoipTester(cable.port, activate=False) as tester,
        pytest.raises(Closed),
    ):
        tester.activate()


def test_the_cable_goes_from_car_to_car(tmp_path: Path) -> None:
    plugged = [make_car(VIN, tmp_path)]
    with serve_car(lambda: plugged[0]) as cable, DoipTester(cable.port) as tester:
        assert tester.ask(BMS, "22F190")[3:] == VIN.encode()
        plugged[0] = make_car(OTHER, tmp_path)
        with DoipTester(cable.port, address=0x0E80) as second:
            assert second.ask(BMS, "22F190")[3:] == OTHER.encode()
        with pytest.raises(Closed):
            tester.get()


def test_a_pulled_cable_ends_every_connection(car: CarSpec) -> None:
    with serve_car(lambda: car) as cable, DoipTester(cable.port) as tester:
        cable.cut()
        with pytest.raises(Closed):
            tester.get()


def test_a_loss_of_power_ends_connections_until_it_comes_back(car: CarSpec, port: int) -> None:
    car.faults.of("bms").power_loss_at = 1
    with DoipTester(port) as tester, DoipTester(port, address=0x0E80) as other:
        assert tester.erase(BMS) == bytes.fromhex("7101FF0000")
        tester.ask(BMS, "34004400010000000003E8")
        tester.say(BMS, b"\x36\x01" + bytes(1000))
        assert tester.ended()
        assert other.ended()
    with DoipTester(port, activate=False) as tester, pytest.raises(Closed):
        tester.activate()
    car.faults.clear()
    with DoipTester(port) as tester:
        assert tester.ask(BMS, "22F189") == bytes.fromhex("7F2231")
        assert tester.ask(BMS, "22F186") == bytes.fromhex("62F18601")


def test_a_gateway_that_restarts_may_end_the_connection(car: CarSpec, port: int) -> None:
    car.faults.of("gateway").cut_by_reset = True
    with DoipTester(port) as tester:
        assert tester.ask(GATEWAY, "1101") == bytes.fromhex("5101")
        with pytest.raises(Closed):
            tester.get()
    with DoipTester(port) as tester:
        assert tester.ask(GATEWAY, "22F189") == b"\x62\xf1\x890452"


def test_a_port_that_is_taken_is_told(port: int) -> None:
    with pytest.raises(OSError, match="address already in use"), serve_car(lambda: None, port=port):
        pass
