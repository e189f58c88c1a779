"""A small plant in memory: a site, people with passwords, cars, stations that a test controls, and time that stands."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher

from campaign.bootstrap import Services, wire
from campaign.domain.identity import SoftwareVersion, Vin, with_check_digit
from campaign.domain.marks import Mark, MarkKind
from campaign.domain.people import Actor, Role
from campaign.domain.rules import BatchRule, CampaignRules, FailureThreshold, GateRule
from campaign.domain.site import Circuit, Names, Point, Shift, SiteLayout, StationPlace
from campaign.domain.soc import Gauge
from campaign.domain.vehicle import Car, OrderState, Status
from campaign.files.signing import verify
from campaign.files.vault import FolderVault
from campaign.ports.files import FileVault
from campaign.ports.records import Person, Vehicle
from campaign.ports.store import Store
from campaign.ports.views import Views
from campaign.services.staging import Staging
from campaign.store import open_store
from campaign.store.queries import SqlViews
from campaign.yard.at_once import AtOnce
from campaign.yard.pace import HandClock
from tests.fakes.packages import publish
from tests.fakes.station import FakeOutcome, FakeStations
from tests.fakes.vault import FakeVault

CODE = "TEST-1"
PASSWORD = "correct horse"
START = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)  # 08:00 in the site's zone
AT_ONCE = AtOnce()
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

RULES = CampaignRules(
    code=CODE,
    site="anting",
    source=SoftwareVersion.parse("VBV4.5.2C"),
    target=SoftwareVersion.parse("VBV4.5.3C"),
    package="vbv453c",
    gate=GateRule(270, Gauge.DISPLAY, 24 * 3600),
    charge_target_tenths=285,
    batch=BatchRule(4, 3, 5, 2),
    thresholds=FailureThreshold(count=50, percent=None, min_attempts=0),
    max_attempts=3,
    rig_retries=1,
    signers=1,
    names=Names("Test", "测试"),
)

LAYOUT = SiteLayout(
    code="anting",
    names=Names("Anting", "安亭"),
    zone="Asia/Shanghai",
    slots=tuple(f"A-{n:03d}" for n in range(1, 101)),
    circuits=(Circuit("C1", 20.0),),
    points=tuple(Point(f"CP-{n:02d}", "C1", 2.2) for n in range(1, 5)),
    stations=(StationPlace("S1"), StationPlace("S2")),
    shifts=(Shift("day", Names("Day", "白班"), time(8), time(20), qa=True),),
    inspectors=2,
)

PEOPLE = [
    Person("wang", "Wang", "王", frozenset({Role.PLANNER})),
    Person("li", "Li", "李", frozenset({Role.TECHNICIAN})),
    Person("zhao", "Zhao", "赵", frozenset({Role.TECHNICIAN})),
    Person("sun", "Sun", "孙", frozenset({Role.LEAD})),
    Person("chen", "Chen", "陈", frozenset({Role.QA})),
    Person("zhou", "Zhou", "周", frozenset({Role.QA})),
    Person("han", "Han", "韩", frozenset({Role.SALES})),
    Person("xu", "Xu", "徐", frozenset({Role.AUDITOR})),
    Person("huangbo", "Huang", "黄", frozenset({Role.PRODUCT})),
    Person("root", "Root", "管理员", frozenset({Role.ADMIN})),
    Person("hands", "Two hats", "双岗", frozenset({Role.TECHNICIAN, Role.QA})),
]


def vin_no(n: int) -> Vin:
    """The n-th car: a VIN with the right check digit."""
    return with_check_digit(f"LSVAA49J0{n:08d}")


@dataclass
class Plant:
    """Services over a store, with everything around them in a test's hands."""

    services: Services
    clock: HandClock
    stations: FakeStations
    vault: FileVault
    rules: CampaignRules = RULES

    def actor(self, person: str) -> Actor:
        """Somebody of PEOPLE on a tablet."""
        return next(p for p in PEOPLE if p.id == person).actor("tablet-1")

    def car(self, n: int) -> Car:
        """The n-th car as it is now."""
        with self.services.store.read() as uow:
            return uow.cars.latest([vin_no(n)])[vin_no(n)]

    def cars(self) -> list[Car]:
        """Every car of the campaign."""
        with self.services.store.read() as uow:
            return [car for batch in uow.batches.all(CODE) for car in uow.cars.in_batch(batch.id)]

    def statuses(self) -> dict[int, Status]:
        """By the car's number."""
        return {int(car.vin[9:]): car.status for car in self.cars()}

    def add_cars(self, socs: Sequence[int | None], *, orders: OrderState = OrderState.NONE) -> None:
        """One car per SOC (tenths), numbered from 1, each answering with the source version."""
        now = self.clock.now()
        cars = [
            Vehicle(
                vin_no(n),
                "anting",
                "VBV4.5.2C",
                soc=soc,
                soc_at=None if soc is None else now,
                order_state=orders,
                promised=date(2026, 3, 9) if orders is OrderState.KNOWN else None,
            )
            for n, soc in enumerate(socs, 1)
        ]
        with self.services.store.write("site") as uow:
            uow.fleet.add(cars)
            uow.commit()
        for n in range(1, len(socs) + 1):
            self.stations.put_car(vin_no(n), "VBV4.5.2C")

    def launch(self, socs: Sequence[int | None], *, rules: CampaignRules | None = None, **fleet) -> None:
        """Cars, campaign, first tick."""
        self.add_cars(socs, **fleet)
        self.rules = rules or RULES
        self.services.planning.launch(self.actor("wang"), self.rules, reason="test")
        self.tick()

    def tick(self, times: int = 1):
        """Look at the campaign; returns the last look."""
        for _ in range(times):
            told = self.services.reconcile.tick(CODE)
        return told

    def mark(self, kind: str, n: int, soc: int | None = None, *, by: str = "li", **more):
        """One mark on the n-th car; returns its result."""
        mark = Mark(MarkKind(kind), vin_no(n), soc, **more)
        return self.services.marks.mark(self.actor(by), [mark])[0]

    def charge(self, n: int, soc: int = 300, *, by: str = "li") -> None:
        """Connect and finish."""
        self.mark("charging", n, by=by)
        self.clock.move(hours=2)
        self.mark("charged", n, soc, by=by)

    def approve(self, batch_no: int, *, by: str = "chen", **more):
        """QA approves what waits in a batch."""
        return self.services.quality.approve(self.actor(by), CODE, batch_no, password=PASSWORD, **more)

    def reject(self, batch_no: int, reason: str = "scratch", *, by: str = "chen", **more):
        """QA rejects."""
        return self.services.quality.reject(
            self.actor(by), CODE, batch_no, password=PASSWORD, reason=reason, **more
        )

    def batch_of(self, n: int) -> int:
        """The number of a car's batch."""
        return self.car(n).batch_no

    def pilot(self) -> list[int]:
        """Numbers of the pilot's cars."""
        return [int(car.vin[9:]) for car in self.cars() if car.in_pilot]

    def approve_pilot(self) -> None:
        """Charge, flash and sign the pilot."""
        for n in self.pilot():
            if self.car(n).status in (Status.QUEUED, Status.CHARGING):
                self.charge(n)
        self.tick(3)
        self.approve(1)
        self.tick()

    def outcome(self, n: int, outcome: FakeOutcome) -> None:
        """How the next flash of a car ends."""
        self.stations.outcomes[vin_no(n)] = outcome

    def advance(self, **by: float) -> None:
        """Time passes."""
        self.clock.move(**by)

    def spoil(self, sha256: str) -> None:
        """A file in the vault is not what it was any more."""
        if isinstance(self.vault, FakeVault):
            self.vault.spoil(sha256)
            return
        path = self.vault.path(sha256)
        data = path.read_bytes()
        path.write_bytes(bytes([data[0] ^ 1]) + data[1:])

    def another_staging(self) -> Staging:
        """As another process has it, over the same store and stations."""
        return Staging(self.services.store, self.clock, self.stations, self.vault, verify)

    def facts(self, vin: Vin | None = None) -> list[str]:
        """Kinds of events of a car, or of the campaign, in order."""
        views = self.services.views
        events = views.story(vin) if vin else list(reversed(views.log(CODE, limit=100_000)))
        return [event.fact.kind.value for event in events]


def plant_over(
    store: Store,
    views: Views,
    stations: FakeStations | None = None,
    vault: FileVault | None = None,
    uploads: Executor | None = AT_ONCE,
    layout: SiteLayout = LAYOUT,
) -> Plant:
    """A plant with its site and people set up, and the package of RULES released."""
    clock = HandClock(START)
    links = stations or FakeStations([station.name for station in layout.stations])
    files = vault or FakeVault()
    services = wire(store, views, clock, links, CHEAP, vault=files, uploads=uploads)
    root = next(p for p in PEOPLE if p.id == "root").actor("server")
    services.sites.apply(root, layout)
    hashed = CHEAP.hash(PASSWORD)
    with store.write("site") as uow:
        for person in PEOPLE:
            uow.people.put(replace(person, password_hash=hashed))
        uow.commit()
    publish(services, RULES)
    return Plant(services, clock, links, files)


@cache
def _empty_database() -> bytes:
    """A file with every table and no row: the migrations run once per test process, not once per test."""
    with tempfile.TemporaryDirectory(prefix="test-empty-") as folder:
        file = Path(folder) / "empty.db"
        open_store(f"sqlite+pysqlite:///{file}").close()
        return file.read_bytes()


def _fresh_store(folder: Path) -> Store:
    file = folder / "campaign.db"
    file.write_bytes(_empty_database())
    return open_store(f"sqlite+pysqlite:///{file}")


@contextmanager
def sqlite_plant(folder: Path) -> Iterator[Plant]:
    """A plant over a fresh SQLite file."""
    store = _fresh_store(folder)
    plant = plant_over(store, SqlViews(store), vault=FolderVault(folder / "files"))
    try:
        yield plant
    finally:
        plant.services.close()


@contextmanager
def threaded_plant(folder: Path, stations: Sequence[str]) -> Iterator[Plant]:
    """As `sqlite_plant`, with these stations, and uploads in threads of their own as in production."""
    store = _fresh_store(folder)
    layout = replace(LAYOUT, stations=tuple(StationPlace(name) for name in stations))
    plant = plant_over(
        store, SqlViews(store), vault=FolderVault(folder / "files"), uploads=None, layout=layout
    )
    try:
        yield plant
    finally:
        plant.services.close()
