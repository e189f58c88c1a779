"""Small campaigns of all kinds, played to their last approval by the real services in the project's simulated yard.

Each is drawn from its seed alone: how many cars, points, stations and inspectors, batches and pilot, the hour of the
launch, and what all of it meets (`campaign.yard.conditions`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, time
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from argon2 import PasswordHasher

from campaign.bootstrap import Services, wire
from campaign.cli.setting_up import configured_people
from campaign.config import SHIPPED_CONFIGS
from campaign.domain.events import Kind
from campaign.domain.rules import BatchRule
from campaign.domain.site import Circuit
from campaign.domain.vehicle import Status
from campaign.files.vault import FolderVault
from campaign.planning.plan import Plan
from campaign.planning.planner import plan
from campaign.planning.snapshot import Snapshot
from campaign.services.planning import launch_snapshot
from campaign.store import open_store
from campaign.store.queries import SqlViews
from campaign.yard import scene
from campaign.yard.at_once import AtOnce
from campaign.yard.conditions import Conditions
from campaign.yard.fast_forward import Standing
from campaign.yard.fleet import make_fleet
from campaign.yard.people import Staff
from campaign.yard.proof import log_of
from campaign.yard.rehearsal import Rehearsal
from campaign.yard.scene import Case
from tests.bench.plant import CODE, START, Size, shipped_rules

SIGNED = {Status.APPROVED, Status.RELEASED, Status.WITHDRAWN}


@dataclass(frozen=True, slots=True)
class Played:
    """A campaign at its launch, and the minutes after it at which its cars were approved first."""

    seed: int
    snapshot: Snapshot
    plan: Plan
    approved: dict[str, int]

    @property
    def ended(self) -> int:
        """The minute of the last approval."""
        return max(self.approved.values())


@dataclass(frozen=True, slots=True)
class Launched:
    """A campaign that was launched just now."""

    services: Services
    rehearsal: Rehearsal
    staff: Staff
    conditions: Conditions
    snapshot: Snapshot

    def run(self) -> None:
        """To the last signature."""
        crew = self.rehearsal.crew(self.services, self.staff, self.conditions.habits())
        self.rehearsal.play(self.services, crew, _all_signed)


def play(seed: int) -> Played:
    """One campaign from its launch to its last approval."""
    with launched(seed) as campaign:
        campaign.run()
        return Played(seed, campaign.snapshot, plan(campaign.snapshot), _approved(campaign))


@contextmanager
def launched(seed: int) -> Iterator[Launched]:
    """A campaign in a store of its own."""
    case, conditions = small_case(seed), Conditions.drawn(seed)
    rehearsal = Rehearsal.under(case, conditions)
    with tempfile.TemporaryDirectory(prefix="played-") as folder:
        home = Path(folder)
        store = open_store(f"sqlite+pysqlite:///{home / 'yard.db'}")
        services = wire(
            store,
            SqlViews(store),
            rehearsal.clock,
            rehearsal.stations,
            PasswordHasher(time_cost=1, memory_cost=8, parallelism=1),
            vault=FolderVault(home / "files"),
            uploads=AtOnce(),
        )
        try:
            people = configured_people(SHIPPED_CONFIGS)
            staff = scene.set_up(services, case, people, home / "secrets" / "people.json")
            scene.take_in(services, staff, case, home / "lists")
            with store.read() as uow:
                snapshot, _ = launch_snapshot(uow, case.rules, case.start)
            scene.launch(services, staff, case)
            yield Launched(services, rehearsal, staff, conditions, snapshot)
        finally:
            services.close()


def small_case(seed: int) -> Case:
    """40 to 90 cars, with few or many machines for them, launched at any hour."""
    chance = Random(f"case:{seed}")
    cars = chance.randint(40, 90)
    size = Size(slots=cars, points=chance.randint(6, 24), stations=chance.randint(1, 4))
    layout = size.layout()
    supply = Circuit(layout.circuits[0].name, 2.2 * size.points + 1)
    layout = replace(layout, circuits=(supply,), inspectors=chance.randint(1, 4))
    smallest = chance.randint(6, 14)
    rules = replace(
        shipped_rules(),
        batch=BatchRule(smallest + 4, smallest, smallest + chance.randint(6, 14), chance.randint(4, 10)),
    )
    day = START.astimezone(ZoneInfo(layout.zone)).date()
    minute = chance.randrange(0, 24 * 60)
    start = datetime.combine(day, time(minute // 60, minute % 60), tzinfo=ZoneInfo(layout.zone)).astimezone(
        START.tzinfo
    )
    return Case(seed, start, rules, layout, make_fleet(cars, layout, rules, start, seed))


def _all_signed(stands: Standing) -> bool:
    return all(status in SIGNED for status, count in stands.counts.items() if count)


def _approved(campaign: Launched) -> dict[str, int]:
    """The first approval of each car, as the burn-up counts it."""
    found: dict[str, int] = {}
    for event in log_of(campaign.services.views, CODE):
        fact = event.fact
        if fact.kind is Kind.CAR and fact.data["step"] == "approve" and fact.vin is not None:
            found.setdefault(str(fact.vin), campaign.snapshot.minute_of(fact.at))
    return found
