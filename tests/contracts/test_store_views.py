"""The read models show what was committed, the same over every store."""

from __future__ import annotations

from datetime import datetime

import pytest

from campaign.domain.events import SITE_CHAIN, Kind
from campaign.domain.package import Stamp
from campaign.domain.retry import Outcome
from campaign.domain.signoff import Touch, Touched
from campaign.domain.staging import Staging, StagingState
from campaign.domain.vehicle import OrderState, Status, Step
from campaign.errors import NotFound
from campaign.ports.records import OrderFact
from campaign.ports.store import Store
from campaign.ports.views import BurnPoint, DoneWork, Views
from tests.contracts.store_world import (
    CODE,
    NOW,
    SITE,
    TO_FLASHED,
    TO_RELEASED,
    car_of,
    change,
    draft,
    fact,
    later,
    launch,
    layout,
    rules,
    signed,
    vin,
    walk,
)


def hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def test_what_does_not_exist_is_not_found(views: Views) -> None:
    with pytest.raises(NotFound):
        views.board("C9")
    with pytest.raises(NotFound):
        views.batch("C9", 1)
    with pytest.raises(NotFound):
        views.cars("C9")
    assert views.campaigns() == []
    assert views.story(vin(1)) == []


def test_a_board_of_a_fresh_campaign(store: Store, views: Views) -> None:
    campaign = launch(store, cars=4, per_batch=2, opened=1)
    board = views.board(CODE)
    assert board.campaign == campaign
    assert board.token == views.token(CODE) == store.token(CODE)
    assert board.counts == {Status.QUEUED: 4}
    assert [(batch.no, batch.counts) for batch in board.batches] == [
        (1, {Status.QUEUED: 2}),
        (2, {Status.QUEUED: 2}),
    ]
    assert board.planned == ((later(hours=2), 2), (later(hours=3), 4))
    assert (board.burn_up, board.blocked, board.points, board.stations) == ((), (), (), ())
    assert board.last_event_at == NOW


def test_the_burn_up_counts_each_car_once_when_it_first_arrives(store: Store, views: Views) -> None:
    launch(store)
    walk(store, [vin(1), vin(2)], *TO_FLASHED)
    walk(store, [vin(1)], Step.REPORT_FAULT, Step.RETRY, at=later(hours=1))
    walk(store, [vin(3)], Step.CHARGED, at=later(hours=1))
    walk(store, [vin(1)], Step.START_FLASH, Step.FLASH_PASSED, Step.APPROVE, Step.RELEASE, at=later(hours=3))
    assert views.board(CODE).burn_up == (
        BurnPoint(hour(NOW), 2, 2, 0, 0),
        BurnPoint(hour(later(hours=1)), 3, 2, 0, 0),
        BurnPoint(hour(later(hours=3)), 3, 2, 1, 1),
    )


def test_points_and_stations_show_what_is_there(store: Store, views: Views) -> None:
    launch(store)
    walk(store, [vin(3), vin(4)], Step.CHARGED, Step.START_FLASH)
    with store.write(CODE) as uow:
        uow.sites.put(layout(), NOW)
        cars = uow.cars.latest([vin(n) for n in (1, 2, 3, 4)])
        uow.charges.give([(cars[vin(1)], "P2"), (cars[vin(2)], "gone")], SITE, NOW)
        uow.attempts.open(cars[vin(3)], SITE, "S2", "J1", NOW)
        lost = uow.attempts.open(cars[vin(4)], SITE, "S1", "J2", NOW)
        uow.attempts.end(lost, Outcome.UNKNOWN, None, "", NOW)
        uow.cars.move([change(cars[vin(4)], Step.LOST)])
        hold = uow.holds.add("station", "S2", "cable", "lead", NOW)
        uow.commit()
    board = views.board(CODE)
    points = [(tile.point, tile.circuit, tile.charge and tile.charge.vin, tile.soc) for tile in board.points]
    assert points == [("P1", "K1", None, None), ("P2", "K1", vin(1), 200), ("gone", "", vin(2), 200)]
    stations = [(t.station, t.attempt and t.attempt.vin, t.blocked_by, t.hold) for t in board.stations]
    assert stations == [("S1", None, vin(4), None), ("S2", vin(3), None, hold)]


def test_a_station_shows_the_package_until_it_holds_it(store: Store, views: Views) -> None:
    launch(store)
    package = draft(rules().package)
    with store.write(CODE) as uow:
        uow.sites.put(layout(), NOW)
        uow.packages.add(package)
        digest = uow.packages.release(package, signed(package), Stamp("dev", NOW)).digest or ""
        coming = Staging(SITE, "S1", digest, 100, StagingState.UPLOADING, NOW, 43)
        uow.stagings.put(coming)
        uow.stagings.put(Staging(SITE, "S2", digest, 100, StagingState.STAGED, NOW, 100))
        uow.stagings.put(Staging(SITE, "S2", "another", 100, StagingState.FAILED, NOW, 0))
        uow.commit()
    assert [(tile.station, tile.staging) for tile in views.board(CODE).stations] == [
        ("S1", coming),
        ("S2", None),
    ]


def test_blocked_cars_are_those_that_need_a_person(store: Store, views: Views) -> None:
    launch(store, cars=6)
    walk(store, [vin(1)], *TO_FLASHED, Step.APPROVE)
    walk(store, [vin(2)], *TO_FLASHED, Step.REPORT_FAULT)
    walk(store, [vin(3)], Step.CHARGED, Step.START_FLASH, Step.LOST)
    walk(store, [vin(5)], *TO_RELEASED)
    with store.write(SITE_CHAIN) as uow:
        for number in (4, 5, 99):
            uow.holds.add("car", vin(number), "noise", "qa1", NOW)
        uow.commit()
    board = views.board(CODE)
    assert [blocked.car.vin for blocked in board.blocked] == [vin(3), vin(2), vin(4), vin(1)]
    assert [hold.target for hold in board.holds] == [vin(4), vin(5), vin(99)]


def test_evidence_of_a_batch(store: Store, views: Views) -> None:
    launch(store)
    walk(store, [vin(1), vin(2)], *TO_FLASHED)
    with store.write(CODE) as uow:
        batch = uow.batches.by_no(CODE, 1)
        assert batch is not None
        cars = {car.vin: car for car in uow.cars.in_batch(batch.id)}
        attempt = uow.attempts.open(cars[vin(2)], SITE, "S1", "J1", NOW)
        uow.sign_offs.touch([Touched("tech", vin(1), Touch.FLASHED)], cars)
        signed = uow.sign_offs.add(batch, "reject", "qa1", NOW, "h1", "scratch", list(cars.values()))
        held = [
            uow.holds.add(*target, "why", "qa1", NOW)
            for target in (("car", vin(1)), ("batch", f"{CODE}/B001"))
        ]
        uow.holds.add("car", vin(3), "why", "qa1", NOW)
        uow.commit()
    seen = views.batch(CODE, 1)
    assert [car.vin for car in seen.cars] == [vin(1), vin(2)]
    assert seen.batch.counts == {Status.FLASHED: 2}
    assert seen.attempts == {vin(2): attempt}
    assert seen.touches == (Touched("tech", vin(1), Touch.FLASHED),)
    assert seen.holds == tuple(held)
    assert seen.sign_offs == (signed,)
    with pytest.raises(NotFound):
        views.batch(CODE, 9)


def test_a_page_of_cars_by_priority(store: Store, views: Views) -> None:
    launch(store, cars=6)
    walk(store, [vin(2), vin(5)], Step.CHARGED)
    rows, found = views.cars(CODE, offset=2, limit=2)
    assert ([row.vin for row in rows], found) == ([vin(3), vin(4)], 6)
    rows, found = views.cars(CODE, status=Status.CHARGED)
    assert ([row.vin for row in rows], found) == ([vin(2), vin(5)], 2)
    row = rows[0]
    assert (row.batch_no, row.priority, row.soc, row.soc_at, row.slot) == (1, 1, 300, NOW, "A2")
    assert (row.changed_at, row.changed_by, row.attempts) == (NOW, "tech", 0)


def test_cars_are_found_by_any_part_of_vin_slot_or_order(store: Store, views: Views) -> None:
    launch(store, cars=6)
    with store.write(SITE_CHAIN) as uow:
        uow.fleet.set_orders([OrderFact(vin(4), OrderState.KNOWN, "SO_%-77")])
        uow.commit()

    def found(text: str, status: Status | None = None) -> list[str]:
        rows, count = views.cars(CODE, text=text, status=status)
        assert len(rows) == count
        return [row.vin for row in rows]

    assert found("000003") == [vin(3)]
    assert found(" a5 ") == [vin(5)]
    assert found("so_%") == [vin(4)]
    assert found("_") == [vin(4)]
    assert found("a5", Status.CHARGED) == []


def test_vins_are_found_by_their_end_then_by_any_part(store: Store, views: Views) -> None:
    launch(store, cars=12)
    assert views.find("0002") == [vin(2)]
    assert views.find("ZZE2", limit=3) == [vin(1), vin(2), vin(3)]
    assert views.find("%") == []


def test_a_story_is_told_in_order_and_over_chains(store: Store, views: Views) -> None:
    launch(store)
    for chain, kind in ((CODE, Kind.CAR), (SITE_CHAIN, Kind.ORDER_SET), (CODE, Kind.SOC_READ)):
        with store.write(chain) as uow:
            uow.log.append([fact(1, kind), fact(2, kind)])
            uow.commit()
    assert [event.fact.kind for event in views.story(vin(1))] == [Kind.CAR, Kind.ORDER_SET, Kind.SOC_READ]
    assert len(views.story(vin(1), limit=2)) == 2


def test_a_log_is_paged_backwards(store: Store, views: Views) -> None:
    launch(store)
    with store.write(CODE) as uow:
        uow.log.append([fact(number) for number in range(5)])
        uow.commit()
    end = store.token(CODE)
    assert [event.seq for event in views.log(CODE, limit=2)] == [end, end - 1]
    assert [event.seq for event in views.log(CODE, before=end - 1, limit=2)] == [end - 2, end - 3]
    assert views.log("never heard of") == []


def test_a_car_shows_where_it_is(store: Store, views: Views) -> None:
    launch(store)
    with store.write(CODE) as uow:
        uow.charges.give([(car_of(store, vin(1)), "P1")], SITE, NOW)
        uow.commit()
    (one, two) = views.batch(CODE, 1).cars
    assert (one.point, two.point) == ("P1", None)


def test_work_that_ended_lately_is_told_with_its_place_and_times(store: Store, views: Views) -> None:
    launch(store, cars=5, opened=5)
    with store.write(CODE) as uow:
        cars = uow.cars.latest([vin(n) for n in range(1, 6)])
        uow.charges.start([(cars[vin(n)], f"CP-{n}", 100, None) for n in (1, 2)], SITE, NOW, "li")
        uow.charges.give([(cars[vin(5)], "CP-5")], SITE, NOW)
        tried = uow.attempts.open(cars[vin(3)], SITE, "S1", "J1", NOW)
        refused = uow.attempts.open(cars[vin(4)], SITE, "S2", "J2", NOW)
        uow.attempts.started(tried, later(minutes=5))
        uow.charges.end([(cars[vin(1)], 280)], later(hours=1))
        uow.charges.end([(cars[vin(2)], 280), (cars[vin(5)], None)], later(hours=2))
        uow.attempts.end(tried, Outcome.FAIL, None, "", later(hours=2))
        uow.attempts.end(refused, Outcome.NEVER_STARTED, None, "", later(hours=2))
        uow.commit()
    told = views.done_since(CODE, later(hours=2))
    assert told == (
        DoneWork("CP-2", vin(2), NOW, later(hours=2)),
        DoneWork("S1", vin(3), later(minutes=5), later(hours=2), passed=False),
    )
    assert len(views.done_since(CODE, NOW)) == 3
    with pytest.raises(NotFound):
        views.done_since("C9", NOW)
