"""Pinned host keys: unknown, changed and revoked ones are told apart, and none of them is talked to."""

from __future__ import annotations

from pathlib import Path

import paramiko
import pytest

from campaign.station.failures import HostKeyRefused
from campaign.station.host_keys import KnownHosts

GOOD, OTHER = paramiko.ECDSAKey.generate(), paramiko.ECDSAKey.generate()
HOST = "[127.0.0.1]:2222"


def line(key: paramiko.PKey, host: str = HOST) -> str:
    return f"{host} {key.get_name()} {key.get_base64()} station\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "known_hosts"


def refusal(file: Path, key: paramiko.PKey) -> str:
    with pytest.raises(HostKeyRefused) as refused:
        KnownHosts(file).check(HOST, key)
    return str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        line(GOOD),
        "# a comment\n\n" + line(GOOD),
        line(GOOD, f"other,{HOST}"),
        line(GOOD, paramiko.HostKeys.hash_host(HOST)),
        line(OTHER) + line(GOOD),
        "what is this\n" + line(GOOD),
        "[127.0.0.1]:2222 ecdsa-sha2-nistp256 !!!\n" + line(GOOD),
    ],
)
def test_a_pinned_key_is_accepted(file: Path, text: str) -> None:
    file.write_text(text)
    known = KnownHosts(file)
    known.check(HOST, GOOD)
    assert known.kinds(HOST) == ["ecdsa-sha2-nistp256"]


@pytest.mark.parametrize(
    "text", ["", line(GOOD, "[127.0.0.1]:2223"), line(GOOD, "127.0.0.1"), line(GOOD, "*"), "#" + line(GOOD)]
)
def test_a_host_without_a_pin_is_unknown(file: Path, text: str) -> None:
    file.write_text(text)
    assert "unknown" in refusal(file, GOOD)


def test_no_file_pins_nothing(file: Path) -> None:
    assert "unknown" in refusal(file, GOOD)


def test_another_key_than_the_pinned_one_is_a_change(file: Path) -> None:
    file.write_text(line(OTHER))
    told = refusal(file, GOOD)
    assert "changed" in told
    assert GOOD.fingerprint in told


@pytest.mark.parametrize("hosts", [HOST, "*"])
def test_a_revoked_key_is_refused_even_when_it_is_pinned(file: Path, hosts: str) -> None:
    file.write_text(line(GOOD) + "@revoked " + line(GOOD, hosts))
    assert "revoked" in refusal(file, GOOD)
    file.write_text(line(GOOD) + "@revoked " + line(OTHER, hosts))
    KnownHosts(file).check(HOST, GOOD)
    assert "revoked" in refusal(file, OTHER)


def test_a_certificate_authority_pins_no_key(file: Path) -> None:
    file.write_text("@cert-authority " + line(GOOD))
    assert "unknown" in refusal(file, GOOD)
