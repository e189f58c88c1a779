"""Every page, for every role, in both languages: no failure, no raw key, the person's name, only their own pages."""

from __future__ import annotations

import re

import pytest

from dashboard.frame import VIEWS, first_view, views_of
from dashboard.i18n import CATALOGUE, LANGUAGES
from tests.fakes.pages import RAW_KEY, Pages, html_of, text_of
from tests.fakes.scene import Scene

PEOPLE = {
    "planner": "zhangwei", "technician": "liqiang", "lead": "chenhao", "qa": "maria", "product": "huangbo",
    "sales": "zhoumei", "resident": "wutao", "manager": "xuli", "auditor": "martin", "admin": "hejun",
}  # fmt: skip
FIRST = {"technician": "marks", "qa": "quality"}
SHOWN = {
    "planner": ["board", "plan", "worklist", "cars"],
    "technician": ["board", "plan", "worklist", "marks", "cars"],
    "lead": ["board", "plan", "worklist", "marks", "cars"],
    "qa": ["board", "plan", "worklist", "quality", "cars"],
    "product": ["board", "plan", "worklist", "cars"],
    "sales": ["board", "plan", "worklist", "cars"],
    "resident": ["board", "plan", "worklist", "cars"],
    "manager": ["board", "plan", "worklist", "cars"],
    "auditor": ["board", "plan", "worklist", "cars", "journal"],
    "admin": ["board", "plan", "worklist", "cars", "journal", "staff"],
}
CASES = [(role, view, lang) for role, views in SHOWN.items() for view in views for lang in LANGUAGES]
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize(("role", "view", "lang"), CASES)
def test_a_page_shows_its_texts_and_whose_it_is(pages: Pages, role: str, view: str, lang: str) -> None:
    app = pages.open(PEOPLE[role], view, lang)
    told = text_of(app)
    name = pages.services.people.actor(pages.token or "").name
    assert not app.exception
    assert RAW_KEY.findall(told) == []
    assert "panel bad" not in html_of(app)
    assert "{" not in re.sub(r"\s", "", told)
    assert (name in told) == (lang == "en")
    assert bool(CHINESE.search(re.sub(r"[\u4e00-\u9fff ]+ · |中文", "", told))) or lang == "en"


@pytest.mark.parametrize("role", PEOPLE)
def test_a_role_shows_its_own_pages_and_starts_on_its_own_work(night: Scene, role: str) -> None:
    actor = night.actor(PEOPLE[role])
    first = first_view(actor)
    assert [view.name for view in views_of(actor)] == SHOWN[role]
    assert first is not None
    assert first.name == FIRST.get(role, "board")


@pytest.mark.parametrize("view", ["marks", "quality", "journal", "staff"])
def test_a_page_of_another_role_does_not_open(pages: Pages, view: str) -> None:
    app = pages.start("zhangwei")
    with pytest.raises(ValueError, match=view):
        app.switch_page(f"views/{view}.py")


def test_opening_the_board_forwards_a_technician_to_their_work(pages: Pages) -> None:
    app = pages.start("liqiang")
    assert app.text_input(key="scan-text")


def test_the_first_language_is_the_person_s_own_and_it_can_be_changed(pages: Pages) -> None:
    app = pages.open("anna", "board")
    assert "Progress against plan" in text_of(app)
    app.segmented_control(key="language_choice").set_value("zh").run()
    assert "计划与实际进度" in text_of(app)


def test_a_sign_in_that_ended_shows_the_way_back_and_nothing_else(pages: Pages) -> None:
    app = pages.open("anna", "board")
    pages.services.people.sign_out(pages.token or "")
    app.run()
    assert 'href="/login"' in html_of(app)
    assert "Progress against plan" not in text_of(app)


def test_nobody_sees_nothing(pages: Pages) -> None:
    app = pages.open("anna", "board")
    pages.token = None
    app.run()
    assert 'href="/login"' in html_of(app)


def test_every_text_has_both_languages_and_the_same_values() -> None:
    values = re.compile(r"\{(\w+)")
    for key, (english, chinese) in CATALOGUE.items():
        assert english, key
        assert chinese, key
        assert set(values.findall(english)) == set(values.findall(chinese)), key


def test_every_page_has_a_name() -> None:
    assert all(f"frame.{view.name}" in CATALOGUE for view in VIEWS)
