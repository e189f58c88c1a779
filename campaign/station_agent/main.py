"""One question, one line of JSON, one exit code: 0 answered, 1 refused, 2 no verb, 3 station out of order.

`session` answers many questions in one process; `put` reads the bytes of a file first.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from campaign.station_agent import verbs
from campaign.station_agent.driver import Job
from campaign.station_agent.jobs import Station
from campaign.station_agent.refusal import Refusal
from campaign.station_agent.session import LONGEST_ANSWER, serve
from campaign.station_agent.uploads import Blobs

ANSWERED, REFUSED, MISUSED, BROKEN = 0, 1, 2, 3
_OUT_OF_ORDER = frozenset({"config", "disk", "rig"})


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Answer the verb in SSH_ORIGINAL_COMMAND for the station in `--home DIR`. Returns the exit code."""
    signal.alarm(int(LONGEST_ANSWER))
    os.umask(0o077)
    asked = environment.get("SSH_ORIGINAL_COMMAND")
    if asked == "session" and _home(arguments) is not None:
        signal.alarm(0)
        return serve(lambda line: answer(arguments, lambda: verbs.parse_line(line)))
    code, told = answer(arguments, lambda: verbs.parse(asked))
    return _say(told, code)


def answer(arguments: Sequence[str], words: Any) -> tuple[int, bytes]:
    """The exit code and the line for one question; `words` gives its words or raises Misuse."""
    try:
        verb = words()
        home = _home(arguments)
        if home is None:
            raise Refusal("config", "the key's command must be: agent --home DIR")
        station = Station(home)
        told = {"ok": True, "station": station.name, **_answer(station, home, verb)}
    except verbs.Misuse as misuse:
        return _line({"ok": False, "code": "usage", "what": str(misuse)}, MISUSED)
    except Refusal as refusal:
        code = BROKEN if refusal.code in _OUT_OF_ORDER else REFUSED
        return _line({"ok": False, "code": refusal.code, "what": refusal.what, "job": refusal.job}, code)
    except OSError as error:
        return _line(
            {"ok": False, "code": "broken", "what": f"{type(error).__name__}: {error.strerror}"}, BROKEN
        )
    return _line(told, ANSWERED)


def _home(arguments: Sequence[str]) -> Path | None:
    return Path(arguments[1]) if len(arguments) == 2 and arguments[0] == "--home" else None


def _line(told: dict[str, Any], code: int) -> tuple[int, bytes]:
    return code, json.dumps(told).encode() + b"\n"


def _answer(station: Station, home: Path, words: list[str]) -> dict[str, Any]:
    verb, *rest = words
    if verb == "start":
        return station.start(Job(*rest))
    if verb == "status":
        return station.status(rest[0])
    if verb == "tail":
        return station.status(rest[0], int(rest[1]))
    if verb == "readback":
        return station.read_back(rest[0])
    if verb == "clear":
        return station.clear(rest[0])
    if verb == "have":
        return Blobs(home).have(rest[0])
    if verb == "put":
        return Blobs(home).put(rest[0], int(rest[1]), int(rest[2]), source=0)
    return station.identify()


def _say(told: bytes, code: int) -> int:
    """Write the answer. Nobody listening is not an error: what was done stays done."""
    try:
        os.write(1, told)
    except OSError:
        return code or BROKEN
    return code
