"""Units of work: all or nothing, one truth within, leases and tokens beside."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaign.domain.events import SITE_CHAIN, Kind
from campaign.domain.retry import Outcome
from campaign.domain.vehicle import TRANSITIONS, Status, Step
from campaign.errors import BrokenRule
from campaign.ports.store import Store
from campaign.store import open_store
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
    moved,
    vehicle,
    vin,
    walk,
)


def test_what_is_not_committed_is_gone(store: Store) -> None:
    launch(store)
    before, token = car_of(store, vin(1)), store.token(CODE)
    with store.write(CODE) as uow:
        uow.cars.move([change(before, Step.CHARGED)])
        uow.charges.give([(before, "P1")], SITE, NOW)
        uow.log.append([fact()])
    assert car_of(store, vin(1)) == before
    assert store.token(CODE) == token


def test_an_error_inside_rolls_back(store: Store) -> None:
    def fails() -> None:
        with store.write(SITE_CHAIN) as uow:
            uow.fleet.add([vehicle(1)])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    with store.read() as uow:
        assert uow.fleet.vins(SITE) == set()


def test_a_unit_sees_its_own_changes(store: Store) -> None:
    campaign = launch(store, cars=2, per_batch=1)
    seen = car_of(store, vin(1))
    with store.write(CODE) as uow:
        uow.cars.move([change(seen, Step.CHARGED)])
        assert uow.cars.latest([vin(1)])[vin(1)] == moved(seen, Step.CHARGED)
        assert uow.campaigns.counts(campaign) == {Status.QUEUED: 1, Status.CHARGED: 1}
        batch = uow.batches.by_no(CODE, 1)
        assert batch is not None
        assert batch.counts == {Status.CHARGED: 1}
        assert [car.vin for car in uow.cars.next_for_point(CODE, 9)] == [vin(2)]
        uow.log.append([fact(client_id="a")])
        assert uow.log.told(["a", "b"]).keys() == {"a"}
        uow.commit()


def test_others_do_not_see_what_is_not_committed(store: Store) -> None:
    launch(store)
    seen = car_of(store, vin(1))
    with store.write(CODE) as uow:
        uow.cars.move([change(seen, Step.CHARGED)])
        assert car_of(store, vin(1)) == seen
        uow.commit()
    assert car_of(store, vin(1)).status is Status.CHARGED


def test_one_car_may_take_two_steps_in_one_call(store: Store) -> None:
    launch(store)
    seen = car_of(store, vin(1))
    between = moved(seen, Step.CHARGED)
    with store.write(CODE) as uow:
        uow.cars.move([change(seen, Step.CHARGED), change(between, Step.START_FLASH)])
        uow.commit()
    assert car_of(store, vin(1)).status is Status.FLASHING


def test_a_unit_ends_with_its_commit(store: Store) -> None:
    with store.write(SITE_CHAIN) as uow:
        uow.commit()
        with pytest.raises(BrokenRule):
            uow.fleet.vins(SITE)


def test_a_commit_without_events_does_not_move_the_token(store: Store) -> None:
    fill(store, 1)
    assert store.token(SITE_CHAIN) == 0


def test_the_token_counts_the_events_of_its_chain(store: Store) -> None:
    launch(store)
    token = store.token(CODE)
    with store.write(CODE) as uow:
        uow.log.append([fact(1), fact(2)])
        uow.commit()
    assert store.token(CODE) == token + 2
    assert store.token(SITE_CHAIN) == 0
    assert store.token("never heard of") == 0


def test_a_told_client_id_comes_back_as_it_was_recorded(store: Store) -> None:
    launch(store)
    said = fact(1, client_id="pad-7:1")
    with store.write(CODE) as uow:
        uow.log.append([said])
        uow.commit()
    with store.read() as uow:
        told = uow.log.told(["pad-7:1", "pad-7:2"])
    assert told.keys() == {"pad-7:1"}
    known = told["pad-7:1"]
    assert (known.kind, known.vin, known.actor, known.at) == (Kind.CAR.value, vin(1), "tech", NOW)
    assert known.data == said.data


def test_a_written_chain_is_whole(store: Store) -> None:
    launch(store)
    for number in range(5):
        with store.write(CODE) as uow:
            uow.log.append([fact(number), fact(number, Kind.SOC_READ)])
            uow.commit()
    assert store.verify() == []
    assert store.verify(CODE) == []
    assert store.verify("never heard of") == []


def test_a_lease_has_one_holder_until_it_ends(store: Store) -> None:
    assert store.take_lease("advance:C1", "a", NOW, 15)
    assert not store.take_lease("advance:C1", "b", later(seconds=14.9), 15)
    assert store.take_lease("advance:C1", "b", later(seconds=15), 15)
    assert not store.take_lease("advance:C1", "a", later(seconds=16), 15)


def test_a_lease_is_renewed_by_its_holder_and_given_back_by_nobody_else(store: Store) -> None:
    assert store.take_lease("advance:C1", "a", NOW, 15)
    assert store.take_lease("advance:C1", "a", later(seconds=10), 15)
    store.drop_lease("advance:C1", "b")
    assert not store.take_lease("advance:C1", "b", later(seconds=20), 15)
    store.drop_lease("advance:C1", "a")
    assert store.take_lease("advance:C1", "b", later(seconds=20), 15)


def test_leases_of_different_names_do_not_meet(store: Store) -> None:
    assert store.take_lease("advance:C1", "a", NOW, 15)
    assert store.take_lease("advance:C2", "b", NOW, 15)


@pytest.mark.parametrize(
    ("outcome", "ended", "failed"),
    [
        (Outcome.PASS, 1, 0),
        (Outcome.FAIL, 1, 1),
        (Outcome.ERROR, 1, 1),
        (Outcome.TIMEOUT, 1, 1),
        (Outcome.UNKNOWN, 1, 1),
        (Outcome.NEVER_STARTED, 0, 0),
    ],
)
def test_ended_attempts_are_counted(store: Store, outcome: Outcome, ended: int, failed: int) -> None:
    launch(store)
    with store.write(CODE) as uow:
        attempt = uow.attempts.open(car_of(store, vin(1)), SITE, "S1", "J1", NOW)
        uow.attempts.end(attempt, outcome, None, "", NOW)
        campaign = uow.campaigns.get(CODE)
    assert campaign is not None
    assert (campaign.ended, campaign.failed) == (ended, failed)


def test_the_pilot_is_approved_when_every_car_of_it_is_signed_or_taken_out(store: Store) -> None:
    launch(store)

    def approved() -> bool:
        with store.read() as uow:
            campaign = uow.campaigns.get(CODE)
            assert campaign is not None
            return campaign.pilot_approved

    assert not approved()
    walk(store, [vin(1)], *TO_FLASHED, Step.APPROVE)
    assert not approved()
    walk(store, [vin(2)], Step.WITHDRAW)
    assert approved()
    walk(store, [vin(1)], Step.VOID)
    assert not approved()


def test_a_pilot_that_was_withdrawn_altogether_is_not_approved(store: Store) -> None:
    launch(store)
    walk(store, [vin(1), vin(2)], Step.WITHDRAW)
    with store.read() as uow:
        campaign = uow.campaigns.get(CODE)
    assert campaign is not None
    assert not campaign.pilot_approved


def test_a_batch_is_active_from_its_opening_to_its_last_car(store: Store) -> None:
    launch(store, cars=4, per_batch=2, opened=1)

    def numbers() -> tuple[list[int], list[int]]:
        with store.read() as uow:
            return [b.no for b in uow.batches.to_open(CODE, 9)], [b.no for b in uow.batches.active(CODE)]

    assert numbers() == ([2], [1])
    walk(store, [vin(1)], *TO_RELEASED)
    assert numbers() == ([2], [1])
    walk(store, [vin(2)], Step.WITHDRAW)
    assert numbers() == ([2], [])


def test_a_batch_that_lost_its_cars_before_is_closed_when_it_opens(store: Store) -> None:
    launch(store, cars=2, per_batch=2, opened=0)
    walk(store, [vin(1), vin(2)], Step.WITHDRAW)
    with store.write(CODE) as uow:
        (batch,) = uow.batches.to_open(CODE, 9)
        uow.batches.open(batch, NOW)
        assert uow.batches.active(CODE) == []
        uow.commit()


def test_a_batch_is_opened_once(store: Store) -> None:
    launch(store, opened=0)
    with store.write(CODE) as uow:
        batch = uow.batches.by_no(CODE, 1)
        assert batch is not None
        uow.batches.open(batch, NOW)
        uow.batches.open(batch, later(hours=1))
        uow.commit()
    with store.read() as uow:
        again = uow.batches.get(batch.id)
    assert again is not None
    assert again.opened_at == NOW


def test_only_cars_of_opened_batches_are_next_and_by_priority(store: Store) -> None:
    launch(store, cars=6, per_batch=2, opened=2)
    walk(store, [vin(2)], Step.CHARGED)
    with store.write(CODE) as uow:
        uow.charges.give([(uow.cars.latest([vin(1)])[vin(1)], "P1")], SITE, NOW)
        uow.commit()
    with store.read() as uow:
        assert [car.vin for car in uow.cars.next_for_point(CODE, 9)] == [vin(3), vin(4)]
        assert [car.vin for car in uow.cars.next_for_point(CODE, 1)] == [vin(3)]
        assert [car.vin for car in uow.cars.next_for_station(CODE, 9)] == [vin(2)]
        assert [car.vin for car in uow.cars.by_status(CODE, Status.QUEUED, 3)] == [vin(1), vin(3), vin(4)]


def test_a_station_with_an_unresolved_car_is_busy(store: Store) -> None:
    launch(store)
    walk(store, [vin(1)], Step.CHARGED, Step.START_FLASH)
    with store.write(CODE) as uow:
        car = uow.cars.latest([vin(1)])[vin(1)]
        attempt = uow.attempts.open(car, SITE, "S1", "J1", NOW)
        assert uow.attempts.busy_stations(SITE) == {"S1": vin(1)}
        uow.attempts.end(attempt, Outcome.UNKNOWN, None, "", NOW)
        uow.cars.move([change(car, Step.LOST)])
        uow.commit()
    with store.read() as uow:
        assert uow.attempts.busy_stations(SITE) == {"S1": vin(1)}
        assert uow.attempts.busy_stations("elsewhere") == {}
    walk(store, [vin(1)], Step.RESOLVE_PASSED)
    with store.read() as uow:
        assert uow.attempts.busy_stations(SITE) == {}


def test_a_read_back_is_the_car_s_last_known_version(store: Store) -> None:
    launch(store, cars=1)
    walk(store, [vin(1)], *TO_RELEASED)
    with store.read() as uow:
        assert uow.fleet.known([vin(1)])[vin(1)].version == "VBV4.5.3C"
        assert uow.fleet.eligible(SITE, "VBV4.5.2C") == []


STEPS = st.lists(st.tuples(st.integers(1, 6), st.sampled_from(list(Step))), max_size=40)


@settings(max_examples=15)
@given(steps=STEPS, cut=st.integers(1, 7))
def test_the_counters_equal_a_recount_whatever_happens(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, Step]], cut: int
) -> None:
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('counters')}/campaign.db")
    campaign = launch(store, cars=6, per_batch=2)
    for begin in range(0, len(steps), cut):
        with store.write(CODE) as uow:
            for number, step in steps[begin : begin + cut]:
                car = uow.cars.latest([vin(number)])[vin(number)]
                if step in TRANSITIONS[car.status]:
                    uow.cars.move([change(car, step)])
            if begin % 3 != 2:  # some are left without commit
                uow.commit()
    with store.read() as uow:
        for batch in uow.batches.all(CODE):
            statuses = [car.status for car in uow.cars.in_batch(batch.id)]
            assert batch.counts == {status: statuses.count(status) for status in statuses}
        statuses = [car.status for batch in uow.batches.all(CODE) for car in uow.cars.in_batch(batch.id)]
        assert uow.campaigns.counts(campaign) == {status: statuses.count(status) for status in statuses}
        left = {
            c.batch_no for c in uow.cars.latest([vin(n) for n in range(1, 7)]).values() if not _done(c.status)
        }
        assert {batch.no for batch in uow.batches.active(CODE)} == left
    store.close()


def _done(status: Status) -> bool:
    return status in (Status.RELEASED, Status.WITHDRAWN)


def test_a_late_reading_does_not_replace_a_newer_one(store: Store) -> None:
    launch(store)
    seen = car_of(store, vin(1))
    assert seen.soc is not None

    def read(tenths: int, at: datetime) -> int:
        reading = type(seen.soc)(tenths, seen.soc.gauge, at)
        with store.write(CODE) as uow:
            uow.cars.read_soc([(seen, reading)])
            uow.commit()
        now = car_of(store, vin(1))
        assert now.soc is not None
        assert now.revision == seen.revision
        return now.soc.tenths

    assert read(250, later(hours=1)) == 250
    assert read(240, later(minutes=30)) == 250
    assert read(245, later(hours=1)) == 245
