"""A package made for a virtual car fits it, and the yard's own file of the car says the same as the car."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from campaign.station_agent.cars import read_car, update_car
from campaign.station_agent.manifest import State, baseline, parse
from campaign.yard.virtual_car.car import block_data, make_car, manifest_for
from campaign.yard.virtual_car.image import read_header, software_of, version_of
from campaign.yard.virtual_car.plugged import YardCars, vin_in
from campaign.yard.virtual_car.reading import display_of, raw_of
from campaign.yard.world import World
from tests.fakes.unit_bench import VIN, UnitBench, text


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[UnitBench]:
    bench = UnitBench(tmp_path)
    yield bench
    bench.close()


def test_a_package_names_the_units_as_they_answer(bench: UnitBench) -> None:
    manifest = manifest_for(bench.spec, size=5000).manifest
    assert [(row.name, row.address) for row in manifest.ecus] == [
        ("gateway", 0x1001),
        ("bms", 0x1007),
        ("motor", 0x1010),
    ]
    for row in manifest.ecus:
        told = [text(bench.ask(f"22{one}", row.name)) for one in ("F187", "F189", "F191")]
        assert told == list(row.source[:3])
    assert bench.ask("220600")[6:] == manifest.ecus[1].source.coding


def test_a_package_is_a_manifest_with_its_files(bench: UnitBench) -> None:
    fitting = manifest_for(bench.spec, size=5000, blocks=3)
    assert parse(fitting.manifest.to_text()) == fitting.manifest
    for row in fitting.manifest.ecus:
        assert len(row.blocks) == 3
        for block in row.blocks:
            data = fitting.files[block.file]
            assert (len(data), zlib.crc32(data)) == (5000, block.crc32)
            assert read_header(data) == (row.target.software, row.target.part_number)
    assert {row.sha256: row.size for row in fitting.manifest.files} == dict.fromkeys(fitting.files, 5000)


def test_a_package_may_leave_a_unit_as_it_is(bench: UnitBench) -> None:
    rows = manifest_for(bench.spec, size=5000, sizes={"motor": 0, "bms": 9000}).manifest.ecus
    assert [sum(1 for _ in row.blocks) for row in rows] == [1, 1, 0]
    assert rows[2].source == rows[2].target


def test_blocks_of_a_unit_do_not_overlap(bench: UnitBench) -> None:
    bench.into_programming()
    fitting = manifest_for(bench.spec, size=70_000, blocks=2)
    for block in fitting.manifest.ecus[1].blocks:
        assert bench.write(fitting.files[block.file], block.address) == "7101020200"
    assert bench.ask("3101FF01") == "7101FF0100"


def test_a_car_written_with_its_package_is_at_the_target(bench: UnitBench) -> None:
    fitting = manifest_for(bench.spec, size=5000)
    for row in fitting.manifest.ecus:
        bench.into_programming(row.name)
        bench.write(fitting.files[row.blocks[0].file], row.blocks[0].address, row.name)
        assert bench.ask("3101FF01", row.name) == "7101FF0100"
        bench.ask("1101", row.name)
    actual = {name: State(unit.part_number, unit.software) for name, unit in bench.spec.memory().items()}
    wanted = fitting.manifest._replace(
        ecus=tuple(
            row._replace(
                source=row.source._replace(hardware="", coding=""),
                target=row.target._replace(hardware="", coding=""),
            )
            for row in fitting.manifest.ecus
        )
    )
    assert baseline(wanted, actual) == "VBV4.5.3C"


def test_the_same_seed_makes_the_same_file() -> None:
    assert block_data("0453", "X", 1000, 1) == block_data("0453", "X", 1000, 1)
    assert block_data("0453", "X", 1000, 1) != block_data("0453", "X", 1000, 2)
    assert len(block_data("0453", "X", 41, 1)) == 41


@pytest.mark.parametrize(("software", "size"), [("0453", 40), ("x" * 17, 100)])
def test_a_file_too_small_for_its_header_is_not_made(software: str, size: int) -> None:
    with pytest.raises(ValueError, match="at least 41"):
        block_data(software, "X", size, 1)


@pytest.mark.parametrize(
    "data", [b"", b"CAMPAIGN", b"CAMPAIGN\0" + bytes(32), b"CAMPAIGN\0" + b"\xff" * 32, bytes(50)]
)
def test_other_bytes_are_no_header(data: bytes) -> None:
    assert read_header(data) is None


def test_baselines_and_softwares_go_together() -> None:
    assert (software_of("VBV4.5.2C"), software_of("VBV4.5.3C"), software_of(None), software_of("mixed")) == (
        "0452",
        "0453",
        "",
        "",
    )
    assert version_of({"0453"}) == "VBV4.5.3C"
    assert version_of({"0452", "0453"}) == "mixed"
    assert version_of({"0453", ""}) is None
    assert version_of({"9"}) == "9"


@pytest.mark.parametrize("shown", [0, 1, 250, 265, 268, 269, 270, 271, 274, 500, 999])
def test_the_raw_byte_is_on_the_same_side_of_the_gate_as_the_display(shown: int) -> None:
    assert display_of(raw_of(shown)) >= shown
    assert display_of(raw_of(shown)) < shown + 5
    assert (display_of(raw_of(shown)) >= 270) == (shown >= 270)


def yard_car(tmp_path: Path, **told: object) -> YardCars:
    update_car(tmp_path, VIN, **{"version": "VBV4.5.2C", "soc_display": 274, "soc_bms": 309, **told})
    return YardCars(tmp_path, lambda: VIN)


@pytest.mark.parametrize(("version", "software"), [("VBV4.5.2C", "0452"), ("VBV4.5.3C", "0453"), (None, "")])
def test_a_car_not_seen_before_runs_what_the_yard_says(
    tmp_path: Path, version: str | None, software: str
) -> None:
    spec = yard_car(tmp_path, version=version).find()
    assert spec is not None
    assert {unit.software for unit in spec.memory().values()} == {software}


def test_a_car_that_the_yard_does_not_know_runs_the_source(tmp_path: Path) -> None:
    spec = YardCars(tmp_path, lambda: VIN).find()
    assert spec is not None
    assert {unit.software for unit in spec.memory().values()} == {"0452"}


def test_soc_is_the_yards_and_felt_at_once(tmp_path: Path) -> None:
    bench = UnitBench(tmp_path, yard_car(tmp_path).find())
    assert bench.ask("22028C") == "62028C4C"
    update_car(tmp_path, VIN, soc_display=300)
    assert bench.ask("22028C") == f"62028C{raw_of(300):02X}"
    bench.close()


def test_the_yard_sees_a_car_erased_then_mixed_then_upgraded(tmp_path: Path) -> None:
    bench = UnitBench(tmp_path, yard_car(tmp_path, at="2026-11-01T08:00:00+00:00", charging=False).find())
    seen = []
    for name in ("gateway", "bms", "motor"):
        bench.into_programming(name)
        bench.erase(9000, ecu=name)
        seen.append((read_car(tmp_path, VIN) or {})["version"])
        bench.ask("1101", name)
        bench.flash(ecu=name)
        seen.append((read_car(tmp_path, VIN) or {})["version"])
    assert seen == [None, "mixed", None, "mixed", None, "VBV4.5.3C"]
    assert (read_car(tmp_path, VIN) or {})["soc_display"] == 274
    assert len(World.load(tmp_path, 1)) == 1
    bench.close()


def test_a_car_that_the_yard_did_not_know_is_told_whole(tmp_path: Path) -> None:
    bench = UnitBench(tmp_path, YardCars(tmp_path, lambda: VIN).find())
    bench.into_programming()
    bench.erase(100)
    told = read_car(tmp_path, VIN) or {}
    assert (told["version"], told["soc_display"], told["soc_bms"]) == (None, display_of(77), 308)
    assert len(World.load(tmp_path, 1)) == 1
    bench.close()


def test_the_plug_is_a_file_with_a_vin_or_without(tmp_path: Path) -> None:
    plug = tmp_path / "plugged"
    assert vin_in(plug) is None
    plug.write_text("\n")
    assert vin_in(plug) is None
    plug.write_text(f" {VIN}\n")
    assert vin_in(plug) == VIN


def test_the_yards_folder_lists_no_unit_memory_as_a_car(tmp_path: Path) -> None:
    car = make_car(VIN, tmp_path)
    assert not list(tmp_path.glob("*.json"))
    assert json.loads(car.file.read_text())["vin"] == VIN
