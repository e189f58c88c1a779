"""`campaign package`: from a key pair and a manifest to a package at the stations, as typed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.command_line import Desk, Printed, desk_in, run
from tests.fakes.packages import image, manifest, public_key
from tests.fakes.pdx import flash_xml, write_pdx

YAML = """
name: next
source: VBV4.5.2C
target: VBV4.5.3C
instruction: WI 8
ecus:
  - name: gateway
    address: 0x1001
    source: {part_number: 1EA907530A, software: 0452}
    target: {part_number: 1EA907530A, software: 0453}
    blocks: [{name: application, file: gateway.bin, address: 0x10000}]
files: [gateway.bin]
"""

ODX = ("--name", "n", "--target", "4.5.3C", "--instruction", "x")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    (tmp_path / "home").mkdir()
    with desk_in(tmp_path / "home") as made:
        yield made


@pytest.fixture
def bench(tmp_path: Path) -> Path:
    """Product development's own folder: manifest, file, key pair."""
    folder = tmp_path / "bench"
    folder.mkdir()
    (folder / "manifest.yaml").write_text(YAML, encoding="utf-8")
    (folder / "gateway.bin").write_bytes(image("VBV4.5.3C"))
    assert run(folder, "package", "keygen", str(folder / "dev.key")).code == 0
    return folder


def trusted(desk: Desk, bench: Path) -> Printed:
    return desk.run("package", "trust", str(bench / "dev.key.pub"), "--name", "development", by="root")


def drafted(desk: Desk, bench: Path) -> Printed:
    return desk.run("package", "draft", str(bench / "manifest.yaml"), by="huangbo")


def sign(desk: Desk, bench: Path, what: str = "next") -> Printed:
    sheet = ("--out", str(bench / "next.sheet"))
    return desk.run("package", "sign", what, "--key", str(bench / "dev.key"), *sheet, by="huangbo")


def release(desk: Desk, bench: Path, **env: str) -> Printed:
    sheet = str(bench / "next.sheet")
    return desk.run("package", "release", "next", "--sheet", sheet, by="huangbo", **env)


def test_from_a_key_pair_to_a_released_package(desk: Desk, bench: Path) -> None:
    for printed in (trusted(desk, bench), drafted(desk, bench), sign(desk, bench), release(desk, bench)):
        assert (printed.code, printed.err) == (0, "")
    shown = desk.run("package", "show", "next", "--json", by="wang").json
    assert (shown["state"], shown["released"]["by"]) == ("released", "huangbo")
    assert shown["ecus"][0]["blocks"][0]["address"] == 0x10000
    listed = {row["name"]: row["state"] for row in desk.run("package", "list", "--json", by="wang").json}
    assert listed == {"next": "released", "vbv453c": "released", "vbv-4.5.3c-r1": "released"}


def test_a_manifest_is_signed_where_no_installation_is(bench: Path, tmp_path: Path, desk: Desk) -> None:
    nowhere = tmp_path / "nowhere"
    out = str(bench / "next.sheet")
    key = str(bench / "dev.key")
    made = run(nowhere, "package", "sign", str(bench / "manifest.yaml"), "--key", key, "--out", out)
    assert made.code == 0
    assert not nowhere.exists()
    trusted(desk, bench)
    drafted(desk, bench)
    assert release(desk, bench).code == 0


def test_a_sheet_of_a_key_that_nobody_trusts_is_refused_in_both_languages(desk: Desk, bench: Path) -> None:
    drafted(desk, bench)
    sign(desk, bench)
    english = release(desk, bench)
    assert english.code == 1
    assert "is not trusted here" in english.err
    assert "administrator" in english.err
    assert "不受信任" in release(desk, bench, CAMPAIGN_LANGUAGE="zh").err


def test_a_private_key_given_as_a_public_one_is_named(desk: Desk, bench: Path) -> None:
    printed = desk.run("package", "trust", str(bench / "dev.key"), "--name", "x", by="root")
    assert printed.code == 2
    assert "private key" in printed.err
    assert "PRIVATE" not in printed.text


def test_a_revoked_key_signs_nothing_any_more(desk: Desk, bench: Path) -> None:
    trusted(desk, bench)
    public = str(bench / "dev.key.pub")
    assert desk.run("package", "revoke", public, "--reason", "lost", by="root").code == 0
    drafted(desk, bench)
    sign(desk, bench)
    assert release(desk, bench).code == 1
    keys = desk.run("package", "keys", by="root").out
    assert "lost" in keys
    assert public_key() in keys


def test_a_wrong_file_and_a_missing_one_are_named(desk: Desk, bench: Path) -> None:
    made = manifest("next")
    (bench / "exact.json").write_text(made.to_text(), encoding="utf-8")
    (bench / "gateway.bin").write_bytes(b"X" * 3000)
    wrong = desk.run("package", "draft", str(bench / "exact.json"), by="huangbo")
    assert wrong.code == 1
    assert "gateway.bin is not the one of the manifest" in wrong.err
    (bench / "gateway.bin").unlink()
    missing = desk.run("package", "draft", str(bench / "exact.json"), by="huangbo")
    assert missing.code == 1
    assert "gateway.bin of the manifest is missing" in missing.err


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        (("draft", "{bench}/gone.yaml"), 2, "gone.yaml"),
        (("draft", "{bench}/gateway.bin"), 2, "not a manifest"),
        (("sign", "{bench}/manifest.yaml", "--key", "{bench}/dev.key.pub"), 2, "public key"),
        (("sign", "{bench}/manifest.yaml", "--key", "{bench}/gateway.bin"), 2, "gateway.bin"),
        (("sign", "nothing", "--key", "{bench}/dev.key"), 2, "no package nothing"),
        (("release", "nothing", "--sheet", "{bench}/manifest.yaml"), 2, "not a signed manifest"),
        (("release", "nothing", "--sheet", "{bench}/gone"), 2, "gone"),
        (("show", "nothing"), 2, "no package nothing"),
        (("obsolete", "vbv453c", "--reason", " "), 1, "reason is missing"),
        (("drop", "vbv453c", "--reason", "why"), 1, "released"),
        (("import-odx", "{bench}/gateway.bin", *ODX, "--source", "4.5.2C"), 2, "no zip archive"),
        (("import-odx", "{bench}/a.pdx", *ODX, "--source", "x"), 2, "not a software version"),
        (("import-odx", "{bench}/a.pdx", *ODX, "--source", "4.5.2C", "--ecu", "gateway"), 2, "NAME=0x1001"),
    ],
)  # fmt: skip
def test_what_is_typed_wrongly_is_one_clear_line(
    desk: Desk, bench: Path, typed: tuple[str, ...], code: int, said: str
) -> None:
    printed = desk.run("package", *(word.format(bench=bench) for word in typed), by="huangbo")
    assert printed.code == code
    assert said in printed.err
    assert len(printed.err.strip().splitlines()) == 1


def test_the_wrong_person_is_told_who_can(desk: Desk, bench: Path) -> None:
    printed = desk.run("package", "draft", str(bench / "manifest.yaml"), by="wang")
    assert printed.code == 1
    assert "product development" in printed.err


def test_a_key_file_is_never_overwritten(bench: Path) -> None:
    again = run(bench, "package", "keygen", str(bench / "dev.key"))
    assert again.code == 2
    assert "already" in again.err


def test_a_package_shows_where_it_is(desk: Desk, bench: Path) -> None:
    desk.plant.stations.files("S2").refuse = "disk"
    desk.plant.launch([300, 300])
    shown = desk.run("package", "show", "vbv453c", by="wang")
    assert "S1" in shown.out
    assert "0x1001" in shown.out
    assert "no: disk" in shown.out
    stations = {
        s["station"]: s for s in desk.run("package", "show", "vbv453c", "--json", by="wang").json["stations"]
    }
    assert (stations["S1"]["state"], stations["S1"]["percent"]) == ("staged", 100)
    assert stations["S2"]["state"] == "failed"
    chinese = desk.run("package", "show", "vbv453c", by="wang", CAMPAIGN_LANGUAGE="zh").out
    assert "已就位" in chinese
    assert "已发布" in chinese


# -- ODX --------------------------------------------------------------------------------------------------------


def import_odx(desk: Desk, file: Path, *more: str) -> Printed:
    versions = ("--source", "4.5.2c", "--target", "4.5.3c", "--instruction", "WI 9")
    return desk.run("package", "import-odx", str(file), "--name", "odx-1", *versions, *more, by="huangbo")


def test_a_container_becomes_a_manifest_to_look_through(desk: Desk, bench: Path) -> None:
    pdx = write_pdx(bench / "a.pdx")
    out = bench / "odx-1"
    printed = import_odx(desk, pdx, "--ecu", "gateway=0x1001", "--out", str(out))
    assert printed.code == 0
    assert "checksum app is right" in printed.out
    assert desk.run("package", "draft", str(out / "manifest.yaml"), by="huangbo").code == 0
    shown = desk.run("package", "show", "odx-1", "--json", by="huangbo").json
    assert (shown["source"], shown["ecus"][0]["target"]["software"]) == ("VBV4.5.2C", "0453")


def test_a_whole_container_is_drafted_at_once(desk: Desk, bench: Path) -> None:
    printed = import_odx(desk, write_pdx(bench / "a.pdx"), "--ecu", "gateway=0x1001", "--draft")
    assert printed.code == 0
    assert desk.run("package", "show", "odx-1", "--json", by="huangbo").json["state"] == "draft"


def test_what_lacks_something_is_not_drafted(desk: Desk, bench: Path) -> None:
    printed = import_odx(desk, write_pdx(bench / "a.pdx", flash_xml(crc=1)), "--draft")
    assert printed.code == 2
    assert "missing: the logical address of gateway" in printed.out
    assert "the container says 00000001" in printed.out
    assert desk.run("package", "show", "odx-1", by="huangbo").code == 2
