"""A technician's and a QA engineer's way through their pages, by thumb and by mouse."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from campaign.domain.identity import Vin
from campaign.domain.vehicle import Status
from tests.fakes.scene import Scene

pytestmark = pytest.mark.browser
GLOVES_PX = 60


def status_of(night: Scene, vin: str) -> Status:
    with night.services.store.read() as uow:
        return uow.cars.latest([Vin(vin)])[Vin(vin)].status


def given_cars(night: Scene) -> list[Vin]:
    """Cars with a point that nobody connected yet."""
    with night.services.store.read() as uow:
        return [charge.vin for charge in uow.charges.open("anting") if charge.started_at is None]


def scan(page, text: str) -> None:
    page.locator(".st-key-scan-text input").fill(text)
    page.locator(".st-key-scan-text input").press("Enter")


def test_a_technician_connects_and_finishes_a_car_on_a_phone(visitor_on, night: Scene) -> None:
    vin = given_cars(night)[0]
    visitor = visitor_on("phone")
    page = visitor.sign_in("liqiang", "marks")
    scan(page, vin[-6:])
    page.wait_for_selector(f".vin[data-vin='{vin}']")
    visitor.settle()
    visitor.picture("marks-next-phone-zh")
    assert visitor.unsound() == []
    page.locator(".st-key-do-charging button").click()
    page.wait_for_selector(".answer[data-answer=done]")
    assert status_of(night, vin) is Status.CHARGING
    page.locator(".st-key-car-card input[type=number]").fill("26.9")
    page.locator(".st-key-do-charged button").click()
    page.wait_for_selector(".answer[data-answer=refused]")
    visitor.settle()
    visitor.picture("marks-refused-phone-zh")
    assert visitor.unsound() == []
    assert status_of(night, vin) is Status.CHARGING
    page.locator(".st-key-car-card input[type=number]").fill("27.0")
    page.locator(".st-key-do-charged button").click()
    page.wait_for_selector(".answer[data-answer=done]")
    assert status_of(night, vin) is Status.CHARGED


def test_what_is_pressed_with_gloves_is_big_enough(visitor_on, night: Scene) -> None:
    vin = given_cars(night)[-1]
    visitor = visitor_on("phone")
    page = visitor.sign_in("wangfang", "marks")
    scan(page, vin)
    page.wait_for_selector(f".vin[data-vin='{vin}']")
    visitor.settle()
    pressed = ("stButton button", "stFormSubmitButton button", "stTextInput input", "stExpander summary")
    wanted = ", ".join(f".st-key-floor .{part}" for part in pressed)
    seen = [box.bounding_box() for box in page.locator(wanted).all() if box.is_visible()]
    assert seen
    assert [box["height"] for box in seen if box and box["height"] < GLOVES_PX] == []


def test_a_double_click_is_one_mark(visitor_on, night: Scene) -> None:
    vin = given_cars(night)[-1]
    visitor = visitor_on("phone")
    page = visitor.sign_in("wangfang", "marks")
    scan(page, vin)
    page.locator(".st-key-do-charging button").dblclick()
    page.wait_for_selector(".answer")
    visitor.settle()
    steps = [e.fact.data.get("step") for e in night.services.views.story(vin)]
    assert steps.count("start_charge") == 1
    assert status_of(night, vin) is Status.CHARGING


def test_scans_one_after_the_other_never_join(visitor_on, night: Scene) -> None:
    visitor = visitor_on("phone")
    page = visitor.sign_in("zhaolei", "marks")
    for vin in night.vins(Status.QUEUED)[:5]:
        scan(page, vin)
        page.wait_for_selector(f".vin[data-vin='{vin}']")
        assert page.locator(".st-key-scan-text input").input_value() == ""
    assert visitor.unsound() == []


def test_a_part_that_fits_several_cars_offers_them(visitor_on) -> None:
    visitor = visitor_on("phone")
    page = visitor.sign_in("zhaolei", "marks")
    scan(page, "LSVUD6E4")
    page.locator("[class*=st-key-pick-] button").first.wait_for()
    visitor.settle()
    assert visitor.unsound() == []


def test_qa_rejects_one_car_and_approves_the_rest(visitor_on, night: Scene) -> None:
    no = night.ready_batch()
    visitor = visitor_on("desktop")
    page = visitor.sign_in("maria", "quality")
    page.locator(f".st-key-press-batch-{no} button").click()
    page.locator(".st-key-approve button").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Your password again").fill("not the password")
    dialog.locator(".st-key-sign button").click()
    expect(dialog).to_contain_text("Name or password is wrong.")
    visitor.picture("approve-desktop-en", whole=False)
    dialog.get_by_label("Your password again").fill("night shift 27")
    dialog.locator(".st-key-sign button").click()
    expect(page.locator(".panel.good")).to_contain_text("Signed")
    visitor.settle()
    visitor.picture("signed-desktop-en")
    assert visitor.unsound() == []
    with night.services.store.read() as uow:
        batch = uow.batches.by_no(night.rules.code, no)
        cars = uow.cars.in_batch(batch.id)
    assert {car.status for car in cars} <= {Status.APPROVED, Status.RELEASED}


def test_who_worked_on_the_cars_is_barred(visitor_on, night: Scene) -> None:
    """Roles changed after the work: the work still bars."""
    from dataclasses import replace

    from campaign.domain.people import Role

    both = replace(night.people["wangfang"], roles=frozenset({Role.TECHNICIAN, Role.QA}))
    night.services.people.apply(night.actor("hejun"), [both])
    visitor = visitor_on("phone")
    page = visitor.sign_in("wangfang", "quality?batch=2")
    page.wait_for_selector("[data-barred=yes]")
    visitor.settle()
    visitor.picture("barred-phone-zh", whole=False)
    assert page.locator(".st-key-approve").count() == 0
    assert visitor.unsound() == []
