"""Fake repositories of packages, trusted keys and stagings."""

from __future__ import annotations

from dataclasses import replace

from campaign.domain.package import Package, PackageState, Stamp, TrustedKey, digest_of
from campaign.domain.staging import Staging, StagingState
from campaign.station_agent.manifest import Signed
from tests.fakes.store_data import Work


class FakePackages:
    def __init__(self, work: Work) -> None:
        self._work = work

    def add(self, draft: Package) -> None:
        if draft.name in self._work.writing.packages:
            raise self._work.conflict("package")
        self._work.writing.packages[draft.name] = replace(draft, state=PackageState.DRAFT)

    def get(self, name: str) -> Package | None:
        return self._work.data.packages.get(name)

    def all(self) -> list[Package]:
        by_name = sorted(self._work.data.packages.values(), key=lambda package: package.name)
        return sorted(by_name, key=lambda package: package.drafted.at, reverse=True)

    def release(self, draft: Package, signed: Signed, by: Stamp) -> Package:
        return self._become(
            replace(
                self._in_state(draft, PackageState.DRAFT),
                state=PackageState.RELEASED,
                digest=digest_of(signed),
                key=signed.key,
                signature=signed.signature,
                released=by,
            )
        )

    def end(self, released: Package, by: Stamp, why: str) -> Package:
        now = self._in_state(released, PackageState.RELEASED)
        return self._become(replace(now, state=PackageState.OBSOLETE, obsoleted=by, obsolete_why=why))

    def drop(self, draft: Package) -> None:
        del self._work.writing.packages[self._in_state(draft, PackageState.DRAFT).name]

    def keys(self) -> list[TrustedKey]:
        by_key = sorted(self._work.data.keys.values(), key=lambda key: key.key)
        return sorted(by_key, key=lambda key: key.trusted.at, reverse=True)

    def trust(self, key: TrustedKey) -> None:
        if key.key in self._work.writing.keys:
            raise self._work.conflict("key")
        self._work.writing.keys[key.key] = key

    def revoke(self, key: TrustedKey, by: Stamp, why: str) -> None:
        known = self._work.writing.keys.get(key.key)
        if known is None or known.revoked is not None:
            raise self._work.conflict("key")
        self._work.writing.keys[key.key] = replace(known, revoked=by, revoke_why=why)

    def _in_state(self, package: Package, state: PackageState) -> Package:
        known = self._work.writing.packages.get(package.name)
        if known is None or known.state is not state:
            raise self._work.conflict("package")
        return known

    def _become(self, package: Package) -> Package:
        self._work.writing.packages[package.name] = package
        return package


class FakeStagings:
    def __init__(self, work: Work) -> None:
        self._work = work

    def put(self, staging: Staging) -> None:
        self._work.writing.stagings[staging.site, staging.digest, staging.station] = staging

    def of(self, site: str, digest: str) -> list[Staging]:
        found = [s for s in self._work.data.stagings.values() if (s.site, s.digest) == (site, digest)]
        return sorted(found, key=lambda staging: staging.station)

    def ready(self, site: str, digest: str) -> set[str]:
        return {s.station for s in self.of(site, digest) if s.state is StagingState.STAGED}
