"""What the board shows, in one look: queries bounded by what is active, not by what exists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import bindparam, func, select

from campaign.domain.batch import Batch
from campaign.domain.campaign import Campaign
from campaign.domain.gates import Hold
from campaign.domain.identity import Vin
from campaign.domain.site import SiteLayout
from campaign.domain.staging import Staging, StagingState
from campaign.domain.vehicle import TERMINAL, Car, Status
from campaign.errors import NotFound
from campaign.ports.records import Attempt, Charge
from campaign.ports.views import BlockedCar, BoardData, BurnPoint, PointTile, StationTile
from campaign.store import schema as t
from campaign.store.batches import BATCH_OF_CAMPAIGN
from campaign.store.unit import SqlUnit

MOST_BLOCKED = 200
MOST_BATCHES = 100
"""Of those that wait and of those that are closed; every active one is shown."""
MOST_PLAN_POINTS = 400

_HEAD = select(t.ChainHead.seq, t.ChainHead.at).where(t.ChainHead.chain == bindparam("chain"))
_BURN = (
    select(t.Burn.hour, t.Burn.status, t.Burn.n)
    .where(t.Burn.campaign_id == bindparam("campaign"))
    .order_by(t.Burn.hour)
)
_PLAN = (
    select(t.Batch.planned_end, t.Batch.size)
    .where(t.Batch.campaign_id == bindparam("campaign"))
    .order_by(t.Batch.planned_end)
)
_LAST = select(
    select(func.coalesce(func.max(t.Batch.no), 0))
    .where(t.Batch.campaign_id == bindparam("campaign"))
    .scalar_subquery(),
    select(func.coalesce(func.max(t.Plan.id), 0))
    .where(t.Plan.campaign_id == bindparam("campaign"))
    .scalar_subquery(),
)
_CLOSED = (
    BATCH_OF_CAMPAIGN.where(t.Batch.closed_at.is_not(None))
    .order_by(t.Batch.closed_at.desc(), t.Batch.no.desc())
    .limit(MOST_BATCHES)
)
_SOCS = select(t.Upgrade.id, t.Upgrade.soc, t.Upgrade.soc_at).where(
    t.Upgrade.id.in_(bindparam("cars", expanding=True))
)


Curve = tuple[tuple[datetime, int], ...]
Curves = dict[int, tuple[tuple[int, int], Curve]]
"""By campaign, with the last batch and the newest plan of then: only a new one of either changes planned ends."""


def read_board(unit: SqlUnit, code: str, curves: Curves) -> BoardData:
    """Everything under one change token. `curves` remembers planned curves between boards. Raises NotFound."""
    campaign = unit.campaigns.get(code)
    if campaign is None:
        raise NotFound(f"there is no campaign {code} here")
    head = unit.work.first(_HEAD, chain=code)
    layout = unit.sites.get(campaign.rules.site)
    holds = unit.holds.open()
    return BoardData(
        token=head[0] if head else 0,
        campaign=campaign,
        counts=unit.campaigns.counts(campaign),
        burn_up=_burn_up(unit, campaign),
        planned=_planned(unit, campaign, curves),
        batches=_batches(unit, campaign),
        points=_points(unit, campaign.rules.site, layout),
        stations=_stations(unit, campaign, layout, holds),
        blocked=_blocked(unit, code, holds),
        holds=tuple(holds),
        last_event_at=head[1] if head else None,
    )


def _burn_up(unit: SqlUnit, campaign: Campaign) -> tuple[BurnPoint, ...]:
    hours: defaultdict[datetime, dict[Status, int]] = defaultdict(dict)
    for hour, status, n in unit.work.rows(_BURN, campaign=campaign.id):
        hours[hour][status] = n
    total = dict.fromkeys((Status.CHARGED, Status.FLASHED, Status.APPROVED, Status.RELEASED), 0)
    points = []
    for hour, reached in hours.items():
        total = {status: n + reached.get(status, 0) for status, n in total.items()}
        points.append(BurnPoint(hour, *total.values()))
    return tuple(points)


def _planned(unit: SqlUnit, campaign: Campaign, curves: Curves) -> Curve:
    """Cumulative by planned end; thinned, because a curve needs no thousand points. The last one stays."""
    batch, plan = unit.work.rows(_LAST, campaign=campaign.id)[0]
    last = (batch, plan)
    known = curves.get(campaign.id)
    if known is None or known[0] != last:
        curves[campaign.id] = known = (last, _curve(unit, campaign))
    return known[1]


def _curve(unit: SqlUnit, campaign: Campaign) -> Curve:
    total, curve = 0, {}
    for end, size in unit.work.rows(_PLAN, campaign=campaign.id):
        total += size
        curve[end] = total
    points = list(curve.items())
    step = len(points) // MOST_PLAN_POINTS + 1
    return tuple(points[::-step][::-1])


def _batches(unit: SqlUnit, campaign: Campaign) -> tuple[Batch, ...]:
    closed = unit.sql_batches.with_counts(unit.work.rows(_CLOSED, campaign=campaign.id))
    shown = closed + unit.batches.active(campaign.code) + unit.batches.to_open(campaign.code, MOST_BATCHES)
    return tuple(sorted(shown, key=lambda batch: batch.no))


def _points(unit: SqlUnit, site: str, layout: SiteLayout | None) -> tuple[PointTile, ...]:
    """The layout's points, then those that are in use and no longer in it."""
    charges = {charge.point: charge for charge in unit.charges.open(site)}
    cars = [charge.car_id for charge in charges.values()]
    socs = {row[0]: (row[1], row[2]) for row in unit.work.rows_in(_SOCS, "cars", cars)}
    places = {point.name: point.circuit for point in layout.points} if layout else {}
    places |= {name: "" for name in charges if name not in places}
    return tuple(_point(name, circuit, charges.get(name), socs) for name, circuit in places.items())


def _point(
    name: str, circuit: str, charge: Charge | None, socs: Mapping[int, tuple[int | None, datetime | None]]
) -> PointTile:
    if charge is None:
        return PointTile(name, circuit, None)
    return PointTile(name, circuit, charge, *socs[charge.car_id])


def _stations(
    unit: SqlUnit, campaign: Campaign, layout: SiteLayout | None, holds: Iterable[Hold]
) -> tuple[StationTile, ...]:
    site = campaign.rules.site
    attempts: dict[str, Attempt] = {attempt.station: attempt for attempt in unit.sql_attempts.at_work(site)}
    unresolved: dict[str, Vin] = unit.sql_attempts.unresolved(site)
    held = {hold.target: hold for hold in holds if hold.scope == "station"}
    names = [station.name for station in layout.stations] if layout else []
    names += sorted({*attempts, *unresolved} - set(names))
    last = {name: unit.sql_attempts.last_at(site, name) for name in held if name in names}
    coming = _on_their_way(unit, campaign)
    return tuple(
        StationTile(n, attempts.get(n), unresolved.get(n), held.get(n), last.get(n), coming.get(n))
        for n in names
    )


def _on_their_way(unit: SqlUnit, campaign: Campaign) -> dict[str, Staging]:
    """Stations that do not hold the campaign's package yet."""
    package = unit.packages.get(campaign.rules.package)
    if package is None or package.digest is None:
        return {}
    stagings = unit.stagings.of(campaign.rules.site, package.digest)
    return {one.station: one for one in stagings if one.state is not StagingState.STAGED}


def _blocked(unit: SqlUnit, code: str, holds: Iterable[Hold]) -> tuple[BlockedCar, ...]:
    """What needs a person first: uncertain, rework, held, then what waits for its release."""
    held = [Vin(hold.target) for hold in holds if hold.scope == "car"][:MOST_BLOCKED]
    by_status = unit.cars.by_status
    cars: dict[int, Car] = {car.id: car for car in by_status(code, Status.UNCERTAIN, MOST_BLOCKED)}
    cars |= {car.id: car for car in by_status(code, Status.REWORK, MOST_BLOCKED)}
    on_hold = unit.cars.latest(held).values()
    cars |= {car.id: car for car in on_hold if car.campaign == code and car.status not in TERMINAL}
    cars |= {car.id: car for car in by_status(code, Status.APPROVED, MOST_BLOCKED)}
    return tuple(BlockedCar(car, car.changed_at) for car in list(cars.values())[:MOST_BLOCKED])
