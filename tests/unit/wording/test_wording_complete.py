"""Every code of the domain speaks both languages, and every sentence uses what the rules tell it."""

import ast
import re
import string
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from campaign import wording
from campaign.domain.batch import BatchStatus
from campaign.domain.campaign import CampaignState
from campaign.domain.events import Kind
from campaign.domain.identity import VinFault
from campaign.domain.marks import MarkAnswer, MarkKind
from campaign.domain.package import PackageState
from campaign.domain.people import Right, Role
from campaign.domain.reasons import Code, because
from campaign.domain.retry import Outcome
from campaign.domain.signoff import Decision, Touch
from campaign.domain.soc import Gauge, SocFault
from campaign.domain.staging import StagingState
from campaign.domain.vehicle import OrderState, Status, Step
from campaign.wording.sentences import SENTENCES
from campaign.wording.words import WHYS

CHINESE = re.compile(r"[\u4e00-\u9fff]")
PACKAGE = Path(wording.__file__).parents[1]
ENUMS: tuple[type[StrEnum], ...] = (
    Status, Step, BatchStatus, CampaignState, Outcome, MarkKind, MarkAnswer,
    Role, Right, Gauge, OrderState, Decision, Touch, Kind, PackageState, StagingState,
)  # fmt: skip


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def told_by_the_rules() -> dict[Code, set[str]]:
    """Every keyword that any `because(Code.X, ...)` of the product passes, read from the source."""
    told: dict[Code, set[str]] = {}
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and getattr(node.func, "id", "") == "because" and node.args):
                continue
            code = node.args[0]
            if isinstance(code, ast.Attribute) and getattr(code.value, "id", "") == "Code":
                told.setdefault(Code[code.attr], set()).update(k.arg for k in node.keywords if k.arg)
    return told


@pytest.mark.parametrize("kind", ENUMS)
def test_every_code_has_a_word_in_both_languages(kind: type[StrEnum]) -> None:
    for code in kind:
        assert wording.word(code, "en")
        assert CHINESE.search(wording.word(code, "zh")), code


@pytest.mark.parametrize("kind", ENUMS)
def test_two_codes_of_a_kind_never_share_a_word(kind: type[StrEnum]) -> None:
    for lang in wording.LANGUAGES:
        words = [wording.word(code, lang) for code in kind]
        assert len(set(words)) == len(words)


@pytest.mark.parametrize("code", list(Code))
def test_every_reason_is_a_sentence_in_both_languages_with_the_same_parameters(code: Code) -> None:
    english, chinese = SENTENCES[code]
    assert english.rstrip("]").endswith(".")
    assert chinese.rstrip("]").endswith("。")
    assert CHINESE.search(chinese)
    assert placeholders(english) == placeholders(chinese)


def test_every_reason_has_its_own_title_in_both_languages() -> None:
    for lang in wording.LANGUAGES:
        assert len({wording.title(code, lang) for code in Code}) == len(Code)
    assert all(CHINESE.search(wording.title(code, "zh")) for code in Code)


@pytest.mark.parametrize(("code", "told"), sorted(told_by_the_rules().items()))
def test_every_parameter_that_a_rule_gives_is_said(code: Code, told: set[str]) -> None:
    assert told == placeholders(SENTENCES[code][0])


def whys_of_settlements() -> set[str]:
    """Every code that any `Settlement(step, outcome, "code")` of the product carries, read from the source."""
    found: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Settlement":
                texts = [
                    n.value for arg in node.args[2:] for n in ast.walk(arg) if isinstance(n, ast.Constant)
                ]
                found.update(text for text in texts if text)
    return found


def test_every_settlement_says_why_in_both_languages() -> None:
    assert whys_of_settlements() == set(WHYS)
    assert all(CHINESE.search(wording.settlement_text(why, "zh")) for why in WHYS)


def test_a_reason_that_a_person_typed_is_shown_as_it_is() -> None:
    assert wording.settlement_text("scratch on the flap", "zh") == "scratch on the flap"


def test_a_reason_without_its_parameter_still_reads() -> None:
    assert "{" not in wording.say(because(Code.SOC_BELOW), "en")


def test_a_reason_names_who_can_lift_it() -> None:
    reason = because(Code.SOC_BELOW, Role.TECHNICIAN, Role.LEAD, soc="26.9 %", gate="27.0 %")
    assert wording.say(reason, "en") == (
        "SOC is 26.9 %, the gate is 27.0 %. Charge the car on. Who can lift it: technician, shift lead."
    )
    chinese = "SOC 为 26.9 %，门槛为 27.0 %。请继续充电。可处理人员：技术员、班组长。"
    assert wording.say(reason, "zh") == chinese


def test_codes_inside_a_reason_are_translated_too() -> None:
    reason = because(Code.WRONG_STATUS, status=Status.QUEUED.value, step=Step.START_FLASH.value)
    assert wording.say(reason, "zh") == "车辆状态为“排队”，此时不能“开始刷写”。"


def test_a_mark_that_was_taken_names_the_mark_and_the_time_of_the_site() -> None:
    at = datetime(2026, 1, 5, 19, 30, tzinfo=UTC).isoformat(timespec="minutes")
    reason = because(Code.TAKEN_BY, what=MarkKind.CHARGED.value, by="wang", at=at)
    shanghai = ZoneInfo("Asia/Shanghai")
    assert wording.say(reason, "en", shanghai) == "wang was first: “charged” at 2026-01-06 03:30."
    assert "2026-01-05 19:30 UTC" in wording.say(reason, "en")


@pytest.mark.parametrize("scope", ["car", "batch", "station", "campaign", "package"])
def test_a_hold_says_in_chinese_what_it_is_on(scope: str) -> None:
    text = wording.say(because(Code.HELD, scope=scope, target="S1", why="broken fan.", by="li"), "zh")
    assert scope not in text
    assert text.endswith("broken fan。")


@pytest.mark.parametrize("fault", [*VinFault, *SocFault])
def test_every_typing_fault_says_what_to_do_in_both_languages(fault: VinFault | SocFault) -> None:
    assert wording.fault_text(fault, "en").endswith(".")
    assert CHINESE.search(wording.fault_text(fault, "zh"))


def test_a_part_about_something_unknown_is_left_out() -> None:
    unknown = because(Code.VIN_UNKNOWN, vin="LSVAA0001", like="")
    assert wording.say(unknown, "en") == "LSVAA0001 is not in the fleet."
    known = because(Code.VIN_UNREADABLE, raw="LSV1", fault=VinFault.LENGTH.value, like="LSVAA0002")
    assert wording.say(known, "en").endswith("type all of them. Similar: LSVAA0002.")
    assert wording.say(known, "zh").startswith("无法识别“LSV1”。VIN 应为 17 位。")


def test_wording_imports_pure_rules_only() -> None:
    for path in (PACKAGE / "wording").glob("*.py"):
        for name in re.findall(r"^(?:from|import) (campaign\.\w+)", path.read_text(encoding="utf-8"), re.M):
            assert name in {"campaign.domain", "campaign.planning", "campaign.wording"}
