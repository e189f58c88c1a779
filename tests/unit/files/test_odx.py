"""ODX-F flash containers: what they bring becomes a manifest, what they lack is said, a broken one is one line."""

from __future__ import annotations

import zlib
from pathlib import Path
from zipfile import ZipFile

import pytest

from campaign.errors import BadFile
from campaign.files.flash_import import Found, as_manifest, fit_name, only_once
from campaign.files.odx import read_pdx
from campaign.station_agent.manifest import State, parse
from tests.fakes.pdx import BOOT, IMAGE, flash_xml, segment, write_pdx


def missing(found: Found) -> list[str]:
    return [note.en for note in found.notes if note.missing]


def told(found: Found) -> str:
    return "\n".join(note.en for note in found.notes)


def test_units_identifications_segments_and_files_are_read(tmp_path: Path) -> None:
    found = read_pdx(write_pdx(tmp_path / "a.pdx"))
    (unit,) = found.units
    assert unit.name == "gateway"
    assert unit.source == State("1EA907530A", "0452", "1EA907530")
    assert unit.target == State("1EA907530A", "0453")
    assert [(block.name, block.address, block.data) for block in unit.blocks] == [
        ("LOW", 0x8000, IMAGE[:1024]),
        ("HIGH", 0x8400, IMAGE[1024:]),
        ("ALL", 0x100000, BOOT),
    ]
    assert missing(found) == []
    assert "gateway: checksum app is right" in told(found)
    assert "SupplierCode is not compared (0815, 0816)" in told(found)


def test_what_was_found_is_a_manifest(tmp_path: Path) -> None:
    found = read_pdx(write_pdx(tmp_path / "a.pdx"))
    made, notes = as_manifest(found, "P1", "VBV4.5.2C", "VBV4.5.3C", "WI 7", {"gateway": 0x1001})
    assert parse(made.to_text()) == made
    assert notes == []
    assert [block.crc32 for block in made.ecus[0].blocks] == [
        zlib.crc32(data) for data in (IMAGE[:1024], IMAGE[1024:], BOOT)
    ]
    assert {row.sha256 for row in made.files} == set(found.files)


def test_a_logical_address_that_nobody_told_is_missing(tmp_path: Path) -> None:
    found = read_pdx(write_pdx(tmp_path / "a.pdx"))
    _, notes = as_manifest(found, "P1", "VBV4.5.2C", "VBV4.5.3C", "", {"bms": 7})
    assert [note.missing for note in notes] == [True, True]
    assert "--ecu gateway=0x" in notes[0].text("en")
    assert "缺少 gateway" in notes[0].text("zh")
    assert "bms" in notes[1].text("en")


def test_a_binary_file_in_hex_digits_is_read_too(tmp_path: Path) -> None:
    found = read_pdx(write_pdx(tmp_path / "a.pdx", gateway_bin=IMAGE.hex("\n", 32).encode()))
    assert b"".join(block.data for block in found.units[0].blocks[:2]) == IMAGE


def test_intel_hex_tells_its_addresses_itself(tmp_path: Path) -> None:
    xml = flash_xml(file="gateway.hex").replace(
        '<DATAFORMAT SELECTION="BINARY"/><DATAFILE', '<DATAFORMAT SELECTION="INTEL-HEX"/><DATAFILE'
    )
    records = "".join(record(0x8000 + at, IMAGE[at : at + 16]) for at in range(0, len(IMAGE), 16))
    data = (records + ":00000001FF\n").encode()
    found = read_pdx(write_pdx(tmp_path / "a.pdx", xml, gateway_hex=data))
    assert [(b.address, b.data) for b in found.units[0].blocks[:2]] == [
        (0x8000, IMAGE[:1024]),
        (0x8400, IMAGE[1024:]),
    ]


def record(address: int, data: bytes) -> str:
    body = bytes([len(data)]) + address.to_bytes(2, "big") + b"\0" + data
    return f":{(body + bytes([-sum(body) & 0xFF])).hex().upper()}\n"


def test_segments_one_after_the_other_are_cut_in_order(tmp_path: Path) -> None:
    parts = segment("APP.ONE", 0x8000, 1000) + segment("APP.TWO", 0x20000, 1048)
    found = read_pdx(write_pdx(tmp_path / "a.pdx", flash_xml(segments=parts)))
    assert [(b.name, b.address, b.data) for b in found.units[0].blocks[:2]] == [
        ("ONE", 0x8000, IMAGE[:1000]),
        ("TWO", 0x20000, IMAGE[1000:]),
    ]


def test_segments_that_do_not_fit_their_data_are_told(tmp_path: Path) -> None:
    found = read_pdx(write_pdx(tmp_path / "a.pdx", flash_xml(segments=segment("APP.ONE", 0, 99))))
    assert missing(found) == ["gateway: application has 2048 bytes, its segments have 99"]


def test_a_wrong_checksum_is_told(tmp_path: Path) -> None:
    found = read_pdx(write_pdx(tmp_path / "a.pdx", flash_xml(crc=1)))
    assert "the container says 00000001" in missing(found)[0]


def test_a_file_that_is_not_in_the_container_is_told(tmp_path: Path) -> None:
    found = read_pdx(write_pdx(tmp_path / "a.pdx", other_bin=IMAGE))
    assert missing(found) == ["gateway: file gateway.bin is not in the container"]


def test_a_format_of_the_maker_is_told(tmp_path: Path) -> None:
    xml = flash_xml().replace(
        '<DATAFORMAT SELECTION="BINARY"/><DATAFILE',
        '<DATAFORMAT SELECTION="USER-DEFINED" USER-SELECTION="SGO"/><DATAFILE',
    )
    assert "format of its maker (SGO)" in missing(read_pdx(write_pdx(tmp_path / "a.pdx", xml)))[0]


@pytest.mark.parametrize(
    ("xml", "said"),
    [
        ("not xml at all", "cannot|not a flash container"),
        ("<ODX MODEL-VERSION='2.2.0'/>", "not a flash container"),
        (flash_xml().replace("F.GW.F1", "F.GW.GONE", 1), "not a flash container"),
        (flash_xml().replace(' TYPE="DATA"', ""), "not a flash container"),
        ("<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'aaaa'>]><ODX/>", "declares entities"),
        (
            "<ODX MODEL-VERSION='2.2.0'><FLASH ID='F'><SHORT-NAME>f</SHORT-NAME></FLASH></ODX>",
            "no flash data",
        ),
    ],
)
def test_a_broken_container_is_one_clear_line(tmp_path: Path, xml: str, said: str) -> None:
    with pytest.raises(BadFile, match=said) as bad:
        read_pdx(write_pdx(tmp_path / "a.pdx", xml))
    assert "\n" not in str(bad.value)
    assert "a.pdx" in str(bad.value)


def test_what_is_no_archive_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "a.pdx").write_bytes(b"PK\x03\x04 broken")
    for file in (tmp_path / "a.pdx", tmp_path / "gone.pdx", tmp_path):
        with pytest.raises(BadFile) as bad:
            read_pdx(file)
        assert "\n" not in str(bad.value)


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    with ZipFile(tmp_path / "a.pdx", "w", compression=8) as packed:
        packed.writestr("sample.odx-f", b" " * (65 * 1024 * 1024))
    with pytest.raises(BadFile, match="larger than 64 MB"):
        read_pdx(tmp_path / "a.pdx")


def test_names_fit_a_manifest_and_stand_once() -> None:
    assert fit_name(" 网关 block/1 ") == "block_1"
    assert fit_name("…") == "unnamed"
    assert only_once(["a", "a", "b", "a"]) == ["a", "a-2", "b", "a-3"]
