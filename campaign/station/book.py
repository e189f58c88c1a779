"""The stations of an installation on this side: stations.json, known_hosts and our own keys. Whole files or none.

<home>/stations.json   [{"name", "host", "port", "user", "key_file"}]; what the links go by
<home>/known_hosts     the pinned host keys, and the revoked ones
<home>/keys/<name>     our own private key for one station; it never leaves this machine
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from campaign.errors import BadFile
from campaign.station.address import StationAddress
from campaign.station.serving import read_addresses
from campaign.station_agent.cars import write_whole


class StationBook:
    """One installation's folder of stations. Writers wait for each other."""

    def __init__(self, home: Path) -> None:
        self._home = home

    @property
    def known_hosts(self) -> Path:
        """The pinned host keys."""
        return self._home / "known_hosts"

    def key_of(self, name: str) -> Path:
        """Our private key for a station."""
        return self._home / "keys" / name

    def addresses(self) -> dict[str, StationAddress]:
        """Every station that the links know; none without a file. Raises BadFile."""
        return read_addresses(self._home) if (self._home / "stations.json").exists() else {}

    def put(self, address: StationAddress) -> bool:
        """Add or replace one station and keep the others. Returns whether anything changed."""
        key_file = str(address.key_file or self.key_of(address.name))
        row = {"name": address.name, "host": address.host, "port": address.port, "user": address.user}
        fresh = {**row, "key_file": key_file}
        with self.writing():
            before = self._rows()
            at = next((at for at, old in enumerate(before) if old.get("name") == address.name), len(before))
            rows = [*before[:at], fresh, *before[at + 1 :]]
            if rows == before:
                return False
            write_whole(self._home / "stations.json", json.dumps(rows, indent=1))
        return True

    def own_key(self, name: str) -> tuple[str, bool]:
        """The public line (`ssh-ed25519 AAAA...`) of our key for a station, made when missing, and whether it was."""
        file = self.key_of(name)
        with self.writing():
            file.parent.mkdir(mode=0o700, exist_ok=True)
            made = not file.exists()
            if made:
                replace_whole(file, _secret_of(Ed25519PrivateKey.generate()), 0o600)
            key = _read_secret(file)
        public = key.public_key().public_bytes(
            serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
        )
        line = public.decode("ascii")
        if made:
            write_whole(file.with_name(f"{name}.pub"), f"{line} campaign-{name}\n")
        return line, made

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Alone among all processes that write here."""
        self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self._home / ".book.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _rows(self) -> list[dict[str, object]]:
        file = self._home / "stations.json"
        if not file.exists():
            return []
        try:
            rows = json.loads(file.read_text(encoding="utf-8"))
        except ValueError as error:
            raise BadFile("is not JSON", where=str(file), todo="mend it, or move it away") from error
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise BadFile("is no list of stations", where=str(file), todo="mend it, or move it away")
        return rows


def replace_whole(file: Path, data: bytes, mode: int) -> None:
    """The old file or the new one, never a part, and never for a moment with more rights than `mode`."""
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    with suppress(FileNotFoundError):
        fresh.unlink()
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)


def _secret_of(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )


def _read_secret(file: Path) -> Ed25519PrivateKey:
    try:
        key = serialization.load_ssh_private_key(file.read_bytes(), password=None)
    except (ValueError, TypeError) as error:
        raise BadFile("is no private key", where=str(file), todo="move it away: a new one is made") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise BadFile("is no Ed25519 key", where=str(file), todo="move it away: a new one is made")
    return key
