"""Wait for what a thread or another process will do, with a deadline instead of a sleep of some length."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Seen = TypeVar("Seen")


def eventually(condition: Callable[[], Seen], within_s: float = 10.0) -> Seen:
    """What the condition said when it first held. Raises AssertionError when it does not hold in time."""
    deadline = time.monotonic() + within_s
    while not (seen := condition()):
        assert time.monotonic() < deadline, f"it did not come within {within_s:g} s"
        time.sleep(0.01)
    return seen
