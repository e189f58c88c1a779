"""A small site for the store's contract: cars, a launched campaign, and steps from the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from campaign.domain.campaign import Campaign, CampaignState
from campaign.domain.events import SITE_CHAIN, Fact, Kind
from campaign.domain.identity import SoftwareVersion, Vin
from campaign.domain.package import Package, PackageState, Stamp, TrustedKey
from campaign.domain.rules import BatchRule, CampaignRules, FailureThreshold, GateRule
from campaign.domain.site import Circuit, Names, Point, Shift, SiteLayout, StationPlace
from campaign.domain.soc import Gauge
from campaign.domain.vehicle import Car, Reading, Step, after
from campaign.ports.records import CarChange, Place, PlannedBatch, Vehicle
from campaign.ports.store import Store
from campaign.station_agent.manifest import Manifest, Signed

NOW = datetime(2026, 11, 5, 8, 30, 15, 123456, tzinfo=UTC)
SITE = "yard"
CODE = "C1"
SOURCE, TARGET = "VBV4.5.2C", "VBV4.5.3C"


def later(**amount: float) -> datetime:
    """NOW and some time."""
    return NOW + timedelta(**amount)


def vin(number: int) -> Vin:
    """A valid VIN of a maker without check digits, so that they sort as their numbers."""
    return Vin(f"WVGZZZE2ZNE{number:06d}")


def vehicle(number: int) -> Vehicle:
    """A car of the site at the source version."""
    return Vehicle(vin(number), SITE, SOURCE, "ID.4 X", slot=f"A{number}", soc=200, soc_at=NOW)


def rules(code: str = CODE) -> CampaignRules:
    """A campaign's rules."""
    return CampaignRules(
        code=code,
        site=SITE,
        source=SoftwareVersion.parse(SOURCE),
        target=SoftwareVersion.parse(TARGET),
        package="P1",
        gate=GateRule(270, Gauge.DISPLAY, 86400),
        charge_target_tenths=300,
        batch=BatchRule(40, 30, 50, 20),
        thresholds=FailureThreshold(5, None, 10),
        max_attempts=3,
        rig_retries=1,
        signers=1,
        names=Names("Upgrade", "升级"),
        aliases=(("new", TARGET),),
    )


def layout() -> SiteLayout:
    """Two points, two stations."""
    names = Names("Yard", "场地")
    return SiteLayout(
        SITE,
        names,
        "Asia/Shanghai",
        ("A1", "A2"),
        (Circuit("K1", 40.0),),
        (Point("P1", "K1", 7.0), Point("P2", "K1", 7.0)),
        (StationPlace("S1"), StationPlace("S2")),
        (Shift("day", names, time(8), time(20), True),),
        2,
    )


def fact(number: int = 1, kind: Kind = Kind.CAR, client_id: str | None = None) -> Fact:
    """Something to tell."""
    data = {"step": "charged", "soc": 270, "note": "夜班 ✓", "nested": {"b": [1, None], "a": True}}
    return Fact(kind, "tech", NOW, "pad-7", vin(number), 1, "because", data, client_id, later(days=-1))


def fill(store: Store, cars: int, first: int = 1) -> list[Vin]:
    """Put cars on the site."""
    with store.write(SITE_CHAIN) as uow:
        uow.fleet.add([vehicle(number) for number in range(first, first + cars)])
        uow.commit()
    return [vin(number) for number in range(first, first + cars)]


def launch(
    store: Store, cars: int = 4, per_batch: int = 2, opened: int = 99, code: str = CODE, first: int = 1
) -> Campaign:
    """A running campaign over fresh cars, in order of VIN, with its first `opened` batches open."""
    vins = fill(store, cars, first)
    batches = [
        PlannedBatch(no, per_batch, later(hours=no), later(hours=no + 1))
        for no in range(1, (cars + per_batch - 1) // per_batch + 1)
    ]
    places = [Place(vin, at // per_batch + 1, at) for at, vin in enumerate(vins)]
    with store.write(code) as uow:
        campaign = uow.campaigns.add(rules(code), CampaignState.RUNNING, NOW, "planner")
        uow.batches.add(campaign, batches, places, NOW)
        for batch in uow.batches.to_open(code, opened):
            uow.batches.open(batch, NOW)
        uow.log.append([Fact(Kind.CAMPAIGN_LAUNCHED, "planner", NOW)])
        uow.commit()
    return campaign


def change(car: Car, step: Step, at: datetime = NOW) -> CarChange:
    """The change that a step makes; a passed flash comes with its read-back, a charge with its SOC."""
    to = after(car.status, step)
    assert to is not None
    read_back = TARGET if step in (Step.FLASH_PASSED, Step.RESOLVE_PASSED) else None
    soc = Reading(300, Gauge.DISPLAY, at) if step is Step.CHARGED else None
    return CarChange(car, step, to, "tech", at, soc, read_back)


def walk(store: Store, vins: Sequence[Vin], *steps: Step, at: datetime = NOW) -> None:
    """Take steps with cars, all in one unit."""
    for step in steps:
        code = car_of(store, vins[0]).campaign
        with store.write(code) as uow:
            uow.cars.move([change(car, step, at) for car in uow.cars.latest(vins).values()])
            uow.commit()


TO_FLASHED = (Step.CHARGED, Step.START_FLASH, Step.FLASH_PASSED)
TO_RELEASED = (*TO_FLASHED, Step.APPROVE, Step.RELEASE)


def car_of(store: Store, vin: Vin) -> Car:
    """The car as it is now."""
    with store.read() as uow:
        return uow.cars.latest([vin])[vin]


def moved(car: Car, step: Step) -> Car:
    """The car as it will be loaded after `change`."""
    done = change(car, step)
    return replace(
        car,
        status=done.to,
        revision=car.revision + 1,
        soc=done.soc or car.soc,
        read_back=done.read_back or car.read_back,
        changed_at=done.at,
        changed_by=done.by,
    )


KEY = TrustedKey("a" * 64, "development", Stamp("root", NOW))


def draft(name: str = "P1", **changed: object) -> Package:
    text = Manifest(name, SOURCE, TARGET, "WI 7").to_text()
    made = Package(name, PackageState.DRAFT, SOURCE, TARGET, "WI 7", text, Stamp("huangbo", NOW))
    return replace(made, **changed)


def signed(package: Package, key: str = KEY.key) -> Signed:
    return Signed(package.text, key, "b" * 128)
