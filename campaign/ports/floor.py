"""What moves in a campaign: batches, cars, the points and stations that they are given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from campaign.domain.batch import Batch
from campaign.domain.campaign import Campaign, CampaignState
from campaign.domain.identity import Vin
from campaign.domain.retry import Outcome
from campaign.domain.rules import CampaignRules
from campaign.domain.vehicle import Car, Reading, Status
from campaign.ports.records import Attempt, CarChange, Charge, EndedCharge, Place, PlannedBatch


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
