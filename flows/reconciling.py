"""Keep campaigns going: look at the change token, and do what is due. Plain Python, without Prefect.

One thread per campaign, because a station that answers slowly must not hold up another campaign.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from threading import Event
from typing import Protocol

from campaign.errors import CampaignError, Refused, SiteError
from campaign.ports.clock import Clock
from campaign.ports.store import Store
from campaign.services.reconcile import Tick
from flows.leases import Lease

LEASE = "advance:{code}"
BEAT_S = 5.0
"""A look without any change: a station that rests and a reading that grows stale write no event."""
FOLLOW_S = 1.0
"""While a flash runs and nothing else happens: every question to a station starts a process there."""
LONGEST_BACKOFF_S = 5.0


class Ticking(Protocol):
    """What is asked of `campaign.services.reconcile`."""

    def tick(self, code: str) -> Tick:
        """One look."""


class Planner(Protocol):
    """What is asked of `campaign.services.replanning`."""

    def tend(self, code: str) -> object | None:
        """The new plan, where something disturbed the one in force."""


class World(Protocol):
    """The services that a reconciler uses."""

    @property
    def store(self) -> Store:
        """For tokens and leases."""

    @property
    def clock(self) -> Clock:
        """Campaign time and real time."""

    @property
    def reconcile(self) -> Ticking:
        """What is done at each look."""

    @property
    def replanning(self) -> Planner:
        """What keeps the plan true."""


class End(StrEnum):
    """Why a run stopped keeping a campaign going."""

    OVER = "over"  # complete, or stopped and quiet
    HANDED_ON = "handed on"  # its time was up; the next run goes on
    LOST = "lease lost"  # another run has it
    FAILED = "failed"  # an error of ours; the next run tries again


@dataclass(slots=True)
class Kept:
    """What one run did for one campaign."""

    code: str
    end: End = End.HANDED_ON
    looks: int = 0
    opened: int = 0
    points: int = 0
    started: int = 0
    ended: int = 0
    released: int = 0
    planned: int = 0
    error: str = ""

    def count(self, tick: Tick) -> None:
        """Add what a look did."""
        self.looks += 1
        self.opened += tick.opened
        self.points += tick.points
        self.started += tick.started
        self.ended += tick.ended
        self.released += tick.released


def due(seen: int | None, token: int, last: Tick | None, idle_s: float, now: datetime) -> bool:
    """Whether a look is due: a change, a planned time, a flash or an upload that runs, or a long quiet."""
    if last is None or seen != token:
        return True
    if last.next_due is not None and now >= last.next_due:
        return True
    return idle_s >= (FOLLOW_S if last.running or last.staging else BEAT_S)


def keep_going(
    world: World,
    code: str,
    leave: Callable[[], End | None],
    wait: Callable[[float], object],
    *,
    poll_s: float,
    tell: Callable[[str], object],
    aside: Executor,
) -> Kept:
    """Look and act until `leave` names a reason to go, or until the campaign is over.

    The plan is tended `aside`: a large one takes its time, and no station waits for it. What the site cannot do now (a
    locked database, somebody who was first) is tried again, ever more slowly.
    """
    kept = Kept(code)
    plans = _Plans(world.replanning, kept, aside, tell)
    seen: int | None = None
    last: Tick | None = None
    looked_at = world.clock.wall()
    backoff_s = 0.0
    while (end := leave()) is None:
        try:
            token = world.store.token(code)
            idle_s = (world.clock.wall() - looked_at).total_seconds()
            if due(seen, token, last, idle_s, world.clock.now()):
                last, looked_at, seen = world.reconcile.tick(code), world.clock.wall(), token
                kept.count(last)
                if last.over:
                    end = End.OVER
                    break
                plans.look()
            backoff_s = 0.0
        except (SiteError, Refused) as passing:
            kept.error = str(passing)
            tell(f"{code}: {passing}")
            backoff_s = min(LONGEST_BACKOFF_S, max(poll_s, backoff_s * 2))
        wait(max(poll_s, backoff_s))
    plans.collect()
    kept.end = end
    return kept


class _Plans:
    """Tends a campaign's plan beside the looks, one look at the plan at a time."""

    def __init__(self, planner: Planner, kept: Kept, aside: Executor, tell: Callable[[str], object]) -> None:
        self._planner, self._kept, self._aside, self._tell = planner, kept, aside, tell
        self._work: Future[object | None] | None = None

    def look(self) -> None:
        """Begin one, unless the last one still plans."""
        if self._work is None or self._work.done():
            self.collect()
            self._work = self._aside.submit(self._planner.tend, self._kept.code)

    def collect(self) -> None:
        """How the last one ended. A plan that cannot be made stops no work: the priorities of the last one hold."""
        work, self._work = self._work, None
        try:
            self._kept.planned += work is not None and work.result() is not None
        except CampaignError as later:
            if self._kept.error != str(later):
                self._kept.error = str(later)
                self._tell(f"{self._kept.code}: the plan stays as it was: {later}")


class Reconciler:
    """Keeps every campaign going whose lease it can take, until it is told that its time is up."""

    def __init__(
        self, world: World, holder: str, *, lease_s: float, poll_s: float, tell: Callable[[str], object]
    ) -> None:
        self._world, self._holder, self._tell = world, holder, tell
        self._lease_s, self._poll_s = lease_s, poll_s
        self._leave = Event()
        self._kept: list[Kept] = []
        self._busy: dict[str, Future[Kept]] = {}
        self._done: set[str] = set()

    @property
    def codes(self) -> Sequence[str]:
        """What it keeps going now."""
        return tuple(self._busy)

    def run(
        self, wanted: Callable[[], Iterable[str]], time_is_up: Callable[[], bool], patience_s: float = 0
    ) -> list[Kept]:
        """Take what is free of the `wanted` codes; end when time is up or nothing is left to keep.

        With `patience_s` it waits that long for the first lease (its holder may be about to leave, or dead).
        """
        began = self._world.clock.wall()
        with ThreadPoolExecutor(thread_name_prefix="campaign") as pool:
            try:
                while True:
                    self._collect()
                    codes = list(wanted())
                    self._take(codes, pool)
                    waited = (self._world.clock.wall() - began).total_seconds()
                    if not self._busy and (self._kept or not codes or waited >= patience_s):
                        break
                    if self._busy and time_is_up():
                        break
                    self._leave.wait(self._poll_s * 4 if self._busy else self._poll_s)
            finally:
                self._leave.set()
        self._collect()
        return self._kept

    def _take(self, codes: Iterable[str], pool: ThreadPoolExecutor) -> None:
        for code in codes:
            if code in self._busy or code in self._done:
                continue
            name = LEASE.format(code=code)
            lease = Lease(self._world.store, self._world.clock, name, self._holder, self._lease_s)
            if lease.take():
                self._busy[code] = pool.submit(self._keep, code, lease)

    def _keep(self, code: str, lease: Lease) -> Kept:
        def leave() -> End | None:
            if lease.lost:
                return End.LOST
            return End.HANDED_ON if self._leave.is_set() else None

        with lease, ThreadPoolExecutor(1, thread_name_prefix="plan") as aside:
            wait = self._leave.wait
            return keep_going(
                self._world, code, leave, wait, poll_s=self._poll_s, tell=self._tell, aside=aside
            )

    def _collect(self) -> None:
        for code, work in list(self._busy.items()):
            if not (work.done() or self._leave.is_set()):
                continue
            del self._busy[code]
            error = work.exception()
            kept = (
                Kept(code, End.FAILED, error=f"{type(error).__name__}: {error}") if error else work.result()
            )
            self._kept.append(kept)
            if kept.end in (End.OVER, End.FAILED):
                self._done.add(code)
