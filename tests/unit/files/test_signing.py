"""Keys, sheets and signatures: what this program signs, a station takes; nothing else passes."""

from __future__ import annotations

from pathlib import Path

import pytest

from campaign.errors import BadFile, BadInput
from campaign.files.signing import make_key, public_file, read_public, sign, verify
from campaign.station_agent import ed25519
from campaign.station_agent.manifest import SIGNED_AS, Manifest, parse_signed

MANIFEST = Manifest("P1", "VBV4.5.2C", "VBV4.5.3C", "作业指导书 7")


@pytest.fixture
def key(tmp_path: Path) -> Path:
    file = tmp_path / "development.key"
    make_key(file)
    return file


def test_a_signed_sheet_is_good_here_and_on_a_station(key: Path) -> None:
    signed = sign(MANIFEST, key)
    assert verify(signed)
    assert parse_signed(signed.to_text()) == signed
    assert signed.key == public_file(key).read_text().strip()
    message = SIGNED_AS + signed.manifest.encode()
    assert ed25519.verify(bytes.fromhex(signed.key), message, bytes.fromhex(signed.signature))


def test_a_changed_manifest_key_or_signature_is_not_good(key: Path, tmp_path: Path) -> None:
    signed = sign(MANIFEST, key)
    other = make_key(tmp_path / "other.key")
    turned = ("0" if signed.signature[0] != "0" else "1") + signed.signature[1:]
    assert not verify(signed._replace(manifest=signed.manifest + " "))
    assert not verify(signed._replace(key=other))
    assert not verify(signed._replace(signature=turned))
    assert not verify(signed._replace(signature="zz"))


def test_a_signature_over_the_bare_text_is_not_one_over_a_manifest(key: Path) -> None:
    signed = sign(MANIFEST, key)
    message = signed.manifest.encode()
    assert not ed25519.verify(bytes.fromhex(signed.key), message, bytes.fromhex(signed.signature))


def test_a_private_key_is_its_owners_alone(key: Path) -> None:
    assert key.stat().st_mode & 0o777 == 0o600


def test_a_key_is_never_overwritten(key: Path) -> None:
    before = key.read_bytes()
    with pytest.raises(BadInput, match="there already"):
        make_key(key)
    assert key.read_bytes() == before


def test_a_private_key_that_others_may_read_signs_nothing(key: Path) -> None:
    key.chmod(0o640)
    with pytest.raises(BadFile, match="others may read"):
        sign(MANIFEST, key)


@pytest.mark.parametrize("content", [b"", b"hello", b"\xff\xfe", b"-----BEGIN PRIVATE KEY-----\nxx\n"])
def test_a_file_that_is_no_key_is_named(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "no.key"
    file.write_bytes(content)
    file.chmod(0o600)
    with pytest.raises(BadFile, match=r"no\.key"):
        sign(MANIFEST, file)


def test_a_public_key_signs_nothing(key: Path) -> None:
    with pytest.raises(BadFile, match="public key"):
        sign(MANIFEST, public_file(key))


def test_a_public_key_is_read_from_its_digits_or_its_file(key: Path) -> None:
    digits = public_file(key).read_text().strip()
    assert read_public(digits.upper()) == digits
    assert read_public(str(public_file(key))) == digits


def test_a_private_key_given_as_a_public_one_is_refused(key: Path) -> None:
    with pytest.raises(BadInput, match="private key"):
        read_public(str(key))


@pytest.mark.parametrize("given", ["", "abc", "g" * 64, "/nowhere/key.pub", "a" * 63])
def test_what_is_no_public_key_is_refused(given: str) -> None:
    with pytest.raises(BadInput, match="not a public key"):
        read_public(given)
