"""QA's page: evidence with exceptions on top; who is barred is told before anything is typed."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from campaign.domain.vehicle import Status
from tests.fakes.pages import Pages, html_of, press, text_of
from tests.fakes.plant import CODE, PASSWORD, Plant


@pytest.fixture
def ready(plant: Plant) -> Plant:
    """A pilot that waits for QA."""
    plant.launch([300, 300, 100, 100])
    plant.tick(3)
    for n in plant.pilot():
        if plant.car(n).status is Status.CHARGING or plant.car(n).status is Status.QUEUED:
            plant.charge(n)
    plant.tick(3)
    return plant


def batch_page(floor: Pages, person: str, lang: str = "en") -> AppTest:
    return floor.open(person, "quality", lang, batch="1")


def decide(app: AppTest, decision: str, password: str, reason: str = "") -> AppTest:
    press(app, decision)
    app.text_input(key="sign-password").set_value(password)
    app.text_area(key="sign-reason").set_value(reason)
    return press(app, "sign")


def test_a_batch_that_waits_is_in_the_queue(ready: Plant, floor: Pages) -> None:
    app = floor.open("chen", "quality", "en")
    assert 'data-batch="1"' in html_of(app)
    assert f"{len(ready.pilot())} cars waiting" in text_of(app)
    press(app, "press-batch-1")
    assert f"{CODE}/B001" in text_of(app)


def test_without_a_batch_the_queue_says_so(plant: Plant, floor: Pages) -> None:
    plant.launch([100, 100])
    assert "没有待质检的批次" in text_of(floor.open("chen", "quality", "zh"))


def test_an_approval_needs_the_password_again(ready: Plant, floor: Pages) -> None:
    app = decide(batch_page(floor, "chen"), "approve", "wrong password")
    assert "Name or password is wrong." in text_of(app)
    assert {ready.car(n).status for n in ready.pilot()} == {Status.FLASHED}


def test_an_approved_batch_is_signed_and_told(ready: Plant, floor: Pages) -> None:
    app = decide(batch_page(floor, "chen"), "approve", PASSWORD)
    assert "Signed: B001 approved" in text_of(app)
    assert {ready.car(n).status for n in ready.pilot()} <= {Status.APPROVED, Status.RELEASED}
    assert "Signatures" in text_of(app)


def test_a_rejection_without_a_reason_is_refused(ready: Plant, floor: Pages) -> None:
    app = decide(batch_page(floor, "chen"), "reject", PASSWORD)
    assert "A reason is missing" in text_of(app)
    app.text_input(key="sign-password").set_value(PASSWORD)
    app.text_area(key="sign-reason").set_value("wrong cover fitted")
    press(app, "sign")
    assert {ready.car(n).status for n in ready.pilot()} == {Status.REWORK}


def test_single_cars_can_be_rejected(ready: Plant, floor: Pages) -> None:
    app = batch_page(floor, "chen")
    press(app, "reject")
    app.segmented_control(key="sign-scope").set_value(False).run()
    one = ready.car(ready.pilot()[0])
    app.multiselect(key="sign-vins").set_value([one.vin]).run()
    app.text_input(key="sign-password").set_value(PASSWORD)
    app.text_area(key="sign-reason").set_value("scratch")
    press(app, "sign")
    left = [ready.car(n).status for n in ready.pilot()]
    assert sorted(left).count(Status.REWORK) == 1
    assert ready.car(ready.pilot()[0]).status is Status.REWORK


def test_who_worked_on_a_car_is_barred_before_typing(plant: Plant, floor: Pages) -> None:
    plant.launch([100, 300, 100])
    for n in plant.pilot():
        if plant.car(n).status is not Status.FLASHED:
            plant.charge(n, by="hands")
    plant.tick(3)
    app = batch_page(floor, "hands")
    assert 'data-barred="yes"' in html_of(app)
    assert "You cannot sign this batch" in text_of(app)
    assert "Another QA engineer must decide." in text_of(app)
    assert not [button for button in app.button if button.key in ("approve", "reject")]


def test_a_change_after_looking_is_refused(ready: Plant, floor: Pages) -> None:
    app = batch_page(floor, "chen")
    press(app, "approve")
    ready.mark("soc", ready.pilot()[0], 290)
    app.text_input(key="sign-password").set_value(PASSWORD)
    press(app, "sign")
    assert "This has changed since you looked" in text_of(app)
    assert ready.car(ready.pilot()[0]).status is Status.FLASHED


def test_exceptions_stand_on_top_with_who_can_lift_them(ready: Plant, floor: Pages) -> None:
    vin = ready.car(ready.pilot()[0]).vin
    ready.services.quality.set_hold(ready.actor("zhou"), "car", vin, "scratch <b>deep</b>")
    app = batch_page(floor, "chen")
    html = html_of(app)
    assert "On hold" in text_of(app)
    assert "scratch &lt;b&gt;deep" in html
    assert html.index("On hold") < html.index('class="table evidence"')


def test_a_batch_that_is_not_there_is_said(ready: Plant, floor: Pages) -> None:
    app = floor.open("chen", "quality", "en", batch="99")
    assert "Not found" in text_of(app)
