"""The proof that the log is what was written (rule 7)."""

from __future__ import annotations

from campaign.domain.events import Break
from campaign.domain.people import Actor, Right
from campaign.ports.store import Store
from campaign.services.access import need


class Audit:
    """Use case of the auditor."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def verify(self, actor: Actor) -> list[Break]:
        """Walk every chain; the first broken row of each broken one. Empty: the log is whole."""
        need(actor, Right.AUDIT)
        return self._store.verify()
