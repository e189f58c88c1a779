"""What is kept beside the cars: evidence, holds, decisions, packages and where they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from campaign.domain.batch import Batch
from campaign.domain.gates import Hold
from campaign.domain.identity import Vin
from campaign.domain.package import Package, Stamp, TrustedKey
from campaign.domain.signoff import SignOff, Touched
from campaign.domain.staging import Staging
from campaign.domain.vehicle import Car
from campaign.ports.records import Attempt, KeptEvidence
from campaign.station_agent.manifest import Signed


class Evidences(Protocol):
    """What is kept of attempts that ended. The database refuses to change or delete it."""

    def add(self, kept: KeptEvidence) -> bool:
        """Keep it, and wait for this attempt's journal no more. False: this very journal was kept before."""

    def of(self, attempts: Sequence[int]) -> dict[int, KeptEvidence]:
        """The newest of each attempt that has one, by attempt id."""

    def due(self, campaign: str, limit: int) -> list[Attempt]:
        """Ended attempts whose journal is still to be fetched, oldest first (bounded by what is due)."""

    def want(self, attempt: Attempt) -> None:
        """Its journal is to be fetched, once more."""

    def give_up(self, attempt: Attempt) -> None:
        """Its journal will not be had."""


class Holds(Protocol):
    """Holds that are not lifted."""

    def add(self, scope: str, target: str, why: str, by: str, at: datetime) -> Hold:
        """Set one."""

    def get(self, hold_id: int) -> Hold | None:
        """An open one."""

    def open(self) -> list[Hold]:
        """Every open hold."""

    def lift(self, hold: Hold, by: str, why: str, at: datetime) -> None:
        """Lift it."""


class SignOffs(Protocol):
    """QA decisions, and who touched what."""

    def add(
        self,
        batch: Batch,
        decision: str,
        person: str,
        at: datetime,
        seen_hash: str,
        reason: str,
        cars: Sequence[Car],
    ) -> SignOff:
        """One decision over these cars. The same hash of a batch twice is a Conflict (double click)."""

    def of_batch(self, batch_id: int) -> list[SignOff]:
        """All, oldest first."""

    def void(self, batch_id: int, at: datetime, why: str) -> list[SignOff]:
        """End every approval in force of the batch (rule 6); returns those."""

    def touch(self, touches: Iterable[Touched], cars: Mapping[Vin, Car]) -> None:
        """Remember who worked on which car; a second time changes nothing."""

    def touches(self, batch_id: int) -> list[Touched]:
        """Every touch of every car of the batch."""


class Packages(Protocol):
    """Packages, and the keys whose signatures count. The database keeps what was released as it was."""

    def add(self, draft: Package) -> None:
        """A new draft. The same name twice is a Conflict."""

    def get(self, name: str) -> Package | None:
        """By name."""

    def all(self) -> list[Package]:
        """Newest draft first."""

    def release(self, draft: Package, signed: Signed, by: Stamp) -> Package:
        """A draft becomes released. Raises Conflict when it is no draft any more."""

    def end(self, released: Package, by: Stamp, why: str) -> Package:
        """A released package becomes obsolete. Raises Conflict when it is not released any more."""

    def drop(self, draft: Package) -> None:
        """Take a draft away. Raises Conflict when it is no draft any more."""

    def keys(self) -> list[TrustedKey]:
        """Every key that was ever trusted, the newest first."""

    def trust(self, key: TrustedKey) -> None:
        """A new key. The same one twice is a Conflict."""

    def revoke(self, key: TrustedKey, by: Stamp, why: str) -> None:
        """Ends the trust, once: a second time is a Conflict."""


class Stagings(Protocol):
    """What stations hold of packages."""

    def put(self, staging: Staging) -> None:
        """Insert or overwrite what is known of a package at a station."""

    def of(self, site: str, digest: str) -> list[Staging]:
        """By station."""

    def ready(self, site: str, digest: str) -> set[str]:
        """The stations that hold the whole package."""
