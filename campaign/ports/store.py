"""The one truth, as the use cases see it. The real one is `campaign.store`; the fake is in `tests/fakes`.

Writers of a chain (a campaign's code, or `events.SITE_CHAIN`) run one after the other: `Store.write(chain)` takes the
head row of the chain first, so that what a rule read is still true when it is written. The guard is repeated in every
UPDATE all the same. Leaving a unit of work without `commit` rolls it back. Everything returned is a frozen value.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from campaign.domain.events import Break, Fact, Kind
from campaign.ports.fleet import Fleet, People, Sites
from campaign.ports.floor import Attempts, Batches, Campaigns, Cars, Charges
from campaign.ports.kept import Evidences, Holds, Packages, SignOffs, Stagings
from campaign.ports.plans import Forecasts, Plans
from campaign.ports.records import Told


class Log(Protocol):
    """The append-only chain of the unit of work."""

    def append(self, facts: Iterable[Fact]) -> None:
        """Sealed and written at commit, in this order."""

    def told(self, client_ids: Iterable[str]) -> dict[str, Told]:
        """Which client ids are already recorded, in any chain."""

    def newest(self, chain: str, kinds: Collection[Kind], after: int) -> int:
        """The sequence number of the newest event of these kinds behind `after`; 0 without one."""


class UnitOfWork(Protocol):
    """One transaction."""

    fleet: Fleet
    campaigns: Campaigns
    batches: Batches
    cars: Cars
    charges: Charges
    attempts: Attempts
    evidence: Evidences
    holds: Holds
    sign_offs: SignOffs
    people: People
    sites: Sites
    packages: Packages
    stagings: Stagings
    plans: Plans
    forecasts: Forecasts
    log: Log

    def commit(self) -> None:
        """Flush counters and events, then commit. Raises StoreError, Conflict."""


class Store(Protocol):
    """Opens units of work."""

    def write(self, chain: str) -> AbstractContextManager[UnitOfWork]:
        """A writing unit on one chain."""

    def read(self) -> AbstractContextManager[UnitOfWork]:
        """A consistent look without a lock; `commit` is not called."""

    def token(self, chain: str) -> int:
        """The change token: the last sequence number of the chain (0 when empty). One cheap query."""

    def take_lease(self, name: str, holder: str, wall: datetime, ttl_s: float) -> bool:
        """Take or renew a lease in its own transaction; False while another holder's is alive."""

    def drop_lease(self, name: str, holder: str) -> None:
        """Give it back."""

    def verify(self, chain: str | None = None) -> list[Break]:
        """Walk the chains in bounded memory; the first break of each broken chain."""

    def close(self) -> None:
        """Close the connections."""
