"""The guard against two reconcilers of one campaign: a lease row in our database, renewed while they live.

Never a Prefect concurrency limit: after a power cut it can stay taken for good.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from threading import Event, Thread
from types import TracebackType

from campaign.errors import StoreError
from campaign.ports.clock import Clock
from campaign.ports.store import Store

RENEW_S = 5.0
"""A lease is renewed at least this often, whatever its length."""


class Lease:
    """A lease that is renewed in the background from `take` until `drop`; lost when somebody else has it.

    Losing it is no danger, only a waste: every use case is safe with any number of writers.
    """

    def __init__(self, store: Store, clock: Clock, name: str, holder: str, ttl_s: float) -> None:
        self._store, self._clock, self._ttl_s = store, clock, ttl_s
        self._name, self._holder = name, holder
        self._taken_at: datetime | None = None
        self._over = Event()
        self._lost = Event()
        self._thread: Thread | None = None

    def take(self) -> bool:
        """Take it if it is free or expired, and keep it from then on."""
        if not self._renew():
            return False
        self._thread = Thread(target=self._keep, name=f"lease {self._name}", daemon=True)
        self._thread.start()
        return True

    @property
    def lost(self) -> bool:
        """Whether another holder may have it now."""
        return self._lost.is_set()

    def drop(self) -> None:
        """Give it back, if it is still ours."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()
        if not self.lost:
            with suppress(StoreError):  # it expires by itself
                self._store.drop_lease(self._name, self._holder)

    def __enter__(self) -> Lease:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.drop()

    def _renew(self) -> bool:
        wall = self._clock.wall()
        held = self._store.take_lease(self._name, self._holder, wall, self._ttl_s)
        if held:
            self._taken_at = wall
        return held

    def _keep(self) -> None:
        while not self._over.wait(min(RENEW_S, self._ttl_s / 3)):
            try:
                held = self._renew()
            except StoreError:
                held = not self._expired()  # the database is away: nobody else can take it either
            if not held:
                self._lost.set()
                return

    def _expired(self) -> bool:
        taken = self._taken_at
        return taken is None or (self._clock.wall() - taken).total_seconds() > self._ttl_s
