"""What is put in comes out equal, with microseconds, in UTC, by value."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

import pytest

from campaign.domain.campaign import CampaignState
from campaign.domain.events import SITE_CHAIN
from campaign.domain.people import Role
from campaign.domain.reasons import Code
from campaign.domain.retry import Outcome
from campaign.domain.signoff import Decision, Touch, Touched
from campaign.domain.soc import Gauge
from campaign.domain.vehicle import Car, OrderState, Reading, Status, Step
from campaign.errors import Conflict
from campaign.ports.records import CarChange, OrderFact, Person, Place, PlannedBatch, SignIn, Vehicle
from campaign.ports.store import Store
from campaign.ports.views import Views
from tests.contracts.store_world import (
    CODE,
    NOW,
    SITE,
    SOURCE,
    TARGET,
    TO_FLASHED,
    car_of,
    fact,
    fill,
    later,
    launch,
    layout,
    rules,
    vehicle,
    vin,
    walk,
)

IN_CHINA = datetime(2026, 11, 5, 16, 30, 15, 123456, tzinfo=timezone(timedelta(hours=8)))

FULL = Vehicle(
    vin(1), SITE, SOURCE, "ID.4 X", "白 Pro", "A-17", 269, Gauge.BMS, NOW, OrderState.KNOWN, "SO-1",
    date(2026, 11, 20), 3,
)  # fmt: skip
BARE = Vehicle(vin(2), SITE, SOURCE)


def test_a_vehicle_comes_back_equal(store: Store) -> None:
    with store.write(SITE_CHAIN) as uow:
        uow.fleet.add([BARE, FULL])
        uow.commit()
    with store.read() as uow:
        assert uow.fleet.known([vin(1), vin(2), vin(3)]) == {vin(1): FULL, vin(2): BARE}
        assert uow.fleet.eligible(SITE, SOURCE) == [FULL, BARE]
        assert uow.fleet.eligible("elsewhere", SOURCE) == []
        assert uow.fleet.slots_taken(SITE, ["A-17", "A-18"]) == {"A-17": vin(1)}


def test_a_time_of_any_zone_is_the_same_moment(store: Store) -> None:
    with store.write(SITE_CHAIN) as uow:
        uow.fleet.add([replace(BARE, soc=200, soc_at=IN_CHINA)])
        uow.commit()
    with store.read() as uow:
        assert uow.fleet.known([vin(2)])[vin(2)].soc_at == NOW


def test_an_import_can_be_recognised_and_undone(store: Store) -> None:
    with store.write(SITE_CHAIN) as uow:
        record = uow.fleet.add_import("vehicles", "列表.xlsx", "abc", NOW, "planner", 2)
        uow.fleet.add([replace(FULL, import_id=record.id), BARE])
        uow.commit()
    with store.write(SITE_CHAIN) as uow:
        assert uow.fleet.import_by_hash("vehicles", "abc") == record
        assert uow.fleet.import_by_hash("orders", "abc") is None
        assert uow.fleet.worked_on(record.id) is None
        assert uow.fleet.remove_import(record.id) == 1
        uow.fleet.undo_import(record.id, later(hours=1))
        uow.commit()
    with store.read() as uow:
        assert uow.fleet.vins(SITE) == {vin(2)}
        assert uow.fleet.import_by_hash("vehicles", "abc") is None
        assert uow.fleet.import_by_id(record.id) == replace(record, undone_at=later(hours=1))


def test_an_import_that_was_worked_on_stays(store: Store) -> None:
    with store.write(SITE_CHAIN) as uow:
        record = uow.fleet.add_import("vehicles", "a.csv", "abc", NOW, "planner", 1)
        uow.fleet.add([replace(vehicle(9), import_id=record.id)])
        uow.commit()
    campaign = launch(store)
    with store.write(CODE) as uow:
        batch = uow.batches.by_no(CODE, 1)
        assert batch is not None
        uow.batches.add(campaign, [], [_place(9)], NOW)
        uow.commit()
    with store.write(SITE_CHAIN) as uow:
        assert uow.fleet.worked_on(record.id) == vin(9)
        with pytest.raises(Conflict) as refused:
            uow.fleet.remove_import(record.id)
    assert refused.value.reasons[0].code is Code.WORK_DONE


def test_orders_are_set_and_what_was_before_is_remembered(store: Store) -> None:
    fill(store, 2)
    now = [
        OrderFact(vin(1), OrderState.KNOWN, "SO-1", date(2026, 12, 1), 3),
        OrderFact(vin(2), OrderState.NONE),
    ]
    with store.write(SITE_CHAIN) as uow:
        record = uow.fleet.add_import("orders", "orders.csv", "def", NOW, "sales", 2)
        uow.fleet.remember_orders(record.id, [OrderFact(order.vin, OrderState.UNKNOWN) for order in now])
        uow.fleet.remember_orders(record.id, now)
        uow.fleet.set_orders([*now, OrderFact(vin(99), OrderState.NONE)])
        uow.commit()
    with store.read() as uow:
        known = uow.fleet.known([vin(1), vin(2)])
        assert (known[vin(1)].order_no, known[vin(1)].promised, known[vin(1)].weight) == (
            "SO-1",
            date(2026, 12, 1),
            3,
        )
        assert known[vin(2)].order_state is OrderState.NONE
        before = [OrderFact(vin(n), OrderState.UNKNOWN) for n in (1, 2)]
        assert uow.fleet.orders_of_import(record.id) == before


def test_a_planned_car_starts_queued_with_its_vehicle_s_reading_and_order(store: Store) -> None:
    with store.write(SITE_CHAIN) as uow:
        uow.fleet.add([FULL, replace(BARE, soc=200)])
        uow.commit()
    with store.write(CODE) as uow:
        campaign = uow.campaigns.add(rules(), CampaignState.PLANNED, NOW, "planner")
        uow.batches.add(campaign, [_batch(1)], [_place(1), _place(2)], NOW)
        uow.commit()
    car, bare = car_of(store, vin(1)), car_of(store, vin(2))
    assert car == Car(
        car.id, CODE, vin(1), Status.QUEUED, car.batch_id, 1, 1, 0, Reading(269, Gauge.BMS, NOW),
        order_state=OrderState.KNOWN, order_no="SO-1", promised=date(2026, 11, 20), slot="A-17",
        variant="白 Pro", changed_at=NOW, listed_soc=269, weight=3,
    )  # fmt: skip
    assert bare.soc is None  # a SOC without its time is no reading


def test_a_campaign_comes_back_equal(store: Store) -> None:
    first = launch(store)
    launch(store, code="C2", first=11)
    with store.read() as uow:
        assert uow.campaigns.get(CODE) == first
        assert first.rules == rules()
        assert [campaign.code for campaign in uow.campaigns.all()] == ["C2", CODE]
        assert uow.campaigns.get("C3") is None


def test_resuming_takes_the_failures_so_far_off_the_threshold(store: Store) -> None:
    seen = launch(store)
    with store.write(CODE) as uow:
        attempt = uow.attempts.open(car_of(store, vin(1)), SITE, "S1", "J1", NOW)
        uow.attempts.end(attempt, Outcome.FAIL, None, "", NOW)
        uow.campaigns.set_state(seen, CampaignState.PAUSED)
        uow.commit()
    with store.write(CODE) as uow:
        paused = uow.campaigns.get(CODE)
        assert paused is not None
        assert (paused.state, paused.acknowledged_failed) == (CampaignState.PAUSED, 0)
        uow.campaigns.set_state(paused, CampaignState.RUNNING, acknowledge=True)
        resumed = uow.campaigns.get(CODE)
    assert resumed is not None
    assert (resumed.acknowledged_ended, resumed.acknowledged_failed) == (1, 1)


def test_a_step_changes_what_it_says_and_keeps_the_rest(store: Store) -> None:
    launch(store)
    walk(store, [vin(1)], *TO_FLASHED)
    seen = car_of(store, vin(1))
    assert (seen.read_back, seen.soc, seen.revision) == (TARGET, Reading(300, Gauge.DISPLAY, NOW), 3)
    again = CarChange(
        seen,
        Step.START_CHARGE,
        Status.CHARGING,
        "tech2",
        later(hours=1),
        forget_read_back=True,
        attempts=2,
        rig_errors=1,
    )
    with store.write(CODE) as uow:
        uow.cars.move([again])
        uow.commit()
    now = car_of(store, vin(1))
    assert now == replace(
        seen, status=Status.CHARGING, revision=4, read_back=None, attempts=2, rig_errors=1,
        changed_at=later(hours=1), changed_by="tech2",
    )  # fmt: skip


def test_a_charge_is_given_started_and_ended(store: Store) -> None:
    launch(store)
    one, two = car_of(store, vin(1)), car_of(store, vin(2))
    with store.write(CODE) as uow:
        uow.charges.give([(one, "P1")], SITE, NOW)
        uow.charges.start(
            [(one, "P2", 200, later(hours=6)), (two, "P1", None, None)], SITE, later(minutes=1), "tech"
        )
        uow.commit()
    with store.read() as uow:
        given, started = uow.charges.of_cars([one.id, two.id]).values()
        assert (given.car_id, given.point, given.given_at, given.started_at) == (
            one.id,
            "P2",
            NOW,
            later(minutes=1),
        )
        assert (given.start_soc, given.expected_end, given.by) == (200, later(hours=6), "tech")
        assert (started.vin, started.campaign, started.site) == (two.vin, CODE, SITE)
        assert [charge.point for charge in uow.charges.open(SITE)] == ["P1", "P2"]
    assert car_of(store, vin(1)).point == "P2"
    with store.write(CODE) as uow:
        uow.charges.end([(one, 300), (two, None), (car_of(store, vin(3)), None)], later(hours=6))
        uow.commit()
    with store.read() as uow:
        assert uow.charges.of_cars([one.id, two.id]) == {}
        assert uow.charges.open(SITE) == []


def test_an_attempt_is_followed_to_its_end(store: Store) -> None:
    launch(store)
    car = car_of(store, vin(1))
    with store.write(CODE) as uow:
        opened = uow.attempts.open(car, SITE, "S1", "J1", NOW)
        assert (opened.soc, opened.vin, opened.campaign) == (200, vin(1), CODE)
        uow.attempts.started(opened, later(seconds=2))
        uow.attempts.started(opened, later(seconds=9))
        uow.attempts.progress(opened, 40, "writing", 2**40)
        uow.commit()
    assert car_of(store, vin(1)).station == "S1"
    running = replace(opened, started_at=later(seconds=2), percent=40, step="writing", offset=2**40)
    with store.write(CODE) as uow:
        assert uow.attempts.running(CODE) == [running]
        assert uow.attempts.get("J1") == running
        uow.attempts.end(opened, Outcome.PASS, TARGET, "ok", later(minutes=45))
        uow.attempts.progress(opened, 41, "late", 0)
        second = uow.attempts.open(car, SITE, "S2", "J2", later(hours=1))
        uow.commit()
    ended = replace(running, ended_at=later(minutes=45), outcome=Outcome.PASS, read_back=TARGET, detail="ok")
    with store.read() as uow:
        assert uow.attempts.of_car(car) == [ended, second]
        assert uow.attempts.last_of([car, car_of(store, vin(2))]) == {vin(1): second}
        assert uow.attempts.get("J3") is None


def test_holds_are_open_until_they_are_lifted(store: Store) -> None:
    with store.write(SITE_CHAIN) as uow:
        hold = uow.holds.add("car", vin(1), "noise", "qa1", NOW)
        other = uow.holds.add("station", "S1", "cable", "lead", NOW)
        uow.holds.lift(other, "lead", "new cable", later(hours=1))
        uow.commit()
    with store.read() as uow:
        assert uow.holds.open() == [hold]
        assert uow.holds.get(hold.id) == hold
        assert uow.holds.get(other.id) is None


def test_a_decision_is_kept_and_its_approval_voided_once(store: Store) -> None:
    launch(store)
    walk(store, [vin(1), vin(2)], *TO_FLASHED)
    with store.write(CODE) as uow:
        batch = uow.batches.by_no(CODE, 1)
        assert batch is not None
        cars = uow.cars.in_batch(batch.id)
        rejected = uow.sign_offs.add(batch, "reject", "qa1", NOW, "h1", "scratch", cars[:1])
        approved = uow.sign_offs.add(batch, Decision.APPROVE, "qa1", NOW, "h2", "", cars)
        uow.commit()
    assert (approved.cars, approved.decision, rejected.reason) == (2, Decision.APPROVE, "scratch")
    with store.write(CODE) as uow:
        assert uow.sign_offs.of_batch(batch.id) == [rejected, approved]
        voided = uow.sign_offs.void(batch.id, later(hours=1), "a late mark")
        assert voided == [replace(approved, voided_at=later(hours=1), void_why="a late mark")]
        assert uow.sign_offs.void(batch.id, later(hours=2), "again") == []
        assert uow.sign_offs.of_batch(batch.id) == [rejected, *voided]


def test_touches_are_remembered_once(store: Store) -> None:
    launch(store)
    cars = {vin(n): car_of(store, vin(n)) for n in (1, 2, 3)}
    told = [Touched("tech", vin(2), Touch.FLASHED), Touched("tech", vin(1), Touch.CHARGED)]
    with store.write(CODE) as uow:
        uow.sign_offs.touch([*told, *told, Touched("tech", vin(3), Touch.CHARGED)], cars)
        uow.sign_offs.touch(told, cars)
        uow.commit()
    with store.read() as uow:
        assert uow.sign_offs.touches(cars[vin(1)].batch_id) == told[::-1]


def test_people_and_their_sign_ins_come_back_equal(store: Store) -> None:
    zhang = Person(
        "zhang", "Zhang Wei", "张伟", frozenset({Role.QA, Role.LEAD}), "zh", password_hash="argon2$x"
    )
    admin = Person("admin", "Admin", "管理员", frozenset())
    session = SignIn("f00d", "zhang", "pad-7", NOW, later(hours=12))
    with store.write(SITE_CHAIN) as uow:
        uow.people.put(zhang)
        uow.people.put(admin)
        uow.people.add_sign_in(session)
        uow.commit()
    locked = replace(zhang, failed_tries=5, locked_until=later(minutes=5), active=False, shared=True)
    with store.write(SITE_CHAIN) as uow:
        uow.people.put(locked)
        uow.people.revoke("f00d", later(hours=1))
        uow.people.revoke("f00d", later(hours=2))
        uow.commit()
    with store.read() as uow:
        assert uow.people.all() == [admin, locked]
        assert uow.people.get("nobody") is None
        assert uow.people.sign_in("f00d") == replace(session, revoked_at=later(hours=1))
        assert uow.people.sign_in("beef") is None


def test_a_layout_is_stored_when_it_changed(store: Store) -> None:
    with store.write(SITE_CHAIN) as uow:
        assert uow.sites.put(layout(), NOW)
        assert not uow.sites.put(layout(), later(hours=1))
        assert uow.sites.put(replace(layout(), inspectors=4), later(hours=2))
        uow.commit()
    with store.read() as uow:
        assert uow.sites.get(SITE) == replace(layout(), inspectors=4)
        assert uow.sites.get("elsewhere") is None


def test_an_event_comes_back_as_it_was_told(store: Store, views: Views) -> None:
    launch(store)
    said = fact(1, client_id="pad-7:1")
    with store.write(CODE) as uow:
        uow.log.append([said])
        uow.commit()
    (event,) = views.story(vin(1))
    assert event.fact == said
    assert (event.chain, event.seq) == (CODE, store.token(CODE))


def _place(number: int) -> Place:
    return Place(vin(number), 1, number)


def _batch(number: int) -> PlannedBatch:
    return PlannedBatch(number, 2, NOW, NOW)
