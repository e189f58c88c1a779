"""The case of a demo put into an installation: people, site, lists and the launch, each through its use case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from campaign.domain.campaign import Campaign
from campaign.domain.people import Role
from campaign.domain.rules import CampaignRules
from campaign.domain.site import SiteLayout
from campaign.files.order_list import read_order_list
from campaign.files.vehicle_list import read_vehicle_list
from campaign.ports.records import Person
from campaign.services.intake import Listed
from campaign.yard.fleet import FLASH_MIN, FleetCar, make_fleet, write_lists
from campaign.yard.given import Given
from campaign.yard.package import publish_demo_package
from campaign.yard.people import Staff, sign_up
from campaign.yard.weather import FAIR, Weather
from campaign.yard.world import VirtualCar, World, pace_of

MORNING = 8  # local hour at which a case begins
LAUNCH_REASON = "交付前升级，首批待交付车辆"


@dataclass(frozen=True, slots=True)
class Case:
    """A seeded yard and the campaign that it goes through. `start` is campaign time, UTC."""

    seed: int
    start: datetime
    rules: CampaignRules
    layout: SiteLayout
    cars: tuple[FleetCar, ...]

    @classmethod
    def make(
        cls, vehicles: int, *, seed: int, now: datetime, rules: CampaignRules, layout: SiteLayout
    ) -> Case:
        """A case whose middle is about `now`."""
        start = morning_before(now, layout, half_way(vehicles, layout))
        return cls(seed, start, rules, layout, make_fleet(vehicles, layout, rules, start, seed))


def half_way(vehicles: int, layout: SiteLayout) -> timedelta:
    """About how long the stations are busy until half of the cars are through."""
    return timedelta(minutes=vehicles * FLASH_MIN / len(layout.stations) / 2)


def morning_before(now: datetime, layout: SiteLayout, ago: timedelta) -> datetime:
    """The first morning that is at least `ago` before `now` at the site, in UTC."""
    local = (now - ago).astimezone(ZoneInfo(layout.zone))
    morning = local.replace(hour=MORNING, minute=0, second=0, microsecond=0)
    return (morning if morning <= local else morning - timedelta(days=1)).astimezone(UTC)


def set_up(given: Given, case: Case, persons: Sequence[Person], secrets_file: Path) -> Staff:
    """People with their passwords, the site, and the package, signed with a key that is kept beside the passwords.

    Returns the people, ready to sign in.
    """
    staff = Staff(given.people, sign_up(given.people, persons, secrets_file))
    given.sites.apply(staff.actor(staff.with_role(Role.ADMIN)[0]), case.layout)
    publish_demo_package(given, staff, case.rules, secrets_file.parent)
    return staff


def take_in(given: Given, staff: Staff, case: Case, folder: Path) -> tuple[int, int]:
    """Write the lists as they came from the plant and from sales, and import them. Rows of each.

    Raises BadFile, and ValueError when a row of a made-up list is refused.
    """
    lists = write_lists(case.cars, case.rules.source, folder)
    cars = read_vehicle_list(lists.vehicles)
    orders = read_order_list(lists.orders)
    if cars.rejected or orders.rejected:
        raise ValueError(f"the lists of the case are refused: {cars.issues[:3]} {orders.issues[:3]}")
    planner, seller = (staff.with_role(role)[0] for role in (Role.PLANNER, Role.SALES))
    site = case.layout.code
    taken = given.intake.import_vehicles(
        staff.actor(planner), Listed(cars.file_name, cars.sha256, cars.rows), site
    )
    ordered = given.intake.import_orders(
        staff.actor(seller), Listed(orders.file_name, orders.sha256, orders.rows), site
    )
    return taken.record.rows, ordered.record.rows


def launch(given: Given, staff: Staff, case: Case) -> Campaign:
    """As the planner does on the command line."""
    planner = staff.actor(staff.with_role(Role.PLANNER)[0])
    return given.planning.launch(planner, case.rules, reason=LAUNCH_REASON)


def new_world(case: Case, weather: Weather = FAIR) -> World:
    """The cars as they stand at the start, in memory."""
    source = str(case.rules.source)
    cars = (
        VirtualCar(car.vin, source, car.soc, case.start, pace=pace_of(car.vin, case.seed))
        for car in case.cars
    )
    return World(cars, weather=weather)
