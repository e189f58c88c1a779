"""One look at a campaign: whatever is due is done, and nothing twice. Any process may do it, at any time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from campaign.domain.batch import Batch
from campaign.domain.campaign import MOVES, CampaignState
from campaign.domain.events import Kind, stamp
from campaign.domain.gates import soc_reasons
from campaign.domain.people import SYSTEM
from campaign.domain.vehicle import TERMINAL, Car, Status, Step
from campaign.errors import NotFound
from campaign.ports.clock import Clock
from campaign.ports.store import Store
from campaign.services.charging import Charging
from campaign.services.flashing import Flashing
from campaign.services.points import points_to_give
from campaign.services.release import Release
from campaign.services.staging import Staging
from campaign.services.work import CampaignWork, campaign_work


@dataclass(frozen=True, slots=True)
class Tick:
    """What one look did. `running` are open attempts; `next_due` when the plan says that time has come.

    `staging` are stations that the package has not come to yet.
    """

    token: int
    state: CampaignState
    opened: int = 0
    points: int = 0
    started: int = 0
    ended: int = 0
    released: int = 0
    running: int = 0
    next_due: datetime | None = None
    staging: int = 0

    @property
    def acted(self) -> bool:
        """Whether anything moved."""
        return bool(self.opened or self.points or self.started or self.ended or self.released)

    @property
    def over(self) -> bool:
        """Nothing will ever be due again."""
        return self.state in (CampaignState.COMPLETE, CampaignState.STOPPED) and not self.running


class Reconcile:
    """Use case of the flows: level-triggered, idempotent."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        charging: Charging,
        flashing: Flashing,
        release: Release,
        staging: Staging,
    ) -> None:
        self._store, self._clock = store, clock
        self._charging, self._flashing, self._release = charging, flashing, release
        self._staging = staging

    def active_codes(self) -> list[str]:
        """Campaigns that are not over, newest first; a stopped one while a flash of it runs or its journal is due."""
        with self._store.read() as uow:
            return [
                c.code
                for c in uow.campaigns.all()
                if c.state in (CampaignState.RUNNING, CampaignState.PAUSED)
                or (
                    c.state is CampaignState.STOPPED
                    and (uow.attempts.running(c.code) or uow.evidence.due(c.code, 1))
                )
            ]

    def tick(self, code: str) -> Tick:
        """Settle what ended, open what is due, hand out points and stations, release. Raises NotFound."""
        ended = self._flashing.follow(code)
        self._flashing.fetch_due(code)
        released = self._release.release_due(code)
        opened, points = self._open_and_give(code)
        lacking = self._staging.advance(code)
        started = self._flashing.dispatch(code)
        state = self._complete(code)
        with self._store.read() as uow:
            running = len(uow.attempts.running(code))
            waiting = uow.batches.to_open(code, 1)
        return Tick(
            self._store.token(code),
            state,
            opened,
            points,
            len(started),
            len(ended),
            len(released),
            running,
            waiting[0].planned_start if waiting else None,
            lacking,
        )

    def open_batch(self, code: str, no: int) -> Batch:
        """Open one batch now, if the campaign runs; a second time changes nothing. Raises NotFound."""
        with campaign_work(self._store, code, self._clock.now()) as work:
            batch = work.uow.batches.by_no(code, no)
            if batch is None:
                raise NotFound(f"campaign {code} has no batch {no}")
            if batch.opened_at is None and work.campaign.state is CampaignState.RUNNING:
                self._open(work, batch)
                work.commit()
                batch = replace(batch, opened_at=work.now)
        return batch

    def _open_and_give(self, code: str) -> tuple[int, int]:
        """Batches whose time has come, and the next one early when charge points would idle; then points."""
        with self._store.read() as uow:
            campaign = uow.campaigns.get(code)
            if campaign is None:
                raise NotFound(f"there is no campaign {code} here")
            look = CampaignWork(uow, campaign, self._clock.now())
            if campaign.state is not CampaignState.RUNNING or not self._due(look):
                return 0, 0
        opened = points = 0
        with campaign_work(self._store, code, self._clock.now()) as work:
            while work.campaign.state is CampaignState.RUNNING:
                points += len(self._charging.give(work))
                batch = self._next_to_open(work)
                if batch is None:
                    break
                self._open(work, batch)
                opened += 1
            work.commit()
        return opened, points

    def _due(self, work: CampaignWork) -> bool:
        """A cheap look: is there a free point with a car for it, or a batch to open?"""
        if self._next_to_open(work) is not None:
            return True
        return bool(points_to_give(work)) and self._charging.wanted(work)

    def _next_to_open(self, work: CampaignWork) -> Batch | None:
        waiting = work.uow.batches.to_open(work.rules.code, 1)
        if not waiting:
            return None
        if waiting[0].planned_start <= work.now:
            return waiting[0]
        idle = bool(points_to_give(work)) and self._charging.out_of_work(work)
        return waiting[0] if idle else None

    def _open(self, work: CampaignWork, batch: Batch) -> None:
        work.uow.batches.open(batch, work.now)
        work.fact(Kind.BATCH_OPENED, SYSTEM, data={"cars": batch.size}, batch_no=batch.no)
        for car in work.uow.cars.in_batch(batch.id):
            if car.status is Status.QUEUED and not soc_reasons(car.soc, work.rules.gate, work.now):
                work.step(car, Step.CHARGED, SYSTEM, data=_read_before(car))
        work.flush()

    def _complete(self, code: str) -> CampaignState:
        """The campaign is complete when every car is released or withdrawn."""
        with self._store.read() as uow:
            campaign = uow.campaigns.get(code)
            if campaign is None:
                raise NotFound(f"there is no campaign {code} here")
            counts = uow.campaigns.counts(campaign)
        left = sum(n for status, n in counts.items() if status not in TERMINAL)
        if left or CampaignState.COMPLETE not in MOVES[campaign.state]:
            return campaign.state
        with campaign_work(self._store, code, self._clock.now()) as work:
            work.uow.campaigns.set_state(work.campaign, CampaignState.COMPLETE)
            told = {status.value: n for status, n in counts.items() if n}
            work.fact(Kind.CAMPAIGN_COMPLETE, SYSTEM, data=told)
            work.commit()
        return CampaignState.COMPLETE


def _read_before(car: Car) -> dict[str, object]:
    """The reading that opens the gate was taken before the batch was opened: the log says which one it was."""
    told: dict[str, object] = {"why": "read above the gate before"}
    if car.soc is not None:
        told |= {"soc": car.soc.tenths, "gauge": car.soc.gauge.value, "read_at": stamp(car.soc.at)}
    return told
