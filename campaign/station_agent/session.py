"""A session: one agent process answers verb after verb, a line each, as long as the link stands.

Starting Python for every question costs the station some 25 ms; inside a session an answer takes one. While a
question is worked on, a `beat` goes out every two seconds, so that the other side knows a slow car from a dead link.
A session ends with its link, after a long time without a question, and when a newer agent was installed.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from campaign.station_agent.verbs import LONGEST_COMMAND

BEAT = 2.0  # seconds
LONGEST_ANSWER = 20.0  # an agent that hangs ends itself; the flash it started does not feel that
LONGEST_PAUSE = 600.0  # without a question; the next one opens a session anew
MISUSE, GONE = 2, 3

Answer = Callable[[bytes], tuple[int, bytes]]


def serve(answer: Answer, source: int = 0, sink: int = 1) -> int:
    """Answer each line of `source` until it ends. Returns the exit code."""
    installed = _installed()
    waiting = b""
    while True:
        line, newline, rest = waiting.partition(b"\n")
        if not newline:
            if len(waiting) > LONGEST_COMMAND:
                return MISUSE
            if not select.select([source], [], [], LONGEST_PAUSE)[0]:
                return 0
            more = os.read(source, 65536)
            if not more:
                return 0
            waiting += more
            continue
        waiting = rest
        if _installed() != installed:
            return _say(sink, renewed()) or 0
        with _beating(sink):
            _, told = answer(line)
        if gone := _say(sink, told):
            return gone


def renewed() -> bytes:
    """What a session says whose agent was replaced: nothing was done, ask again."""
    return json.dumps(
        {"ok": False, "code": "renewed", "what": "a newer agent was installed", "job": ""}
    ).encode()


def _installed() -> tuple[int, int] | None:
    """Tells one installed agent from another; None where it does not run from a file of its own."""
    try:
        seen = Path(sys.argv[0]).stat()
    except OSError:
        return None
    return seen.st_ino, seen.st_mtime_ns


def _say(sink: int, told: bytes) -> int:
    """Write one line. Nobody listening ends the session; what was done stays done."""
    line = told.rstrip(b"\n") + b"\n"
    try:
        while line:
            line = line[os.write(sink, line) :]
    except OSError:
        return GONE
    return 0


@contextmanager
def _beating(sink: int) -> Iterator[None]:
    left = [LONGEST_ANSWER]

    def beat(_number: int, _frame: FrameType | None) -> None:
        left[0] -= BEAT
        if left[0] <= 0:
            os._exit(GONE)
        _say(sink, b'{"beat": true}')

    before = signal.signal(signal.SIGALRM, beat)
    signal.setitimer(signal.ITIMER_REAL, BEAT, BEAT)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
