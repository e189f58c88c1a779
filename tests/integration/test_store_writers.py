"""Writers that come at the same moment: one after the other, nothing lost, nothing twice."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from campaign.domain.reasons import Code
from campaign.domain.vehicle import Status, Step
from campaign.errors import Conflict
from campaign.store import SqlStore
from tests.contracts.store_world import CODE, NOW, SITE, car_of, change, fact, later, launch, vin

WRITERS = 4
T = TypeVar("T")


def at_once(work: Callable[[int], T], writers: int = WRITERS) -> list[T]:
    """Run `work(0..)` in threads that start together."""
    ready = Barrier(writers)

    def begin(number: int) -> T:
        ready.wait(timeout=30)
        return work(number)

    with ThreadPoolExecutor(writers) as pool:
        return list(pool.map(begin, range(writers)))


def test_writers_of_one_chain_go_one_after_the_other(sql_store: SqlStore) -> None:
    campaign = launch(sql_store, cars=20)
    before = sql_store.token(CODE)

    def take_next(_: int) -> list[str]:
        taken = []
        for _round in range(5):
            with sql_store.write(CODE) as uow:
                car = uow.cars.next_for_point(CODE, 1)[0]
                uow.cars.move([change(car, Step.CHARGED)])
                uow.log.append([fact(1)])
                uow.commit()
                taken.append(car.vin)
        return taken

    taken = [one for writer in at_once(take_next) for one in writer]
    assert sorted(taken) == [vin(number) for number in range(1, 21)]
    assert sql_store.token(CODE) == before + 20
    assert sql_store.verify() == []
    with sql_store.read() as uow:
        assert uow.campaigns.counts(campaign) == {Status.CHARGED: 20}


def test_two_campaigns_of_a_site_do_not_take_the_same_point_or_station(sql_store: SqlStore) -> None:
    codes = [f"C{number}" for number in range(WRITERS)]
    for number, code in enumerate(codes):
        launch(sql_store, cars=1, code=code, first=10 * number)

    def take(number: int) -> Code | None:
        try:
            with sql_store.write(codes[number]) as uow:
                car = uow.cars.latest([vin(10 * number)])[vin(10 * number)]
                uow.charges.give([(car, "P1")], SITE, NOW)
                uow.commit()
        except Conflict as refused:
            return refused.reasons[0].code
        return None

    assert sorted(map(str, at_once(take))) == ["None", *["point_taken"] * (WRITERS - 1)]

    def flash(number: int) -> Code | None:
        try:
            with sql_store.write(codes[number]) as uow:
                car = uow.cars.latest([vin(10 * number)])[vin(10 * number)]
                uow.attempts.open(car, SITE, "S1", f"J{number}", NOW)
                uow.commit()
        except Conflict as refused:
            return refused.reasons[0].code
        return None

    assert sorted(map(str, at_once(flash))) == ["None", *["taken_by"] * (WRITERS - 1)]


def test_one_of_many_gets_a_lease(sql_store: SqlStore) -> None:
    assert sum(at_once(lambda n: sql_store.take_lease("advance", f"host-{n}", NOW, 15), 6)) == 1
    assert sum(at_once(lambda n: sql_store.take_lease("advance", f"new-{n}", later(seconds=16), 15), 6)) == 1


def test_a_reader_never_waits_and_sees_one_moment(sql_store: SqlStore) -> None:
    campaign = launch(sql_store)
    with sql_store.read() as look:
        before = look.campaigns.counts(campaign)
        with sql_store.write(CODE) as uow:
            uow.cars.move([change(car_of(sql_store, vin(1)), Step.CHARGED)])
            assert look.campaigns.counts(campaign) == before
            uow.commit()
        assert look.campaigns.counts(campaign) == before
    assert car_of(sql_store, vin(1)).status is Status.CHARGED


def test_two_of_one_client_id_in_two_chains_become_one(sql_store: SqlStore) -> None:
    def tell(number: int) -> bool:
        try:
            with sql_store.write(f"chain-{number}") as uow:
                uow.log.append([fact(1, client_id="pad-7:1")])
                uow.commit()
        except Conflict:
            return False
        return True

    assert sorted(at_once(tell)) == [False] * (WRITERS - 1) + [True]
    assert sum(sql_store.token(f"chain-{number}") for number in range(WRITERS)) == 1
