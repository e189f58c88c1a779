"""A unit of the virtual car is programmed in one order only; each wrong one has its negative response."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from campaign.yard.virtual_car.car import block_data
from tests.fakes.unit_bench import ADDRESS, VIN, UnitBench, text

DATA = block_data("0453", "1EA915184B", 10_000, 1)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[UnitBench]:
    bench = UnitBench(tmp_path)
    yield bench
    bench.close()


def test_a_unit_tells_what_it_is(bench: UnitBench) -> None:
    told = [
        text(bench.ask(f"22{identifier}")) for identifier in ("F190", "F187", "F189", "F191", "F1A3", "F18C")
    ]
    assert told == [VIN, "1EA915184B", "0452", "1EA915184", "H09", "BM" + VIN[-8:]]
    assert bench.ask("220600") == "6206000C00310F"
    assert bench.ask("22F442") == "62F4427E"
    assert (bench.ask("220405"), bench.ask("220407")) == ("6204050000", "6204070000")


def test_several_identifiers_are_told_at_once_and_unknown_ones_left_out(bench: UnitBench) -> None:
    assert bench.ask("22F18912340405") == "62F18930343532" + "04050000"
    assert bench.ask("221234") == "7F2231"
    assert bench.ask("22F1") == "7F2213"


def test_soc_is_read_from_the_bms_alone(bench: UnitBench) -> None:
    assert bench.ask("22028C", "bms") == "62028C4D"
    assert bench.ask("22028C", "gateway") == "7F2231"


def test_a_flash_brings_the_software_that_its_file_names(bench: UnitBench) -> None:
    assert bench.flash("0453") == "7101FF0100"
    assert bench.ask("1101") == "5101"
    assert text(bench.ask("22F189")) == "0453"
    assert (bench.ask("220405"), bench.ask("220407")) == ("6204050001", "6204070001")
    assert text(bench.ask("22F189", "motor")) == "0452"


def test_an_erased_unit_has_no_software_until_its_dependencies_were_checked(bench: UnitBench) -> None:
    bench.into_programming()
    bench.erase(len(DATA))
    assert bench.ask("22F189") == "7F2231"
    assert bench.write(DATA) == "7101020200"
    assert bench.ask("22F189") == "7F2231"
    assert bench.ask("3101FF01") == "7101FF0100"
    assert text(bench.ask("22F189")) == "0453"


@pytest.mark.parametrize(
    "request_",
    ["2711", "2EF15A01", "3101FF00", "31010203", "340044" + "00" * 8, "3601AA", "37", "280301", "8502"],
)
def test_the_default_session_knows_nothing_of_programming(bench: UnitBench, request_: str) -> None:
    assert bench.ask(request_) == f"7F{request_[:2]}7F"


@pytest.mark.parametrize("request_", ["2711", "2EF15A01", "340044" + "00" * 8, "3601AA", "37"])
def test_the_extended_session_does_not_program(bench: UnitBench, request_: str) -> None:
    bench.ask("1003")
    assert bench.ask(request_) == f"7F{request_[:2]}7F"


def test_erasing_is_no_routine_of_the_extended_session(bench: UnitBench) -> None:
    bench.ask("1003")
    assert bench.ask("31010203") == "71010203"
    assert bench.erase(100) == "7F3131"


@pytest.mark.parametrize(
    "request_", ["2EF15A01", "3101FF01", "3101020200000000", "3101FF0044" + "00" * 8, "340044" + "00" * 8]
)
def test_nothing_is_written_without_the_key(bench: UnitBench, request_: str) -> None:
    bench.into_programming(key=False, fingerprint=False)
    assert bench.ask(request_) == f"7F{request_[:2]}33"


def test_nothing_is_erased_before_somebody_signed(bench: UnitBench) -> None:
    bench.into_programming(fingerprint=False)
    assert bench.erase(100) == "7F3124"
    assert text(bench.ask("22F189")) == "0452"


def test_no_step_comes_before_the_one_that_it_needs(bench: UnitBench) -> None:
    bench.into_programming()
    assert bench.download(len(DATA)) == "7F3424"
    assert bench.ask("3601AA") == "7F3624"
    assert bench.ask("37") == "7F3724"
    assert bench.ask("3101020200000000") == "7F3124"
    assert bench.ask("3101FF01") == "7F3124"


def test_a_running_download_is_finished_before_anything_else(bench: UnitBench) -> None:
    bench.into_programming()
    bench.erase(len(DATA))
    bench.download(len(DATA))
    assert bench.download(len(DATA)) == "7F3422"
    assert bench.erase(len(DATA)) == "7F3124"
    assert bench.ask("37") == "7F3724"
    assert bench.ask("3101FF01") == "7F3124"


def test_what_was_written_is_not_written_again_without_erasing(bench: UnitBench) -> None:
    bench.into_programming()
    bench.write(DATA)
    assert bench.download(len(DATA)) == "7F3424"
    assert bench.write(DATA) == "7101020200"


def test_every_piece_that_was_erased_must_be_written_whole(bench: UnitBench) -> None:
    bench.into_programming()
    bench.erase(5000, ADDRESS + 0x10000)
    bench.write(DATA)
    assert bench.ask("3101FF01") == "7101FF0101"
    assert bench.ask("22F189") == "7F2231"
    bench.write(bytes(5000), ADDRESS + 0x10000)
    assert bench.ask("3101FF01") == "7101FF0100"


def test_a_piece_shorter_than_what_was_erased_is_not_whole(bench: UnitBench) -> None:
    bench.into_programming()
    bench.erase(len(DATA) + 1)
    bench.download(len(DATA))
    bench.send(DATA)
    assert bench.ask("37") == "77"
    assert bench.ask("3101FF01") == "7101FF0101"


def test_a_file_without_a_header_is_no_software(bench: UnitBench) -> None:
    bench.into_programming()
    bench.write(bytes(1000))
    assert bench.ask("3101FF01") == "7101FF0101"


def test_a_piece_with_a_wrong_checksum_must_be_written_anew(bench: UnitBench) -> None:
    bench.into_programming()
    bench.write(DATA)
    assert bench.ask("3101020212345678") == "7101020201"
    assert bench.ask("3101FF01") == "7101FF0101"
    bench.write(DATA)
    assert bench.ask("3101FF01") == "7101FF0100"


def test_a_silent_tester_loses_its_session_after_five_seconds(bench: UnitBench) -> None:
    bench.into_programming()
    bench.now += 5.0
    assert bench.erase(len(DATA)) == "7101FF0000"
    bench.now += 5.1
    assert bench.download(len(DATA)) == "7F347F"
    assert bench.ask("22F186") == "62F18601"


def test_tester_present_keeps_a_session_and_asks_for_no_answer(bench: UnitBench) -> None:
    bench.into_programming()
    for _ in range(5):
        bench.now += 4.0
        assert bench.ask("3E80") == ""
    assert bench.ask("3E00") == "7E00"
    assert bench.erase(len(DATA)) == "7101FF0000"


def test_a_new_session_locks_again(bench: UnitBench) -> None:
    bench.into_programming()
    bench.ask("1002")
    assert bench.erase(100) == "7F3133"


def test_a_session_change_tells_its_timing_and_an_unknown_one_is_refused(bench: UnitBench) -> None:
    assert bench.ask("1003") == "5003003201F4"
    assert bench.ask("1083") == ""
    assert bench.ask("1004") == "7F1012"
    assert bench.ask("10") == "7F1013"


def test_a_reset_forgets_what_was_not_accepted(bench: UnitBench) -> None:
    bench.into_programming()
    bench.write(DATA)
    assert bench.ask("1101") == "5101"
    assert bench.ask("22F189") == "7F2231"
    bench.into_programming()
    assert bench.ask("3101FF01") == "7101FF0101"


def test_units_are_quieted_and_spoken_to_again(bench: UnitBench) -> None:
    bench.ask("1003")
    assert [bench.ask(one) for one in ("8502", "280301", "8501", "280001")] == [
        "C502",
        "6803",
        "C501",
        "6800",
    ]
    assert [bench.ask(one) for one in ("8582", "288301")] == ["", ""]
    assert bench.ask("2803") == "7F2813"
    assert bench.ask("280101") == "7F2812"


def test_troubles_are_told_by_status_and_cleared(bench: UnitBench) -> None:
    assert bench.ask("1902FF") == "5902FF0A0F002F"
    assert bench.ask("190240") == "5902FF"
    assert bench.ask("1902FF", "motor") == "5902FFC1000028"
    assert bench.ask("14123456") == "7F1431"
    assert bench.ask("14FFFFFF") == "54"
    assert bench.ask("1902FF") == "5902FF"


def test_a_flash_forgets_troubles_that_came_and_went(bench: UnitBench) -> None:
    assert bench.flash(ecu="motor") == "7101FF0100"
    assert bench.flash(ecu="bms") == "7101FF0100"
    assert bench.ask("1902FF", "motor") == "5902FF"
    assert bench.ask("1902FF", "bms") == "5902FF0A0F002F"


@pytest.mark.parametrize("request_", ["3102FF00", "3103FF00", "3104FF00", "2701", "1902", "1901FF", "3E01"])
def test_unknown_sub_functions_and_lengths_are_told_apart(bench: UnitBench, request_: str) -> None:
    bench.into_programming()
    assert bench.ask(request_) == f"7F{request_[:2]}" + ("13" if request_ == "1902" else "12")


def test_a_service_that_no_session_knows_is_refused(bench: UnitBench) -> None:
    assert bench.ask("2300") == "7F2311"
    assert bench.ask("BA00") == "7FBA11"
