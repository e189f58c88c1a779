"""An uncertain car: only a person with a fresh read-back decides (rule 3)."""

from __future__ import annotations

import logging

from campaign.domain.identity import Vin
from campaign.domain.marks import wrong_status
from campaign.domain.people import Actor, Right
from campaign.domain.reasons import Code, because
from campaign.domain.retry import same_version
from campaign.domain.signoff import Touch
from campaign.domain.vehicle import Car, Step, after
from campaign.errors import NotFound, Refused, StationRejected
from campaign.ports.clock import Clock
from campaign.ports.records import Attempt
from campaign.ports.station import ReadBack, StationLink
from campaign.ports.store import Store
from campaign.services.access import need, need_reason
from campaign.services.settling import soc_of
from campaign.services.work import campaign_work

log = logging.getLogger(__name__)


class Resolving:
    """Use case of a shift lead or QA."""

    def __init__(self, store: Store, clock: Clock, links: StationLink) -> None:
        self._store, self._clock, self._links = store, clock, links

    def resolve(self, actor: Actor, vin: Vin, reason: str, *, unreadable: bool = False) -> Car:
        """Read the car back now, unblock its station, and write what the car says. Raises Refused, StationError.

        A car that was cut while it was erased reports no version. Only where the person says that they saw it so
        (`unreadable`) does it become rework; a version that is there always wins.
        The station is cleared first: after a crash between the two the car is still uncertain, and this runs again.
        """
        need(actor, Right.RESOLVE)
        why = need_reason(reason)
        last = self._last_attempt(vin)
        read = self._links.read_back(last.station, vin)
        if read.vin != vin:
            raise StationRejected(last.station, f"{read.vin} is on the cable, not {vin}", "other_car")
        if read.version is None and not unreadable:
            raise Refused([because(Code.READ_BACK_MISSING)])
        try:
            self._links.clear(last.station, last.job_id)
        except StationRejected as said:
            log.info("station %s had nothing to clear: %s", last.station, said.what)
        return self._write(actor, last, why, read)

    def _last_attempt(self, vin: Vin) -> Attempt:
        with self._store.read() as uow:
            car = uow.cars.latest([vin]).get(vin)
            last = uow.attempts.last_of([car]).get(vin) if car is not None else None
        if car is None or last is None:
            raise NotFound(f"{vin} was never given to a station")
        if after(car.status, Step.RESOLVE_PASSED) is None:
            raise Refused([wrong_status(car, Step.RESOLVE_PASSED)])
        return last

    def _write(self, actor: Actor, last: Attempt, why: str, read: ReadBack) -> Car:
        """The journal goes on after the end that was settled: it is fetched once more."""
        with campaign_work(self._store, last.campaign, self._clock.now()) as work:
            car = work.uow.cars.latest([last.vin])[last.vin]
            passed = read.version is not None and same_version(read.version, work.rules.target)
            step = Step.RESOLVE_PASSED if passed else Step.RESOLVE_FAILED
            if after(car.status, step) is None:
                raise Refused([wrong_status(car, step)])
            resolved = work.step(
                car,
                step,
                actor,
                reason=why,
                soc=soc_of(work, read),
                read_back=read.version,
                forget_read_back=read.version is None,
            )
            work.uow.evidence.want(last)
            work.touch(car, actor, Touch.CORRECTED)
            work.commit()
        return resolved
