"""What may be asked of a station: nine verbs, each word matched in full, and nothing else."""

from __future__ import annotations

import re
import shlex

LONGEST_COMMAND = 512

_JOB = re.compile(r"[0-9a-f]{32}")
_VIN = re.compile(r"[A-HJ-NPR-Z0-9]{17}")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}")
_PACKAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+:@-]{0,127}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_DIGEST = re.compile(r"[0-9a-f]{64}|-")
_GATE = re.compile(r"(?:display|bms):[0-9]{1,4}|-")
_NUMBER = re.compile(r"[0-9]{1,12}")

VERBS: dict[str, tuple[re.Pattern[str], ...]] = {
    "identify": (),
    "have": (_SHA256,),
    "put": (_SHA256, _NUMBER, _NUMBER),  # content, size, offset: the rest of the bytes follows
    "start": (_JOB, _VIN, _VERSION, _VERSION, _PACKAGE, _DIGEST, _GATE),
    "status": (_JOB,),
    "tail": (_JOB, _NUMBER),
    "readback": (_VIN,),
    "clear": (_JOB,),
    "session": (),  # one verb per line from here on
}
ALONE = frozenset({"put", "session"})
"""Verbs that read what follows them: not inside a session."""


class Misuse(Exception):
    """What was sent is not one of the verbs with its words."""


def parse(command: str | None) -> list[str]:
    """The verb and its words from SSH_ORIGINAL_COMMAND. Raises Misuse for everything that is not a verb.

    None stands for a session without a command: someone asked for a shell.
    """
    if not command:
        raise Misuse("no verb: this key opens no shell")
    if len(command) > LONGEST_COMMAND or not command.isprintable() or not command.isascii():
        raise Misuse("not a command of this agent")
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise Misuse("the quotes do not match") from error
    patterns = VERBS.get(words[0]) if words else None
    if patterns is None:
        raise Misuse("unknown verb")
    if len(words) - 1 != len(patterns):
        raise Misuse(f"{words[0]} takes {len(patterns)} words")
    for place, pattern in enumerate(patterns, start=1):
        if not pattern.fullmatch(words[place]):
            raise Misuse(f"word {place} of {words[0]} is not what it should be")
    return words


def parse_line(line: bytes) -> list[str]:
    """A verb inside a session. Raises Misuse, also for the verbs that stand alone."""
    words = parse(line.decode("utf-8", "replace").rstrip("\n"))
    if words[0] in ALONE:
        raise Misuse(f"{words[0]} is not asked inside a session")
    return words
