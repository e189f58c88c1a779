"""A re-plan written: places, batches and their times, one event, the plan itself; all in one transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from campaign.domain.batch import Batch
from campaign.domain.campaign import Campaign
from campaign.domain.events import stamp
from campaign.domain.reasons import Code, because
from campaign.domain.site import SiteLayout
from campaign.domain.vehicle import Car
from campaign.errors import Conflict
from campaign.planning.disturbances import Seen
from campaign.ports.plans import KeptPlan
from campaign.ports.records import PlannedBatch
from campaign.services.deciding import Decision
from campaign.services.live_snapshot import Live
from campaign.services.work import CampaignWork


@dataclass(frozen=True, slots=True)
class Basis:
    """What a re-plan rests on, read in one consistent look; `before` is the plan in force, without its steps."""

    campaign: Campaign
    layout: SiteLayout
    now: datetime
    live: Live
    batches: tuple[Batch, ...]
    seen: Seen
    before: KeptPlan | None

    @property
    def waiting(self) -> tuple[int, ...]:
        """Numbers of the batches that are not opened, without the pilot."""
        return tuple(batch.no for batch in self.batches if batch.opened_at is None and batch.no != 1)

    @property
    def last_no(self) -> int:
        """The last number that a batch has."""
        return max((batch.no for batch in self.batches), default=1)


def write_places(work: CampaignWork, live: Live, decided: Decision) -> None:
    """Cars share out the places that they have, so that who is not in the plan stays between the same others."""
    cars: dict[str, Car] = {car.vin: car for car in live.cars}
    places = [car.priority for car in live.cars]
    ranked = zip((cars[vin] for vin in decided.plan.ranks), places, strict=True)
    work.uow.cars.rank([(car, place) for car, place in ranked if car.priority != place])


def write_batches(work: CampaignWork, live: Live, decided: Decision, kept: KeptPlan) -> None:
    """Cars of batches that are not opened go to their new ones; every batch gets its times.

    A batch that is left without a car is opened, which closes it. An opened one keeps the start that it had. Raises
    Conflict when somebody has opened a batch meanwhile.
    """
    batches = _with_new(work, decided, kept)
    cars: dict[str, Car] = {car.vin: car for car in live.cars}
    work.uow.batches.regroup([(cars[vin], batches[no]) for vin, no in decided.regrouped.items()])
    times = []
    for no, start, end in kept.batches:
        batch = batches[no]
        begin = start if batch.opened_at is None else batch.planned_start
        if (begin, end) != (batch.planned_start, batch.planned_end):
            times.append((batch, begin, end))
    work.uow.batches.plan_again(times)
    if decided.regrouped:
        _close_empty(work, {cars[vin].batch_no for vin in decided.regrouped})


def _with_new(work: CampaignWork, decided: Decision, kept: KeptPlan) -> dict[int, Batch]:
    """The batches as they are now, with those that the plan needs beside them."""
    known = {batch.no: batch for batch in work.uow.batches.all(work.campaign.code)}
    new = [PlannedBatch(no, 0, start, end) for no, start, end in kept.batches if no not in known]
    if new:
        work.uow.batches.add(work.campaign, new, [], work.now)
        known = {batch.no: batch for batch in work.uow.batches.all(work.campaign.code)}
    if any(known[no].opened_at is not None for no in decided.regrouped.values()):
        raise Conflict([because(Code.CHANGED_SINCE, what="batch")])
    return known


def _close_empty(work: CampaignWork, left: Collection[int]) -> None:
    for batch in work.uow.batches.all(work.campaign.code):
        if batch.no in left and not any((batch.counts or {}).values()):
            work.uow.batches.open(batch, work.now)


def told(basis: Basis, decided: Decision, kept: KeptPlan) -> dict[str, object]:
    """A re-plan as its event tells it: when it ends now and would have ended, and every car in another batch."""
    batches: defaultdict[str, list[str]] = defaultdict(list)
    for vin, no in decided.regrouped.items():
        batches[str(no)].append(vin)
    return {
        "cause": kept.cause,
        "rule": kept.rule,
        "cars": kept.cars,
        "moved": kept.moved_count,
        "late": kept.late_count,
        "left_out": kept.left_out,
        "ends": stamp(kept.ends_at),
        "ended": None if basis.before is None else stamp(basis.before.ends_at),
        "batches": batches,
    }
