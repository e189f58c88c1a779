"""Packages from product development: drafted with their files, released by a trusted signature, ended with a reason.

Every step is a fact on the site's chain. The private key never comes here: what is released is a sheet that was signed
elsewhere.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from campaign.domain.campaign import CampaignState
from campaign.domain.events import SITE_CHAIN, Fact, Kind
from campaign.domain.identity import SoftwareVersion
from campaign.domain.package import (
    MOVES,
    Package,
    PackageState,
    Stamp,
    TrustedKey,
    digest_of,
    trust_reasons,
)
from campaign.domain.people import Actor, Right, Role
from campaign.domain.reasons import Code, Reason, because
from campaign.domain.staging import Staging
from campaign.errors import BadInput, NotFound, Refused
from campaign.ports.clock import Clock
from campaign.ports.files import FileVault, Verify
from campaign.ports.store import Store, UnitOfWork
from campaign.services.access import need, need_reason
from campaign.services.package_holds import hold_package
from campaign.station_agent.manifest import BadManifest, FileRow, Manifest, Signed, parse, parse_signed

LIVE = (CampaignState.PLANNED, CampaignState.RUNNING, CampaignState.PAUSED)


class Packages:
    """Use cases of product development, and the administrator's about keys."""

    def __init__(self, store: Store, clock: Clock, vault: FileVault, verify: Verify) -> None:
        self._store, self._clock, self._vault, self._verify = store, clock, vault, verify

    # -- looking ------------------------------------------------------------------------------------------

    def all(self) -> list[Package]:
        """Newest draft first."""
        with self._store.read() as uow:
            return uow.packages.all()

    def get(self, name: str) -> Package:
        """Raises NotFound."""
        with self._store.read() as uow:
            return _named(uow, name)

    def trusted_keys(self) -> list[TrustedKey]:
        """Every key that was ever trusted, the newest first."""
        with self._store.read() as uow:
            return uow.packages.keys()

    def stagings(self, name: str) -> list[Staging]:
        """Where the package is at each station of each site that has a campaign with it. Raises NotFound."""
        with self._store.read() as uow:
            digest = _named(uow, name).digest
            sites = {c.rules.site for c in uow.campaigns.all() if c.rules.package == name}
            return [s for site in sorted(sites) for s in uow.stagings.of(site, digest)] if digest else []

    # -- product development ------------------------------------------------------------------------------

    def draft(self, actor: Actor, manifest: Manifest, files: Mapping[str, Path]) -> Package:
        """Take a manifest in, and its files (by sha256) into the vault. Raises Refused with every reason, BadInput."""
        need(actor, Right.PUBLISH)
        checked = _checked(manifest)
        stamp = Stamp(actor.id, self._clock.now())
        with self._store.read() as uow:
            reasons = _taken(uow.packages.get(checked.name))
        reasons += [r for row in checked.files for r in self._taken_in(row, files.get(row.sha256))]
        reasons = reasons or self._blocks_differ(checked)
        if reasons:
            raise Refused(reasons)
        draft = _draft(checked, stamp)
        with self._store.write(SITE_CHAIN) as uow:
            if reasons := _taken(uow.packages.get(draft.name)):
                raise Refused(reasons)
            uow.packages.add(draft)
            told = {"versions": f"{draft.source} -> {draft.target}", "instruction": draft.instruction}
            files_told = [row._asdict() for row in checked.files]
            self._tell(uow, Kind.PACKAGE_ADDED, actor, {"package": draft.name, **told, "files": files_told})
            uow.commit()
        return draft

    def release(self, actor: Actor, name: str, sheet: str) -> Package:
        """Release a draft with the text of a sheet that was signed elsewhere.

        Raises Refused with every reason: no draft, another manifest, a wrong signature, a key that is not trusted now,
        a file that is damaged. Raises BadInput for a text that is no sheet, NotFound.
        """
        need(actor, Right.PUBLISH)
        signed = _sheet(sheet)
        stamp = Stamp(actor.id, self._clock.now())
        spoiled = self._spoiled(self.get(name).manifest)
        with self._store.write(SITE_CHAIN) as uow:
            draft = _named(uow, name)
            if reasons := self._not_released(uow, draft, signed) + spoiled:
                raise Refused(reasons)
            self._vault.put(signed.to_text().encode(), digest_of(signed))
            released = uow.packages.release(draft, signed, stamp)
            told = {"package": name, "digest": released.digest, "key": signed.key}
            self._tell(uow, Kind.PACKAGE_RELEASED, actor, told)
            uow.commit()
        return released

    def obsolete(self, actor: Actor, name: str, reason: str) -> Package:
        """No campaign is launched with it any more; in campaigns that run it is held. Raises Refused, NotFound."""
        need(actor, Right.PUBLISH)
        why = need_reason(reason)
        _may_become(self.get(name), PackageState.OBSOLETE)
        self._hold_where_used(actor, lambda package: package.name == name, why)
        with self._store.write(SITE_CHAIN) as uow:
            released = _may_become(_named(uow, name), PackageState.OBSOLETE)
            ended = uow.packages.end(released, Stamp(actor.id, self._clock.now()), why)
            self._tell(uow, Kind.PACKAGE_OBSOLETE, actor, {"package": name, "digest": ended.digest}, why)
            uow.commit()
        return ended

    def drop(self, actor: Actor, name: str, reason: str) -> None:
        """Take a draft away, so that its name is free. Raises Refused for what was released, NotFound."""
        need(actor, Right.PUBLISH)
        why = need_reason(reason)
        with self._store.write(SITE_CHAIN) as uow:
            draft = _named(uow, name)
            if draft.state is not PackageState.DRAFT:
                raise Refused([_wrong_state(draft)])
            uow.packages.drop(draft)
            self._tell(uow, Kind.PACKAGE_DROPPED, actor, {"package": name}, why)
            uow.commit()

    # -- keys ---------------------------------------------------------------------------------------------

    def trust_key(self, actor: Actor, key: str, name: str) -> TrustedKey:
        """Take packages signed with this key (64 hex digits) from now on. Raises Refused for a known one, BadInput."""
        need(actor, Right.STATIONS)
        if not name.strip():
            raise BadInput("the key has no name", todo="say whose it is")
        trusted = TrustedKey(key, name.strip(), Stamp(actor.id, self._clock.now()))
        with self._store.write(SITE_CHAIN) as uow:
            known = _key_in(uow.packages.keys(), key)
            if known is not None:
                raise Refused([_known(known)])
            uow.packages.trust(trusted)
            self._tell(uow, Kind.KEY_TRUSTED, actor, {"key": key, "name": trusted.name})
            uow.commit()
        return trusted

    def revoke_key(self, actor: Actor, key: str, reason: str) -> TrustedKey:
        """Take nothing signed with it any more; its packages are held where they are used. Raises Refused, NotFound."""
        need(actor, Right.STATIONS)
        why = need_reason(reason)
        stamp = Stamp(actor.id, self._clock.now())
        _still_trusted(self.trusted_keys(), key)
        self._hold_where_used(actor, lambda package: package.key == key, why)
        with self._store.write(SITE_CHAIN) as uow:
            known = _still_trusted(uow.packages.keys(), key)
            uow.packages.revoke(known, stamp, why)
            self._tell(uow, Kind.KEY_REVOKED, actor, {"key": key, "name": known.name}, why)
            uow.commit()
        return replace(known, revoked=stamp, revoke_why=why)

    # -- inside -------------------------------------------------------------------------------------------

    def _taken_in(self, row: FileRow, path: Path | None) -> list[Reason]:
        if path is None or not path.is_file():
            return [because(Code.PACKAGE_FILE_MISSING, Role.PRODUCT, file=row.name)]
        differs = because(Code.PACKAGE_FILE_DIFFERS, Role.PRODUCT, file=row.name)
        if path.stat().st_size != row.size:
            return [differs]
        return [] if self._vault.put(path, row.sha256).sha256 == row.sha256 else [differs]

    def _blocks_differ(self, manifest: Manifest) -> list[Reason]:
        """Blocks whose checksum is not that of their file: the car would refuse them after it was erased."""
        sums = {row.sha256: _crc32(self._vault, row.sha256) for row in manifest.files}
        return [
            because(Code.PACKAGE_BLOCK_DIFFERS, Role.PRODUCT, ecu=ecu.name, block=block.name)
            for ecu in manifest.ecus
            for block in ecu.blocks
            if sums[block.file] != block.crc32
        ]

    def _spoiled(self, manifest: Manifest) -> list[Reason]:
        return [
            because(Code.PACKAGE_FILE_DIFFERS, Role.PRODUCT, file=row.name)
            for row in manifest.files
            if not self._vault.whole(row.sha256)
        ]

    def _not_released(self, uow: UnitOfWork, draft: Package, signed: Signed) -> list[Reason]:
        reasons = [] if draft.state is PackageState.DRAFT else [_wrong_state(draft)]
        if signed.manifest != draft.text:
            reasons.append(because(Code.PACKAGE_SHEET_DIFFERS, Role.PRODUCT, package=draft.name))
        if not self._verify(signed):
            reasons.append(because(Code.PACKAGE_BADLY_SIGNED, Role.PRODUCT, package=draft.name))
        return reasons + trust_reasons(uow.packages.keys(), signed.key)

    def _hold_where_used(self, actor: Actor, meant: Callable[[Package], bool], why: str) -> None:
        """First the hold, then the change: whoever dies between the two has stopped too much, not too little."""
        with self._store.read() as uow:
            names = {package.name for package in uow.packages.all() if meant(package)}
            live = [c for c in uow.campaigns.all() if c.state in LIVE and c.rules.package in names]
        for campaign in live:
            hold_package(
                self._store, campaign.code, campaign.rules.package, why, self._clock.now(), actor=actor
            )

    def _tell(
        self, uow: UnitOfWork, kind: Kind, actor: Actor, data: dict[str, Any], reason: str = ""
    ) -> None:
        uow.log.append([Fact(kind, actor.id, self._clock.now(), actor.device, reason=reason, data=data)])


def _named(uow: UnitOfWork, name: str) -> Package:
    package = uow.packages.get(name)
    if package is None:
        raise NotFound(f"there is no package {name[:80]} here")
    return package


def _checked(manifest: Manifest) -> Manifest:
    """Read again from its canonical text, with versions spelled as campaigns spell them. Raises BadInput."""
    try:
        checked = parse(manifest.to_text())
    except BadManifest as bad:
        raise BadInput(bad.what, where=bad.where) from bad
    for field in ("source", "target"):
        written = getattr(checked, field)
        meant = str(SoftwareVersion.parse(written))
        if written != meant:
            raise BadInput(f"{written} is spelled otherwise here", where=field, todo=f"write {meant}")
    return checked


def _draft(manifest: Manifest, stamp: Stamp) -> Package:
    return Package(
        manifest.name,
        PackageState.DRAFT,
        manifest.source,
        manifest.target,
        manifest.instruction,
        manifest.to_text(),
        stamp,
    )


def _sheet(text: str) -> Signed:
    try:
        return parse_signed(text)
    except BadManifest as bad:
        raise BadInput(bad.what, where=bad.where, todo="make it with `campaign package sign`") from bad


def _taken(package: Package | None) -> list[Reason]:
    if package is None:
        return []
    state = package.state.value
    return [because(Code.PACKAGE_EXISTS, Role.PRODUCT, package=package.name, package_state=state)]


def _may_become(package: Package, state: PackageState) -> Package:
    if state not in MOVES[package.state]:
        raise Refused([_wrong_state(package)])
    return package


def _wrong_state(package: Package) -> Reason:
    return because(Code.PACKAGE_WRONG_STATE, package=package.name, package_state=package.state.value)


def _known(key: TrustedKey) -> Reason:
    if key.revoked is not None:
        return because(Code.KEY_REVOKED, key=key.key, by=key.revoked.by)
    return because(Code.KEY_KNOWN, key=key.key, by=key.trusted.by)


def _still_trusted(keys: Sequence[TrustedKey], key: str) -> TrustedKey:
    known = _key_in(keys, key)
    if known is None:
        raise NotFound(f"the key {key[:64]} was never trusted here")
    if not known.in_force:
        raise Refused([_known(known)])
    return known


def _key_in(keys: Sequence[TrustedKey], key: str) -> TrustedKey | None:
    return next((known for known in keys if known.key == key), None)


def _crc32(vault: FileVault, sha256: str) -> int:
    total = 0
    for piece in vault.read(sha256):
        total = zlib.crc32(piece, total)
    return total
