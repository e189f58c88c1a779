"""What every store tells of charges that have ended."""

from __future__ import annotations

from campaign.ports.records import EndedCharge
from campaign.ports.store import Store
from tests.contracts.store_world import CODE, NOW, SITE, car_of, later, launch, vin


def charge(
    store: Store, number: int, point: str, soc: tuple[int | None, int | None], site: str = SITE
) -> None:
    """A car is connected at NOW and unplugged as many hours later as its number."""
    car = car_of(store, vin(number))
    with store.write(CODE) as uow:
        uow.charges.start([(car, point, soc[0], None)], site, NOW, "tech")
        uow.charges.end([(car, soc[1])], later(hours=number))
        uow.commit()


def recent(store: Store, among: int = 100, site: str = SITE) -> list[EndedCharge]:
    with store.read() as uow:
        return uow.charges.recent(site, among)


def test_without_charges_there_is_nothing_to_tell(store: Store) -> None:
    assert recent(store) == []


def test_ended_charges_come_the_last_given_first(store: Store) -> None:
    launch(store)
    charge(store, 1, "P1", (160, 270))
    charge(store, 2, "P2", (100, 285))
    assert recent(store) == [
        EndedCharge("P2", NOW, later(hours=2), 100, 285),
        EndedCharge("P1", NOW, later(hours=1), 160, 270),
    ]


def test_only_the_last_are_looked_at(store: Store) -> None:
    launch(store)
    for number in (1, 2, 3):
        charge(store, number, "P1", (160, 270 + number))
    assert [one.end_soc for one in recent(store, among=2)] == [273, 272]


def test_a_charge_that_goes_on_or_lacks_a_reading_or_is_elsewhere_is_not_told(store: Store) -> None:
    launch(store)
    charge(store, 1, "P1", (None, 270))
    charge(store, 2, "P1", (160, None))
    charge(store, 3, "P1", (160, 270), site="elsewhere")
    car = car_of(store, vin(4))
    with store.write(CODE) as uow:
        uow.charges.give([(car, "P1")], SITE, NOW)
        uow.commit()
    assert recent(store) == []
    with store.write(CODE) as uow:
        uow.charges.end([(car, 270)], NOW)  # given and never connected
        uow.commit()
    assert recent(store) == []
    assert len(recent(store, site="elsewhere")) == 1
