"""Holds on packages: one hold stops the next start of every campaign that uses the package."""

from __future__ import annotations

from datetime import datetime

from campaign.domain.events import Kind
from campaign.domain.package import SCOPE
from campaign.domain.people import SYSTEM, Actor
from campaign.ports.store import Store, UnitOfWork
from campaign.services.work import campaign_work


def hold_package(
    store: Store, code: str, name: str, why: str, now: datetime, *, actor: Actor = SYSTEM
) -> bool:
    """Set a hold, told in the campaign's chain; False where the package is held already."""
    with campaign_work(store, code, now) as work:
        if is_held(work.uow, name):
            return False
        hold = work.uow.holds.add(SCOPE, name, why, actor.id, now)
        data = {"hold": hold.id, "scope": SCOPE, "target": name}
        work.fact(Kind.HOLD_SET, actor, reason=why, data=data)
        work.commit()
    return True


def is_held(uow: UnitOfWork, name: str) -> bool:
    """Whether a hold on the package is open."""
    return any((hold.scope, hold.target) == (SCOPE, name) for hold in uow.holds.open())
