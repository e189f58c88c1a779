"""Why a plan was made."""

from __future__ import annotations

from enum import StrEnum


class Cause(StrEnum):
    """What a plan followed on."""

    LAUNCHED = "launched"
    ASKED = "asked"  # by a person, who says why
    DOWN = "down"  # a point or a station
    BACK = "back"
    SITE = "site"  # the layout was applied anew
    HELD = "held"  # a car or a batch
    LIFTED = "lifted"
    REWORK = "rework"  # a car went to rework, or came back from there
    ORDERS = "orders"  # promised dates or weights
    SLOW = "slow"  # a car charges longer than it was planned
    SHIFT = "shift"
    RESUMED = "resumed"
