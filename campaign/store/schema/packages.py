"""Tables of packages: what was drafted and released, whose signatures count, and what each station holds."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from campaign.domain.package import PackageState
from campaign.domain.staging import StagingState
from campaign.store.schema.columns import Key, Tables
from campaign.store.schema.way import partial


class Package(Tables):
    """A package. Triggers let a draft be released and a released one become obsolete, and nothing else."""

    __tablename__ = "package"
    __table_args__ = (partial("ux_package_digest", "digest", unique=True, where="digest IS NOT NULL"),)

    name: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[PackageState]
    source: Mapped[str]
    target: Mapped[str]
    instruction: Mapped[str]
    text: Mapped[str]
    drafted_by: Mapped[str]
    drafted_at: Mapped[datetime]
    digest: Mapped[str | None]
    key: Mapped[str | None]
    signature: Mapped[str | None]
    released_by: Mapped[str | None]
    released_at: Mapped[datetime | None]
    obsolete_by: Mapped[str | None]
    obsolete_at: Mapped[datetime | None]
    obsolete_why: Mapped[str]


class TrustedKey(Tables):
    """A public key whose packages are taken. Triggers let it be revoked, once, and nothing else."""

    __tablename__ = "trusted_key"

    key: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    trusted_by: Mapped[str]
    trusted_at: Mapped[datetime]
    revoked_by: Mapped[str | None]
    revoked_at: Mapped[datetime | None]
    revoke_why: Mapped[str]


class Staging(Tables):
    """A package at a station."""

    __tablename__ = "staging"

    site: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    station: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[StagingState]
    bytes: Mapped[int] = mapped_column(Key)
    total: Mapped[int] = mapped_column(Key)
    detail: Mapped[str]
    at: Mapped[datetime]
