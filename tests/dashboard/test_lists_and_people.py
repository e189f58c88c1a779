"""Cars, the log and the people: found, told, and changed only by whom it concerns."""

from __future__ import annotations

import re

from campaign.domain.people import Role
from campaign.domain.vehicle import Status
from tests.fakes.pages import Pages, html_of, press, text_of
from tests.fakes.plant import CODE, Plant, vin_no
from tests.fakes.scene import CODE as NIGHT_CODE
from tests.fakes.scene import Scene


def shown_vins(app) -> list[str]:
    return re.findall(r'class="line" data-vin="(\w{17})"', html_of(app))


def test_the_list_shows_a_page_of_cars_by_priority(night: Scene, pages: Pages) -> None:
    rows, count = night.services.views.cars(NIGHT_CODE, limit=25)
    app = pages.open("anna", "cars")
    assert shown_vins(app) == [row.vin for row in rows]
    assert f"{count} cars" in text_of(app)


def test_page_search_and_status_come_from_the_address(night: Scene, pages: Pages) -> None:
    second, _ = night.services.views.cars(NIGHT_CODE, offset=25, limit=25)
    assert shown_vins(pages.open("anna", "cars", page="2")) == [row.vin for row in second]
    lost = night.vins(Status.UNCERTAIN)
    assert shown_vins(pages.open("anna", "cars", status="uncertain")) == lost
    assert shown_vins(pages.open("anna", "cars", search=lost[0][-6:])) == lost


def test_nothing_found_says_what_to_try(pages: Pages) -> None:
    assert "No car fits" in text_of(pages.open("anna", "cars", search="ZZZZZZ"))


def test_a_car_tells_its_whole_story(plant: Plant, floor: Pages) -> None:
    plant.launch([100, 200])
    plant.charge(1)
    plant.tick(3)
    app = floor.open("xu", "cars", "en", vin=vin_no(1))
    kinds = re.findall(r'data-kind="([\w.]+)"', html_of(app))
    told = text_of(app)
    assert kinds == plant.facts(vin_no(1))
    assert "queued → charging" in told
    assert "by Li" in told
    assert "VBV4.5.3C" in told


def test_pressing_a_car_opens_it_and_back_closes_it(plant: Plant, floor: Pages) -> None:
    plant.launch([100, 200])
    app = floor.open("xu", "cars", "en")
    press(app, f"press-{vin_no(1)}")
    assert "Story" in text_of(app)
    press(app, "back")
    assert len(shown_vins(app)) == 2


def test_a_vin_that_nobody_knows_is_said(plant: Plant, floor: Pages) -> None:
    plant.launch([100])
    assert "not in the fleet" in text_of(floor.open("xu", "cars", "en", vin="LSVAA49J800099999"))


def test_a_lead_settles_an_unknown_outcome_by_reading_back(plant: Plant, floor: Pages) -> None:
    plant.stations.held = True
    plant.launch([300, 300])
    plant.tick()
    with plant.services.store.read() as uow:
        attempt = uow.attempts.running(CODE)[0]
    plant.stations.kill(attempt.job_id)
    plant.tick()
    n = int(attempt.vin[9:])
    assert plant.car(n).status is Status.UNCERTAIN
    plant.stations.put_car(attempt.vin, "VBV4.5.3C")
    app = floor.open("sun", "cars", "en", vin=attempt.vin)
    app.text_input(key="settle-why").set_value("read at the bench")
    app.button[-1].click().run()
    assert plant.car(n).status is Status.FLASHED
    assert "Settled: now flashed" in text_of(app)


def test_the_log_is_newest_first_and_can_be_walked(plant: Plant, floor: Pages) -> None:
    plant.launch([100] * 8)
    for _ in range(60):
        plant.mark("soc", 1, 110)
    app = floor.open("xu", "journal", "en")
    first = [int(n) for n in re.findall(r'data-label="Row"><div>(\d+)<', html_of(app))]
    assert first == sorted(first, reverse=True)
    press(app, "older")
    second = [int(n) for n in re.findall(r'data-label="Row"><div>(\d+)<', html_of(app))]
    assert second[0] == first[-1] - 1


def test_an_auditor_proves_the_chains(plant: Plant, floor: Pages) -> None:
    plant.launch([100])
    app = floor.open("xu", "journal", "en")
    press(app, "verify")
    assert "Every chain is whole" in text_of(app)


def test_an_administrator_sets_a_password_and_roles(plant: Plant, floor: Pages) -> None:
    app = floor.open("root", "staff", "en")
    press(app, "press-person-han")
    app.text_input(key="pw1-han").set_value("new password 1")
    app.text_input(key="pw2-han").set_value("new password 2")
    press(app, "save-password")
    assert "The two passwords differ." in text_of(app)
    app.text_input(key="pw2-han").set_value("new password 1")
    press(app, "save-password")
    assert "Saved" in text_of(app)
    assert plant.services.people.sign_in("han", "new password 1", "tablet-1").actor.id == "han"
    press(app, "press-person-han")
    app.multiselect(key="roles-han").set_value([Role.SALES, Role.MANAGER]).run()
    press(app, "save-roles")
    changed = next(person for person in plant.services.people.all() if person.id == "han")
    assert changed.roles == {Role.SALES, Role.MANAGER}


def test_a_short_password_is_refused_in_the_dialog(plant: Plant, floor: Pages) -> None:
    app = floor.open("root", "staff", "en")
    press(app, "press-person-han")
    app.text_input(key="pw1-han").set_value("short")
    app.text_input(key="pw2-han").set_value("short")
    press(app, "save-password")
    assert "Please check what you entered" in text_of(app)
