"""What points and stations did lately: for the plan's picture. Looks at the newest rows only, never at all of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, func, select

from campaign.domain.campaign import Campaign
from campaign.domain.retry import Outcome
from campaign.ports.views import DoneWork
from campaign.store import schema as t
from campaign.store.unit import SqlUnit

MOST = 2000

_NEW_CHARGES = select(t.Charge.id).order_by(t.Charge.id.desc()).limit(MOST).subquery()
_CHARGES: Select[*tuple[Any, ...]] = (
    select(t.Charge.point, t.Upgrade.vin, t.Charge.started_at, t.Charge.ended_at)
    .join(t.Upgrade, t.Upgrade.id == t.Charge.car_id)
    .where(
        t.Charge.id.in_(select(_NEW_CHARGES.c.id)),
        t.Upgrade.campaign_id == bindparam("campaign"),
        t.Charge.started_at.is_not(None),
        t.Charge.ended_at >= bindparam("since"),
    )
)
_NEW_ATTEMPTS = select(t.Attempt.id).order_by(t.Attempt.id.desc()).limit(MOST).subquery()
_BEGUN = func.coalesce(t.Attempt.started_at, t.Attempt.opened_at)
_ATTEMPTS: Select[*tuple[Any, ...]] = (
    select(t.Attempt.station, t.Upgrade.vin, _BEGUN, t.Attempt.ended_at, t.Attempt.outcome)
    .join(t.Upgrade, t.Upgrade.id == t.Attempt.car_id)
    .where(
        t.Attempt.id.in_(select(_NEW_ATTEMPTS.c.id)),
        t.Attempt.campaign_id == bindparam("campaign"),
        t.Attempt.outcome != Outcome.NEVER_STARTED,
        t.Attempt.ended_at >= bindparam("since"),
    )
)


def read_done(unit: SqlUnit, campaign: Campaign, since: datetime) -> tuple[DoneWork, ...]:
    """Charges and flashes of the campaign that ended at `since` or later, by when they began."""
    asked = {"campaign": campaign.id, "since": since}
    charged = [DoneWork(*row) for row in unit.work.rows(_CHARGES, **asked)]
    flashed = [
        DoneWork(place, vin, begun, ended, outcome is Outcome.PASS)
        for place, vin, begun, ended, outcome in unit.work.rows(_ATTEMPTS, **asked)
    ]
    return tuple(sorted([*charged, *flashed], key=lambda work: (work.begun_at, work.place)))
