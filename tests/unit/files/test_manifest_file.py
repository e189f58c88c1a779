"""Manifests as people write them: what can be computed is, what is wrong is named with its place."""

from __future__ import annotations

import json
import zlib
from pathlib import Path

import pytest

from campaign.errors import BadFile, BadInput
from campaign.files.manifest_file import read_manifest, write_yaml
from tests.fakes.packages import files_of, image, manifest

YAML = """
name: P1
source: VBV4.5.2C
target: VBV4.5.3C
instruction: 作业指导书 7
ecus:
  - name: gateway
    address: 0x1001
    source: {part_number: 1EA907530A, software: 0452}
    target: {part_number: 1EA907530A, software: 0453, coding: 00 02 0a}
    blocks:
      - {name: application, file: gateway.bin, address: 0x10000}
  - name: motor
    address: 4112
    source: {part_number: 1EA907121C}
    target: {part_number: 1EA907121C}
files:
  - gateway.bin
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "files").mkdir()
    files_of(manifest(), tmp_path / "files")
    return tmp_path / "files"


def written(tmp_path: Path, text: str, name: str = "manifest.yaml") -> Path:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return file


def test_sizes_and_checksums_come_from_the_files(tmp_path: Path, folder: Path) -> None:
    read = read_manifest(written(tmp_path, YAML), folder)
    gateway, motor = read.manifest.ecus
    (row,) = read.manifest.files
    assert (row.name, row.size) == ("gateway.bin", 3000)
    assert gateway.blocks[0].crc32 == zlib.crc32(image("VBV4.5.3C"))
    assert gateway.blocks[0].file == row.sha256
    assert (gateway.address, gateway.blocks[0].address, motor.address) == (0x1001, 0x10000, 0x1010)
    assert read.files == {row.sha256: folder / "gateway.bin"}


def test_software_with_a_leading_zero_stays_what_it_is(tmp_path: Path, folder: Path) -> None:
    gateway = read_manifest(written(tmp_path, YAML), folder).manifest.ecus[0]
    assert (gateway.source.software, gateway.target.software) == ("0452", "0453")
    assert gateway.target.coding == "00020A"


def test_a_canonical_manifest_is_read_as_it_is(tmp_path: Path) -> None:
    made = manifest("P1")
    assert read_manifest(written(tmp_path, made.to_text(), "m.json")).manifest == made


def test_what_was_written_for_review_is_read_back(tmp_path: Path) -> None:
    made = manifest("P1")
    text = write_yaml(made, ["look at this"])
    assert text.startswith("# look at this\n")
    assert "address: 0x1001" in text
    assert read_manifest(written(tmp_path, text)).manifest == made


def test_what_is_given_is_not_overwritten(tmp_path: Path, folder: Path) -> None:
    text = YAML.replace("  - gateway.bin", f"  - {{name: gateway.bin, sha256: {'a' * 64}, size: 7}}")
    (row,) = read_manifest(written(tmp_path, text), folder).manifest.files
    assert (row.sha256, row.size) == ("a" * 64, 7)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not a manifest"),
        ("- a\n- b", "not a manifest"),
        ("name: [", "not a manifest"),
        ("a: &a [1]\nname: *a", "aliases"),
        (json.dumps({"name": "P1"}), r"manifest\.source"),
        (YAML.replace("address: 0x1001", "address:"), r"ecus\[0\]\.address"),
        (YAML.replace("address: 0x1001", "address: gateway"), r"ecus\[0\]\.address"),
        (YAML.replace("file: gateway.bin", "file: other.bin"), r"blocks\[0\]\.file"),
        (YAML.replace("name: P1", "name: P 1"), r"manifest\.name"),
        (YAML.replace("ecus:", "ecus: none\nother:"), "ecus: should be a list"),
        (YAML.replace("  - gateway.bin", "  - gone.bin"), "gone.bin: there is no such file"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(tmp_path: Path, folder: Path, text: str, said: str) -> None:
    with pytest.raises(BadFile, match=said) as bad:
        read_manifest(written(tmp_path, text), folder)
    assert "\n" not in str(bad.value)


def test_a_file_is_never_taken_from_outside_the_folder(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(BadInput, match="without a folder"):
        read_manifest(written(tmp_path, YAML.replace("  - gateway.bin", "  - ../secret")), folder)


def test_a_file_that_is_not_there_or_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_bytes(b"\xff\xfe\x00")
    for file in (tmp_path / "gone.yaml", tmp_path / "m.yaml"):
        with pytest.raises(BadFile, match=file.name):
            read_manifest(file)
