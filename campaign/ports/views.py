"""Read models: what pages and commands show, as frozen values. Each costs what is active, not what exists.

Times are UTC, SOC is tenths, statuses are codes: the edge translates and formats.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from campaign.domain.batch import Batch
from campaign.domain.campaign import Campaign
from campaign.domain.events import Event
from campaign.domain.gates import Hold
from campaign.domain.identity import Vin
from campaign.domain.signoff import SignOff, Touched
from campaign.domain.staging import Staging
from campaign.domain.vehicle import Car, Status
from campaign.ports.records import Attempt, Charge


@dataclass(frozen=True, slots=True)
class PointTile:
    """A charge point: its open charge with the car's last SOC, or free."""

    point: str
    circuit: str
    charge: Charge | None
    soc: int | None = None
    soc_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StationTile:
    """A flash station: its open attempt, or free, or blocked by a car whose outcome is unknown.

    `last` is the last attempt of a station on hold. `staging` is the campaign's package on its way there, None once
    the station holds it: until then it gets no car.
    """

    station: str
    attempt: Attempt | None
    blocked_by: Vin | None = None
    hold: Hold | None = None
    last: Attempt | None = None
    staging: Staging | None = None


@dataclass(frozen=True, slots=True)
class BurnPoint:
    """Cars that had reached a status by the end of an hour, cumulative."""

    hour: datetime
    charged: int
    flashed: int
    approved: int
    released: int


@dataclass(frozen=True, slots=True)
class BlockedCar:
    """A car that does not move, with its state; the service adds the reasons."""

    car: Car
    since: datetime | None


@dataclass(frozen=True, slots=True)
class BoardData:
    """Everything that the board shows of a campaign, read in one go under one change token."""

    token: int
    campaign: Campaign
    counts: Mapping[Status, int]
    burn_up: tuple[BurnPoint, ...]
    planned: tuple[tuple[datetime, int], ...]  # cumulative cars that the plan has finished by then
    batches: tuple[Batch, ...]
    points: tuple[PointTile, ...]
    stations: tuple[StationTile, ...]
    blocked: tuple[BlockedCar, ...]  # rework, uncertain, held, approved and not released: at most 200
    holds: tuple[Hold, ...]
    last_event_at: datetime | None


@dataclass(frozen=True, slots=True)
class DoneWork:
    """A charge or a flash that ended, at a charge point or station; `passed` is False for a flash that did not pass."""

    place: str
    vin: Vin
    begun_at: datetime
    ended_at: datetime
    passed: bool = True


@dataclass(frozen=True, slots=True)
class CarRow:
    """A line of the car list."""

    vin: Vin
    status: Status
    batch_no: int
    priority: int
    soc: int | None
    soc_at: datetime | None
    read_back: str | None
    slot: str | None
    order_no: str | None
    promised: date | None
    attempts: int
    changed_at: datetime | None
    changed_by: str


@dataclass(frozen=True, slots=True)
class BatchEvidence:
    """What QA looks at: every car with its last attempt, charge, touches and what stands against it."""

    batch: Batch
    cars: tuple[Car, ...]
    attempts: Mapping[Vin, Attempt]
    touches: tuple[Touched, ...]
    holds: tuple[Hold, ...]
    sign_offs: tuple[SignOff, ...]


class Views(Protocol):
    """Queries beside the unit of work (reads bypass it)."""

    def token(self, campaign: str) -> int:
        """The change token."""

    def campaigns(self) -> list[Campaign]:
        """Newest first."""

    def board(self, campaign: str) -> BoardData:
        """Raises NotFound."""

    def done_since(self, campaign: str, since: datetime) -> tuple[DoneWork, ...]:
        """The latest charges and flashes that ended at `since` or later, by when they began. Raises NotFound."""

    def batch(self, campaign: str, no: int) -> BatchEvidence:
        """Raises NotFound."""

    def cars(
        self,
        campaign: str,
        *,
        status: Status | None = None,
        text: str = "",
        offset: int = 0,
        limit: int = 100,
    ) -> tuple[list[CarRow], int]:
        """A page of cars by priority and how many match; `text` is any part of a VIN, slot or order."""

    def find(self, text: str, limit: int = 8) -> list[Vin]:
        """VINs of the fleet that end with `text`, else contain it."""

    def story(self, vin: Vin, limit: int = 200) -> list[Event]:
        """Everything about one VIN, oldest first."""

    def log(self, chain: str, *, before: int | None = None, limit: int = 100) -> list[Event]:
        """A page of a chain, newest first."""
