"""The watchdog closes what is silent, and nothing else."""

from __future__ import annotations

import threading
import time

from campaign.station.watchdog import Watchdog


def watching() -> int:
    return sum(thread.name == "station watchdog" for thread in threading.enumerate())


def test_a_silent_link_is_closed() -> None:
    closed = threading.Event()
    with Watchdog().watching(closed.set, silence=0.05, at_most=60):
        assert closed.wait(10)


def test_a_link_that_speaks_lives_longer_than_one_silence() -> None:
    closed = threading.Event()
    with Watchdog().watching(closed.set, silence=0.5, at_most=60) as heard:
        until = time.monotonic() + 1.2
        while time.monotonic() < until:
            heard()
            assert not closed.wait(0.02)
        assert closed.wait(10)


def test_a_link_that_speaks_for_ever_is_closed_at_last() -> None:
    closed = threading.Event()
    with Watchdog().watching(closed.set, silence=60, at_most=0.2) as heard:
        began = time.monotonic()
        while not closed.wait(0.01):
            heard()
            assert time.monotonic() - began < 10


def test_a_link_that_was_answered_in_time_is_left_alone() -> None:
    watchdog, closed, later = Watchdog(), threading.Event(), threading.Event()
    with watchdog.watching(closed.set, silence=0.05, at_most=60):
        pass
    with watchdog.watching(later.set, silence=0.2, at_most=60):
        assert later.wait(10)
    assert not closed.is_set()


def test_one_thread_watches_all_links() -> None:
    watchdog, closed = Watchdog(), [threading.Event() for _ in range(50)]
    before = watching()
    entered = [watchdog.watching(event.set, silence=0.1, at_most=60) for event in closed]
    for watch in entered:
        watch.__enter__()
    assert watching() - before == 1
    assert all(event.wait(10) for event in closed)
    for watch in entered:
        watch.__exit__(None, None, None)
