"""What all of a simulated campaign shares: the weather, the package's pace, people's pace, how often things break.

Averages do not help against these: they are what makes a real campaign end on another day than its plan says.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from campaign.domain.site import SiteLayout
from campaign.yard.crew import Habits
from campaign.yard.outages import Outages
from campaign.yard.simulated_stations import Luck
from campaign.yard.weather import Weather

GRID = timedelta(minutes=5)  # flashes end on it: finer than usual, or a slow package would not show


@dataclass(frozen=True, slots=True)
class Conditions:
    """One campaign's. Paces are factors: `charging` of the speed, the others of the time that things take."""

    seed: int
    charging: float = 1.0
    night: float = 0.0
    package: float = 1.0
    people: float = 1.0
    failing: float = 1.0
    outages_per_day: float = 0.0

    @classmethod
    def drawn(cls, seed: int) -> Conditions:
        """As a year of campaigns might meet them."""
        chance = Random(f"conditions:{seed}")
        return cls(
            seed,
            charging=chance.lognormvariate(-0.03, 0.10),
            night=chance.uniform(0.0, 0.35),
            package=chance.lognormvariate(0.03, 0.10),
            people=chance.lognormvariate(0.05, 0.20),
            failing=chance.uniform(0.5, 3.0),
            outages_per_day=chance.uniform(0.0, 0.4),
        )

    def weather(self, layout: SiteLayout) -> Weather:
        """How cold it is."""
        return Weather(self.seed, layout.zone, self.charging, self.night)

    def luck(self) -> Luck:
        """How flashes go."""
        usual = Luck()
        return Luck(
            self.seed,
            usual.fail * self.failing,
            usual.error * self.failing,
            usual.unknown * self.failing,
            usual.minutes * self.package,
            usual.spread,
            GRID,
        )

    def outages(self, layout: SiteLayout, start: datetime) -> Outages:
        """When stations are down."""
        names = [station.name for station in layout.stations]
        return Outages(names, start, per_day=self.outages_per_day, hours=4.0, seed=self.seed)

    def habits(self) -> Habits:
        """How long people take."""
        usual = Habits()
        return Habits(
            self.seed,
            usual.retry_after * self.people,
            usual.resolve_after * self.people,
            usual.resume_after * self.people,
            usual.answer_after * self.people,
            usual.flaws,
            inspect=usual.inspect * self.people,
            inspect_spread=0.2,
            pilot_sign_off=timedelta(minutes=60) * self.people,
            round_every=usual.round_every * self.people,
        )
