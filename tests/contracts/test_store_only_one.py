"""What the store holds against two who come at once, whatever the use cases checked before."""

from __future__ import annotations

from dataclasses import replace

import pytest

from campaign.domain.campaign import CampaignState
from campaign.domain.events import SITE_CHAIN, Kind
from campaign.domain.reasons import Code
from campaign.domain.retry import Outcome
from campaign.domain.vehicle import Status, Step
from campaign.errors import BrokenRule, Conflict, NotFound
from campaign.ports.records import Place, PlannedBatch
from campaign.ports.store import Store
from tests.contracts.store_world import (
    CODE,
    NOW,
    SITE,
    TO_FLASHED,
    TO_RELEASED,
    car_of,
    change,
    fact,
    fill,
    later,
    launch,
    rules,
    vehicle,
    vin,
    walk,
)


def code_of(refused: pytest.ExceptionInfo[Conflict]) -> Code:
    return refused.value.reasons[0].code


def test_a_point_is_given_to_one_car(store: Store) -> None:
    launch(store)
    one, two = car_of(store, vin(1)), car_of(store, vin(2))
    with store.write(CODE) as uow:
        uow.charges.give([(one, "P1")], SITE, NOW)
        with pytest.raises(Conflict) as refused:
            uow.charges.give([(two, "P1")], SITE, NOW)
    assert code_of(refused) is Code.POINT_TAKEN
    assert (refused.value.reasons[0].param("point"), refused.value.reasons[0].param("vin")) == ("P1", one.vin)


def test_a_car_gets_one_point(store: Store) -> None:
    launch(store)
    one = car_of(store, vin(1))
    with store.write(CODE) as uow:
        uow.charges.give([(one, "P1")], SITE, NOW)
        with pytest.raises(Conflict) as refused:
            uow.charges.give([(one, "P2")], SITE, NOW)
    assert code_of(refused) is Code.POINT_TAKEN


def test_a_car_cannot_be_connected_where_another_one_is(store: Store) -> None:
    launch(store)
    one, two = car_of(store, vin(1)), car_of(store, vin(2))
    with store.write(CODE) as uow:
        uow.charges.start([(one, "P1", 200, None)], SITE, NOW, "tech")
        with pytest.raises(Conflict) as refused:
            uow.charges.start([(two, "P1", 200, None)], SITE, NOW, "tech")
    assert code_of(refused) is Code.POINT_TAKEN


def test_a_car_that_charges_is_not_connected_again(store: Store) -> None:
    launch(store)
    one = car_of(store, vin(1))
    with store.write(CODE) as uow:
        uow.charges.start([(one, "P1", 200, None)], SITE, NOW, "tech")
        with pytest.raises(Conflict) as refused:
            uow.charges.start([(one, "P1", 200, None)], SITE, later(minutes=1), "other")
    assert code_of(refused) is Code.ALREADY_DONE
    assert refused.value.reasons[0].param("by") == "tech"


def test_the_same_point_of_another_site_is_another_point(store: Store) -> None:
    launch(store)
    one, two = car_of(store, vin(1)), car_of(store, vin(2))
    with store.write(CODE) as uow:
        uow.charges.give([(one, "P1")], SITE, NOW)
        uow.charges.give([(two, "P1")], "elsewhere", NOW)
        uow.commit()
    with store.read() as uow:
        assert [charge.vin for charge in uow.charges.open(SITE)] == [one.vin]


def test_a_freed_point_is_given_again(store: Store) -> None:
    launch(store)
    one, two = car_of(store, vin(1)), car_of(store, vin(2))
    with store.write(CODE) as uow:
        uow.charges.give([(one, "P1")], SITE, NOW)
        uow.charges.end([(one, None)], NOW)
        uow.charges.give([(two, "P1")], SITE, NOW)
        uow.commit()
    with store.read() as uow:
        assert [charge.vin for charge in uow.charges.open(SITE)] == [two.vin]


def test_a_station_works_on_one_car(store: Store) -> None:
    launch(store)
    one, two = car_of(store, vin(1)), car_of(store, vin(2))
    with store.write(CODE) as uow:
        uow.attempts.open(one, SITE, "S1", "J1", NOW)
        with pytest.raises(Conflict) as refused:
            uow.attempts.open(two, SITE, "S1", "J2", NOW)
    assert code_of(refused) is Code.TAKEN_BY
    assert (refused.value.reasons[0].param("what"), refused.value.reasons[0].param("by")) == ("S1", one.vin)


def test_a_car_is_flashed_by_one_station(store: Store) -> None:
    launch(store)
    one = car_of(store, vin(1))
    with store.write(CODE) as uow:
        uow.attempts.open(one, SITE, "S1", "J1", NOW)
        with pytest.raises(Conflict) as refused:
            uow.attempts.open(one, SITE, "S2", "J2", NOW)
    assert code_of(refused) is Code.FLASH_RUNNING


def test_a_job_id_is_used_once(store: Store) -> None:
    launch(store)
    one, two = car_of(store, vin(1)), car_of(store, vin(2))
    with store.write(CODE) as uow:
        uow.attempts.end(uow.attempts.open(one, SITE, "S1", "J1", NOW), Outcome.FAIL, None, "", NOW)
        with pytest.raises(Conflict):
            uow.attempts.open(two, SITE, "S1", "J1", NOW)


def test_an_attempt_ends_once(store: Store) -> None:
    launch(store)
    with store.write(CODE) as uow:
        attempt = uow.attempts.open(car_of(store, vin(1)), SITE, "S1", "J1", NOW)
        uow.attempts.end(attempt, Outcome.ERROR, None, "", NOW)
        with pytest.raises(Conflict) as refused:
            uow.attempts.end(attempt, Outcome.PASS, None, "", NOW)
    assert code_of(refused) is Code.ALREADY_DONE


def test_a_slot_holds_one_car(store: Store) -> None:
    fill(store, 2)
    with store.write(SITE_CHAIN) as uow, pytest.raises(Conflict) as refused:
        uow.fleet.add([replace(vehicle(3), slot="A1")])
    assert code_of(refused) is Code.TAKEN_BY


def test_cars_without_a_slot_do_not_meet(store: Store) -> None:
    with store.write(SITE_CHAIN) as uow:
        uow.fleet.add([replace(vehicle(number), slot=None) for number in (1, 2)])
        uow.commit()
    with store.read() as uow:
        assert uow.fleet.vins(SITE) == {vin(1), vin(2)}


def test_a_vin_is_in_the_fleet_once(store: Store) -> None:
    fill(store, 1)
    with store.write(SITE_CHAIN) as uow, pytest.raises(Conflict):
        uow.fleet.add([replace(vehicle(1), slot="B1")])


def test_a_car_has_one_open_upgrade(store: Store) -> None:
    launch(store, cars=2)
    with store.write("C2") as uow:
        second = uow.campaigns.add(rules("C2"), CampaignState.PLANNED, NOW, "planner")
        with pytest.raises(Conflict) as refused:
            uow.batches.add(second, [PlannedBatch(1, 1, NOW, NOW)], [Place(vin(1), 1, 0)], NOW)
    assert code_of(refused) is Code.TAKEN_BY
    assert refused.value.reasons[0].param("by") == CODE


def test_a_released_car_may_be_upgraded_again(store: Store) -> None:
    launch(store, cars=2)
    walk(store, [vin(1)], *TO_RELEASED)
    with store.write("C2") as uow:
        second = uow.campaigns.add(rules("C2"), CampaignState.PLANNED, NOW, "planner")
        uow.batches.add(second, [PlannedBatch(1, 1, NOW, NOW)], [Place(vin(1), 1, 0)], NOW)
        uow.commit()
    assert car_of(store, vin(1)).campaign == "C2"


def test_a_car_that_is_not_in_the_fleet_cannot_be_planned(store: Store) -> None:
    with store.write(CODE) as uow:
        campaign = uow.campaigns.add(rules(), CampaignState.PLANNED, NOW, "planner")
        with pytest.raises(NotFound, match=vin(9)):
            uow.batches.add(campaign, [PlannedBatch(1, 1, NOW, NOW)], [Place(vin(9), 1, 0)], NOW)


def test_a_campaign_code_is_used_once(store: Store) -> None:
    launch(store)
    with store.write(CODE) as uow, pytest.raises(Conflict) as refused:
        uow.campaigns.add(rules(), CampaignState.PLANNED, NOW, "planner")
    assert code_of(refused) is Code.ALREADY_LAUNCHED


def test_a_batch_number_is_used_once(store: Store) -> None:
    campaign = launch(store)
    with store.write(CODE) as uow, pytest.raises(Conflict):
        uow.batches.add(campaign, [PlannedBatch(1, 2, NOW, NOW)], [], NOW)


def test_what_was_seen_is_decided_on_once(store: Store) -> None:
    launch(store)
    walk(store, [vin(1), vin(2)], *TO_FLASHED)
    with store.write(CODE) as uow:
        batch = uow.batches.by_no(CODE, 1)
        assert batch is not None
        cars = uow.cars.in_batch(batch.id)
        uow.sign_offs.add(batch, "approve", "qa1", NOW, "hash", "", cars)
        with pytest.raises(Conflict) as refused:
            uow.sign_offs.add(batch, "approve", "qa2", later(seconds=1), "hash", "", cars)
    assert code_of(refused) is Code.ALREADY_DONE
    assert refused.value.reasons[0].param("by") == "qa1"


def test_a_client_id_is_recorded_once_in_all_chains(store: Store) -> None:
    launch(store)
    with store.write(CODE) as uow:
        uow.log.append([fact(1, client_id="pad-7:1")])
        uow.commit()
    with store.write(SITE_CHAIN) as uow:
        uow.log.append([fact(2, Kind.ORDER_SET, client_id="pad-7:1")])
        with pytest.raises(Conflict):
            uow.commit()
    assert store.token(SITE_CHAIN) == 0


def test_a_car_that_moved_since_it_was_loaded_is_not_moved(store: Store) -> None:
    launch(store)
    seen = car_of(store, vin(1))
    walk(store, [vin(1)], Step.CHARGED, Step.START_CHARGE, Step.STOP_CHARGE)
    assert car_of(store, vin(1)).status is seen.status
    with store.write(CODE) as uow, pytest.raises(Conflict) as refused:
        uow.cars.move([change(seen, Step.CHARGED)])
    assert code_of(refused) is Code.CHANGED_SINCE


def test_of_many_cars_one_that_moved_stops_all(store: Store) -> None:
    launch(store)
    seen = [car_of(store, vin(number)) for number in (1, 2, 3)]
    walk(store, [vin(2)], Step.CHARGED)
    with store.write(CODE) as uow, pytest.raises(Conflict):
        uow.cars.move([change(car, Step.CHARGED) for car in seen])
    assert [car_of(store, vin(n)).status for n in (1, 2, 3)] == [Status.QUEUED, Status.CHARGED, Status.QUEUED]


def test_a_unit_whose_guard_failed_cannot_be_committed(store: Store) -> None:
    launch(store)
    seen = [car_of(store, vin(number)) for number in (1, 2)]
    walk(store, [vin(2)], Step.CHARGED)
    with store.write(CODE) as uow:
        with pytest.raises(Conflict):
            uow.cars.move([change(car, Step.CHARGED) for car in seen])
        with pytest.raises(Conflict):
            uow.commit()
    assert car_of(store, vin(1)).status is Status.QUEUED


def test_a_campaign_changes_state_from_what_was_seen(store: Store) -> None:
    seen = launch(store)
    with store.write(CODE) as uow:
        uow.campaigns.set_state(seen, CampaignState.PAUSED)
        uow.commit()
    with store.write(CODE) as uow, pytest.raises(Conflict) as refused:
        uow.campaigns.set_state(seen, CampaignState.STOPPED)
    assert code_of(refused) is Code.CHANGED_SINCE


def test_rules_are_revised_from_the_revision_that_was_seen(store: Store) -> None:
    seen = launch(store)
    with store.write(CODE) as uow:
        assert uow.campaigns.revise(seen, replace(rules(), max_attempts=4), NOW, "planner", "why") == 2
        uow.commit()
    with store.write(CODE) as uow, pytest.raises(Conflict):
        uow.campaigns.revise(seen, rules(), NOW, "planner", "why")
    with store.read() as uow:
        now = uow.campaigns.get(CODE)
        assert now is not None
        assert (now.revision, now.rules.max_attempts) == (2, 4)


def test_a_hold_is_lifted_once(store: Store) -> None:
    with store.write(SITE_CHAIN) as uow:
        hold = uow.holds.add("car", vin(1), "noise", "qa1", NOW)
        uow.holds.lift(hold, "qa1", "gone", NOW)
        with pytest.raises(Conflict):
            uow.holds.lift(hold, "qa2", "gone", NOW)


def test_a_reading_unit_refuses_to_write(store: Store) -> None:
    launch(store)
    with store.read() as uow:
        with pytest.raises(BrokenRule):
            uow.cars.move([change(car_of(store, vin(1)), Step.CHARGED)])
        with pytest.raises(BrokenRule):
            uow.log.append([fact()])
        with pytest.raises(BrokenRule):
            uow.fleet.add([vehicle(9)])
        with pytest.raises(BrokenRule):
            uow.commit()
