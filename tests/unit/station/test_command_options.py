"""A vendor's tool in station.json: every mistake is told where it stands, and no value ever gets a shell's meaning."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaign.domain.flash_faults import FlashFault
from campaign.station_agent.command import CommandDriver
from campaign.station_agent.command_options import CODES, PLACES, fill, read_options
from campaign.station_agent.command_output import tenths
from campaign.station_agent.driver import Job
from tests.fakes.vendor_tool import NoLog, options

VERSION = {"match": "SW=(.+)", "version": r"\1"}


def test_the_codes_are_those_that_people_have_texts_for() -> None:
    assert {fault.value for fault in FlashFault} == CODES


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"flash": "tool --vin {vin}"}, "flash: should be a list"),
        ({"flash": []}, "flash: should be a list of words"),
        ({"flash": ["tool", 7]}, r"flash\[1\]: should be a text"),
        ({"flash": ["tool", "a\0b"]}, r"flash\[1\]: should be a text"),
        ({"flash": ["tool", "{car}"]}, r"flash\[1\]: \{car\} is not known here"),
        ({"flash": ["tool", "{file}"]}, r"\{file\} is not known"),
        ({"flash": ["tool", "{vin:x}"]}, r"\{vin:x\} is not known"),
        ({"flash": ["tool", "{file:../../etc/passwd}"]}, "single brace"),
        ({"flash": ["tool", "a{b"]}, "single brace"),
        ({"flash": ["{vin}"]}, "never filled in"),
        ({"read_back": ["tool", "{job}"]}, r"read_back\[1\]: \{job\} is not known here"),
        ({"read_back": None}, "read_back: should be a list"),
        ({"output": {}}, "output: should be a list"),
        ({"output": [VERSION, "x"]}, r"output\[1\]: should be a mapping"),
        ({"output": [VERSION, {"match": "("}]}, r"output\[1\].match: not a regular expression"),
        ({"output": [VERSION, {"match": "x"}]}, r"output\[1\]: takes nothing"),
        ({"output": [VERSION, {"step": "x"}]}, r"output\[1\].match: should be a text"),
        ({"output": [VERSION, {"match": "x", "colour": "red"}]}, "'colour' is not known"),
        ({"output": [VERSION, {"match": "x", "step": r"\1"}]}, r"step: \\1 is no group"),
        ({"output": [VERSION, {"match": "x", "step": r"\g<unit>"}]}, "is no group"),
        (
            {"output": [VERSION, {"match": "x", "verdict": "bad"}]},
            r"output\[1\].verdict: 'bad' should be one of",
        ),
        ({"output": [VERSION, {"match": "x", "code": "refused"}]}, "verdict: None should be one of"),
        (
            {"output": [VERSION, {"match": "x", "verdict": "fail", "code": "oops"}]},
            "code: 'oops' is not known",
        ),
        ({"output": [VERSION, {"match": "x", "verdict": "fail", "code": ["a"]}]}, "is not known"),
        (
            {"output": [VERSION, {"match": "x", "verdict": "fail", "params": {"ecu": 1}}]},
            "params: 'ecu' should",
        ),
        ({"output": [VERSION, {"match": "x", "verdict": "fail", "params": {"ecu": r"\2"}}]}, "no group"),
        ({"output": [VERSION, {"match": "x", "verdict": "aborted", "written": True}]}, "false for aborted"),
        ({"output": [{"match": "x", "percent": 5}]}, "no rule takes the version"),
        ({"exit": {"bad": {"verdict": "fail"}}}, "exit.bad: should be an exit status"),
        ({"exit": {"3": {"verdict": "fail", "code": "no"}}}, r"exit.3.code: 'no' is not known"),
        ({"exit": {"3": "fail"}}, "exit.3: should be a mapping"),
        ({"silence": 0}, "silence: 0 should be a number of seconds"),
        ({"silence": True}, "silence: True should be"),
        ({"give_up": float("nan")}, "give_up: nan should be"),
        ({"silence": 60, "give_up": 30}, "give_up: should be at least as long"),
        ({"encoding": "klingon"}, "encoding: 'klingon'"),
        ({"encoding": "utf-16"}, "encoding: 'utf-16'"),
        ({"encoding": "hex"}, "encoding: 'hex'"),
        ({"environment": {"A=B": "x"}}, "environment: 'A=B'"),
        ({"environment": {"A": 1}}, "environment.A: should be a text"),
        ({"shell": True}, "driver_options: 'shell' is not known"),
    ],
)
def test_a_wrong_option_is_told_where_it_stands(change: dict[str, Any], told: str) -> None:
    given = {"flash": ["tool"], "read_back": ["tool"], "output": [VERSION], **change}
    with pytest.raises(ValueError, match=told):
        CommandDriver(given)


def test_what_is_not_said_has_a_careful_meaning() -> None:
    tool = read_options({"flash": ["t"], "read_back": ["t"], "output": [VERSION]})
    assert (tool.silence, tool.give_up, tool.encoding) == (300, 3600, "utf-8")
    assert (tool.exits[0].verdict, tool.otherwise.verdict, tool.otherwise.code) == (
        "pass",
        "fail",
        "tool_failed",
    )
    assert set(tool.environment) == {"PATH", "LANG"}


def test_braces_that_are_meant_are_written_twice() -> None:
    assert fill(["{{vin}}", "{vin}"], {"vin": "X"}, {}) == ["{vin}", "X"]


TEXTS = st.text(st.characters(blacklist_characters="\0", blacklist_categories=("Cs",)), max_size=30)


@given(values=st.fixed_dictionaries(dict.fromkeys(sorted(PLACES), TEXTS)), before=TEXTS, file=TEXTS)
def test_a_word_stays_one_word_whatever_is_filled_in(values: dict[str, str], before: str, file: str) -> None:
    literal = before.replace("{", "{{").replace("}", "}}")
    for name, value in values.items():
        assert fill(["tool", f"{literal}{{{name}}}"], values, {}) == ["tool", before + value]
    assert fill(["{file:a.bin}{vin}"], values, {"a.bin": file}) == [file + values["vin"]]


SHELL = st.lists(
    st.sampled_from(
        ["$(touch x)", "`id`", ";", "&&", "|", ">", "*", "~", "$HOME", '"', "'", "\\", " ", "\n", "{vin}"]
    ),
    min_size=1,
    max_size=6,
).map("".join)


@settings(max_examples=12)  # each starts a tool
@given(value=SHELL)
def test_a_tool_gets_what_was_meant_byte_for_byte(
    value: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("words")
    tool = folder / "tool"
    tool.write_text(
        f"#!{sys.executable} -IS\nimport sys, pathlib\npathlib.Path('got').write_text(sys.argv[1], newline='')\n"
    )
    tool.chmod(0o700)
    driver = CommandDriver(options(folder, flash=[str(tool), "{package}"], check=False))
    driver.jobs = folder
    driver.flash(Job("a" * 32, "LSVAA4182E2184847", "A1", "A2", value), None, NoLog())
    assert Path(folder, f"{'a' * 32}.work", "got").read_bytes().decode() == value
    assert not list(folder.glob("**/x"))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("27.0", 270), ("27", 270), ("27.4 %", 274), ("27,4", 274), ("26.96", 269), ("26.999", 269), ("100", 1000),
        ("0", 0), ("100.1", None), ("-1", None), ("nan", None), ("Infinity", None), ("", None), ("n/a", None),
        ("1e999999", None),
    ],
)  # fmt: skip
def test_a_percent_is_never_rounded_up(text: str, value: int | None) -> None:
    assert tenths(text) == value
