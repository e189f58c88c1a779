"""Host keys are pinned: a station is talked to only when it shows the key that a person once accepted."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from pathlib import Path

import paramiko

from campaign.station.failures import HostKeyRefused


@dataclass(frozen=True, slots=True)
class _Line:
    revoked: bool
    hosts: tuple[str, ...]
    kind: str
    key: bytes

    def names(self, host: str) -> bool:
        """Whether the line speaks of `host`; a revoked key may be revoked for every host with `*`."""
        return any(
            name in (host, "*" if self.revoked else host)
            or (name.startswith("|1|") and paramiko.HostKeys.hash_host(host, name) == name)
            for name in self.hosts
        )


class KnownHosts:
    """An OpenSSH known_hosts file, read once. Lines that are no host key are skipped."""

    def __init__(self, file: Path) -> None:
        self._file = file
        text = file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""
        self._lines = [line for line in map(_parse, text.splitlines()) if line]

    def kinds(self, host: str) -> list[str]:
        """The key types pinned for a host, so that the station shows one of them."""
        return list(dict.fromkeys(line.kind for line in self._lines if line.names(host) and not line.revoked))

    def check(self, host: str, key: paramiko.PKey) -> None:
        """Raises HostKeyRefused unless `key` is pinned for `host`: revoked, unknown or changed."""
        shown = f"{key.get_name()} {key.fingerprint}"
        lines = [line for line in self._lines if line.names(host)]
        if any(line.revoked and line.key == key.asbytes() for line in lines):
            raise HostKeyRefused(f"its host key was revoked: {shown}")
        pinned = [line for line in lines if not line.revoked]
        if not pinned:
            raise HostKeyRefused(f"its host key is unknown: {shown}, no line for {host} in {self._file.name}")
        if not any(line.key == key.asbytes() for line in pinned):
            raise HostKeyRefused(f"its host key changed: {shown} is not the pinned one")


def _parse(text: str) -> _Line | None:
    words = text.split()
    marker = words.pop(0) if words and words[0].startswith("@") else ""
    if len(words) < 3 or words[0].startswith("#") or marker not in ("", "@revoked"):
        return None
    try:
        key = base64.b64decode(words[2], validate=True)
    except binascii.Error:
        return None
    return _Line(marker == "@revoked", tuple(words[0].split(",")), words[1], key)
