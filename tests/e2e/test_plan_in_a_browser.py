"""The plan in a real browser: pictures sound at a desk and on a phone, what-if pressed, a shift's work printed."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.fakes.pdf_text import pages_of
from tests.fakes.scene import Scene

pytestmark = pytest.mark.browser


def opened(page, name: str) -> None:
    page.locator(f".st-key-open-{name} summary").click()


@pytest.mark.parametrize(
    ("size", "person", "lang"),
    [
        ("desktop", "anna", "en"),
        ("desktop", "zhangwei", "zh"),
        ("phone", "zhangwei", "zh"),
        ("phone", "anna", "en"),
    ],
)
def test_a_planner_asks_what_if_and_nothing_is_saved(visitor_on, night: Scene, size, person, lang) -> None:
    code = night.rules.code
    before, token = night.services.replanning.kept(code), night.services.views.token(code)
    visitor = visitor_on(size)
    page = visitor.sign_in(person, "plan")
    page.wait_for_selector(".gantt-row .planned")
    opened(page, "whatif")
    cars = page.locator(f".st-key-cars-{code} input")
    cars.fill("300")
    page.locator(f".st-key-compare-{code} button").click()
    page.wait_for_selector(".table.compare")
    visitor.settle()
    told = page.locator(".table.compare").inner_text()
    assert "+300" in told
    assert {"en": "what if", "zh": "假设"}[lang] in told
    assert {"en": "later", "zh": "推后"}[lang] in told
    opened(page, "load")
    page.wait_for_selector(".chart-head >> nth=0")
    visitor.settle()
    visitor.picture(f"plan-whatif-{size}-{lang}")
    assert visitor.unsound() == []
    assert night.services.replanning.kept(code) == before
    assert night.services.views.token(code) == token


def test_the_picture_scrolls_sideways_on_a_phone_and_keeps_the_names_in_sight(
    visitor_on, night: Scene
) -> None:
    visitor = visitor_on("phone")
    page = visitor.sign_in("anna", "plan")
    page.wait_for_selector(".gantt-row .planned")
    visitor.settle()
    page.locator(".gantt").evaluate("e => e.scrollLeft = 400")
    name, frame = page.locator(".gantt-name").nth(3), page.locator(".gantt")
    assert page.locator(".gantt").evaluate("e => e.scrollLeft") == 400
    assert name.bounding_box()["x"] == pytest.approx(frame.bounding_box()["x"], abs=1)


def test_the_rest_is_planned_anew_with_a_reason_and_the_page_tells_it(visitor_on, night: Scene) -> None:
    visitor = visitor_on("desktop")
    page = visitor.sign_in("anna", "plan")
    page.locator(".st-key-replan button").click()
    page.locator(".st-key-why-replan textarea").fill("two points are back")
    page.locator(".st-key-really-replan button").click()
    expect(page.locator(".panel.good")).to_contain_text("Planned anew")
    expect(page.locator(".plan-made").first).to_contain_text("two points are back")
    kept = night.services.replanning.kept(night.rules.code)
    assert (kept.by, kept.why) == ("anna", "two points are back")


def test_the_fan_stands_on_the_board_with_its_sentence(visitor_on, night: Scene) -> None:
    night.services.forecasting.recompute(night.rules.code)
    visitor = visitor_on("desktop")
    page = visitor.sign_in("anna", "board")
    expect(page.locator(".forecast-p80")).to_contain_text("with 80 % certainty by 2026-")
    expect(page.locator(".st-key-burn-up .legend")).to_contain_text("90 % of cases")
    visitor.settle()
    assert visitor.unsound() == []


@pytest.mark.parametrize(("person", "lang"), [("anna", "en"), ("zhangwei", "zh")])
def test_a_shift_s_work_is_printed_as_sheets_without_anything_around_them(
    visitor_on, night: Scene, tmp_path, person: str, lang: str
) -> None:
    visitor = visitor_on("desktop")
    page = visitor.sign_in(person, "worklist?day=2026-01-05&shift=night")
    page.wait_for_selector(".sheet")
    visitor.settle()
    assert visitor.unsound() == []
    lines = page.locator(".sheet tbody tr").count()
    vins = [row.get_attribute("data-vin") for row in page.locator(".sheet tbody tr").all()]
    stages = page.locator(".sheet").count()
    file = tmp_path / "sheets.pdf"
    page.pdf(path=file, prefer_css_page_size=True, print_background=True)
    printed = pages_of(file.read_bytes())
    shift, other = {"en": ("Nightshift·2026-01-05", "Dayshift"), "zh": ("夜班·2026-01-05", "白班")}[lang]
    assert stages <= len(printed) <= stages + lines // 18
    for number, told in enumerate(printed, 1):
        assert f"{number}/{len(printed)}" in told
        assert shift in told
        assert other not in told  # neither the choice of the shift nor the menu is printed
        assert {"en": "Board", "zh": "看板"}[lang] not in told
    assert [vin for vin in vins if vin not in "".join(printed)] == []
    assert b"/MediaBox [0 0 594.9" in file.read_bytes()  # A4


def test_the_button_prints_also_after_the_language_was_changed(visitor_on) -> None:
    visitor = visitor_on("desktop")
    page = visitor.sign_in("anna", "worklist")
    page.wait_for_selector(".sheet")
    page.evaluate("() => { window.print = () => { window.printed = (window.printed || 0) + 1 } }")
    page.get_by_role("button", name="Print").click()
    assert page.evaluate("window.printed") == 1
    visitor.speak("zh")
    page.get_by_role("button", name="打印").click()
    assert page.evaluate("window.printed") == 2
