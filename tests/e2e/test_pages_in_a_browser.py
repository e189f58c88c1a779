"""Every page in a real browser, desktop and phone, English and Chinese: sound, and pictured for the docs."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from campaign.domain.vehicle import Status
from tests.fakes.scene import Scene

pytestmark = pytest.mark.browser

SIZES = ["desktop", "phone"]
VIEWS = {
    "board": ("anna", ".stations"),
    "plan": ("anna", ".gantt"),
    "worklist": ("anna", ".sheet"),
    "marks": ("liqiang", ".st-key-floor"),
    "quality": ("maria", ".page-title"),
    "cars": ("anna", ".line"),
    "journal": ("martin", ".table"),
    "staff": ("hejun", ".line"),
}
OTHER = {"anna": "zh", "liqiang": "en", "maria": "zh", "martin": "zh", "hejun": "en"}
OWN = {"anna": "en", "liqiang": "zh", "maria": "en", "martin": "en", "hejun": "zh"}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("view", VIEWS)
def test_a_page_is_sound_in_both_languages(visitor_on, view: str, size: str) -> None:
    person, sign = VIEWS[view]
    visitor = visitor_on(size)
    page = visitor.sign_in(person, view)
    page.wait_for_selector(sign)
    for lang in (OWN[person], OTHER[person]):
        if lang != OWN[person]:
            visitor.speak(lang)
            page.wait_for_selector(sign)
        visitor.settle()
        visitor.picture(f"{view}-{size}-{lang}")
        assert visitor.unsound() == []
    expect(page.locator(".st-key-who")).to_be_visible()


@pytest.mark.parametrize("size", SIZES)
def test_the_sign_in_is_sound_and_speaks_both_languages(visitor_on, size: str) -> None:
    visitor = visitor_on(size)
    visitor.page.goto(f"{visitor.address}/board")
    assert "/login" in visitor.page.url
    visitor.picture(f"sign-in-{size}", whole=False)
    told = visitor.page.locator("main").inner_text()
    assert "登录" in told
    assert "Sign in" in told
    assert visitor.page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )
    visitor.page.fill("#person", "liqiang")
    visitor.page.fill("#password", "wrong one")
    visitor.page.click("button[type=submit]")
    expect(visitor.page.get_by_role("alert")).to_contain_text("密码")


@pytest.mark.parametrize("size", SIZES)
def test_a_batch_and_a_car_are_sound(visitor_on, night: Scene, size: str) -> None:
    visitor = visitor_on(size)
    page = visitor.sign_in("maria", f"quality?batch={night.ready_batch()}")
    page.wait_for_selector(".table.evidence")
    visitor.settle()
    assert visitor.unsound() == []
    visitor.picture(f"batch-{size}-en")
    lost = night.vins(Status.UNCERTAIN)[0]
    page.goto(f"{visitor.address}/cars?vin={lost}")
    page.wait_for_selector(".story")
    visitor.settle()
    assert visitor.unsound() == []
    visitor.picture(f"car-{size}-en")


def test_the_board_lives_without_a_reload(visitor_on, night: Scene) -> None:
    visitor = visitor_on("desktop")
    page = visitor.sign_in("anna", "board")
    page.wait_for_selector(".freshness")
    first = page.locator(".freshness").get_attribute("data-read")
    page.wait_for_function(
        "before => document.querySelector('.freshness')?.getAttribute('data-read') > before", arg=first
    )
    assert page.locator(".freshness").get_attribute("data-read") > first


def test_a_board_without_fresh_data_turns_grey_and_says_so(visitor_on) -> None:
    """The server is cut off: only the browser is left to tell that the picture is old."""
    visitor = visitor_on("desktop")
    page = visitor.sign_in("anna", "board")
    page.wait_for_selector(".stations")
    assert page.locator(".stale-note").evaluate("e => getComputedStyle(e).visibility") == "hidden"
    visitor.context.set_offline(True)
    page.evaluate(
        "document.getAnimations().forEach(a => { if (a.effect.getTiming().delay === 30000) a.finish() })"
    )
    assert page.locator(".stale-note").evaluate("e => getComputedStyle(e).visibility") == "visible"
    assert page.locator(".stale-veil").evaluate("e => getComputedStyle(e).visibility") == "visible"


def test_a_planner_pauses_and_resumes_with_reasons(visitor_on, night: Scene) -> None:
    visitor = visitor_on("desktop")
    page = visitor.sign_in("anna", "board")
    page.locator(".st-key-pause-campaign button").click()
    page.locator(".st-key-why-pause textarea").fill("power cut in hall B")
    visitor.picture("pause-desktop-en", whole=False)
    page.locator(".st-key-really-pause button").click()
    expect(page.locator(".headline")).to_contain_text("paused")
    page.locator(".st-key-resume-campaign button").click()
    page.locator(".st-key-why-resume textarea").fill("power is back")
    page.locator(".st-key-really-resume button").click()
    expect(page.locator(".headline")).to_contain_text("running")
    kinds = [event.fact.kind.value for event in night.services.views.log(night.rules.code, limit=10)]
    assert {"campaign.paused", "campaign.resumed"} <= set(kinds)


def test_somebody_who_signed_out_elsewhere_is_told(visitor_on, night: Scene) -> None:
    visitor = visitor_on("desktop")
    page = visitor.sign_in("anna", "board")
    page.wait_for_selector(".stations")
    other = visitor.context.new_page()
    other.goto(f"{visitor.address}/logout")
    expect(page.locator(".panel")).to_contain_text("Your sign-in has ended")


def test_the_address_keeps_the_filter(visitor_on) -> None:
    visitor = visitor_on("desktop")
    page = visitor.sign_in("anna", "cars?status=rework")
    page.wait_for_selector(".line")
    assert page.locator(".line").count() == 2
    page.get_by_text(re.compile("uncertain")).first.click()
    page.wait_for_function("location.search.includes('uncertain')")
    page.reload()
    page.wait_for_selector(".line")
    assert page.locator(".line").count() == 1
