"""A campaign in its first night, made through the services: what the pages are tested and pictured over.

The yard of configs/ (60 points, 6 stations, the demo's people) with some hundred cars; technicians, stations and QA
are played by a loop on a clock in its hand. Always the same cars, always the same end.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from argon2 import PasswordHasher

from campaign.bootstrap import Services, wire
from campaign.config import Settings
from campaign.definitions import find_campaign, find_site, load_people
from campaign.domain.batch import BatchStatus
from campaign.domain.identity import Vin, with_check_digit
from campaign.domain.marks import Mark, MarkKind
from campaign.domain.people import Actor
from campaign.domain.rules import CampaignRules
from campaign.domain.vehicle import OrderState, Status
from campaign.files.vault import FolderVault
from campaign.ports.records import Charge, Person, Vehicle
from campaign.ports.station import JobVerdict
from campaign.store import open_store
from campaign.store.queries import SqlViews
from campaign.yard.at_once import AtOnce
from campaign.yard.pace import HandClock, Pace
from tests.fakes.journal import failed_journal
from tests.fakes.packages import publish
from tests.fakes.station import FakeOutcome, FakeStations

CONFIGS = Path(__file__).parents[2] / "configs"
CODE = "VBV453C-2026"
PASSWORD = "night shift 27"
START = datetime(2026, 1, 5, 0, 0, tzinfo=UTC)  # 08:00 at the site
NIGHT = datetime(2026, 1, 5, 19, 12, tzinfo=UTC)  # 03:12 at the site
STEP = timedelta(minutes=20)
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
REFUSED = (
    ("ecu", "displays"), ("block", "application"), ("nrc", "0x72"), ("name", "generalProgrammingFailure"),
)  # fmt: skip
ZONE = ZoneInfo("Asia/Shanghai")


@dataclass
class Scene:
    """The services with everything around them in a test's hands."""

    services: Services
    clock: HandClock
    stations: FakeStations
    rules: CampaignRules
    people: dict[str, Person]
    settings: Settings
    luck: random.Random = field(default_factory=lambda: random.Random(7))

    def actor(self, person: str) -> Actor:
        """Somebody on a tablet."""
        return self.people[person].actor("tablet-2")

    def vins(self, status: Status) -> list[Vin]:
        """Cars that stand there now, by priority."""
        with self.services.store.read() as uow:
            return [car.vin for car in uow.cars.by_status(CODE, status, 1000)]

    def sign_in(self, person: str) -> str:
        """A session's secret."""
        return self.services.people.sign_in(person, PASSWORD, "tablet-2").token

    def run_to(self, end: datetime) -> None:
        """The floor works until `end`: connects, unplugs, flashes; QA signs in its shift."""
        while self.clock.now() < end:
            self.clock.move_to(min(end, self.clock.now() + STEP))
            self.stations.now = self.clock.now()
            self.services.reconcile.tick(CODE)
            self._charge()
            self._sign()
        self.services.reconcile.tick(CODE)

    def _charge(self) -> None:
        now = self.clock.now()
        with self.services.store.read() as uow:
            charges = uow.charges.open(self.rules.site)
        done = [c for c in charges if c.started_at and c.expected_end and c.expected_end <= now]
        given = [c for c in charges if c.started_at is None]
        marks = [Mark(MarkKind.CHARGED, c.vin, self._shown(c)) for c in done]
        marks += [Mark(MarkKind.CHARGING, c.vin, point=c.point) for c in given]
        if marks:
            self.services.marks.mark(self.actor(self.luck.choice(("liqiang", "wangfang"))), marks)

    def _shown(self, charge: Charge) -> int:
        """SOC follows the time at the point, or the points would seem to get faster; cars differ a little."""
        gained = (self.clock.now() - (charge.started_at or START)) // timedelta(minutes=1) * 11 // 36
        return (charge.start_soc or 0) + gained - 5 + self.luck.randrange(25)

    def _sign(self) -> None:
        if not 8 <= self.clock.now().astimezone(ZONE).hour < 20:
            return
        for batch in self.services.quality.queue(CODE):
            self.services.quality.approve(self.actor("liumin"), CODE, batch.no, password=PASSWORD)

    def ready_batch(self) -> int:
        """The number of a batch that waits for QA."""
        with self.services.store.read() as uow:
            return next(b.no for b in uow.batches.active(CODE) if b.status is BatchStatus.READY)


@contextmanager
def bare_scene(home: Path) -> Iterator[Scene]:
    """Site and people, no car, no campaign, in the store that `home` will have."""
    settings = Settings(home=home, configs=CONFIGS)
    home.mkdir(parents=True, exist_ok=True)
    store = open_store(settings.database_url)
    clock = HandClock(START)
    site = find_site(CONFIGS, "anting").layout()
    stations = FakeStations([station.name for station in site.stations], looks=2)
    vault = FolderVault(settings.files_vault)
    services = wire(store, SqlViews(store), clock, stations, CHEAP, vault=vault, uploads=AtOnce())
    people = {person.id: person for person in _people()}
    scene = Scene(services, clock, stations, find_campaign(CONFIGS, CODE).rules(), people, settings)
    hashed = CHEAP.hash(PASSWORD)
    with store.write("site") as uow:
        for person in people.values():
            uow.people.put(replace(person, password_hash=hashed))
        uow.commit()
    services.sites.apply(scene.actor("hejun"), site)
    publish(services, scene.rules)
    try:
        yield scene
    finally:
        services.close()


@contextmanager
def night_scene(home: Path, cars: int = 480) -> Iterator[Scene]:
    """The campaign at 03:12 of its first night, with a pilot released, failures, a hold and an unknown outcome; planned
    anew for them, with a forecast.
    """
    with bare_scene(home) as scene:
        _fill(scene, cars)
        scene.services.planning.launch(scene.actor("zhangwei"), scene.rules, reason="Ready: package released")
        _run_night(scene)
        scene.services.replanning.tend(CODE)
        scene.services.forecasting.tend(CODE)
        yield scene


def settled_clock(scene: Scene, speed: float = 1.0) -> None:
    """Write the pace file, so that another process goes on from the scene's moment."""
    Pace(scene.clock.now(), datetime.now(UTC), speed).write(scene.settings.clock_file)


def _people() -> list[Person]:
    return [
        Person(p.id, p.name, p.name_zh, frozenset(p.roles), p.language, p.shared)
        for p in load_people(CONFIGS / "people" / "demo.yaml").people
    ]


def vin_no(n: int) -> Vin:
    """The n-th car."""
    return with_check_digit(f"LSVUD6E40S2{n:06d}")


def _fill(scene: Scene, cars: int) -> None:
    luck = random.Random(2026)
    rows = []
    for n in range(1, cars + 1):
        vin = vin_no(100_000 + 37 * n)
        order = OrderState.UNKNOWN if n % 53 == 0 else OrderState.KNOWN if n % 3 else OrderState.NONE
        rows.append(
            Vehicle(
                vin,
                "anting",
                str(scene.rules.source),
                model="ID.4 X",
                slot=f"{'ABCDEFGHJK'[n % 10]}-{n // 10 + 1:03d}",
                soc=luck.randrange(50, 350),
                soc_at=START,
                order_state=order,
                order_no=f"SO-26{n:05d}" if order is OrderState.KNOWN else None,
                promised=date(2026, 1, 9) + timedelta(days=n % 6) if order is OrderState.KNOWN else None,
            )
        )
        scene.stations.put_car(vin, str(scene.rules.source))
    with scene.services.store.write("site") as uow:
        uow.fleet.add(rows)
        uow.commit()


def _run_night(scene: Scene) -> None:
    """Two cars fail, one loses its outcome, one is held."""
    scene.run_to(NIGHT - timedelta(hours=3))
    waiting = scene.vins(Status.CHARGED) or scene.vins(Status.CHARGING)
    for vin in waiting[:2]:
        scene.stations.outcomes[vin] = FakeOutcome(
            JobVerdict.FAIL,
            str(scene.rules.source),
            False,
            "negative response 0x72",
            "programming_failed",
            REFUSED,
        )
    scene.stations.journal = failed_journal
    scene.run_to(NIGHT - timedelta(minutes=60))
    scene.run_to(NIGHT - timedelta(minutes=20))
    with scene.services.store.read() as uow:
        scene.stations.kill(uow.attempts.running(CODE)[-1].job_id)
    held = scene.vins(Status.CHARGING)[3]
    scene.services.quality.set_hold(
        scene.actor("maria"), "car", held, "scratch on the charge flap, photo taken"
    )
    scene.run_to(NIGHT - timedelta(minutes=9))
    _leave_points_unconnected(scene, 4)
    scene.clock.move_to(NIGHT)
    with scene.services.store.write(CODE) as uow:
        for n, attempt in enumerate(uow.attempts.running(CODE)):
            uow.attempts.progress(attempt, min(96, 14 + 19 * n), "transfer" if n < 4 else "verify", n)
        uow.commit()


def _leave_points_unconnected(scene: Scene, how_many: int) -> None:
    """Some cars are unplugged; the next ones get their points, and nobody has connected them yet."""
    with scene.services.store.read() as uow:
        running = [charge for charge in uow.charges.open("anting") if charge.started_at]
    soonest = sorted(running, key=lambda charge: charge.expected_end or NIGHT)[:how_many]
    marks = [Mark(MarkKind.CHARGED, charge.vin, 287) for charge in soonest]
    scene.services.marks.mark(scene.actor("wangfang"), marks)
    scene.services.reconcile.tick(CODE)
