"""Packages as a station holds them: files by their content, and a signed sheet that says which belong together.

<home>/blobs/<sha256>        complete and checked
<home>/blobs/<sha256>.part   the first bytes of it; an upload goes on from there
<home>/trusted_keys          one Ed25519 public key (64 hex digits) per line
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import NamedTuple

from campaign.station_agent import ed25519
from campaign.station_agent.manifest import SIGNED_AS, BadManifest, Manifest, parse, parse_signed

CHUNK = 1024 * 1024


class PackageRefused(Exception):
    """`code`: package_missing, package_untrusted, package_damaged; `what` names the file or the key."""

    def __init__(self, code: str, what: str) -> None:
        self.code, self.what = code, what
        super().__init__(f"{code}: {what}")


class StagedPackage(NamedTuple):
    """A package whose signature was checked. `check_files` reads every byte again."""

    digest: str
    manifest: Manifest
    key: str
    blobs: Path

    def file(self, sha256: str) -> Path:
        """Where the file with this content is."""
        return self.blobs / sha256

    def check_files(self) -> None:
        """Raises PackageRefused unless every file is there with the right content: before anything is erased."""
        for row in self.manifest.files:
            path = self.file(row.sha256)
            if not path.exists():
                raise PackageRefused("package_missing", row.name)
            if path.stat().st_size != row.size or sha256_of(path) != row.sha256:
                raise PackageRefused("package_damaged", row.name)


def open_package(home: Path, digest: str) -> StagedPackage:
    """The package with this digest, if its sheet is whole and signed by a key that this station trusts.

    Raises PackageRefused.
    """
    blobs = home / "blobs"
    try:
        data = (blobs / digest).read_bytes()
    except FileNotFoundError:
        raise PackageRefused("package_missing", digest) from None
    if hashlib.sha256(data).hexdigest() != digest:
        raise PackageRefused("package_damaged", digest)
    try:
        signed = parse_signed(data.decode("utf-8"))
        manifest = parse(signed.manifest)
    except (BadManifest, UnicodeDecodeError) as bad:
        raise PackageRefused("package_damaged", str(bad)) from bad
    if signed.key not in trusted_keys(home):
        raise PackageRefused("package_untrusted", signed.key)
    message = SIGNED_AS + signed.manifest.encode()
    if not ed25519.verify(bytes.fromhex(signed.key), message, bytes.fromhex(signed.signature)):
        raise PackageRefused("package_untrusted", signed.key)
    return StagedPackage(digest, manifest, signed.key, blobs)


def trusted_keys(home: Path) -> frozenset[str]:
    """The keys whose packages this station takes; none where nobody said."""
    try:
        lines = (home / "trusted_keys").read_text(encoding="ascii").splitlines()
    except FileNotFoundError:
        return frozenset()
    return frozenset(line.split()[0] for line in lines if line.strip() and not line.startswith("#"))


def sha256_of(path: Path) -> str:
    """Of a file's bytes, in bounded memory."""
    total = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            total.update(chunk)
    return total.hexdigest()
