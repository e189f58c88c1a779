"""Charge points go to cars by priority."""

from __future__ import annotations

from campaign.domain.campaign import CampaignState
from campaign.domain.events import Kind
from campaign.domain.gates import charge_gate, listed_above, soc_reasons
from campaign.domain.marks import unsigned
from campaign.domain.people import SYSTEM
from campaign.domain.reasons import Code
from campaign.domain.vehicle import Car, Status
from campaign.ports.clock import Clock
from campaign.ports.store import Store
from campaign.services.points import points_to_give
from campaign.services.work import CampaignWork, campaign_work

WORK_ENOUGH = 100  # cars queued in opened batches, whatever keeps them from charging


class Charging:
    """Use cases of the reconciler on charge points."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def give_points(self, code: str) -> list[tuple[Car, str]]:
        """Reserve every free point for the next car that may charge; a technician connects and marks it."""
        with campaign_work(self._store, code, self._clock.now()) as work:
            if work.campaign.state is not CampaignState.RUNNING:
                return []
            given = self.give(work)
            if given:
                work.commit()
        return given

    def give(self, work: CampaignWork) -> list[tuple[Car, str]]:
        """The same inside a running unit of work."""
        free = points_to_give(work)
        given = list(zip(self._waiting(work, len(free)), free, strict=False)) if free else []
        if given:
            work.uow.charges.give(given, work.rules.site, work.now)
            for car, point in given:
                work.fact(Kind.POINT_GIVEN, SYSTEM, car, data={"point": point})
        return given

    def wanted(self, work: CampaignWork) -> bool:
        """Whether any car waits for a point."""
        return bool(self._waiting(work, 1))

    def out_of_work(self, work: CampaignWork) -> bool:
        """Whether the opened batches leave nothing to do for a free point.

        Many cars that somebody has to read first, or that are held, are work enough: opening one more batch for
        the points' sake, and one more, would open them all.
        """
        queued = work.uow.cars.next_for_point(work.rules.code, WORK_ENOUGH)
        return len(queued) < WORK_ENOUGH and not self.wanted(work)

    def _waiting(self, work: CampaignWork, wanted: int) -> list[Car]:
        """The next cars that may charge: those that drained first, then by priority."""
        cars = self._drained(work) + work.uow.cars.next_for_point(work.rules.code, 2 * wanted + 100)
        return [
            car
            for car in cars
            if not listed_above(car, work.rules.gate)
            and charge_gate(unsigned(car), work.holds_on(car), work.around).open
        ][:wanted]

    def _drained(self, work: CampaignWork) -> list[Car]:
        """Cars on their way that fell below the gate: they go back to charging (rule 2)."""
        waiting = [
            *work.uow.cars.by_status(work.rules.code, Status.APPROVED, 50),
            *work.uow.cars.next_for_station(work.rules.code, 50),
        ]
        return [
            car
            for car in waiting
            if car.point is None
            and any(r.code is Code.SOC_BELOW for r in soc_reasons(car.soc, work.rules.gate, work.now))
        ]
