"""Pauses Python's garbage collector while very many small values are made."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """Nothing made inside is collected until the end; reference counting goes on.

    A list of 100,000 rows makes the collector walk all its rows again and again: a third of the whole time.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        if gc.get_freeze_count() == 0:
            # Frozen and thawed, the new values count as old ones: no walk over all of them right now.
            gc.freeze()
            gc.unfreeze()
        gc.enable()
