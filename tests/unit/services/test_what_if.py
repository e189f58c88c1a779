"""What if, advice and work lists: the same engine over another yard, and nothing of it is saved."""

import sqlite3
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from campaign.domain.vehicle import OrderState
from campaign.errors import BadInput, NotAllowed, NotFound, Refused
from campaign.ports.records import OrderFact
from campaign.services.replanning import Comparison, WhatIf
from tests.fakes.plant import CODE, LAYOUT, PEOPLE, RULES, START, Plant, vin_no

CARS = 12
HOUR = timedelta(hours=1)


@pytest.fixture
def running(plant: Plant) -> Plant:
    """A campaign of cars that all charge ten hours."""
    plant.add_cars([100] * CARS)
    plant.services.planning.launch(plant.actor("wang"), plant.rules, reason="test")
    plant.tick()
    return plant


def asked(plant: Plant, **wish: object) -> Comparison:
    return plant.services.replanning.what_if(plant.actor("wang"), CODE, WhatIf(**wish))


def content(tmp_path) -> list[str]:
    """Every row of every table."""
    connection = sqlite3.connect(tmp_path / "campaign.db")
    try:
        return list(connection.iterdump())
    finally:
        connection.close()


def promise_all(plant: Plant, day: date) -> None:
    facts = [OrderFact(vin_no(n), OrderState.KNOWN, f"SO-{n}", day) for n in range(1, CARS + 1)]
    plant.services.intake.set_orders(plant.actor("han"), facts, "all of them")


def test_nothing_of_it_is_saved(running, tmp_path):
    promise_all(running, date(2026, 3, 2))
    before, token = content(tmp_path), running.services.store.token(CODE)
    running.advance(minutes=7)
    asked(running, points=3, cars=5, closed=(date(2026, 3, 3),))
    assert running.services.replanning.advice(running.actor("wang"), CODE)
    running.services.replanning.work_list(running.actor("li"), CODE, START + HOUR)
    running.services.planning.what_if(running.actor("wang"), fresh_rules(running, 3), WhatIf(stations=1))
    # The cars that were added for the preview are the only difference.
    after = [line for line in content(tmp_path) if "EXTRA" not in line]
    assert after == before
    assert running.services.store.token(CODE) == token


def fresh_rules(plant: Plant, cars: int):
    """Rules of a campaign that could be launched: over cars of a version of their own."""
    with plant.services.store.write("site") as uow:
        known = uow.fleet.known([vin_no(1)])[vin_no(1)]
        uow.fleet.add(
            [
                replace(known, vin=vin_no(900 + n), version="VBV4.5.1C", slot=None, model="EXTRA")
                for n in range(cars)
            ]
        )
        uow.commit()
    return replace(RULES, code="C2", source=type(RULES.source).parse("VBV4.5.1C"))


def test_an_empty_wish_gives_the_plan_twice(running):
    found = asked(running)
    assert found.now == found.then
    assert (found.now.cars, found.now.starts_at) == (CARS, START)
    assert found.now.ends_at >= found.now.bound_ends_at
    assert found.now.curve[-1] == (found.now.curve[-1][0], CARS)
    assert [stage for stage, _ in found.now.loads] == ["charge", "flash", "inspect"]


def test_more_points_end_a_charging_campaign_sooner(running):
    found = asked(running, points=8)
    assert found.then.ends_at < found.now.ends_at
    assert found.now == asked(running).now


def test_fewer_stations_are_allowed_as_long_as_one_is_left(running):
    assert asked(running, stations=-1).then.ends_at >= asked(running).now.ends_at
    with pytest.raises(BadInput):
        asked(running, stations=-2)


def test_more_cars_are_planned_beside_those_that_are_there(running):
    found = asked(running, cars=30)
    assert (found.now.cars, found.then.cars) == (CARS, CARS + 30)
    assert found.then.ends_at > found.now.ends_at


def test_on_a_typhoon_day_nobody_works(running):
    found = asked(running, closed=(date(2026, 3, 3),))
    begin = datetime(2026, 3, 2, 16, tzinfo=UTC)  # midnight at the site
    for _, points in found.then.loads:
        closed = [capacity for at, _, capacity in points if begin <= at < begin + 24 * HOUR]
        assert set(closed) == {0}
    assert found.then.ends_at > found.now.ends_at


def test_of_today_only_what_is_left_of_it_can_be_closed_and_yesterday_is_over(running):
    assert asked(running, closed=(date(2026, 3, 2),)).then.ends_at > asked(running).now.ends_at
    with pytest.raises(BadInput, match="2026-03-01 is over"):
        asked(running, closed=(date(2026, 3, 1),))


def test_qa_may_work_at_other_hours(running):
    night = asked(running, qa_from=time(20), qa_to=time(8))
    [points] = [points for stage, points in night.then.loads if stage == "inspect"]
    opened = {at.astimezone(UTC).hour for at, _, capacity in points if capacity}
    assert opened <= {*range(12, 24)}  # 20:00 to 08:00 at the site
    with pytest.raises(BadInput, match="both ends"):
        asked(running, qa_from=time(20))


def test_before_a_launch_the_same_questions_are_answered(plant):
    plant.add_cars([100] * CARS)
    ask = plant.services.planning.what_if
    found = ask(plant.actor("wang"), plant.rules, WhatIf(points=8))
    assert (found.now.cars, found.then.cars) == (CARS, CARS)
    assert found.then.ends_at < found.now.ends_at
    with pytest.raises(Refused):
        ask(plant.actor("wang"), replace(plant.rules, source=plant.rules.target), WhatIf())


def test_advice_is_given_only_where_a_car_is_late(running):
    advise = running.services.replanning.advice
    assert advise(running.actor("wang"), CODE) == ()
    promise_all(running, date(2026, 3, 2))
    assert advise(running.actor("wang"), CODE) != ()


def test_a_campaign_that_is_over_has_nothing_to_ask(running):
    running.services.control.stop(running.actor("wang"), CODE, "enough")
    for ask in (
        lambda: asked(running),
        lambda: running.services.replanning.advice(running.actor("wang"), CODE),
    ):
        with pytest.raises(Refused):
            ask()


def test_somebody_without_a_role_asks_nothing(running):
    nobody = replace(running.actor("wang"), roles=frozenset())
    service = running.services.replanning
    for ask in (
        lambda: service.what_if(nobody, CODE, WhatIf()),
        lambda: service.advice(nobody, CODE),
        lambda: service.work_list(nobody, CODE, START),
    ):
        with pytest.raises(NotAllowed):
            ask()


# -- work lists ----------------------------------------------------------------------------------------------------


def test_a_shift_s_work_is_what_the_plan_has_in_its_hours(running):
    work = running.services.replanning.work_list(running.actor("li"), CODE, START + HOUR)
    assert (work.shift, work.day) == ("day", date(2026, 3, 2))
    assert (work.begins, work.ends) == (START, START + 12 * HOUR)
    assert all(line.start < work.ends and line.end > work.begins for line in work.lines)
    steps = running.services.replanning.kept(CODE).steps
    assert len(work.lines) == sum(step.start < work.ends and step.end > work.begins for step in steps) > 0
    assert [line.start for line in work.lines] == sorted(line.start for line in work.lines)


def test_a_line_tells_the_car_as_it_is_now(running):
    n = next(n for n in range(1, CARS + 1) if running.car(n).point is not None)
    running.mark("charging", n, 120)
    work = running.services.replanning.work_list(running.actor("li"), CODE, START)
    line = next(line for line in work.lines if line.vin == vin_no(n))
    car = running.car(n)
    assert (line.state, line.soc, line.priority, line.batch_no) == (
        "charging",
        120,
        car.priority,
        car.batch_no,
    )
    assert (line.what, line.slot) == ("charge", car.slot)


def test_work_that_goes_over_the_end_of_a_shift_is_on_both_lists(plant):
    root = next(person for person in PEOPLE if person.id == "root").actor("server")
    day = LAYOUT.shifts[0]
    night = replace(day, code="night", start=time(20), end=time(8), qa=False)
    plant.services.sites.apply(root, replace(LAYOUT, shifts=(day, night)))
    plant.add_cars([100] * CARS)
    plant.services.planning.launch(plant.actor("wang"), plant.rules, reason="test")
    ask = plant.services.replanning.work_list
    first = ask(plant.actor("li"), CODE, START)
    second = ask(plant.actor("li"), CODE, START + 12 * HOUR)
    after_midnight = ask(plant.actor("li"), CODE, START + 20 * HOUR)
    assert (second.shift, second.day, second.begins) == ("night", date(2026, 3, 2), first.ends)
    assert after_midnight == second, "a night shift belongs to the day on which it opened"
    both = {(line.vin, line.what) for line in first.lines} & {(line.vin, line.what) for line in second.lines}
    assert both
    assert all(line.end > first.ends for line in first.lines if (line.vin, line.what) in both)


def test_between_shifts_there_is_no_list(running):
    with pytest.raises(NotFound):
        running.services.replanning.work_list(running.actor("li"), CODE, START + 12 * HOUR)
