"""Pause, resume, stop, withdraw: what a planner decides while a campaign runs. None of it touches a running flash."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from campaign.domain.campaign import MOVES, Campaign, CampaignState, threshold_reason
from campaign.domain.events import Kind
from campaign.domain.identity import Vin
from campaign.domain.marks import unsigned, wrong_status
from campaign.domain.people import Actor, Right, Role
from campaign.domain.reasons import Code, because
from campaign.domain.signoff import Touch
from campaign.domain.vehicle import Car, Status, Step, after
from campaign.errors import NotFound, Refused
from campaign.ports.clock import Clock
from campaign.ports.store import Store
from campaign.services.access import need, need_reason
from campaign.services.work import CampaignWork, campaign_work, cars_named


class Control:
    """Use cases of the planner on a running campaign."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def pause(self, actor: Actor, code: str, reason: str) -> Campaign:
        """No new work starts until it is resumed."""
        return self._move(actor, code, CampaignState.PAUSED, Kind.CAMPAIGN_PAUSED, reason)

    def resume(self, actor: Actor, code: str, reason: str) -> Campaign:
        """Go on, after a pause or after the failure threshold: the failures so far are acknowledged."""
        return self._move(actor, code, CampaignState.RUNNING, Kind.CAMPAIGN_RESUMED, reason)

    def stop(self, actor: Actor, code: str, reason: str) -> Campaign:
        """For good: no new work. Running flashes end on their own and are recorded."""
        return self._move(actor, code, CampaignState.STOPPED, Kind.CAMPAIGN_STOPPED, reason)

    def _move(self, actor: Actor, code: str, to: CampaignState, kind: Kind, reason: str) -> Campaign:
        need(actor, Right.RUN)
        why = need_reason(reason)
        with campaign_work(self._store, code, self._clock.now()) as work:
            campaign = work.campaign
            resuming = to is CampaignState.RUNNING
            tripped = resuming and threshold_reason(campaign) is not None
            if to not in MOVES[campaign.state] and not (tripped and campaign.state is to):
                raise Refused([because(Code.CAMPAIGN_STATE, Role.PLANNER, state=campaign.state.value)])
            work.uow.campaigns.set_state(campaign, to, acknowledge=resuming)
            told = {"from": campaign.state.value, "failed": campaign.failed, "ended": campaign.ended}
            work.fact(kind, actor, reason=why, data=told)
            work.commit()
        return replace(campaign, state=to)

    def withdraw(self, actor: Actor, code: str, vins: Sequence[Vin], reason: str) -> list[Vin]:
        """Take cars out of the campaign. All or none: raises Refused naming every car that cannot go."""
        need(actor, Right.RUN)
        why = need_reason(reason)
        with campaign_work(self._store, code, self._clock.now()) as work:
            cars = cars_named(work.uow, vins, code)
            missing = [vin for vin in vins if vin not in cars]
            if missing:
                raise NotFound(f"not in campaign {code}: {', '.join(missing)}")
            refused = [
                wrong_status(car, Step.WITHDRAW)
                for car in cars.values()
                if after(unsigned(car).status, Step.WITHDRAW) is None
            ]
            if refused:
                raise Refused(refused)
            for vin in cars:
                self._withdraw(work, actor, vin, why)
            work.commit()
        return list(cars)

    def _withdraw(self, work: CampaignWork, actor: Actor, vin: Vin, why: str) -> None:
        car: Car = work.uow.cars.latest([vin])[vin]
        if car.status is Status.APPROVED:
            car = work.void_signatures(car, actor, why)
        if car.point is not None:
            work.uow.charges.end([(car, None)], work.now)
            work.fact(Kind.POINT_FREED, actor, car, reason=why, data={"point": car.point})
        work.step(car, Step.WITHDRAW, actor, reason=why)
        work.touch(car, actor, Touch.CORRECTED)
        work.flush()
