"""A look at the yard for the planner: what may disturb a plan, in a few queries bounded by what is active."""

from __future__ import annotations

import zlib
from datetime import datetime

from campaign.domain.campaign import Campaign
from campaign.domain.events import Kind
from campaign.domain.site import SiteLayout
from campaign.domain.vehicle import Status
from campaign.planning.disturbances import OVERDUE, Seen
from campaign.ports.records import Charge
from campaign.ports.store import UnitOfWork
from campaign.services.yard_now import down_of, unresolved

ORDERS, RESUMED = (Kind.ORDER_SET,), (Kind.CAMPAIGN_RESUMED,)


def look(
    uow: UnitOfWork,
    campaign: Campaign,
    layout: SiteLayout,
    now: datetime,
    token: int,
    away: frozenset[str] = frozenset(),
    before: Seen | None = None,
) -> Seen:
    """What is there now. The log is read from where it was `before` up to its `token` as known, or farther."""
    holds = uow.holds.open()
    counts = uow.campaigns.counts(campaign)
    shift = layout.shift_at(now)
    last = before or Seen()
    places = {point.name for point in layout.points} | {station.name for station in layout.stations}
    return Seen(
        down=down_of(holds, unresolved(uow, layout.code), away) & places,
        away=away & places,
        held=frozenset(
            hold.target for hold in holds if hold.scope in ("car", "batch", "campaign", "package")
        ),
        slow=frozenset(c.vin for c in uow.charges.open(layout.code) if _slow(c, campaign.code, now)),
        rework=counts.get(Status.REWORK, 0) + counts.get(Status.UNCERTAIN, 0),
        orders=uow.log.newest(campaign.code, ORDERS, last.told) or last.orders,
        resumed=uow.log.newest(campaign.code, RESUMED, last.told) or last.resumed,
        shift="" if shift is None else f"{shift.shift.code} {shift.day}",
        told=token,
        site=zlib.crc32(repr((layout.points, layout.stations, layout.shifts, layout.inspectors)).encode()),
    )


def _slow(charge: Charge, code: str, now: datetime) -> bool:
    """A car of this campaign whose charge should have ended long ago."""
    end = charge.expected_end if charge.started_at is not None else None
    return charge.campaign == code and end is not None and now - end > OVERDUE
