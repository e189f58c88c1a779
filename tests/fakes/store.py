"""The store in memory: what `campaign.store` promises, simply. One contract suite keeps it honest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Lock

from campaign.domain.events import GENESIS, Break, canonical_data, first_break, seal
from campaign.domain.reasons import Code, because
from campaign.errors import BrokenRule, Conflict, StoreError
from campaign.ports import fleet as fleet_port
from campaign.ports import floor as floor_port
from campaign.ports import kept as kept_port
from campaign.ports import plans as plans_port
from campaign.ports import store as port
from tests.fakes.store_data import Data, Work
from tests.fakes.store_evidence import FakeEvidences
from tests.fakes.store_floor import FakeBatches, FakeCampaigns, FakeCars
from tests.fakes.store_packages import FakePackages, FakeStagings
from tests.fakes.store_places import FakeAttempts, FakeCharges
from tests.fakes.store_plans import FakeForecasts, FakePlans
from tests.fakes.store_records import FakeFleet, FakeHolds, FakeLog, FakePeople, FakeSignOffs, FakeSites

WAIT_S = 10


class FakeUnit:
    """`ports.store.UnitOfWork` over copied tables."""

    def __init__(self, store: FakeStore, work: Work) -> None:
        self.work, self._store = work, store
        self.fleet: fleet_port.Fleet = FakeFleet(work)
        self.campaigns: floor_port.Campaigns = FakeCampaigns(work)
        self.batches: floor_port.Batches = FakeBatches(work)
        self.cars: floor_port.Cars = FakeCars(work)
        self.charges: floor_port.Charges = FakeCharges(work)
        self.attempts: floor_port.Attempts = FakeAttempts(work)
        self.evidence: kept_port.Evidences = FakeEvidences(work)
        self.holds: kept_port.Holds = FakeHolds(work)
        self.sign_offs: kept_port.SignOffs = FakeSignOffs(work)
        self.people: fleet_port.People = FakePeople(work)
        self.sites: fleet_port.Sites = FakeSites(work)
        self.packages: kept_port.Packages = FakePackages(work)
        self.stagings: kept_port.Stagings = FakeStagings(work)
        self.plans: plans_port.Plans = FakePlans(work)
        self.forecasts: plans_port.Forecasts = FakeForecasts(work)
        self.log: port.Log = FakeLog(work)

    def commit(self) -> None:
        """Seal the facts and swap the tables."""
        data, chain = self.work.writing, self.work.chain
        if self.work.failed is not None:
            raise self.work.failed
        if chain is None:
            raise BrokenRule("a reading unit of work was asked to write")
        head = data.heads.setdefault(chain, (0, GENESIS))
        events = seal(chain, *head, self.work.facts)
        ids = [event.fact.client_id for event in [*data.events, *events] if event.fact.client_id is not None]
        if len(ids) != len(set(ids)):
            raise Conflict([because(Code.CHANGED_SINCE, what="client_id")])
        if events:
            data.events.extend(events)
            data.heads[chain] = (events[-1].seq, events[-1].digest)
        self._store.data = data
        self.work.over = True


class FakeStore:
    """`ports.store.Store`. One writer at a time, as SQLite has it; readers see the last committed tables."""

    def __init__(self) -> None:
        self.data = Data()
        self._leases: dict[str, tuple[str, datetime]] = {}
        self._writer = Lock()

    @contextmanager
    def write(self, chain: str) -> Iterator[port.UnitOfWork]:
        """A writing unit."""
        if not self._writer.acquire(timeout=WAIT_S):
            raise StoreError("the database is locked by another program; try again")
        try:
            yield FakeUnit(self, Work(self.data.copied(), chain))
        finally:
            self._writer.release()

    @contextmanager
    def read(self) -> Iterator[port.UnitOfWork]:
        """A look."""
        yield FakeUnit(self, Work(self.data, None))

    def token(self, chain: str) -> int:
        """The last sequence number."""
        return self.data.heads.get(chain, (0, GENESIS))[0]

    def take_lease(self, name: str, holder: str, wall: datetime, ttl_s: float) -> bool:
        """Take or renew."""
        with self._writer:
            other, until = self._leases.get(name, (holder, wall))
            if other != holder and until > wall:
                return False
            self._leases[name] = (holder, wall + timedelta(seconds=ttl_s))
            return True

    def drop_lease(self, name: str, holder: str) -> None:
        """Only one's own."""
        with self._writer:
            if self._leases.get(name, ("", None))[0] == holder:
                del self._leases[name]

    def verify(self, chain: str | None = None) -> list[Break]:
        """The first break of each chain."""
        events = self.data.events
        chains = sorted({*self.data.heads, *(e.chain for e in events)}) if chain is None else [chain]
        found = []
        for name in chains:
            rows = ((e, canonical_data(e.fact.data)) for e in events if e.chain == name)
            broken = first_break(name, rows, self.data.heads.get(name, (0, GENESIS)))
            found += [broken] if broken else []
        return found

    def close(self) -> None:
        """Nothing is open."""
        self._leases.clear()
