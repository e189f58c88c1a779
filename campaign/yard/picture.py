"""What the people of the yard see at a moment: the parts of the campaign in which a person is next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from campaign.domain.campaign import Campaign, CampaignState
from campaign.domain.gates import Hold, listed_above
from campaign.domain.vehicle import Car, Status
from campaign.errors import NotFound
from campaign.ports.records import Charge
from campaign.ports.store import Store

MOST = 400  # cars of one status looked at in a round
READ_AGAIN = timedelta(hours=16)  # a reading this old is taken again, well before the gate calls it stale
LOOK_AT_PARKED = timedelta(hours=2)  # how often the rows are walked for old readings


@dataclass(frozen=True, slots=True)
class Picture:
    """One look. `to_read` are cars whose reading is old: parked ones, when the rows are walked, and charging ones."""

    now: datetime
    campaign: Campaign
    charges: tuple[Charge, ...]
    rework: tuple[Car, ...]
    uncertain: tuple[Car, ...]
    approved: tuple[Car, ...]
    to_read: tuple[Car, ...]
    unread: tuple[Car, ...]  # full enough by their list: somebody has to read them
    holds: tuple[Hold, ...]

    @property
    def running(self) -> bool:
        """Whether new work starts."""
        return self.campaign.state is CampaignState.RUNNING

    def may_try_again(self, car: Car) -> bool:
        """Whether the campaign's limit leaves this car another try."""
        return car.attempts < self.campaign.rules.max_attempts


def look(
    store: Store, code: str, now: datetime, *, walk: bool, points_every: timedelta | None = None
) -> Picture:
    """Read what is next. `walk`: also go along the rows for old readings; `points_every`: how often charging cars
    are read on their way, None only at the end. Raises NotFound.
    """
    with store.read() as uow:
        campaign = uow.campaigns.get(code)
        if campaign is None:
            raise NotFound(f"there is no campaign {code} here")
        counts = uow.campaigns.counts(campaign)

        def cars(status: Status) -> tuple[Car, ...]:
            return tuple(uow.cars.by_status(code, status, MOST)) if counts.get(status) else ()

        approved = cars(Status.APPROVED)
        charging = cars(Status.CHARGING) if points_every is not None else ()
        waiting = (*cars(Status.CHARGED), *cars(Status.FLASHED)) if walk else ()
        return Picture(
            now,
            campaign,
            tuple(uow.charges.open(campaign.rules.site)),
            cars(Status.REWORK),
            cars(Status.UNCERTAIN),
            approved,
            (*_older(READ_AGAIN, (*waiting, *approved), now), *_older(points_every, charging, now)),
            tuple(
                car for car in uow.cars.next_for_point(code, MOST) if listed_above(car, campaign.rules.gate)
            ),
            tuple(uow.holds.open()),
        )


def _older(age: timedelta | None, cars: Iterable[Car], now: datetime) -> list[Car]:
    return [car for car in cars if age is not None and (car.soc is None or now - car.soc.at > age)]
