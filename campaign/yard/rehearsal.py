"""A case played in virtual time: everything that a fast-forward needs beside the services, in one value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from campaign.yard.conditions import Conditions
from campaign.yard.crew import Crew, Habits
from campaign.yard.fast_forward import Standing, fast_forward, let_flashes_end
from campaign.yard.given import Given
from campaign.yard.pace import HandClock
from campaign.yard.people import Staff
from campaign.yard.scene import Case, new_world
from campaign.yard.simulated_stations import Luck, SimulatedStations
from campaign.yard.world import World


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Clock and stations go into the services that then play the case."""

    case: Case
    clock: HandClock
    world: World
    stations: SimulatedStations

    @classmethod
    def of(cls, case: Case, luck: Luck | None = None) -> Self:
        """The case at its start."""
        clock, world = HandClock(case.start), new_world(case)
        names = [station.name for station in case.layout.stations]
        return cls(case, clock, world, SimulatedStations(names, world, clock, luck or Luck(seed=case.seed)))

    @classmethod
    def under(cls, case: Case, conditions: Conditions) -> Self:
        """The case at its start, in a campaign that meets these conditions."""
        clock, world = HandClock(case.start), new_world(case, conditions.weather(case.layout))
        names = [station.name for station in case.layout.stations]
        outages = conditions.outages(case.layout, case.start)
        return cls(case, clock, world, SimulatedStations(names, world, clock, conditions.luck(), outages))

    def crew(self, given: Given, staff: Staff, habits: Habits | None = None) -> Crew:
        """Everybody on site."""
        code, layout = self.case.rules.code, self.case.layout
        return Crew(
            given, staff, self.world, layout=layout, code=code, habits=habits or Habits(self.case.seed)
        )

    def play(
        self,
        given: Given,
        crew: Crew,
        until: Callable[[Standing], bool],
        on_progress: Callable[[Standing], object] = lambda _: None,
    ) -> Standing:
        """Until then, or to the end; no flash is left on a simulated station."""
        code = self.case.rules.code
        stands = fast_forward(
            given, self.clock, crew, self.stations, code=code, until=until, on_progress=on_progress
        )
        let_flashes_end(given, self.clock, self.stations, code)
        return stands
