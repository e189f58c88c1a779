"""One unit is programmed: blocks as long as both sides take, counters, and every answer that is not a yes."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from campaign.station_agent.driver import CarFailed, RigFailed, Trouble
from campaign.station_agent.manifest import Block, EcuRow, State
from campaign.station_drivers.doip import Line, Timing, Unit
from campaign.station_drivers.options import read_options
from campaign.station_drivers.programming import Piece, Told, prepare, program
from campaign.station_drivers.talk import Garbled, Negative
from campaign.station_drivers.wire import Wire
from tests.fakes.doip_gateway import TESTER, UNIT, Gateway, gateway, says
from tests.fakes.flashed_car import JOB, driver_options
from tests.fakes.flashed_car import Told as Log

DATA = bytes(range(256)) * 40
WILLING = {
    "1002": "5002003201F4",
    "1003": "5003003201F4",
    "2711": "671100000000",
    "2712": "6712",
    "2e": "6EF15A",
    "31010203": "71010203",
    "3101ff00": "7101FF0000",
    "34": "742000{max}",
    "37": "77",
    "31010202": "7101020200",
    "3101ff01": "7101FF0100",
    "11": "5101",
}
"""Beginning of a request -> the answer of a unit that does all it is told."""


class Scene:
    """A unit that answers as told, and one file for it."""

    def __init__(self, made: Gateway, folder: Path) -> None:
        self.answers = dict(WILLING)
        self.longest = 0x82
        self.gateway = made
        self.path = folder / "file"
        self.path.write_bytes(DATA)
        self.log, self.erased, self.bytes = Log(), 0, 0
        self.line = Line(
            partial(Wire, "127.0.0.1", made.port, TESTER, 0x1001), Timing(1.0, 3.0), self.log.keep
        )
        self.unit = Unit(self.line, "bms", UNIT)

    def answer(self, unit: int, request: bytes) -> list[bytes]:
        if request[0] == 0x36:
            return [says(f"76{request[1]:02X}")]
        asked = request.hex()
        fitting = max((key for key in self.answers if asked.startswith(key)), key=len)
        return [says(self.answers[fitting].format(max=f"{self.longest:02X}"))]

    def program(self, size: int = len(DATA), **options: object) -> Trouble | None:
        block = Block("app", "f" * 64, 0x10000, zlib.crc32(DATA))
        row = EcuRow("bms", UNIT, State(), State(), (block,))
        told = Told(self._erase, self._took, lambda: None)
        try:
            program(
                self.unit,
                row,
                [Piece(block, self.path, size)],
                JOB,
                read_options(driver_options(1, **options)),
                self.log,
                told,
            )
        except Trouble as trouble:
            return trouble
        return None

    def blocks(self) -> list[str]:
        return [asked for _, asked in self.gateway.asked if asked.startswith("36")]

    def _erase(self) -> None:
        self.erased += 1

    def _took(self, size: int) -> None:
        self.bytes += size


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    scenes: list[Scene] = []

    def script(unit: int, request: bytes) -> list[bytes]:
        return scenes[0].answer(unit, request)

    with gateway(script) as made:
        scenes.append(Scene(made, tmp_path))
        scenes[0].line.open()
        yield scenes[0]
        scenes[0].line.close()


def test_all_bytes_arrive_in_their_order_and_the_unit_is_reset(scene: Scene) -> None:
    assert scene.program() is None
    assert b"".join(bytes.fromhex(block)[2:] for block in scene.blocks()) == DATA
    assert scene.bytes == len(DATA)
    assert scene.gateway.asked[-1] == (UNIT, "1101")
    assert scene.log.of("block")[0]["crc32"] == f"{zlib.crc32(DATA):08x}"


def test_blocks_are_as_long_as_the_unit_offers(scene: Scene) -> None:
    assert scene.program() is None
    assert {len(block) // 2 for block in scene.blocks()[:-1]} == {0x82}


def test_blocks_are_no_longer_than_the_station_uses(scene: Scene) -> None:
    assert scene.program(block_limit=34) is None
    blocks = scene.blocks()
    assert {len(block) // 2 for block in blocks} == {34}
    counters = [int(block[2:4], 16) for block in blocks]
    assert counters == [(number + 1) & 0xFF for number in range(320)]


def test_a_unit_that_is_open_already_needs_no_key(scene: Scene) -> None:
    assert scene.program() is None
    assert (UNIT, "2711") in scene.gateway.asked
    assert not [asked for _, asked in scene.gateway.asked if asked.startswith("2712")]


def test_a_key_is_made_from_the_seed(scene: Scene) -> None:
    scene.answers["2711"] = "671100000001"
    assert scene.program() is None
    assert (UNIT, "27125a3c96e0") in scene.gateway.asked


def test_a_seed_of_another_length_is_the_station_s_mistake(scene: Scene) -> None:
    scene.answers["2711"] = "67110102"
    trouble = scene.program()
    assert isinstance(trouble, RigFailed)
    assert "5a3c" not in f"{trouble} {trouble.params}".lower()
    assert scene.erased == 0


@pytest.mark.parametrize(
    ("asked", "answer", "code"),
    [
        ("3101ff00", "7101FF0001", "programming_failed"),
        ("3101ff00", "7F3172", "programming_failed"),
        ("34", "7F3471", "programming_failed"),
        ("37", "7F3773", "programming_failed"),
        ("34", "74200002", "broken"),
        ("31010202", "7101020201", "checksum_refused"),
        ("31010202", "7F3122", "checksum_refused"),
        ("3101ff01", "7101FF0101", "dependencies_refused"),
        ("3101ff01", "7F3122", "dependencies_refused"),
    ],
)
def test_what_the_unit_does_not_do_is_its_failure(scene: Scene, asked: str, answer: str, code: str) -> None:
    scene.answers[asked] = answer
    trouble = scene.program()
    assert isinstance(trouble, CarFailed)
    assert trouble.code == code
    assert trouble.params.get("ecu", "bms") == "bms"
    assert (UNIT, "1101") not in scene.gateway.asked


@pytest.mark.parametrize("asked", ["34", "37", "2e", "1002"])
def test_another_refusal_is_told_as_it_is(scene: Scene, asked: str) -> None:
    scene.answers[asked] = f"7F{asked[:2]}22"
    with pytest.raises(Negative) as told:
        scene.program()
    assert (told.value.service, told.value.nrc) == (int(asked[:2], 16), 0x22)


def test_an_answer_that_makes_no_sense_is_no_block_length(scene: Scene) -> None:
    scene.answers["34"] = "7480"
    with pytest.raises(Garbled):
        scene.program()
    assert scene.blocks() == []


def test_a_file_that_became_shorter_is_damaged(scene: Scene) -> None:
    trouble = scene.program(size=len(DATA) + 1)
    assert isinstance(trouble, RigFailed)
    assert trouble.code == "package_damaged"


def test_a_file_that_is_gone_is_damaged(scene: Scene) -> None:
    scene.path.unlink()
    trouble = scene.program()
    assert isinstance(trouble, RigFailed)
    assert trouble.code == "package_damaged"


def test_preconditions_may_be_refused_in_a_positive_answer(scene: Scene) -> None:
    prepare(scene.unit)
    scene.answers["31010203"] = "710102030021"
    with pytest.raises(Negative) as told:
        prepare(scene.unit)
    assert told.value.nrc == 0x21
