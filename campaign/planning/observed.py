"""A forecast learns from the campaign that it is about: what has been seen narrows what is not known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import exp, log, sqrt
from statistics import median

from campaign.planning.uncertainty import Pace, Uncertainty

REMAINS = 0.7
"""However much was seen: so much of what all cars share stays unknown. The next week may be colder than this one."""
TRIES_KNOWN = 100
"""The usual part of failed flashes counts as if it had been seen on so many."""
WILDEST = 3.0
"""A flash that took more than so many times its minutes, or less, tells of something else: a link that was away."""


@dataclass(frozen=True, slots=True)
class Observed:
    """What a running campaign told so far.

    `charges` have ended and tell the pace: their level is in the minutes of the snapshot. `flashes` are minutes against
    the planned ones, of those that passed. `failed` of `tried` flashes did not pass.
    """

    charges: int = 0
    flashes: Sequence[float] = ()
    tried: int = 0
    failed: int = 0


def learned(usual: Uncertainty, seen: Observed) -> Uncertainty:
    """What is still not known. Nothing seen changes nothing."""
    flashes = [log(ratio) for ratio in seen.flashes if 1 / WILDEST < ratio < WILDEST]
    failed = (usual.failed * TRIES_KNOWN + seen.failed) / (TRIES_KNOWN + seen.tried)
    return replace(
        usual,
        # The usual median stays: the level of a few charges is drawn to nominal, and what points wait is not in it.
        charge=_narrowed(usual.charge, seen.charges, log(usual.charge.median)),
        flash=_narrowed(usual.flash, len(flashes), median(flashes) if flashes else 0.0),
        failed=failed,
    )


def _narrowed(pace: Pace, count: int, level: float) -> Pace:
    """The pace after `count` cars whose logarithms lie around `level`: the usual one counts less and less."""
    if not count or not pace.common:
        return pace
    believed = pace.common**2 / (pace.common**2 + pace.each**2 / count)
    middle = (1 - believed) * log(pace.median) + believed * level
    return Pace(exp(middle), pace.each, pace.common * max(REMAINS, sqrt(1 - believed)))
