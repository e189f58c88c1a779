"""Plan a campaign from the fleet as it is, and launch it: rules frozen, batches and priorities written."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime

from campaign.domain.campaign import Campaign, CampaignState
from campaign.domain.causes import Cause
from campaign.domain.events import Fact, Kind
from campaign.domain.identity import Vin
from campaign.domain.package import launch_reasons
from campaign.domain.people import Actor, Right, Role
from campaign.domain.reasons import Code, because
from campaign.domain.rules import CampaignRules
from campaign.errors import Refused
from campaign.planning.options import PlanOptions
from campaign.planning.planner import plan
from campaign.planning.remedies import Remedy, remedies
from campaign.planning.snapshot import BatchLimits, Job, Snapshot
from campaign.ports.clock import Clock
from campaign.ports.records import Place, PlannedBatch, Vehicle
from campaign.ports.store import Store, UnitOfWork
from campaign.services.access import need, need_reason
from campaign.services.kept_plans import Made, Origin, kept_plan
from campaign.services.looks import look
from campaign.services.outlook import Comparison
from campaign.services.stages import (
    FLASH_MIN,
    INSPECT_MIN,
    SIGN_OFF_MIN,
    charge_min,
    due_min,
    layout_of,
    local_start,
    stages_of,
)
from campaign.services.what_if import WhatIf, compared
from campaign.services.yard_now import yard_now


@dataclass(frozen=True, slots=True)
class Preview:
    """What a launch would do now. Times are UTC; `binding` is where the work queues."""

    cars: int
    batches: tuple[PlannedBatch, ...]
    starts_at: datetime
    ends_at: datetime
    late: int
    above_gate: int
    binding: str
    rule: str
    places: tuple[Place, ...] = ()


class Planning:
    """Use cases of the planner before a campaign runs."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def preview(self, actor: Actor, rules: CampaignRules, starts_at: datetime | None = None) -> Preview:
        """Plan without saving anything. Raises Refused when no car fits, NotFound for the site."""
        need(actor, Right.VIEW)
        with self._store.read() as uow:
            made, above = self._plan(uow, rules, starts_at or self._clock.now())
        return _preview(made, above)

    def what_if(
        self, actor: Actor, rules: CampaignRules, wish: WhatIf, starts_at: datetime | None = None
    ) -> Comparison:
        """What a wish would change of a launch. Nothing is saved. Raises Refused, NotFound, BadInput."""
        need(actor, Right.VIEW)
        with self._store.read() as uow:
            snapshot, _ = launch_snapshot(uow, rules, starts_at or self._clock.now())
        return compared(snapshot, wish, PlanOptions())

    def advice(
        self, actor: Actor, rules: CampaignRules, starts_at: datetime | None = None
    ) -> tuple[Remedy, ...]:
        """What would keep the promises that a launch could not, each remedy alone. Raises as `preview`."""
        need(actor, Right.VIEW)
        with self._store.read() as uow:
            made, _ = self._plan(uow, rules, starts_at or self._clock.now())
        return remedies(made.snapshot, made.plan)

    def launch(
        self, actor: Actor, rules: CampaignRules, *, reason: str, starts_at: datetime | None = None
    ) -> Campaign:
        """Freeze the rules as revision 1 and write batches and priorities, in one transaction.

        Raises Refused: no cars, launched before, no reason, or no released package for these versions.
        """
        need(actor, Right.RUN)
        why = need_reason(reason)
        now = self._clock.now()
        with self._store.write(rules.code) as uow:
            if uow.campaigns.get(rules.code) is not None:
                raise Refused([because(Code.ALREADY_LAUNCHED, campaign=rules.code)])
            package, versions = uow.packages.get(rules.package), (str(rules.source), str(rules.target))
            if reasons := launch_reasons(package, uow.packages.keys(), rules.package, *versions):
                raise Refused(reasons)
            made, above = self._plan(uow, rules, starts_at or now)
            preview = _preview(made, above)
            campaign = uow.campaigns.add(rules, CampaignState.RUNNING, now, actor.id)
            uow.batches.add(campaign, preview.batches, preview.places, now)
            seen = look(uow, campaign, layout_of(uow, rules.site), now, 0).to_json()
            origin = Origin(rules.code, now, actor.id, Cause.LAUNCHED, why, seen)
            uow.plans.keep(kept_plan(origin, made))
            uow.log.append(self._facts(actor, rules, preview, why, now))
            uow.commit()
        return campaign

    def _facts(
        self, actor: Actor, rules: CampaignRules, preview: Preview, why: str, now: datetime
    ) -> list[Fact]:
        told = {"rules": rules.to_json(), "cars": preview.cars, "batches": len(preview.batches)}
        launched = Fact(Kind.CAMPAIGN_LAUNCHED, actor.id, now, actor.device, reason=why, data=told)
        vins: dict[int, list[str]] = {batch.no: [] for batch in preview.batches}
        for place in preview.places:
            vins[place.batch_no].append(place.vin)
        planned = [
            Fact(
                Kind.BATCH_PLANNED,
                actor.id,
                now,
                actor.device,
                batch_no=batch.no,
                data={"vins": vins[batch.no], "start": batch.planned_start, "end": batch.planned_end},
            )
            for batch in preview.batches
        ]
        return [launched, *planned]

    def _plan(self, uow: UnitOfWork, rules: CampaignRules, starts_at: datetime) -> tuple[Made, int]:
        snapshot, above = launch_snapshot(uow, rules, starts_at)
        made = plan(snapshot, PlanOptions(watch=time.perf_counter))
        return Made(snapshot, made, range(1, len(made.batches) + 1)), above


def launch_snapshot(uow: UnitOfWork, rules: CampaignRules, starts_at: datetime) -> tuple[Snapshot, int]:
    """The fleet as a plan sees it, and how many cars need no charging. Raises Refused, NotFound."""
    layout = layout_of(uow, rules.site)
    fleet = uow.fleet.eligible(rules.site, str(rules.source))
    if not fleet:
        raise Refused([because(Code.NO_CARS, Role.PLANNER, site=rules.site, version=rules.source)])
    start = local_start(layout, starts_at)
    yard = yard_now(uow, rules, layout, starts_at)
    jobs = tuple(
        Job(
            car.vin,
            (
                0 if _above_gate(car, rules) else charge_min(car.soc, rules, yard.models),
                FLASH_MIN,
                INSPECT_MIN,
            ),
            due=due_min(car.promised, start),
            weight=car.weight,
            variant=car.variant,
        )
        for car in fleet
    )
    snapshot = Snapshot(
        start,
        stages_of(layout, start, yard.models, yard.taken),
        jobs,
        BatchLimits(rules.batch.min, rules.batch.max),
        min(rules.batch.pilot, len(jobs)),
        pilot_sign_off_minutes=SIGN_OFF_MIN,
    )
    return snapshot, sum(not job.durations[0] for job in jobs)


def _above_gate(car: Vehicle, rules: CampaignRules) -> bool:
    """By its list: good enough to plan with; the gate asks for a reading all the same."""
    return car.soc is not None and car.gauge is rules.gate.gauge and car.soc >= rules.gate.min_tenths


def _preview(made: Made, above: int) -> Preview:
    planned = made.plan
    rank = {vin: place for place, vin in enumerate(planned.ranks)}
    batches, places = [], []
    for no, batch in zip(made.numbers, planned.batches, strict=True):
        batches.append(
            PlannedBatch(no, len(batch.jobs), made.at(batch.planned_start), made.at(batch.planned_end))
        )
        places += [Place(Vin(vin), no, rank[vin]) for vin in batch.jobs]
    return Preview(
        cars=len(places),
        batches=tuple(batches),
        starts_at=made.at(0),
        ends_at=max(batch.planned_end for batch in batches),
        late=len(planned.late_jobs),
        above_gate=above,
        binding=planned.binding,
        rule=planned.rule,
        places=tuple(places),
    )
