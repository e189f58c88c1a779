"""Why a plan was made, in both languages, with and without what it is about."""

import re

import pytest

from campaign.domain.causes import Cause
from campaign.wording import cause_say
from campaign.wording.causes import CAUSES

CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize("cause", list(Cause))
def test_every_cause_speaks_both_languages(cause: Cause) -> None:
    assert set(CAUSES) == set(Cause)
    for why in (cause.value, f"{cause.value} ST-2"):
        english, chinese = cause_say(why, "en"), cause_say(why, "zh")
        assert not CHINESE.search(english)
        assert "{" not in english + chinese
        if why == cause.value:
            assert CHINESE.search(chinese)
        else:
            assert "ST-2" in english
            assert "ST-2" in chinese


@pytest.mark.parametrize(
    ("why", "en", "zh"),
    [
        ("down CP-01, ST-2", "CP-01, ST-2 down", "CP-01, ST-2 停用"),
        ("asked down for lunch", "down for lunch", "down for lunch"),
        ("shift night 2026-03-02", "shift change: night 2026-03-02", "换班：night 2026-03-02"),
        ("the boss wants it", "the boss wants it", "the boss wants it"),
        ("", "", ""),
    ],
)
def test_a_cause_is_said_with_what_it_is_about_and_own_words_stay(why: str, en: str, zh: str) -> None:
    assert (cause_say(why, "en"), cause_say(why, "zh")) == (en, zh)
