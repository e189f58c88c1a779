"""Every reason has a text and an advice in both languages, and every fact of it is filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

import pytest

from campaign.domain.identity import VinFault
from campaign.domain.soc import SocFault
from campaign.files import words
from campaign.files.columns import Field, field_of, find_header
from campaign.files.verdicts import Fault, Verdict

CODES: list[StrEnum] = [*VinFault, *SocFault, *Fault]
SOURCES = Path(words.__file__).parent


@pytest.mark.parametrize("code", CODES)
def test_every_row_reason_is_said_and_advised_in_both_languages(code: StrEnum) -> None:
    for texts in (words.TEXTS[code], words.ADVICE[code]):
        english, chinese = texts
        assert english.isascii()
        assert re.search(r"[\u4e00-\u9fff]", chinese)


def test_both_languages_say_the_same_facts() -> None:
    def facts(text: str) -> set[str]:
        return set(re.findall(r"{(\w+)}", text))

    for texts in (words.TEXTS, words.ADVICE):
        assert [code for code, (english, chinese) in texts.items() if facts(english) != facts(chinese)] == []


def test_every_code_that_is_raised_or_noted_has_words() -> None:
    used = {
        code
        for source in SOURCES.glob("*.py")
        for code in re.findall(r'(?:UnreadableList|Note)\(\s*"(\w+)"', source.read_text(encoding="utf-8"))
    }
    assert used
    assert used - set(words.TEXTS) == set()
    assert {code for code in used if not code.startswith("note_")} - set(words.ADVICE) == set()


def test_no_words_are_left_over() -> None:
    source = "".join(
        path.read_text(encoding="utf-8") for path in SOURCES.glob("*.py") if path.name != "words.py"
    )
    spoken = {str(code) for code in CODES} | set(re.findall(r'"(\w+)"', source))
    assert set(words.TEXTS) - spoken == set()


def test_parts_are_said_in_the_language_asked_for() -> None:
    facts: Mapping[str, object] = {"vin": "X", "repairs": ("width", "case")}
    assert words.say("vin_repaired", "en", facts) == "read as X (full-width characters, lower case)"
    assert words.say("vin_repaired", "zh", facts) == "已读作 X（全角字符, 小写）"


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("VIN", Field.VIN),
        ("vin no.", Field.VIN),
        ("车架号", Field.VIN),
        ("底盘号", Field.VIN),
        ("车辆识别代号", Field.VIN),
        ("车架号\n(VIN)", Field.VIN),
        ("ＶＩＮ码", Field.VIN),
        ("Software Version", Field.VERSION),
        ("software_version", Field.VERSION),
        ("软件版本", Field.VERSION),
        ("SOC (%)", Field.SOC),
        ("SOC／电量", Field.SOC),
        ("电量", Field.SOC),
        ("车位", Field.SLOT),
        ("Parking slot", Field.SLOT),
        ("订单号", Field.ORDER),
        ("交付日期", Field.PROMISED),
        ("Promised date", Field.PROMISED),
        ("车型", Field.MODEL),
        ("优先级", Field.PRIORITY),
        ("", None),
        (None, None),
        (7, None),
        ("订单/交付日期", None),
        ("old VIN of trailer", None),
    ],
)
def test_column_names_as_people_write_them(name: str | int | None, field: Field | None) -> None:
    assert field_of(name) is field


def test_the_header_is_the_row_that_names_most_columns() -> None:
    rows = [["VIN list"], ["VIN", "", "Delivery", ""], ["VIN", "SOC", "Order", "Due"], ["x", "1", "2", "3"]]
    header = find_header(rows, Field.VIN, frozenset(Field), "cars.csv")
    assert header is not None
    assert (header.row, header.columns[Field.PROMISED]) == (2, 3)


def test_verdicts_have_stable_names() -> None:
    assert [verdict.value for verdict in Verdict] == ["accept", "warn", "reject"]
