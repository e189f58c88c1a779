"""The campaign up to a point in virtual time, from one interesting moment to the next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from campaign.domain.campaign import CampaignState
from campaign.domain.vehicle import Status
from campaign.errors import BrokenRule, NotFound
from campaign.yard.crew import Crew
from campaign.yard.given import Given
from campaign.yard.pace import HandClock
from campaign.yard.simulated_stations import SimulatedStations

LONGEST = timedelta(days=90)  # a campaign that takes longer does not get on


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the campaign is at `now`."""

    now: datetime
    state: CampaignState
    counts: Mapping[Status, int]

    @property
    def cars(self) -> int:
        """All cars of the campaign."""
        return sum(self.counts.values())

    @property
    def released(self) -> int:
        """Cars that left."""
        return self.counts.get(Status.RELEASED, 0)

    @property
    def middle(self) -> bool:
        """Half of the cars left."""
        return self.released * 2 >= self.cars

    @property
    def complete(self) -> bool:
        """Nothing is left to do."""
        return self.state is CampaignState.COMPLETE


def standing(given: Given, code: str) -> Standing:
    """Read it. Raises NotFound."""
    with given.store.read() as uow:
        campaign = uow.campaigns.get(code)
        if campaign is None:
            raise NotFound(f"there is no campaign {code} here")
        return Standing(given.clock.now(), campaign.state, dict(uow.campaigns.counts(campaign)))


def fast_forward(
    given: Given,
    clock: HandClock,
    crew: Crew,
    stations: SimulatedStations,
    *,
    code: str,
    until: Callable[[Standing], bool],
    on_progress: Callable[[Standing], object] = lambda _: None,
) -> Standing:
    """Move time until `until` is true or the campaign is complete. Raises BrokenRule when neither comes."""
    began = clock.now()
    next_round = began
    next_due: datetime | None = None
    back: datetime | None = None
    token = -1
    while True:
        now = clock.now()
        walks = now >= next_round
        if walks:
            crew.round()
            next_round = now + crew.round_every
        ends = stations.next_end()
        if (
            (ends is not None and ends <= now)
            or given.store.token(code) != token
            or _past(next_due, now)
            or _past(back, now)
        ):
            tick = given.reconcile.tick(code)
            token, next_due = tick.token, tick.next_due
        back = stations.next_back()
        if walks:
            stands = standing(given, code)
            on_progress(stands)
            if stands.complete or until(stands):
                return stands
        if now - began > LONGEST:
            raise BrokenRule(f"campaign {code} does not get on: {dict(standing(given, code).counts)}")
        clock.move_to(_next_moment(now, next_round, next_due, back, stations.next_end()))


def let_flashes_end(given: Given, clock: HandClock, stations: SimulatedStations, code: str) -> None:
    """Settle what runs on the simulated stations, and start nothing new: the real ones take over."""
    while (ends := stations.next_end()) is not None:
        clock.move_to(ends)
        given.flashing.follow(code)
    given.flashing.follow(code)


def _past(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment <= now


def _next_moment(now: datetime, *moments: datetime | None) -> datetime:
    return min(
        (moment for moment in moments if moment is not None and moment > now),
        default=now + timedelta(minutes=1),
    )
