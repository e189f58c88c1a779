"""Downloads and their blocks: counters, lengths, places in memory. And the key that opens a unit."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from campaign.yard.virtual_car.car import block_data, key_of
from tests.fakes.unit_bench import ADDRESS, UnitBench

DATA = block_data("0453", "1EA915184B", 9000, 1)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[UnitBench]:
    bench = UnitBench(tmp_path)
    yield bench
    bench.close()


@pytest.fixture
def loading(bench: UnitBench) -> UnitBench:
    """A download of DATA has begun."""
    bench.into_programming()
    assert bench.erase(len(DATA)) == "7101FF0000"
    assert bench.download(len(DATA)) == "74200FFF"
    return bench


def block(counter: int, data: bytes) -> bytes:
    return bytes([0x36, counter]) + data


@pytest.mark.parametrize("counter", [0, 2, 255])
def test_blocks_begin_with_one(loading: UnitBench, counter: int) -> None:
    assert loading.ask(block(counter, DATA[:10])) == "7F3673"
    assert loading.ask(block(1, DATA[:10])) == "7601"


def test_a_skipped_block_is_refused_and_the_right_one_still_taken(loading: UnitBench) -> None:
    assert loading.ask(block(1, DATA[:4000])) == "7601"
    assert loading.ask(block(3, DATA[4000:8000])) == "7F3673"
    assert loading.ask(block(2, DATA[4000:8000])) == "7602"


def test_a_repeated_block_is_acknowledged_and_written_once(loading: UnitBench) -> None:
    loading.ask(block(1, DATA[:4000]))
    assert loading.ask(block(1, DATA[:4000])) == "7601"
    loading.ask(block(2, DATA[4000:8000]))
    loading.ask(block(3, DATA[8000:]))
    assert loading.ask(block(3, DATA[8000:])) == "7603"
    assert loading.ask("37") == "77"
    assert loading.ask(f"31010202{zlib.crc32(DATA):08X}") == "7101020200"


def test_counters_go_round(loading: UnitBench) -> None:
    answers = loading.send(DATA, piece=30)
    assert len(answers) == 300
    assert answers[253:258] == ["76FE", "76FF", "7600", "7601", "7602"]
    assert loading.ask("37") == "77"
    assert loading.ask(f"31010202{zlib.crc32(DATA):08X}") == "7101020200"


def test_no_more_is_taken_than_was_announced(loading: UnitBench) -> None:
    loading.ask(block(1, DATA[:4093]))
    loading.ask(block(2, DATA[:4093]))
    assert loading.ask(block(3, DATA[: len(DATA) - 2 * 4093 + 1])) == "7F3671"
    assert loading.ask(block(3, DATA[: len(DATA) - 2 * 4093])) == "7603"
    assert loading.ask(block(4, b"\0")) == "7F3624"


def test_a_block_is_at_most_as_long_as_told_and_never_empty(loading: UnitBench) -> None:
    assert loading.ask(block(1, DATA[:4094])) == "7F3613"
    assert loading.ask(block(1, b"")) == "7F3613"
    assert loading.ask("36") == "7F3613"
    assert loading.ask(block(1, DATA[:4093])) == "7601"


@pytest.mark.parametrize(("longest", "told"), [(256, "0100"), (65535, "FFFF"), (70000, "00011170")])
def test_the_longest_block_is_the_units_own(tmp_path: Path, longest: int, told: str) -> None:
    bench = UnitBench(tmp_path, max_block=longest)
    bench.into_programming()
    bench.erase(200_000)
    assert bench.download(200_000) == f"74{len(told) // 2:X}0{told}"
    assert bench.ask(block(1, bytes(longest - 2))) == "7601"
    assert bench.ask(block(2, bytes(longest - 1))) == "7F3613"
    bench.close()


@pytest.mark.parametrize(
    ("option", "code"),
    [
        ("44" + "00" * 8, "31"),  # no bytes at all
        ("44" + "00010000" + "04000001", "31"),  # more than the unit has
        ("44" + "FFFFFFFF" + "00000002", "31"),  # beyond the last address
        ("33" + "010000" + "001000", "31"),
        ("44" + "00010000", "13"),
        ("", "13"),
    ],
)
def test_a_place_that_does_not_exist_is_not_erased(bench: UnitBench, option: str, code: str) -> None:
    bench.into_programming()
    assert bench.ask("3101FF00" + option) == f"7F31{code}"
    assert bench.ask("22F189") == "62F18930343532"


def test_a_download_goes_where_was_erased_and_fits_there(bench: UnitBench) -> None:
    bench.into_programming()
    bench.erase(len(DATA))
    assert bench.download(len(DATA), ADDRESS + 1) == "7F3431"
    assert bench.download(len(DATA) + 1) == "7F3431"
    assert bench.ask(f"341144{ADDRESS:08X}{len(DATA):08X}") == "7F3431"
    assert bench.ask(f"340033{ADDRESS:06X}{len(DATA):06X}") == "7F3431"
    assert bench.ask("34004400") == "7F3413"
    assert bench.download(len(DATA)) == "74200FFF"


def test_erasing_a_part_of_an_erased_piece_is_refused_and_a_wider_one_takes_its_place(
    bench: UnitBench,
) -> None:
    bench.into_programming()
    bench.erase(0x1000, ADDRESS)
    assert bench.erase(0x800, ADDRESS) == "7F3131"
    assert bench.erase(0x2000, ADDRESS) == "7101FF0000"
    assert bench.spec.memory()["bms"].erased == {ADDRESS: 0x2000}


def test_a_checksum_has_four_bytes_and_a_check_of_dependencies_none(bench: UnitBench) -> None:
    bench.into_programming()
    bench.write(DATA)
    assert bench.ask("31010202000000") == "7F3113"
    assert bench.ask("3101FF0100") == "7F3113"


def test_a_wrong_key_is_refused_and_the_third_one_locks_the_unit(bench: UnitBench) -> None:
    bench.into_programming(key=False, fingerprint=False)
    answers = []
    for _ in range(3):
        seed = bytes.fromhex(bench.ask("2711"))[2:]
        answers.append(bench.ask(b"\x27\x12" + key_of(seed, 0x11111111)))
    assert answers == ["7F2735", "7F2735", "7F2736"]
    assert bench.ask("2711") == "7F2737"
    bench.now += 4.0
    bench.ask("3E80")
    bench.now += 4.0
    bench.ask("3E80")
    bench.now += 2.1
    assert bench.open() == "6712"


def test_a_key_needs_a_seed_and_a_seed_serves_once(bench: UnitBench) -> None:
    bench.into_programming(key=False, fingerprint=False)
    assert bench.ask("271200000000") == "7F2724"
    seed = bytes.fromhex(bench.ask("2711"))[2:]
    assert bench.ask(b"\x27\x12" + bytes(4)) == "7F2735"
    assert bench.ask(b"\x27\x12" + key_of(seed)) == "7F2724"


def test_an_open_unit_gives_zeros_for_a_seed(bench: UnitBench) -> None:
    bench.into_programming()
    assert bench.ask("2711") == "671100000000"
    assert bench.erase(100) == "7101FF0000"


def test_each_unit_may_have_its_own_secret(tmp_path: Path) -> None:
    bench = UnitBench(tmp_path, secret=0x01020304)
    bench.into_programming()
    assert bench.erase(100) == "7101FF0000"
    bench.close()
