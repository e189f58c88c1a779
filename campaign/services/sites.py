"""The site as configured, applied to the database."""

from __future__ import annotations

import hashlib

from campaign.domain.events import SITE_CHAIN, Fact, Kind
from campaign.domain.people import Actor, Right
from campaign.domain.site import SiteLayout
from campaign.errors import NotFound
from campaign.ports.clock import Clock
from campaign.ports.store import Store
from campaign.services.access import need


class Sites:
    """Use cases of the administrator."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def apply(self, actor: Actor, layout: SiteLayout) -> bool:
        """Store a layout; returns whether anything changed."""
        need(actor, Right.STATIONS)
        now = self._clock.now()
        with self._store.write(SITE_CHAIN) as uow:
            changed = uow.sites.put(layout, now)
            if changed:
                sha256 = hashlib.sha256(layout.to_json().encode()).hexdigest()
                data = {"site": layout.code, "sha256": sha256, "points": len(layout.points)}
                uow.log.append([Fact(Kind.SITE_APPLIED, actor.id, now, actor.device, data=data)])
                uow.commit()
        return changed

    def get(self, code: str) -> SiteLayout:
        """Raises NotFound."""
        with self._store.read() as uow:
            layout = uow.sites.get(code)
        if layout is None:
            raise NotFound(f"site {code} is not set up here")
        return layout
