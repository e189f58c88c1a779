"""Why a flash did not pass: a title and a whole sentence in both languages, filled with what stations really tell."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from campaign import wording
from campaign.domain.events import Fact, Kind
from campaign.domain.flash_faults import FlashFault, note
from campaign.domain.gates import Hold, hold_reasons
from campaign.wording.flash_faults import FIELDS, SENTENCES, STEPS, TITLES

CHINESE = re.compile(r"[\u4e00-\u9fff]")
CODES = Path(wording.__file__).parents[1] / "domain" / "flash_faults.py"
TROUBLES = ("Aborted", "CarFailed", "CarSilent", "RigFailed", "kind")
NOW = datetime(2026, 11, 24, tzinfo=UTC)


def promised() -> dict[str, set[str]]:
    """Parameters by code, as the comments of the enumeration name them."""
    found = {}
    for code, comment in re.findall(r'= "(\w+)"(?:  # (.*))?', CODES.read_text(encoding="utf-8")):
        told = comment.split(":")[0]
        found[code] = set(re.findall(r"[a-z_]+", told)) if comment else set()
    return found


def names(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def must(text: str) -> set[str]:
    """What a sentence cannot do without."""
    return names(re.sub(r"\[[^\]]*\]", "", text))


@pytest.mark.parametrize("fault", list(FlashFault))
def test_every_fault_has_a_title_and_a_sentence_in_both_languages(fault: FlashFault) -> None:
    (title, title_zh), (english, chinese) = TITLES[fault], SENTENCES[fault]
    assert title
    assert english.endswith(".")
    assert chinese.endswith("。")
    assert CHINESE.search(title_zh)
    assert CHINESE.search(chinese)
    assert (names(english), must(english)) == (names(chinese), must(chinese))


def test_no_two_faults_share_a_title() -> None:
    for lang in wording.LANGUAGES:
        assert len({wording.fault_title(fault.value, lang) for fault in FlashFault}) == len(FlashFault)


@pytest.mark.parametrize("fault", list(FlashFault))
def test_a_sentence_uses_only_what_the_code_promises(fault: FlashFault) -> None:
    assert names(SENTENCES[fault][0]) <= promised()[fault.value]


def raised() -> Iterator[tuple[str, str, set[str]]]:
    """Every `Aborted("code", what, name=...)` of agent and drivers with its names, but for what is spread out."""
    package = Path(wording.__file__).parents[1]
    for folder in ("station_agent", "station_drivers"):
        for path in sorted((package / folder).glob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call) or getattr(node.func, "id", "") not in TROUBLES:
                    continue
                spread = any(keyword.arg is None for keyword in node.keywords)
                if node.args and isinstance(node.args[0], ast.Constant) and not spread:
                    given = {keyword.arg for keyword in node.keywords if keyword.arg}
                    yield f"{path.name}:{node.lineno}", str(node.args[0].value), given


def test_what_the_stations_raise_fills_its_sentence() -> None:
    found = list(raised())
    lacking = [
        (where, code, must(SENTENCES[FlashFault(code)][0]) - given)
        for where, code, given in found
        if must(SENTENCES[FlashFault(code)][0]) - given
    ]
    assert len(found) > 10
    assert lacking == []


def test_parameters_are_said_as_people_read_them() -> None:
    params = (("soc", "262"), ("gate", "27.0"), ("gauge", "display"), ("raw", "76"))
    assert wording.fault_say("soc_below", params, "en") == (
        "The station itself read SOC 26.2 % on the instrument display, the gate is 27.0 %; nothing was written."
        " The car goes back to charging."
    )
    assert "26.2 %" in wording.fault_say("soc_below", params, "zh")
    volts = wording.fault_say("volts_below", {"volts": "11.6", "min": "12.5"}, "zh")
    assert volts.startswith("12 V 蓄电池电压为 11.6 V，至少需要 12.5 V")
    silent = wording.fault_say("silent", {"ecu": "BMS", "step": "transfer BMS"}, "zh")
    assert "“写入 BMS”" in silent


def test_what_the_station_did_not_tell_is_left_out_or_a_dash() -> None:
    bare = wording.fault_say("programming_failed", {"ecu": "BMS"}, "en")
    assert bare.startswith("Writing to unit BMS failed. Check")
    assert "unit — refused" in wording.fault_say("refused", {}, "en").replace("Unit", "unit")


@pytest.mark.parametrize("lang", wording.LANGUAGES)
def test_a_code_of_a_newer_station_is_told_in_its_own_words(lang: str) -> None:
    told = wording.fault_say("coolant_hot", {"celsius": "91"}, lang)
    assert "coolant_hot" in told
    assert "celsius 91" in told
    assert wording.fault_title("coolant_hot", lang) == "coolant_hot"


def test_braces_in_what_a_station_says_stay_as_they_are() -> None:
    assert "{evil}" in wording.fault_say("broken", {"what": "{evil} [x]"}, "en")


def test_a_hold_of_the_system_is_a_sentence_in_both_languages() -> None:
    why = note(FlashFault.WRONG_CAR, [("expected", "LSVAA"), ("found", "WVWZZ")])
    assert wording.held_text(why, "en").startswith("Car WVWZZ is on the cable, not LSVAA.")
    (reason,) = hold_reasons([Hold(1, "station", "S1", why, "system")])
    said = wording.say(reason, "zh")
    assert "WVWZZ" in said
    assert "wrong_car" not in said
    assert wording.held_title(why, "zh") == "线缆接错车辆"
    assert wording.held_text("fan broken", "zh") == wording.held_title("fan broken", "zh") == "fan broken"


def test_the_end_of_an_attempt_is_told_by_its_fault_and_not_in_the_stations_words() -> None:
    data = {"fault": "no_car", "params": {}, "why": "retry_on_rig_error", "outcome": "error"}
    ended = Fact(Kind.ATTEMPT_ENDED, "system", NOW, reason="socket closed", data=data)
    assert wording.reason_text(ended, "en").startswith("No car answers at this station.")
    quiet = Fact(Kind.ATTEMPT_ENDED, "system", NOW, reason="exit 3", data={"why": "no_read_back"})
    assert wording.reason_text(quiet, "en") == "the car did not report its version"
    assert wording.reason_text(Fact(Kind.CAR, "system", NOW, reason="volts_below"), "en") == "12 V too low"
    assert wording.reason_text(Fact(Kind.CAR, "li", NOW, reason="scratch"), "zh") == "scratch"


def test_fields_and_steps_speak_both_languages() -> None:
    assert all(en and CHINESE.search(zh) for en, zh in (*FIELDS.values(), *STEPS.values()))
    assert wording.flash_step_word("erase BMS", "en") == "erasing BMS"
    assert wording.flash_step_word("vendor step 4", "zh") == "vendor step 4"
