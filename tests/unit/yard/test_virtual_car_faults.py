"""The virtual car misbehaves on command, and what it remembers outlives a loss of power."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from campaign.yard.virtual_car.car import block_data, make_car
from campaign.yard.virtual_car.memory import load
from tests.fakes.unit_bench import ADDRESS, VIN, UnitBench, text

DATA = block_data("0453", "1EA915184B", 10_000, 1)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[UnitBench]:
    bench = UnitBench(tmp_path)
    yield bench
    bench.close()


def begin(bench: UnitBench) -> None:
    bench.into_programming()
    bench.erase(len(DATA))
    bench.download(len(DATA))


def say(bench: UnitBench, faults: object) -> None:
    bench.spec.faults_file.write_text(faults if isinstance(faults, str) else json.dumps(faults))


@pytest.mark.parametrize("code", [0x72, 0x10, 0x05])
def test_a_block_is_refused_by_any_code_as_long_as_the_fault_stands(bench: UnitBench, code: int) -> None:
    bench.spec.faults.of("bms").nrc_at[2] = code
    begin(bench)
    assert bench.send(DATA)[:2] == ["7601", f"7F36{code:02X}"]
    assert bench.ask(b"\x36\x02" + DATA[4093:8186]) == f"7F36{code:02X}"
    bench.spec.faults.clear()
    assert bench.ask(b"\x36\x02" + DATA[4093:8186]) == "7602"


def test_blocks_are_counted_over_all_downloads_of_a_session(bench: UnitBench) -> None:
    bench.spec.faults.of("bms").nrc_at[4] = 0x72
    bench.into_programming()
    assert bench.write(DATA) == "7101020200"
    bench.erase(100, ADDRESS + 0x10000)
    bench.download(100, ADDRESS + 0x10000)
    assert bench.ask(b"\x36\x01" + bytes(100)) == "7F3672"


def test_a_frozen_unit_says_nothing_while_the_others_talk(bench: UnitBench) -> None:
    bench.spec.faults.of("bms").freeze_at = 2
    begin(bench)
    assert bench.send(DATA) == ["7601", "", ""]
    assert bench.ask("22F190") == ""
    assert bench.ask("22F189", "motor") == "62F18930343532"
    assert bench.cuts == 0


def test_a_frozen_unit_comes_back_restarted_when_the_fault_is_gone(bench: UnitBench) -> None:
    bench.spec.faults.of("bms").freeze_at = 1
    begin(bench)
    bench.send(DATA)
    bench.spec.faults.clear()
    assert bench.ask("22F186") == "62F18601"
    assert bench.ask("22F189") == "7F2231"


def test_without_power_the_whole_car_is_silent_and_then_found_erased(bench: UnitBench) -> None:
    bench.spec.faults.of("bms").power_loss_at = 3
    begin(bench)
    assert bench.send(DATA) == ["7601", "7602", ""]
    assert bench.cuts == 1
    assert bench.ask("22F190", "motor") == ""
    assert not bench.car.powered()
    bench.spec.faults.clear()
    assert bench.car.powered()
    assert bench.ask("22F189") == "7F2231"
    assert text(bench.ask("22F189", "motor")) == "0452"
    assert bench.ask("220405") == "6204050001"


def test_a_car_that_lost_power_is_mended_by_another_flash(bench: UnitBench) -> None:
    bench.spec.faults.of("bms").power_loss_at = 1
    begin(bench)
    bench.send(DATA)
    bench.spec.faults.clear()
    assert bench.car.powered()
    bench.into_programming()
    assert bench.ask("3101FF01") == "7101FF0101"
    bench.ask("1003")
    assert bench.flash() == "7101FF0100"
    assert (bench.ask("220405"), bench.ask("220407")) == ("6204050002", "6204070001")


def test_what_was_written_before_the_power_went_does_not_count(bench: UnitBench) -> None:
    bench.into_programming()
    bench.erase(5000, ADDRESS + 0x10000)
    bench.write(DATA)
    bench.again()
    bench.into_programming()
    bench.erase(5000, ADDRESS + 0x10000)
    bench.download(5000, ADDRESS + 0x10000)
    bench.send(bytes(5000))
    bench.ask("37")
    assert bench.ask("3101FF01") == "7101FF0101"


def test_another_process_finds_an_erased_car(bench: UnitBench) -> None:
    begin(bench)
    bench.again()
    assert bench.ask("22F189") == "7F2231"
    assert bench.ask("22F187") == "62F187" + b"1EA915184B".hex().upper()
    assert bench.spec.memory()["bms"].erased == {ADDRESS: len(DATA)}


def test_another_process_finds_a_flashed_car(bench: UnitBench) -> None:
    bench.flash()
    bench.again()
    assert text(bench.ask("22F189")) == "0453"
    assert make_car(VIN, bench.spec.file.parent.parent).memory()["bms"].successes == 1


def test_no_block_writes_to_the_disk(bench: UnitBench) -> None:
    begin(bench)
    before = bench.spec.file.stat().st_mtime_ns, bench.spec.file.stat().st_ino
    bench.send(DATA)
    bench.ask("37")
    assert (bench.spec.file.stat().st_mtime_ns, bench.spec.file.stat().st_ino) == before


def test_a_file_of_something_else_is_no_car(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"vin": "LSV"}')
    with pytest.raises(ValueError, match="no virtual car"):
        load(tmp_path / "x.json")


def test_a_slow_erase_is_announced_as_pending_each_second(bench: UnitBench) -> None:
    bench.spec.faults.of("bms").erase_seconds = 1.2
    bench.into_programming()
    assert bench.answers(f"3101FF0044{ADDRESS:08X}00001000") == ["7F3178", "7F3178", "7101FF0000"]


def test_a_refused_erase_takes_no_time(bench: UnitBench) -> None:
    bench.spec.faults.of("bms").erase_seconds = 3600
    bench.into_programming(fingerprint=False)
    assert bench.answers(f"3101FF0044{ADDRESS:08X}00001000") == ["7F3124"]


def test_blocks_may_be_slow_for_the_whole_car_or_one_unit(bench: UnitBench) -> None:
    bench.spec.faults.seconds_per_block = 0.06
    begin(bench)
    assert bench.answers(b"\x36\x01" + DATA[:100]) == ["7F3678", "7601"]
    bench.spec.faults.of("bms").seconds_per_block = 0.0
    assert bench.answers(b"\x36\x02" + DATA[100:200]) == ["7602"]


def test_checks_fail_on_command(bench: UnitBench) -> None:
    own = bench.spec.faults.of("bms")
    own.checksum_refused = True
    bench.into_programming()
    assert bench.write(DATA) == "7101020201"
    own.checksum_refused = False
    assert bench.write(DATA) == "7101020200"
    own.dependencies_refused = True
    assert bench.ask("3101FF01") == "7101FF0101"
    own.dependencies_refused = False
    assert bench.ask("3101FF01") == "7101FF0100"


def test_preconditions_that_do_not_hold_keep_a_unit_from_programming(bench: UnitBench) -> None:
    bench.spec.faults.of("bms").preconditions_refused = True
    bench.ask("1003")
    assert bench.ask("31010203") == "7F3122"
    assert bench.ask("1002") == "7F1022"
    assert bench.ask("22F186") == "62F18603"


def test_security_is_denied_on_command(bench: UnitBench) -> None:
    bench.spec.faults.of("bms").security_denied = True
    bench.into_programming(key=False, fingerprint=False)
    assert bench.ask("2711") == "7F2733"


def test_a_car_reports_what_it_is_told_to(bench: UnitBench) -> None:
    faults = bench.spec.faults
    faults.vin, faults.volts, faults.soc_raw = "LSVAA4187E2184848", 11.2, 60
    faults.of("bms").part_number = "1EA915184Z"
    assert text(bench.ask("22F190")) == "LSVAA4187E2184848"
    assert text(bench.ask("22F187")) == "1EA915184Z"
    assert text(bench.ask("22F187", "motor")) == "1EA907121C"
    assert (bench.ask("22F442"), bench.ask("22028C")) == ("62F44270", "62028C3C")


def test_one_unit_may_be_deaf(bench: UnitBench) -> None:
    bench.spec.faults.of("motor").silent = True
    assert bench.ask("22F190", "motor") == ""
    assert bench.ask("22F190", "bms") != ""


def test_any_request_may_be_refused(bench: UnitBench) -> None:
    bench.spec.faults.of("bms").refuse["22F187"] = 0x22
    assert bench.ask("22F187") == "7F2222"
    assert bench.ask("22F189") == "62F18930343532"


def test_a_reset_unit_is_away_while_it_starts(tmp_path: Path) -> None:
    bench = UnitBench(tmp_path, boot_seconds=2.0)
    assert bench.ask("1101") == "5101"
    assert bench.ask("22F190") == ""
    bench.now += 2.0
    assert text(bench.ask("22F190")) == VIN
    bench.close()


def test_faults_may_be_given_beside_the_cars_file(bench: UnitBench) -> None:
    say(bench, {"volts": 10.9, "ecus": {"bms": {"nrc_at": {"2": "0x72"}, "refuse": {"22F187": 34}}}})
    assert bench.ask("22F442") == "62F4426D"
    assert bench.ask("22F187") == "7F2222"
    begin(bench)
    assert bench.send(DATA)[:2] == ["7601", "7F3672"]
    bench.spec.faults_file.unlink()
    assert bench.ask(b"\x36\x02" + DATA[4093:8186]) == "7602"


def test_a_file_goes_before_what_the_process_set_and_leaves_the_rest(bench: UnitBench) -> None:
    bench.spec.faults.volts, bench.spec.faults.soc_raw = 11.0, 60
    bench.spec.faults.of("bms").part_number = "X"
    say(bench, {"volts": 12.0, "ecus": {"bms": {"silent": False}}})
    assert (bench.ask("22F442"), bench.ask("22028C")) == ("62F44278", "62028C3C")
    assert text(bench.ask("22F187")) == "X"


@pytest.mark.parametrize(
    "slip", ["{", "[]", '{"ecus": []}', '{"ecus": {"bms": {"nrc_at": {"x": 1}}}}', '{"ecus": 1}']
)
def test_a_slip_in_the_file_makes_no_unit_silent(bench: UnitBench, slip: str) -> None:
    say(bench, slip)
    assert text(bench.ask("22F189")) == "0452"


def test_a_file_half_written_changes_nothing(bench: UnitBench) -> None:
    say(bench, {"volts": 11.0})
    assert bench.ask("22F442") == "62F4426E"
    say(bench, '{"volts": 1')
    assert bench.ask("22F442") == "62F4426E"


def test_power_taken_by_a_file_comes_back_with_its_end(bench: UnitBench) -> None:
    say(bench, {"ecus": {"bms": {"power_loss_at": 1}}})
    begin(bench)
    assert bench.send(DATA[:100]) == [""]
    assert bench.ask("22F190", "motor") == ""
    bench.spec.faults_file.unlink()
    assert text(bench.ask("22F190", "motor")) == VIN
