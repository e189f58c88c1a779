"""What station.json says about a vendor's tool: read once, complained about in plain words, never a shell.

    {"flash": [word, ...], "read_back": [word, ...], "output": [rule, ...],
     "exit": {"0": {"verdict": "pass"}, "3": {"verdict": "aborted", "code": "wrong_car"}, "else": {...}},
     "silence": 300, "give_up": 3600, "read_back_seconds": 15, "encoding": "utf-8", "environment": {name: text}}

A word may hold {vin} {source} {target} {package} {digest} {gate} {job}, {file:NAME} (the path of a package file) and
{folder} (links to all of them under their names); a brace is written twice. A rule is
{"match": regex, ...} with any of step, percent, verdict, code, params, written, vin, version, volts, soc_raw,
soc_display, soc_bms; texts may hold \\1 or \\g<name>. Times are seconds.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

PASS = "pass"  # noqa: S105 - a verdict
VERDICTS = (PASS, "fail", "error", "timeout", "aborted")
CODES = frozenset(
    {
        "wrong_car", "wrong_version", "package_unfit", "soc_below", "soc_unreadable", "volts_below", "preconditions",
        "refused", "programming_failed", "checksum_refused", "dependencies_refused", "differs", "silent", "no_car",
        "interface_lost", "package_missing", "package_damaged", "package_untrusted", "disk_full", "tool_failed",
        "tool_missing", "tool_silent", "broken",
    }
)  # fmt: skip
"""What people have texts for (`domain.flash_faults`); a misspelled one would only be read as "broken"."""
USUAL_CODE = {
    PASS: "", "fail": "tool_failed", "error": "tool_failed", "timeout": "tool_silent", "aborted": "preconditions",
}  # fmt: skip
READINGS = ("vin", "version", "volts", "soc_raw", "soc_display", "soc_bms")
PLACES = frozenset({"vin", "source", "target", "package", "digest", "gate", "job", "folder"})
READ_BACK_PLACES = PLACES - {"gate", "job"}  # a car is also asked when no job is at hand
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ENVIRONMENT = {"PATH": PATH, "LANG": "C.UTF-8"}

_NAMES = frozenset(
    {
        "flash",
        "read_back",
        "output",
        "exit",
        "silence",
        "give_up",
        "read_back_seconds",
        "encoding",
        "environment",
    }
)
_OUTCOME = frozenset({"verdict", "code", "params", "written"})
_RULE = _OUTCOME | {"match", "step", "percent", *READINGS}
_PLACE = re.compile(r"\{\{|\}\}|\{([a-z]+)(?::([A-Za-z0-9][A-Za-z0-9._-]{0,79}))?\}|[{}]")
_GROUP = re.compile(r"\\(?:(\d{1,2})|g<([A-Za-z_]\w*)>)")
_PARAMETER = re.compile(r"[a-z][a-z0-9_]{0,39}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")


class Outcome(NamedTuple):
    """What a line or an exit status says of the flash. `params` may still hold \\1 of a line."""

    verdict: str
    code: str
    params: Mapping[str, str]
    written: bool


class Rule(NamedTuple):
    """What to take from a line that `match` is found in. `readings` by their name."""

    match: re.Pattern[str]
    step: str | None
    percent: str | None
    outcome: Outcome | None
    readings: Mapping[str, str]


class Tool(NamedTuple):
    """A vendor's tool as station.json tells it."""

    flash: tuple[str, ...]
    read_back: tuple[str, ...]
    rules: tuple[Rule, ...]
    exits: Mapping[int, Outcome]
    otherwise: Outcome
    silence: float
    give_up: float
    read_back_seconds: float
    encoding: str
    environment: Mapping[str, str]

    @property
    def must_say_pass(self) -> bool:
        """A tool that has a line for success did not succeed without it."""
        return any(rule.outcome is not None and rule.outcome.verdict == PASS for rule in self.rules)

    def tells(self, reading: str) -> bool:
        """Whether any rule could give this reading."""
        return any(reading in rule.readings for rule in self.rules)


def read_options(options: Mapping[str, Any]) -> Tool:
    """The tool in `driver_options`. Raises ValueError, which says where and what is wrong."""
    _only(options, _NAMES, "driver_options")
    rules = tuple(
        _rule(raw, f"output[{at}]") for at, raw in enumerate(_a(list, options.get("output", []), "output"))
    )
    exits, otherwise = _exits(_a(dict, options.get("exit", {}), "exit"))
    tool = Tool(
        flash=_words(options.get("flash"), "flash", PLACES),
        read_back=_words(options.get("read_back"), "read_back", READ_BACK_PLACES),
        rules=rules,
        exits=exits,
        otherwise=otherwise,
        silence=_seconds(options, "silence", 300),
        give_up=_seconds(options, "give_up", 3600),
        read_back_seconds=_seconds(options, "read_back_seconds", 15),
        encoding=_encoding(options.get("encoding", "utf-8")),
        environment={**ENVIRONMENT, **_environment(options.get("environment", {}))},
    )
    if tool.give_up < tool.silence:
        raise ValueError("give_up: should be at least as long as silence")
    if not tool.tells("version"):
        raise ValueError("output: no rule takes the version, so that no flash could ever be a success")
    return tool


def fill(words: Sequence[str], places: Mapping[str, str], files: Mapping[str, str]) -> list[str]:
    """The argument vector: a word stays one word, whatever is filled in. Raises KeyError(NAME): no such file."""

    def filled(found: re.Match[str]) -> str:
        if found[0] in ("{{", "}}"):
            return found[0][0]
        return files[found[2]] if found[2] else places[found[1]]

    return [_PLACE.sub(filled, word) for word in words]


def from_line(template: str, match: re.Match[str]) -> str:
    """A rule's text with what the line held; a group that took no part is empty."""
    return _GROUP.sub(lambda group: match[int(group[1]) if group[1] else group[2]] or "", template)


def _words(raw: object, where: str, places: frozenset[str]) -> tuple[str, ...]:
    words = _a(list, raw, where)
    if not words:
        raise ValueError(f"{where}: should be a list of words, the program first")
    for at, word in enumerate(words):
        text = _text(word, f"{where}[{at}]")
        for found in _PLACE.finditer(text):
            _check_place(found, f"{where}[{at}]", places)
    if _PLACE.search(words[0]) or not words[0]:
        raise ValueError(f"{where}[0]: the program itself is never filled in")
    return tuple(words)


def _check_place(found: re.Match[str], where: str, places: frozenset[str]) -> None:
    if found[0] in ("{{", "}}"):
        return
    if found[1] is None:
        raise ValueError(f"{where}: a single brace at {found.start()}; write it twice")
    if (found[1] == "file") != (found[2] is not None) or (found[1] != "file" and found[1] not in places):
        known = " ".join(f"{{{name}}}" for name in sorted(places))
        raise ValueError(f"{where}: {found[0]} is not known here: {known} {{file:NAME}}")


def _rule(raw: object, where: str) -> Rule:
    given = _a(dict, raw, where)
    _only(given, _RULE, where)
    try:
        match = re.compile(_text(given.get("match"), f"{where}.match"))
    except re.error as error:
        raise ValueError(f"{where}.match: not a regular expression: {error}") from error
    texts = {
        name: _template(str(given[name]), match, f"{where}.{name}")
        for name in ("step", "percent", *READINGS)
        if name in given
    }
    outcome = _outcome(given, where) if _OUTCOME & set(given) else None
    for name, text in (outcome.params if outcome else {}).items():
        _template(text, match, f"{where}.params.{name}")
    if outcome is None and not texts:
        raise ValueError(f"{where}: takes nothing from its line")
    readings = {name: texts[name] for name in READINGS if name in texts}
    return Rule(match, texts.get("step"), texts.get("percent"), outcome, readings)


def _template(text: str, match: re.Pattern[str], where: str) -> str:
    for group in _GROUP.finditer(text):
        known = int(group[1]) <= match.groups if group[1] else group[2] in match.groupindex
        if not known:
            raise ValueError(f"{where}: {group[0]} is no group of its match")
    return text


def _outcome(given: Mapping[str, Any], where: str) -> Outcome:
    verdict = given.get("verdict")
    if verdict not in VERDICTS:
        raise ValueError(f"{where}.verdict: {verdict!r} should be one of {', '.join(VERDICTS)}")
    code = given.get("code", USUAL_CODE[verdict])
    if verdict != PASS and not (isinstance(code, str) and code in CODES):
        raise ValueError(f"{where}.code: {code!r} is not known; {', '.join(sorted(CODES))}")
    params = _a(dict, given.get("params", {}), f"{where}.params")
    for name, text in params.items():
        if not _PARAMETER.fullmatch(name) or not isinstance(text, str):
            raise ValueError(f"{where}.params: {name!r} should be a name in small letters, with a text")
    written = given.get("written", verdict != "aborted")
    if not isinstance(written, bool) or (written and verdict == "aborted"):
        raise ValueError(f"{where}.written: should be true or false, and false for aborted")
    return Outcome(verdict, code, params, written)


def _exits(raw: Mapping[str, Any]) -> tuple[dict[int, Outcome], Outcome]:
    exits = {0: Outcome(PASS, "", {}, written=True)}
    otherwise = Outcome("fail", "tool_failed", {}, written=True)
    for status, given in raw.items():
        where = f"exit.{status}"
        _only(_a(dict, given, where), _OUTCOME, where)
        if status == "else":
            otherwise = _outcome(given, where)
        elif re.fullmatch(r"-?\d{1,3}", str(status)):
            exits[int(status)] = _outcome(given, where)
        else:
            raise ValueError(f"{where}: should be an exit status, or else")
    return exits, otherwise


def _seconds(options: Mapping[str, Any], name: str, usual: float) -> float:
    value = options.get(name, usual)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= 7 * 86_400:
        raise ValueError(f"{name}: {value!r} should be a number of seconds above 0")
    return float(value)


def _encoding(name: object) -> str:
    try:
        codec = codecs.lookup(str(name))
        whole = "\r\n".encode(codec.name) == b"\r\n"
    except (LookupError, ValueError):
        whole = False
    if not whole:
        raise ValueError(f"encoding: {name!r} is no text encoding whose lines end as in ASCII")
    return codec.name


def _environment(raw: object) -> dict[str, str]:
    given = _a(dict, raw, "environment")
    for name, text in given.items():
        if not _VARIABLE.fullmatch(str(name)):
            raise ValueError(f"environment: {name!r} is no name of a variable")
        _text(text, f"environment.{name}")
    return dict(given)


def _a(kind: type, raw: object, where: str) -> Any:
    if not isinstance(raw, kind):
        raise ValueError(f"{where}: should be a {'list' if kind is list else 'mapping'}")
    return raw


def _text(raw: object, where: str) -> str:
    if not isinstance(raw, str) or "\0" in raw:
        raise ValueError(f"{where}: should be a text")
    return raw


def _only(given: Mapping[str, Any], known: frozenset[str], where: str) -> None:
    for name in given:
        if name not in known:
            raise ValueError(f"{where}: {name!r} is not known; {', '.join(sorted(known))}")
