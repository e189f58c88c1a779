"""One question, one line of JSON, one exit code: 0 answered, 1 refused, 2 no verb, 3 station out of order."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from campaign.station_agent import verbs
from campaign.station_agent.jobs import Refusal, Station

LONGEST_ANSWER = 20  # seconds; an agent that hangs ends itself, the flash it started does not feel that


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Answer the verb in SSH_ORIGINAL_COMMAND for the station in `--home DIR`. Returns the exit code."""
    signal.alarm(LONGEST_ANSWER)
    os.umask(0o077)
    try:
        words = verbs.parse(environment.get("SSH_ORIGINAL_COMMAND"))
        if len(arguments) != 2 or arguments[0] != "--home":
            raise Refusal("config", "the key's command must be: agent --home DIR")
        station = Station(Path(arguments[1]))
        answer = {"ok": True, "station": station.name, **_answer(station, words)}
    except verbs.Misuse as misuse:
        return _say({"ok": False, "code": "usage", "what": str(misuse)}, 2)
    except Refusal as refusal:
        told = {"ok": False, "code": refusal.code, "what": refusal.what, "job": refusal.job}
        return _say(told, 3 if refusal.code in ("config", "disk") else 1)
    except OSError as error:
        return _say({"ok": False, "code": "broken", "what": f"{type(error).__name__}: {error.strerror}"}, 3)
    return _say(answer, 0)


def _answer(station: Station, words: list[str]) -> dict[str, Any]:
    verb, *rest = words
    if verb == "start":
        job, vin, source, target, package = rest
        return station.start({"job": job, "vin": vin, "source": source, "target": target, "package": package})
    if verb == "status":
        return station.status(rest[0])
    if verb == "tail":
        return station.status(rest[0], int(rest[1]))
    if verb == "readback":
        return station.read_back(rest[0])
    if verb == "clear":
        return station.clear(rest[0])
    return station.identify()


def _say(answer: dict[str, Any], code: int) -> int:
    """Write the answer. Nobody listening is not an error: what was done stays done."""
    try:
        os.write(1, json.dumps(answer).encode() + b"\n")
    except OSError:
        return code or 3
    return code
