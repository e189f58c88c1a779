"""Plan a campaign from the fleet as it is, and launch it: rules frozen, batches and priorities written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from campaign.domain.campaign import Campaign, CampaignState
from campaign.domain.events import Fact, Kind
from campaign.domain.identity import Vin
from campaign.domain.package import launch_reasons
from campaign.domain.people import Actor, Right, Role
from campaign.domain.reasons import Code, because
from campaign.domain.rules import CampaignRules
from campaign.domain.site import SiteLayout
from campaign.errors import NotFound, Refused
from campaign.planning.bounds import bounds
from campaign.planning.calendars import Calendar
from campaign.planning.charging_time import charge_minutes
from campaign.planning.plan import Plan
from campaign.planning.planner import plan
from campaign.planning.snapshot import BatchLimits, Job, Snapshot, Stage
from campaign.ports.clock import Clock
from campaign.ports.records import Place, PlannedBatch, Vehicle
from campaign.ports.store import Store, UnitOfWork
from campaign.services.access import need, need_reason

FLASH_MIN = 45  # planned minutes on a station (notes of the real case); live work follows readiness, not this
INSPECT_MIN = 10
DELIVERY_HOUR = 20  # a promised date means that evening, in the site's zone
SIGN_OFF_MIN = 60  # from the pilot's last inspection to its approval


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
            return self._plan(uow, rules, starts_at or self._clock.now())

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
            preview = self._plan(uow, rules, starts_at or now)
            campaign = uow.campaigns.add(rules, CampaignState.RUNNING, now, actor.id)
            uow.batches.add(campaign, preview.batches, preview.places, now)
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

    def _plan(self, uow: UnitOfWork, rules: CampaignRules, starts_at: datetime) -> Preview:
        layout = uow.sites.get(rules.site)
        if layout is None:
            raise NotFound(
                f"site {rules.site} is not set up here: run `campaign up` or `campaign site apply`"
            )
        fleet = uow.fleet.eligible(rules.site, str(rules.source))
        if not fleet:
            raise Refused([because(Code.NO_CARS, Role.PLANNER, site=rules.site, version=rules.source)])
        above = [car for car in fleet if _above_gate(car, rules)]
        start = starts_at.astimezone(ZoneInfo(layout.zone)).replace(second=0, microsecond=0)
        snapshot = snapshot_of(fleet, rules, layout, start, {car.vin for car in above})
        made = plan(snapshot)
        return _preview(made, snapshot, start, len(above))


def _above_gate(car: Vehicle, rules: CampaignRules) -> bool:
    """By its list: good enough to plan with; the gate asks for a reading all the same."""
    return car.soc is not None and car.gauge is rules.gate.gauge and car.soc >= rules.gate.min_tenths


def snapshot_of(
    fleet: list[Vehicle], rules: CampaignRules, layout: SiteLayout, start: datetime, above: set[str]
) -> Snapshot:
    """The yard as a plan sees it: charge, flash, inspect. `start` is local time; `above` need no charging."""
    jobs = tuple(
        Job(
            car.vin,
            (0 if car.vin in above else _charge_min(car, rules), FLASH_MIN, INSPECT_MIN),
            due=_due(car, start),
            weight=car.weight,
            variant=car.variant,
        )
        for car in fleet
    )
    stages = (
        Stage.of("charge", len(layout.points)),
        Stage.of("flash", len(layout.stations)),
        Stage.of("inspect", layout.inspectors, qa_calendar(layout, start)),
    )
    limits = BatchLimits(rules.batch.min, rules.batch.max)
    pilot = min(rules.batch.pilot, len(jobs))
    return Snapshot(start, stages, jobs, limits, pilot, pilot_sign_off_minutes=SIGN_OFF_MIN)


def qa_calendar(layout: SiteLayout, start: datetime) -> Calendar:
    """When QA works: the shifts marked `qa`, every day; without one, round the clock."""
    windows = [(_minute(s.start), _minute(s.end)) for s in layout.shifts if s.qa]
    if not windows:
        return Calendar.round_the_clock()
    return Calendar.weekly(dict.fromkeys(range(7), windows), start)


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


def _charge_min(car: Vehicle, rules: CampaignRules) -> int:
    return max(1, charge_minutes(car.soc or 0, rules.charge_target_tenths))


def _due(car: Vehicle, start: datetime) -> int | None:
    if car.promised is None:
        return None
    evening = datetime.combine(car.promised, time(DELIVERY_HOUR), tzinfo=start.tzinfo)
    return int((evening - start).total_seconds() // 60)


def _preview(made: Plan, snapshot: Snapshot, start: datetime, above: int) -> Preview:
    def at(minute: int) -> datetime:
        return (start + timedelta(minutes=minute)).astimezone(UTC)

    rank = {vin: place for place, vin in enumerate(made.ranks)}
    batches, places = [], []
    for no, batch in enumerate(made.batches, 1):
        batches.append(PlannedBatch(no, len(batch.jobs), at(batch.planned_start), at(batch.planned_end)))
        places += [Place(Vin(vin), no, rank[vin]) for vin in batch.jobs]
    late = sum(1 for job in made.jobs if job.lateness > 0)
    ends = max(batch.planned_end for batch in batches)
    binding = bounds(snapshot).binding
    return Preview(
        len(places),
        tuple(batches),
        start.astimezone(UTC),
        ends,
        late,
        above,
        binding,
        made.rule,
        tuple(places),
    )
