"""Approved cars leave when the release gate is open (rule 2)."""

from __future__ import annotations

from campaign.domain.campaign import CampaignState
from campaign.domain.gates import release_gate
from campaign.domain.identity import Vin
from campaign.domain.people import SYSTEM
from campaign.domain.vehicle import Car, Status, Step
from campaign.ports.clock import Clock
from campaign.ports.store import Store
from campaign.services.work import CampaignWork, campaign_work

MOST = 500  # approved cars looked at in one go


class Release:
    """Use case of the reconciler."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def release_due(self, code: str) -> list[Vin]:
        """Release every approved car whose gate says go now."""
        with self._store.read() as uow:
            campaign = uow.campaigns.get(code)
            if campaign is None or campaign.state is CampaignState.STOPPED:
                return []
            work = CampaignWork(uow, campaign, self._clock.now())
            if not self._fit(work):
                return []
        with campaign_work(self._store, code, self._clock.now()) as work:
            fit = self._fit(work)
            for car in fit:
                if car.soc is not None:
                    work.step(
                        car, Step.RELEASE, SYSTEM, data={"soc": car.soc.tenths, "read_back": car.read_back}
                    )
            work.commit()
        return [car.vin for car in fit]

    def _fit(self, work: CampaignWork) -> list[Car]:
        rules = work.rules
        return [
            car
            for car in work.uow.cars.by_status(rules.code, Status.APPROVED, MOST)
            if car.point is None
            and release_gate(car, rules.gate, rules.target, work.holds_on(car), work.now).open
        ]
