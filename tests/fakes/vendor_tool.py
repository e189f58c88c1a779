"""A vendor's flash tool for tests: a script with a car in a JSON file, and logs that hear or hear nothing."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

VIN, SOURCE, TARGET = "LSVAA4182E2184847", "VBV4.5.2C", "VBV4.5.3C"

RULES: list[dict[str, Any]] = [
    {"match": r"^VIN (\S+)", "vin": r"\1"},
    {"match": r"^SW (\S+)", "version": r"\1"},
    {"match": r"^BATT ([\d.,]+) V SOC (\S+) / (\S+)", "volts": r"\1", "soc_display": r"\2", "soc_bms": r"\3"},
    {"match": r"^(\w+) (\d+)%", "step": r"\1", "percent": r"\2"},
    {
        "match": r"^E-NRC (\w+) (\w+)",
        "verdict": "fail",
        "code": "refused",
        "params": {"ecu": r"\1", "nrc": r"\2"},
    },
    {
        "match": r"^E-IF (?P<what>.+)",
        "verdict": "error",
        "code": "interface_lost",
        "params": {"what": r"\g<what>"},
    },
]

_ASK = """#!{python} -IS
import json, pathlib
car = json.loads(pathlib.Path({car!r}).read_text())
for name, text in (("vin", "VIN {{}}"), ("version", "SW {{}}")):
    if car.get(name):
        print(text.format(car[name]))
if "soc" in car:
    print("BATT 12,4 V SOC {{}} / 30.5".format(car["soc"]))
"""

_FLASH = """#!{python} -IS
import json, os, pathlib, sys, time
CAR = pathlib.Path({car!r})
def car(**changes):
    CAR.write_text(json.dumps({{**json.loads(CAR.read_text()), **changes}}))
def say(text, end="\\n"):
    print(text, end=end, flush=True)
def wait_for(name):
    until = time.monotonic() + 60
    while not pathlib.Path(name).exists() and time.monotonic() < until:
        time.sleep(0.02)
{body}
"""


class NoLog:
    """Hears nothing."""

    def step(self, step: str, percent: int) -> None:
        """Nothing."""

    def keep(self, kind: str, **facts: object) -> None:
        """Nothing."""


class HeardLog:
    """Remembers what a driver told."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, int]] = []
        self.facts: list[dict[str, Any]] = []

    def step(self, step: str, percent: int) -> None:
        """Where it stands."""
        self.steps.append((step, percent))

    def keep(self, kind: str, **facts: object) -> None:
        """One piece of evidence."""
        self.facts.append({"kind": kind, **facts})

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The pieces of one kind."""
        return [fact for fact in self.facts if fact["kind"] == kind]

    @property
    def lines(self) -> list[str]:
        """The tool's lines."""
        return [fact["text"] for fact in self.of("line")]


def script(file: Path, text: str) -> str:
    """An executable file with this text; its path."""
    file.write_text(text, encoding="utf-8")
    file.chmod(0o700)
    return str(file)


def options(folder: Path, body: str = "", *, check: bool = True, **more: Any) -> dict[str, Any]:
    """Driver options of a tool whose flash is `body`, Python with `car(...)`, `say(...)` and `wait_for(file)`.

    The car is `<folder>/car.json`. `check` False: the read-back tells nothing, so that nothing is checked first.
    """
    car = folder / "car.json"
    if not car.exists():
        car.write_text(json.dumps({"vin": VIN, "version": SOURCE, "soc": "27.4"}))
    ask = script(folder / "ask", _ASK.format(python=sys.executable, car=str(car)))
    rules = RULES if check else [{"match": "^never (.+)", "version": r"\1"}]
    given: dict[str, Any] = {"read_back": [ask, "{vin}"], "output": rules, **more}
    if "flash" not in given:
        given["flash"] = [
            script(folder / "flash", _FLASH.format(python=sys.executable, car=str(car), body=body))
        ]
    return given
