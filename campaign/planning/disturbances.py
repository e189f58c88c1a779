"""What makes a plan out of date: two looks at a yard compared, without a clock and without a store.

A look holds only what is small, however many cars there are. The plan that is in force keeps the look that it was made
under, so that nothing is missed between two processes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from campaign.domain.causes import Cause
from campaign.errors import BrokenRule

QUIET = timedelta(minutes=5)
"""At most one re-plan in so much campaign time: a burst of disturbances makes one."""
OVERDUE = timedelta(minutes=30)
"""A charge that is not reported so long after its expected end is slower than it was planned."""
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Seen:
    """One look. `orders` and `resumed` are numbers of events that only grow, of those up to `told`.

    `site` stands for the whole layout; `down` are points and stations that take no car, `away` are those of them that
    do not answer.
    """

    down: frozenset[str] = frozenset()
    away: frozenset[str] = frozenset()
    held: frozenset[str] = frozenset()
    slow: frozenset[str] = frozenset()
    rework: int = 0
    orders: int = 0
    resumed: int = 0
    shift: str = ""
    site: int = 0
    told: int = 0

    def to_json(self) -> str:
        """Always the same text for the same look."""
        return json.dumps(
            asdict(self), sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=sorted
        )

    @classmethod
    def from_json(cls, text: str) -> Seen | None:
        """Back from `to_json`; None for an empty text. Raises BrokenRule: only we write it."""
        if not text:
            return None
        try:
            raw = json.loads(text)
            return cls(**raw | {name: frozenset(raw[name]) for name in ("down", "away", "held", "slow")})
        except (ValueError, KeyError, TypeError) as broken:
            raise BrokenRule(f"what a plan was made under cannot be read: {broken}") from broken


@dataclass(frozen=True, slots=True)
class Disturbance:
    """What happened, and to what (names, or empty)."""

    cause: Cause
    what: str = ""


def disturbance(before: Seen | None, now: Seen) -> Disturbance | None:
    """The gravest of what happened between two looks, None when the plan may stay.

    Without a look before there was no plan: the first one is due.
    """
    if before is None:
        return Disturbance(Cause.LAUNCHED)
    if now.resumed > before.resumed:
        return Disturbance(Cause.RESUMED)
    for cause, names in (
        (Cause.DOWN, now.down - before.down),
        (Cause.BACK, before.down - now.down),
        (Cause.HELD, now.held - before.held),
        (Cause.LIFTED, before.held - now.held),
        (Cause.SLOW, now.slow - before.slow),
    ):
        if names:
            return Disturbance(cause, named(names))
    if now.site != before.site:
        return Disturbance(Cause.SITE)
    if now.orders > before.orders:
        return Disturbance(Cause.ORDERS)
    if now.rework != before.rework:
        return Disturbance(Cause.REWORK)
    return None if now.shift == before.shift else Disturbance(Cause.SHIFT, now.shift)


def due(planned_at: datetime, now: datetime) -> bool:
    """Whether a disturbed plan is made anew now, or waits a little for what else comes."""
    return not timedelta() <= now - planned_at < QUIET


def named(names: Iterable[str]) -> str:
    """The first names in order, and how many more: `ST-1, ST-2, ST-3 +4`."""
    ordered = sorted(names)
    more = len(ordered) - _NAMED
    return ", ".join(ordered[:_NAMED]) + (f" +{more}" if more > 0 else "")
