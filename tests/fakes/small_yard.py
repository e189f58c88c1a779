"""A simulated yard of a few cars over SQLite, from import to wherever a test wants it, on a clock that is moved."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from argon2 import PasswordHasher

from campaign.bootstrap import Services, wire
from campaign.cli.setting_up import configured_people
from campaign.config import SHIPPED_CONFIGS
from campaign.definitions import find_campaign, find_site
from campaign.files.vault import FolderVault
from campaign.store import open_store
from campaign.store.queries import SqlViews
from campaign.yard import scene
from campaign.yard.at_once import AtOnce
from campaign.yard.crew import Crew, Habits
from campaign.yard.fast_forward import Standing, fast_forward
from campaign.yard.pace import HandClock
from campaign.yard.people import Staff
from campaign.yard.rehearsal import Rehearsal
from campaign.yard.scene import Case
from campaign.yard.simulated_stations import Luck, SimulatedStations
from campaign.yard.world import World

NOW = datetime(2026, 3, 12, 3, 0, tzinfo=UTC)
CODE = "VBV453C-2026"
LUCKY = Luck(fail=0, error=0, unknown=0)
CAREFUL = Habits(flaws=0)


def case_of(vehicles: int, seed: int = 1) -> Case:
    """A case on the shipped site and campaign."""
    campaign = find_campaign(SHIPPED_CONFIGS, CODE)
    layout = find_site(SHIPPED_CONFIGS, campaign.site).layout()
    return Case.make(vehicles, seed=seed, now=NOW, rules=campaign.rules(), layout=layout)


@dataclass
class SmallYard:
    """A launched case with its crew."""

    services: Services
    rehearsal: Rehearsal
    staff: Staff
    crew: Crew

    @property
    def case(self) -> Case:
        """What is played."""
        return self.rehearsal.case

    @property
    def clock(self) -> HandClock:
        """Campaign time."""
        return self.rehearsal.clock

    @property
    def world(self) -> World:
        """The cars."""
        return self.rehearsal.world

    @property
    def stations(self) -> SimulatedStations:
        """The benches."""
        return self.rehearsal.stations

    def run(self, until=lambda _: False) -> Standing:
        """Move time until then, or to the end."""
        return fast_forward(self.services, self.clock, self.crew, self.stations, code=CODE, until=until)


@contextmanager
def small_yard(
    folder: Path, vehicles: int, *, seed: int = 1, luck: Luck = LUCKY, habits: Habits = CAREFUL
) -> Iterator[SmallYard]:
    """A yard of the shipped site: imported and launched, nothing done yet."""
    case = case_of(vehicles, seed)
    rehearsal = Rehearsal.of(case, luck)
    store = open_store(f"sqlite+pysqlite:///{folder / 'yard.db'}")
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    vault = FolderVault(folder / "files")
    services = wire(
        store, SqlViews(store), rehearsal.clock, rehearsal.stations, hasher, vault=vault, uploads=AtOnce()
    )
    try:
        people = configured_people(SHIPPED_CONFIGS)
        staff = scene.set_up(services, case, people, folder / "secrets" / "people.json")
        scene.take_in(services, staff, case, folder / "lists")
        scene.launch(services, staff, case)
        yield SmallYard(services, rehearsal, staff, rehearsal.crew(services, staff, habits))
    finally:
        services.close()
