"""Manifests, signatures and staged packages, as a station judges them with the standard library alone."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from campaign.station_agent import ed25519
from campaign.station_agent.manifest import (
    SIGNED_AS,
    BadManifest,
    Block,
    Difference,
    EcuRow,
    FileRow,
    Manifest,
    Signed,
    State,
    baseline,
    differences,
    parse,
    parse_signed,
)
from campaign.station_agent.package import PackageRefused, open_package

FILE = b"software of the gateway"
FILE_SHA = hashlib.sha256(FILE).hexdigest()
OLD, NEW = State("1EA-1", "0452", "H07", "0A1B"), State("1EA-1", "0453", "H07", "0A1B")
MANIFEST = Manifest(
    "vbv-4.5.3c-r1",
    "VBV4.5.2C",
    "VBV4.5.3C",
    "作业指导书 r3",
    (
        EcuRow("gateway", 0x1001, OLD, NEW, (Block("app", FILE_SHA, 0x80000, 0xCAFE),)),
        EcuRow("bms", 0x1007, State(software="0452"), State(software="0453")),
    ),
    (FileRow("gateway.bin", FILE_SHA, len(FILE)),),
)
KEY = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)


def signed(manifest: Manifest = MANIFEST, key: Ed25519PrivateKey = KEY) -> Signed:
    text = manifest.to_text()
    public = key.public_key().public_bytes_raw().hex()
    return Signed(text, public, key.sign(SIGNED_AS + text.encode()).hex())


def stage(home: Path, sheet: Signed, *, trust: bool = True) -> str:
    """Put a package on a station; returns its digest."""
    (home / "blobs").mkdir(exist_ok=True)
    data = sheet.to_text().encode()
    digest = hashlib.sha256(data).hexdigest()
    (home / "blobs" / digest).write_bytes(data)
    (home / "blobs" / FILE_SHA).write_bytes(FILE)
    if trust:
        (home / "trusted_keys").write_text(f"# product development\n{sheet.key} 4.5 line\n")
    return digest


# -- the manifest ---------------------------------------------------------------------------------


def test_a_manifest_comes_back_from_its_canonical_text() -> None:
    assert parse(MANIFEST.to_text()) == MANIFEST
    assert parse(MANIFEST.to_text()).to_text() == MANIFEST.to_text()


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda raw: raw.update(format=2), "format"),
        (lambda raw: raw.update(name="../x"), "name"),
        (lambda raw: raw.update(target=""), "target"),
        (lambda raw: raw.update(ecus={}), "ecus"),
        (lambda raw: raw["files"][0].update(sha256=FILE_SHA.upper()), "sha256"),
        (lambda raw: raw["files"][0].update(size=-1), "size"),
        (lambda raw: raw["files"][0].update(size=True), "size"),
        (lambda raw: raw["ecus"][0]["blocks"][0].update(file="0" * 64), "file"),
        (lambda raw: raw["ecus"][1].update(address=0x1001), "address"),
        (lambda raw: raw["ecus"][1].update(name="gateway"), "name"),
        (lambda raw: raw["ecus"][0]["source"].update(coding="0a"), "coding"),
        (lambda raw: raw.update(instruction="a\nb"), "instruction"),
    ],
)
def test_a_manifest_with_a_mistake_says_where(change: Any, where: str) -> None:
    raw = json.loads(MANIFEST.to_text())
    change(raw)
    with pytest.raises(BadManifest, match=where):
        parse(json.dumps(raw))


@given(st.text() | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps))
def test_any_other_text_is_a_bad_manifest_and_nothing_worse(text: str) -> None:
    for read in (parse, parse_signed):
        with pytest.raises(BadManifest):
            read(text)


def test_the_car_is_what_all_its_units_are_together() -> None:
    old = {"gateway": OLD, "bms": State("x", "0452", "y", "")}
    new = {"gateway": NEW, "bms": State("x", "0453", "y", "")}
    assert baseline(MANIFEST, old) == "VBV4.5.2C"
    assert baseline(MANIFEST, new) == "VBV4.5.3C"
    assert baseline(MANIFEST, {**new, "bms": old["bms"]}) == "mixed"
    assert baseline(MANIFEST, {**new, "bms": State()}) is None
    assert baseline(MANIFEST, {"gateway": NEW}) is None


def test_only_what_is_specified_is_compared() -> None:
    wanted = {"bms": State(software="0453")}
    assert differences(wanted, {"bms": State("any", "0453", "any", "any")}) == []
    assert differences(wanted, {"bms": State(software="0452")}) == [
        Difference("bms", "software", "0453", "0452")
    ]
    assert differences(wanted, {}) == [Difference("bms", "software", "0453", "")]


# -- Ed25519 ---------------------------------------------------------------------------------------

RFC_8032 = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        "d25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
        "387b2eaeb4302aeeb00d291612bb0c00",
    ),
]


@pytest.mark.parametrize(("public", "message", "signature"), RFC_8032)
def test_the_vectors_of_the_rfc_verify(public: str, message: str, signature: str) -> None:
    assert ed25519.verify(bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature))


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200))
def test_what_the_library_signs_verifies_and_nothing_near_it(seed: bytes, message: bytes) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = key.public_key().public_bytes_raw(), key.sign(message)
    assert ed25519.verify(public, message, signature)
    assert not ed25519.verify(public, message + b"!", signature)


@given(st.binary(min_size=60, max_size=70), st.binary(min_size=30, max_size=34), st.integers(0, 511))
def test_no_bytes_are_a_signature_by_chance(signature: bytes, public: bytes, bit: int) -> None:
    assert not ed25519.verify(public, b"message", signature)
    good = bytearray(KEY.sign(b"message"))
    good[bit // 8] ^= 1 << bit % 8
    assert not ed25519.verify(KEY.public_key().public_bytes_raw(), b"message", bytes(good))


def test_a_signature_moved_by_the_group_s_order_is_refused() -> None:
    good = KEY.sign(b"message")
    scalar = int.from_bytes(good[32:], "little") + ed25519.L
    moved = good[:32] + scalar.to_bytes(32, "little")
    assert not ed25519.verify(KEY.public_key().public_bytes_raw(), b"message", moved)


# -- a staged package ------------------------------------------------------------------------------


def test_a_signed_package_of_a_trusted_key_opens(tmp_path: Path) -> None:
    package = open_package(tmp_path, stage(tmp_path, signed()))
    assert package.manifest == MANIFEST
    package.check_files()
    assert package.file(FILE_SHA).read_bytes() == FILE


def test_an_unknown_package_is_missing(tmp_path: Path) -> None:
    with pytest.raises(PackageRefused) as refused:
        open_package(tmp_path, "0" * 64)
    assert refused.value.code == "package_missing"


def test_a_key_that_nobody_trusts_opens_nothing(tmp_path: Path) -> None:
    digest = stage(tmp_path, signed(), trust=False)
    with pytest.raises(PackageRefused) as refused:
        open_package(tmp_path, digest)
    assert refused.value.code == "package_untrusted"


def test_a_forged_signature_opens_nothing(tmp_path: Path) -> None:
    other = Ed25519PrivateKey.generate()
    forged = signed(key=other)._replace(key=signed().key)
    with pytest.raises(PackageRefused) as refused:
        open_package(tmp_path, stage(tmp_path, forged))
    assert refused.value.code == "package_untrusted"


def test_a_signature_of_the_bare_text_is_good_for_nothing(tmp_path: Path) -> None:
    text = MANIFEST.to_text()
    bare = signed()._replace(signature=KEY.sign(text.encode()).hex())
    with pytest.raises(PackageRefused):
        open_package(tmp_path, stage(tmp_path, bare))


def test_a_sheet_that_was_changed_on_the_disk_is_damaged(tmp_path: Path) -> None:
    digest = stage(tmp_path, signed())
    sheet = tmp_path / "blobs" / digest
    sheet.write_text(sheet.read_text().replace("VBV4.5.3C", "VBV4.5.4C"))
    with pytest.raises(PackageRefused) as refused:
        open_package(tmp_path, digest)
    assert refused.value.code == "package_damaged"


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        (lambda file: file.unlink(), "package_missing"),
        (lambda file: file.write_bytes(FILE[:-1]), "package_damaged"),
        (lambda file: file.write_bytes(FILE[:-1] + b"X"), "package_damaged"),
    ],
)
def test_every_byte_is_read_before_anything_is_erased(tmp_path: Path, harm: Any, code: str) -> None:
    package = open_package(tmp_path, stage(tmp_path, signed()))
    harm(tmp_path / "blobs" / FILE_SHA)
    with pytest.raises(PackageRefused) as refused:
        package.check_files()
    assert (refused.value.code, refused.value.what) == (code, "gateway.bin")
