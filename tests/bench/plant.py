"""A plant to measure in: the shipped site and campaign at any size, real services over a fresh SQLite file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from campaign.bootstrap import Services, build
from campaign.config import SHIPPED_CONFIGS, Settings
from campaign.definitions.folder import find_campaign, find_site, load_people
from campaign.definitions.people import PersonDefinition
from campaign.domain.people import SYSTEM, Actor
from campaign.domain.rules import BatchRule, CampaignRules
from campaign.domain.site import Point, SiteLayout, StationPlace
from campaign.domain.vehicle import OrderState
from campaign.files.order_list import read_order_list
from campaign.files.vehicle_list import read_vehicle_list
from campaign.ports.clock import Clock
from campaign.ports.records import OrderFact, Person
from campaign.ports.station import StationLink
from campaign.services.intake import Listed
from campaign.yard.at_once import AtOnce
from campaign.yard.fleet import FleetCar, Lists
from tests.fakes.packages import publish

START = datetime(2026, 1, 5, 0, 0, tzinfo=UTC)
CODE = "VBV453C-2026"
PASSWORD = "measured-in-the-bench"


@dataclass(frozen=True, slots=True)
class Size:
    """How large the site is."""

    slots: int
    points: int
    stations: int

    def layout(self) -> SiteLayout:
        """The shipped site with other numbers; its one circuit carries all of its points, as the shipped ones do."""
        shipped = find_site(SHIPPED_CONFIGS, "anting").layout()
        circuit = shipped.circuits[0]
        return replace(
            shipped,
            slots=tuple(
                f"{row:03d}-{place:03d}" for row in range(-(-self.slots // 100)) for place in range(100)
            ),
            circuits=(replace(circuit, limit_kw=2.2 * self.points),),
            points=tuple(Point(f"CP-{n:03d}", circuit.name, 2.2) for n in range(1, self.points + 1)),
            stations=tuple(StationPlace(f"ST-{n}") for n in range(1, self.stations + 1)),
        )


def shipped_rules(pilot: int | None = None) -> CampaignRules:
    """The shipped campaign's rules, with another pilot where one is given."""
    rules = find_campaign(SHIPPED_CONFIGS, CODE).rules()
    if pilot is None:
        return rules
    return replace(rules, batch=BatchRule(rules.batch.size, rules.batch.min, rules.batch.max, pilot))


@dataclass(frozen=True, slots=True)
class Plant:
    """Services, and the people who use them, by id."""

    home: Path
    services: Services
    actors: dict[str, Actor]
    layout: SiteLayout

    def import_lists(self, lists: Lists, cars: tuple[FleetCar, ...]) -> None:
        """Both lists as they were handed in; sales answers for the cars that no list names."""
        cars_list = read_vehicle_list(lists.vehicles)
        planner, intake = self.actors["anna"], self.services.intake
        listed = Listed(cars_list.file_name, cars_list.sha256, cars_list.rows)
        taken = intake.import_vehicles(planner, listed, self.layout.code)
        if len(taken.checked.new) != len(cars):
            raise RuntimeError(f"{len(taken.checked.new)} of {len(cars)} cars were taken in")
        orders = read_order_list(lists.orders)
        intake.import_orders(
            self.actors["zhoumei"], Listed(orders.file_name, orders.sha256, orders.rows), self.layout.code
        )
        silent = [OrderFact(c.vin, OrderState.NONE) for c in cars if c.order_state is OrderState.UNKNOWN]
        if silent:
            intake.set_orders(self.actors["zhoumei"], silent, "no demand order")


@contextmanager
def opened(home: Path, size: Size, links: StationLink | None, clock: Clock) -> Iterator[Plant]:
    """The plant in `home` as it is, or empty where nothing is. `links` None: the SSH stations found there."""
    settings = Settings.load(home=home, configs=SHIPPED_CONFIGS)
    services = build(settings, links=links, clock=clock, uploads=None if links is None else AtOnce())
    try:
        yield Plant(home, services, {person.id: person.actor("bench") for person in _people()}, size.layout())
    finally:
        services.close()


@contextmanager
def plant(home: Path, size: Size, links: StationLink | None, clock: Clock) -> Iterator[Plant]:
    """A fresh plant in `home`, with the shipped people and their passwords (argon2 as in production)."""
    with opened(home, size, links, clock) as made:
        made.services.sites.apply(SYSTEM, made.layout)
        made.services.people.apply(SYSTEM, _people())
        made.services.people.set_password(SYSTEM, "liumin", PASSWORD)
        publish(made.services, shipped_rules())
        yield made


def _people() -> list[Person]:
    return [_person(raw) for raw in load_people(SHIPPED_CONFIGS / "people" / "demo.yaml").people]


def _person(raw: PersonDefinition) -> Person:
    return Person(raw.id, raw.name, raw.name_zh, frozenset(raw.roles), raw.language, raw.shared)
