"""Cars that are charged and wait for a station, in one batch, with a released package that fits them."""

from __future__ import annotations

from dataclasses import replace

from campaign.domain.identity import Vin
from campaign.domain.marks import Mark, MarkKind
from campaign.domain.people import SYSTEM
from campaign.domain.rules import BatchRule, CampaignRules, FailureThreshold
from campaign.domain.vehicle import OrderState
from campaign.ports.records import Person, Vehicle
from tests.bench.bench_control import SOC, hand_in
from tests.bench.plant import CODE, Plant, shipped_rules
from tests.fakes.flashed_car import SOURCE
from tests.fakes.plant import vin_no
from tests.fakes.uds_yard import UdsYard


def one_batch_rules(cars: int) -> CampaignRules:
    """Every car in the pilot, and no threshold that a test of failures would reach."""
    return replace(
        shipped_rules(),
        batch=BatchRule(cars, cars, cars, cars),
        thresholds=FailureThreshold(count=10 * cars, percent=None, min_attempts=1),
    )


def charged_cars(plant: Plant, yard: UdsYard, rules: CampaignRules, count: int) -> list[Vin]:
    """Site, people, package, fleet and launch; then every car is connected and charged by a technician."""
    services, actors = plant.services, plant.actors
    services.sites.apply(SYSTEM, plant.layout)
    people = [Person(actor.id, actor.name, actor.name, actor.roles) for actor in actors.values()]
    services.people.apply(SYSTEM, people)
    yard.publish(services, actors["huangbo"], actors["hejun"])
    vins = [vin_no(number) for number in range(1, count + 1)]
    with services.store.write("site") as uow:
        uow.fleet.add([Vehicle(vin, plant.layout.code, SOURCE, order_state=OrderState.NONE) for vin in vins])
        uow.commit()
    for vin in vins:
        if vin not in yard.cars:
            yard.add_car(vin)
    services.planning.launch(actors["anna"], rules, reason="test")
    services.reconcile.tick(CODE)
    with services.store.read() as uow:
        charges = uow.charges.open(plant.layout.code)
    hand_in(plant, [Mark(MarkKind.CHARGING, charge.vin, point=charge.point) for charge in charges])
    hand_in(plant, [Mark(MarkKind.CHARGED, charge.vin, SOC) for charge in charges])
    return vins
