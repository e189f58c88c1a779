"""The one truth, as the use cases see it. The real one is `campaign.store`; the fake is in `tests/fakes`.

Writers of a chain (a campaign's code, or `events.SITE_CHAIN`) run one after the other: `Store.write(chain)` takes the
head row of the chain first, so that what a rule read is still true when it is written. The guard is repeated in every
UPDATE all the same. Leaving a unit of work without `commit` rolls it back. Everything returned is a frozen value.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from campaign.domain.batch import Batch
from campaign.domain.campaign import Campaign, CampaignState
from campaign.domain.events import Break, Fact, Kind
from campaign.domain.gates import Hold
from campaign.domain.identity import Vin
from campaign.domain.package import Package, Stamp, TrustedKey
from campaign.domain.retry import Outcome
from campaign.domain.rules import CampaignRules
from campaign.domain.signoff import SignOff, Touched
from campaign.domain.site import SiteLayout
from campaign.domain.staging import Staging
from campaign.domain.vehicle import Car, Reading, Status
from campaign.ports.plans import Forecasts, Plans
from campaign.ports.records import (
    Attempt,
    CarChange,
    Charge,
    EndedCharge,
    ImportRecord,
    KeptEvidence,
    ListedVehicle,
    OrderFact,
    Person,
    Place,
    PlannedBatch,
    SignIn,
    Told,
    Vehicle,
)
from campaign.station_agent.manifest import Signed


class Fleet(Protocol):
    """The cars of the site and the lists that they came in."""

    def known(self, vins: Iterable[Vin]) -> dict[Vin, Vehicle]:
        """Those of `vins` that are in the fleet."""

    def vins(self, site: str) -> set[Vin]:
        """Every VIN of the site, for look-alikes."""

    def add(self, vehicles: Sequence[Vehicle]) -> None:
        """Insert in bulk (100,000 in about a second). Unknown VINs only."""

    def take_in(self, rows: Sequence[ListedVehicle], site: str, import_id: int) -> None:
        """Insert the cars of a list, in bulk (100,000 in half a second). Unknown VINs only.

        Their SOC has no time: a list does not say when it was read, so that no gate may trust it.
        """

    def slots_taken(self, site: str, slots: Iterable[str]) -> dict[str, Vin]:
        """Which of `slots` hold a car."""

    def set_orders(self, orders: Sequence[OrderFact]) -> None:
        """Set what sales says, in bulk."""

    def orders_of_import(self, import_id: int) -> list[OrderFact]:
        """What the orders were before that import, to undo it."""

    def remember_orders(self, import_id: int, before: Sequence[OrderFact]) -> None:
        """Keep the orders that an import is about to change."""

    def eligible(self, site: str, version: str) -> list[Vehicle]:
        """Cars at `version` without an open upgrade, by VIN."""

    def remove_import(self, import_id: int) -> int:
        """Take out the cars of an import; returns how many. Raises Conflict when one was worked on."""

    def worked_on(self, import_id: int) -> Vin | None:
        """One car of the import that is in any campaign, or None."""

    def add_import(
        self, kind: str, file_name: str, sha256: str, at: datetime, by: str, rows: int
    ) -> ImportRecord:
        """Record a list."""

    def import_by_hash(self, kind: str, sha256: str) -> ImportRecord | None:
        """The same file, taken in before and not undone."""

    def import_by_id(self, import_id: int) -> ImportRecord | None:
        """A list by its number."""

    def undo_import(self, import_id: int, at: datetime) -> None:
        """Mark it undone."""


class Campaigns(Protocol):
    """Campaigns with their frozen rules and counters."""

    def add(self, rules: CampaignRules, state: CampaignState, at: datetime, by: str) -> Campaign:
        """A new campaign with revision 1 of its rules."""

    def get(self, code: str) -> Campaign | None:
        """With `pilot_approved` from the pilot's cars."""

    def all(self) -> list[Campaign]:
        """Newest first."""

    def set_state(self, campaign: Campaign, state: CampaignState, *, acknowledge: bool = False) -> None:
        """Guarded by the state as loaded; `acknowledge` takes the failures so far off the threshold."""

    def revise(self, campaign: Campaign, rules: CampaignRules, at: datetime, by: str, why: str) -> int:
        """A recorded revision of the rules; returns its number."""

    def counts(self, campaign: Campaign) -> Mapping[Status, int]:
        """Cars by status, from the kept counters."""


class Batches(Protocol):
    """Batches with the counts of their cars."""

    def add(
        self, campaign: Campaign, batches: Sequence[PlannedBatch], places: Sequence[Place], at: datetime
    ) -> None:
        """Batches and the upgrades of their cars, in bulk; each starts `queued`, with the vehicle's SOC reading."""

    def get(self, batch_id: int) -> Batch | None:
        """By id."""

    def by_no(self, campaign: str, no: int) -> Batch | None:
        """By its number in the campaign."""

    def all(self, campaign: str) -> list[Batch]:
        """In order of number."""

    def to_open(self, campaign: str, limit: int) -> list[Batch]:
        """Not opened yet, by planned start, then by number."""

    def active(self, campaign: str) -> list[Batch]:
        """Opened and not closed, by number (bounded by what is active)."""

    def open(self, batch: Batch, at: datetime) -> None:
        """Set `opened_at`; a second time changes nothing."""

    def plan_again(self, times: Sequence[tuple[Batch, datetime, datetime]]) -> None:
        """Other planned starts and ends, in bulk."""

    def regroup(self, moves: Sequence[tuple[Car, Batch]]) -> None:
        """Cars go to other batches, in bulk, with sizes and counters. Both must not be opened yet.

        Raises Conflict when a car's batch was opened, or the car itself changed, since it was loaded.
        """


class Cars(Protocol):
    """Upgrades: a vehicle's way through a campaign."""

    def latest(self, vins: Sequence[Vin]) -> dict[Vin, Car]:
        """The open upgrade of each VIN, else its last one."""

    def in_batch(self, batch_id: int) -> list[Car]:
        """By VIN."""

    def by_status(self, campaign: str, status: Status, limit: int) -> list[Car]:
        """By priority."""

    def next_for_point(self, campaign: str, limit: int) -> list[Car]:
        """Queued, in an opened batch, without a point: by priority."""

    def next_for_station(self, campaign: str, limit: int) -> list[Car]:
        """Charged, in an opened batch: by priority."""

    def unfinished(self, campaign: str) -> list[Car]:
        """Every car that is neither approved, released nor withdrawn, by priority (one query)."""

    def rank(self, places: Sequence[tuple[Car, int]]) -> None:
        """Set priorities, in bulk. It is no step: the revision stays."""

    def move(self, changes: Sequence[CarChange]) -> None:
        """Apply steps in bulk with the counters. Raises Conflict when a guard no longer holds."""

    def read_soc(self, readings: Sequence[tuple[Car, Reading]]) -> None:
        """New SOC readings without a step, in bulk. One older than what is known changes nothing."""


class Charges(Protocol):
    """Charge points given to cars. The database holds "one car per point" and "one point per car"."""

    def open(self, site: str) -> list[Charge]:
        """Given or running."""

    def of_cars(self, car_ids: Sequence[int]) -> dict[int, Charge]:
        """The open charge of each car."""

    def recent(self, site: str, among: int) -> list[EndedCharge]:
        """Ended ones of the site with both readings, the last given first; looks at the last `among` of any site."""

    def give(self, cars: Sequence[tuple[Car, str]], site: str, at: datetime) -> None:
        """Reserve a point for each car."""

    def start(
        self, starts: Sequence[tuple[Car, str, int | None, datetime | None]], site: str, at: datetime, by: str
    ) -> None:
        """(car, point, SOC, expected end): connect; turns a given point into a running one, or opens one."""

    def end(self, ends: Sequence[tuple[Car, int | None]], at: datetime) -> None:
        """(car, SOC): free the points; a car without one is passed over."""


class Attempts(Protocol):
    """Tries at flashing. The database holds "one open attempt per car" and "per station"."""

    def open(self, car: Car, site: str, station: str, job_id: str, at: datetime) -> Attempt:
        """Reserve the station for the car before anything is asked of it."""

    def running(self, campaign: str) -> list[Attempt]:
        """Open ones, oldest first."""

    def busy_stations(self, site: str) -> dict[str, Vin]:
        """Stations with an open attempt of any campaign, and those with an uncertain car not resolved yet."""

    def get(self, job_id: str) -> Attempt | None:
        """By job id."""

    def of_car(self, car: Car) -> list[Attempt]:
        """All, oldest first."""

    def last_of(self, cars: Sequence[Car]) -> dict[Vin, Attempt]:
        """The newest attempt of each car that has one."""

    def started(self, attempt: Attempt, at: datetime) -> None:
        """The station confirmed the start."""

    def progress(self, attempt: Attempt, percent: int, step: str, offset: int) -> None:
        """Telemetry: no event."""

    def end(
        self,
        attempt: Attempt,
        outcome: Outcome,
        read_back: str | None,
        detail: str,
        at: datetime,
        *,
        fault: str = "",
        params: Sequence[tuple[str, str]] = (),
        counted: bool = True,
        evidence_due: bool = False,
    ) -> None:
        """Close it; a guard refuses a second end (Conflict). The campaign's counters know it only when `counted`."""


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


class People(Protocol):
    """People and their sign-ins."""

    def get(self, person_id: str) -> Person | None:
        """By id."""

    def all(self) -> list[Person]:
        """By id."""

    def put(self, person: Person) -> None:
        """Insert or change, the password hash and the counters of wrong tries included."""

    def add_sign_in(self, sign_in: SignIn) -> None:
        """A new session."""

    def sign_in(self, sid_hash: str) -> SignIn | None:
        """By the hash of its secret."""

    def revoke(self, sid_hash: str, at: datetime) -> None:
        """End a session."""


class Sites(Protocol):
    """Layouts as applied from the configuration."""

    def get(self, code: str) -> SiteLayout | None:
        """By code."""

    def put(self, layout: SiteLayout, at: datetime) -> bool:
        """Store; returns whether anything changed."""


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
