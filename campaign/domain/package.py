"""A package as the site knows it: a manifest, its signed sheet, and whether a campaign may use it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from campaign.domain.people import Role
from campaign.domain.reasons import Code, Reason, because
from campaign.station_agent.manifest import Manifest, Signed, parse

SCOPE = "package"
"""Of a hold on a package; its target is the package's name."""


class PackageState(StrEnum):
    """What a package may be used for."""

    DRAFT = "draft"  # nobody may flash it; it can be dropped
    RELEASED = "released"  # immutable, by the database too
    OBSOLETE = "obsolete"  # no new campaign


MOVES: dict[PackageState, frozenset[PackageState]] = {
    PackageState.DRAFT: frozenset({PackageState.RELEASED}),
    PackageState.RELEASED: frozenset({PackageState.OBSOLETE}),
    PackageState.OBSOLETE: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Stamp:
    """Who did something, and when."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Package:
    """A package. `text` is the manifest's canonical text; versions are spelled as `SoftwareVersion` writes them.

    `digest` is the sha256 of the signed sheet; a draft has none, nor a key and a signature (in hex).
    """

    name: str
    state: PackageState
    source: str
    target: str
    instruction: str
    text: str
    drafted: Stamp
    digest: str | None = None
    key: str | None = None
    signature: str | None = None
    released: Stamp | None = None
    obsoleted: Stamp | None = None
    obsolete_why: str = ""

    @property
    def manifest(self) -> Manifest:
        """Read from the text; it was checked when it came in."""
        return parse(self.text)

    @property
    def signed(self) -> Signed | None:
        """The signed sheet; None for a draft."""
        if self.key is None or self.signature is None:
            return None
        return Signed(self.text, self.key, self.signature)


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """An Ed25519 public key (64 hex digits) whose packages the site takes; once revoked, for good."""

    key: str
    name: str
    trusted: Stamp
    revoked: Stamp | None = None
    revoke_why: str = ""

    @property
    def in_force(self) -> bool:
        """Whether packages signed with it are taken now."""
        return self.revoked is None


def digest_of(signed: Signed) -> str:
    """The sha256 of a signed sheet: the name under which stations hold it."""
    return hashlib.sha256(signed.to_text().encode()).hexdigest()


def launch_reasons(
    package: Package | None, keys: Sequence[TrustedKey], name: str, source: str, target: str
) -> list[Reason]:
    """Why a campaign from `source` to `target` may not be launched with the package called `name`; empty: it may."""
    if package is None:
        return [because(Code.PACKAGE_UNKNOWN, Role.PRODUCT, package=name)]
    reasons = []
    if package.state is PackageState.DRAFT:
        reasons.append(because(Code.PACKAGE_NOT_RELEASED, Role.PRODUCT, package=name))
    if package.state is PackageState.OBSOLETE:
        reasons.append(because(Code.PACKAGE_OBSOLETE, Role.PRODUCT, package=name, why=package.obsolete_why))
    if (package.source, package.target) != (source, target):
        reasons.append(
            because(
                Code.PACKAGE_OTHER_VERSIONS,
                Role.PRODUCT,
                package=name,
                brings=f"{package.source} -> {package.target}",
                wanted=f"{source} -> {target}",
            )
        )
    return reasons + ([] if package.key is None else trust_reasons(keys, package.key))


def trust_reasons(keys: Sequence[TrustedKey], key: str) -> list[Reason]:
    """Why what is signed with `key` is not taken; empty: it is."""
    if any(known.key == key and known.in_force for known in keys):
        return []
    return [because(Code.PACKAGE_UNTRUSTED, Role.ADMIN, key=key)]
