"""Packages, the keys whose signatures count, and what stations hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, delete, insert, select, update

from campaign.domain.package import Package, PackageState, Stamp, TrustedKey, digest_of
from campaign.domain.reasons import Code, because
from campaign.domain.staging import Staging, StagingState
from campaign.errors import Conflict
from campaign.station_agent.manifest import Signed
from campaign.store import schema as t
from campaign.store.upsert import replacing
from campaign.store.work import Work

_PACKAGE: Select[*tuple[Any, ...]] = select(
    t.Package.name,
    t.Package.state,
    t.Package.source,
    t.Package.target,
    t.Package.instruction,
    t.Package.text,
    t.Package.drafted_by,
    t.Package.drafted_at,
    t.Package.digest,
    t.Package.key,
    t.Package.signature,
    t.Package.released_by,
    t.Package.released_at,
    t.Package.obsolete_by,
    t.Package.obsolete_at,
    t.Package.obsolete_why,
)
_BY_NAME = _PACKAGE.where(t.Package.name == bindparam("package"))
_NEWEST_FIRST = _PACKAGE.order_by(t.Package.drafted_at.desc(), t.Package.name)
_RELEASE = (
    update(t.Package)
    .where(t.Package.name == bindparam("package"), t.Package.state == PackageState.DRAFT)
    .values(
        state=PackageState.RELEASED,
        digest=bindparam("sheet"),
        key=bindparam("signer"),
        signature=bindparam("sign"),
        released_by=bindparam("by"),
        released_at=bindparam("moment"),
    )
)
_END = (
    update(t.Package)
    .where(t.Package.name == bindparam("package"), t.Package.state == PackageState.RELEASED)
    .values(
        state=PackageState.OBSOLETE,
        obsolete_by=bindparam("by"),
        obsolete_at=bindparam("moment"),
        obsolete_why=bindparam("reason"),
    )
)
_DROP = delete(t.Package).where(t.Package.name == bindparam("package"), t.Package.state == PackageState.DRAFT)
_KEYS = select(
    t.TrustedKey.key,
    t.TrustedKey.name,
    t.TrustedKey.trusted_by,
    t.TrustedKey.trusted_at,
    t.TrustedKey.revoked_by,
    t.TrustedKey.revoked_at,
    t.TrustedKey.revoke_why,
).order_by(t.TrustedKey.trusted_at.desc(), t.TrustedKey.key)
_REVOKE = (
    update(t.TrustedKey)
    .where(t.TrustedKey.key == bindparam("signer"), t.TrustedKey.revoked_at.is_(None))
    .values(revoked_by=bindparam("by"), revoked_at=bindparam("moment"), revoke_why=bindparam("reason"))
)
_STAGED_OF = (t.Staging.site == bindparam("place"), t.Staging.digest == bindparam("sheet"))
_STAGINGS = select(
    t.Staging.site,
    t.Staging.station,
    t.Staging.digest,
    t.Staging.total,
    t.Staging.state,
    t.Staging.at,
    t.Staging.bytes,
    t.Staging.detail,
).where(*_STAGED_OF)
_READY = select(t.Staging.station).where(*_STAGED_OF, t.Staging.state == StagingState.STAGED)


class SqlPackages:
    """`ports.kept.Packages`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def add(self, draft: Package) -> None:
        """The primary key holds "one of a name"."""
        row = {
            "name": draft.name,
            "state": PackageState.DRAFT,
            "source": draft.source,
            "target": draft.target,
            "instruction": draft.instruction,
            "text": draft.text,
            "drafted_by": draft.drafted.by,
            "drafted_at": draft.drafted.at,
            "obsolete_why": "",
        }
        self._work.run(insert(t.Package), row)

    def get(self, name: str) -> Package | None:
        """By name."""
        row = self._work.first(_BY_NAME, package=name)
        return None if row is None else _package(row)

    def all(self) -> list[Package]:
        """Newest draft first."""
        return [_package(row) for row in self._work.rows(_NEWEST_FIRST)]

    def release(self, draft: Package, signed: Signed, by: Stamp) -> Package:
        """With its digest."""
        digest = digest_of(signed)
        values = {"package": draft.name, "sheet": digest, "signer": signed.key, "sign": signed.signature}
        self._work.guarded(_RELEASE, [{**values, "by": by.by, "moment": by.at}], "package")
        return replace(
            draft,
            state=PackageState.RELEASED,
            digest=digest,
            key=signed.key,
            signature=signed.signature,
            released=by,
        )

    def end(self, released: Package, by: Stamp, why: str) -> Package:
        """With the reason."""
        values = {"package": released.name, "by": by.by, "moment": by.at, "reason": why}
        self._work.guarded(_END, [values], "package")
        return replace(released, state=PackageState.OBSOLETE, obsoleted=by, obsolete_why=why)

    def drop(self, draft: Package) -> None:
        """Only a draft goes."""
        self._work.guarded(_DROP, [{"package": draft.name}], "package")

    def keys(self) -> list[TrustedKey]:
        """Revoked ones too."""
        return [_key(row) for row in self._work.rows(_KEYS)]

    def trust(self, key: TrustedKey) -> None:
        """Asked first: the trigger that guards what is known would say less."""
        if any(known.key == key.key for known in self.keys()):
            self._work.failed = Conflict([because(Code.CHANGED_SINCE, what="key")])
            raise self._work.failed
        row = {
            "key": key.key,
            "name": key.name,
            "trusted_by": key.trusted.by,
            "trusted_at": key.trusted.at,
            "revoke_why": "",
        }
        self._work.run(insert(t.TrustedKey), row)

    def revoke(self, key: TrustedKey, by: Stamp, why: str) -> None:
        """The first end counts."""
        values = {"signer": key.key, "by": by.by, "moment": by.at, "reason": why}
        self._work.guarded(_REVOKE, [values], "key")


class SqlStagings:
    """`ports.kept.Stagings`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def put(self, staging: Staging) -> None:
        """The newest word counts."""
        row = {
            "site": staging.site,
            "digest": staging.digest,
            "station": staging.station,
            "state": staging.state,
            "bytes": staging.bytes,
            "total": staging.total,
            "detail": staging.detail,
            "at": staging.at,
        }
        self._work.run(replacing(self._work.dialect, t.Staging), row)

    def of(self, site: str, digest: str) -> list[Staging]:
        """By station, in the order of the characters, whatever the database's language."""
        rows = self._work.rows(_STAGINGS, place=site, sheet=digest)
        return sorted((Staging(*row) for row in rows), key=lambda staging: staging.station)

    def ready(self, site: str, digest: str) -> set[str]:
        """A look into the primary key's index."""
        return {row[0] for row in self._work.rows(_READY, place=site, sheet=digest)}


def _stamp(by: str | None, at: datetime | None) -> Stamp | None:
    return None if by is None or at is None else Stamp(by, at)


def _package(row: Row[*tuple[Any, ...]] | Sequence[Any]) -> Package:
    name, state, source, target, instruction, text, drafted_by, drafted_at, digest, key, signature, *ends = (
        row
    )
    released_by, released_at, obsolete_by, obsolete_at, why = ends
    return Package(
        name,
        state,
        source,
        target,
        instruction,
        text,
        Stamp(drafted_by, drafted_at),
        digest,
        key,
        signature,
        _stamp(released_by, released_at),
        _stamp(obsolete_by, obsolete_at),
        why,
    )


def _key(row: Row[*tuple[Any, ...]] | Sequence[Any]) -> TrustedKey:
    key, name, trusted_by, trusted_at, revoked_by, revoked_at, why = row
    return TrustedKey(key, name, Stamp(trusted_by, trusted_at), _stamp(revoked_by, revoked_at), why)
