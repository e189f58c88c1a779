"""The technician's page: the one next thing, done once, refused with every reason."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from campaign.domain.marks import MarkAnswer, MarkKind
from campaign.domain.vehicle import Status
from tests.fakes.pages import Pages, html_of, press, text_of
from tests.fakes.plant import Plant, vin_no


def scan(app: AppTest, text: str) -> AppTest:
    app.text_input(key="scan-text").set_value(text)
    return press(app, "find")


@pytest.fixture
def marks(plant: Plant, floor: Pages) -> AppTest:
    """A technician's page over two cars that need charging."""
    plant.launch([100, 200])
    return floor.open("li", "marks", "en")


def test_the_last_characters_are_enough_to_find_a_car(marks: AppTest) -> None:
    scan(marks, vin_no(1)[-6:])
    assert f'data-vin="{vin_no(1)}"' in html_of(marks)
    assert "Connect to charge point CP-0" in text_of(marks)


def test_the_gate_stands_beside_the_reading(marks: AppTest) -> None:
    told = text_of(scan(marks, vin_no(1)))
    assert "gate 27.0 %" in told
    assert "17.0 % below the gate" in told


def test_one_press_connects_the_car_and_the_next_thing_follows(plant: Plant, marks: AppTest) -> None:
    scan(marks, vin_no(1))
    press(marks, "do-charging")
    assert plant.car(1).status is Status.CHARGING
    assert 'data-answer="done"' in html_of(marks)
    assert "Read the SOC, then mark charged" in text_of(marks)


def test_a_reading_below_the_gate_is_refused_with_the_reason_and_kept(plant: Plant, marks: AppTest) -> None:
    plant.mark("charging", 1)
    scan(marks, vin_no(1))
    marks.number_input(key=f"do-soc-{vin_no(1)}").set_value(26.9)
    press(marks, "do-charged")
    told = text_of(marks)
    assert plant.car(1).status is Status.CHARGING
    assert "SOC is 26.9 %, the gate is 27.0 %." in told
    assert "kept in the log" in told


def test_a_reading_at_the_gate_is_done(plant: Plant, marks: AppTest) -> None:
    plant.mark("charging", 1)
    scan(marks, vin_no(1))
    marks.number_input(key=f"do-soc-{vin_no(1)}").set_value(27.0)
    press(marks, "do-charged")
    assert plant.car(1).status is Status.CHARGED


def test_charged_without_a_reading_asks_for_it(plant: Plant, marks: AppTest) -> None:
    plant.mark("charging", 1)
    scan(marks, vin_no(1))
    press(marks, "do-charged")
    assert "No SOC. Type it as the display shows it." in text_of(marks)
    assert plant.car(1).status is Status.CHARGING


def test_half_a_percent_is_asked_back(plant: Plant, marks: AppTest) -> None:
    plant.mark("charging", 1)
    scan(marks, vin_no(1))
    marks.number_input(key=f"do-soc-{vin_no(1)}").set_value(0.5)
    press(marks, "do-charged")
    assert "Half a percent or 50 %?" in text_of(marks)


def test_the_same_click_twice_is_one_mark(plant: Plant, floor: Pages, marks: AppTest) -> None:
    """A double click sends the id of the state that was on screen: the second one is recognised."""
    scan(marks, vin_no(1))
    press(marks, "do-charging")
    told = [event.fact for event in plant.services.views.story(vin_no(1)) if event.fact.client_id]
    again = plant.mark("charging", 1, client_id=told[-1].client_id)
    assert again.answer is MarkAnswer.DUPLICATE
    assert [fact.data.get("step") for fact in told] == ["start_charge"]


def test_a_corrected_hand_in_after_a_refusal_is_no_replay(plant: Plant, marks: AppTest) -> None:
    plant.mark("charging", 1)
    scan(marks, vin_no(1))
    for typed, status in ((26.9, Status.CHARGING), (27.0, Status.CHARGED)):
        marks.number_input(key=f"do-soc-{vin_no(1)}").set_value(typed)
        press(marks, "do-charged")
        assert plant.car(1).status is status


def test_somebody_else_was_first(plant: Plant, floor: Pages) -> None:
    plant.launch([100, 200])
    plant.mark("charging", 1, by="zhao")
    app = scan(floor.open("li", "marks", "en"), vin_no(1))
    app.segmented_control(key=f"other-{vin_no(1)}").set_value(MarkKind.FLASHED).run()
    press(app, "other-flashed")
    assert "No flash was ever started on this car" in text_of(app)


def test_a_part_that_fits_several_cars_offers_them(marks: AppTest) -> None:
    scan(marks, "LSVAA49J")
    assert "Several cars fit" in text_of(marks)
    press(marks, f"pick-{vin_no(2)}")
    assert f'data-vin="{vin_no(2)}"' in html_of(marks)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("LSVAA49J", "Several cars fit"),
        ("XYZ", "A VIN has 17 characters"),
        ("LSVAA49I000000001", "I, O and Q never occur"),
    ],
)
def test_what_cannot_be_a_car_says_why(marks: AppTest, text: str, told: str) -> None:
    assert told in text_of(scan(marks, text))


def test_a_typed_text_is_never_markup(marks: AppTest) -> None:
    scan(marks, "<img src=x onerror=alert(1)>")
    assert "<img" not in html_of(marks)
    assert "&lt;img" in html_of(marks)


def test_many_cars_at_once_get_one_answer_each(plant: Plant, marks: AppTest) -> None:
    marks.text_area(key="bulk-vins").set_value(f"{vin_no(1)}\n{vin_no(2)}\nNONSENSE")
    marks.segmented_control(key="bulk-kind").set_value(MarkKind.CHARGING)
    press(marks, "bulk-go")
    assert plant.car(1).status is plant.car(2).status is Status.CHARGING
    assert "2 done, 0 already recorded, 0 kept, 1 refused" in text_of(marks)


@pytest.mark.parametrize(("vins", "told"), [("", "There is no VIN"), ("A\n" * 501, "At most 500")])
def test_an_empty_or_endless_box_is_said(marks: AppTest, vins: str, told: str) -> None:
    marks.text_area(key="bulk-vins").set_value(vins)
    press(marks, "bulk-go")
    assert told in text_of(marks)


def test_a_revoked_technician_marks_nothing_more(plant: Plant, floor: Pages, marks: AppTest) -> None:
    """The page is still open; the click is refused all the same."""
    scan(marks, vin_no(1))
    plant.services.people.sign_out(floor.token or "")
    press(marks, "do-charging")
    assert plant.car(1).status is Status.QUEUED
    assert 'href="/login"' in html_of(marks)


def test_a_rework_asks_why_it_can_be_flashed_again(plant: Plant, marks: AppTest) -> None:
    plant.mark("failed", 1, reason="plug broken")
    scan(marks, vin_no(1))
    press(marks, "do-retry")
    assert "A reason is missing" in text_of(marks)
    assert plant.car(1).status is Status.REWORK
    marks.text_area(key=f"do-why-{vin_no(1)}").set_value("new plug")
    press(marks, "do-retry")
    assert plant.car(1).status is Status.CHARGED
