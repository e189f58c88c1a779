"""What works on cars: machines side by side in a stage, the circuits that feed them, the people who start them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from campaign.errors import BadInput
from campaign.planning.calendars import Calendar, Window

NOMINAL = 1000
"""The pace of a machine that takes exactly the minutes of a job."""


@dataclass(frozen=True, slots=True)
class Machine:
    """A charge point, a station, an inspector; busy before minute `free_from`.

    No work may touch one of its `outages` (minutes from, until). `pace` is in thousandths of a job's minutes: 1100
    takes 10 % longer. On a circuit it draws `draw` watts while it works, and while it is busy at the start.
    """

    name: str
    free_from: int = 0
    outages: tuple[Window, ...] = ()
    pace: int = NOMINAL
    circuit: str = ""
    draw: int = 0

    def minutes(self, nominal: int) -> int:
        """How long this machine takes for work of `nominal` minutes, rounded up; 0 stays 0."""
        return nominal if self.pace == NOMINAL else -(-nominal * self.pace // NOMINAL)

    @property
    def plain(self) -> bool:
        """Neither outages nor a pace nor a circuit of its own."""
        return not self.outages and self.pace == NOMINAL and not self.circuit


@dataclass(frozen=True, slots=True)
class Circuit:
    """A supply that machines of one stage share: what they draw never sums to more than `limit` watts.

    `base` is what others draw from it. Nothing new starts on it before `full_until`: a circuit whose meter is
    stale counts as full until somebody has read it.
    """

    name: str
    limit: int
    base: int = 0
    full_until: int = 0


@dataclass(frozen=True, slots=True)
class Crew:
    """Technicians, the second resource of a stage: every start takes one of `people` for a while.

    They walk `travel` minutes to the machine, then `attend` minutes from the start on they are bound there; both lie
    in one window of their shifts. Work goes on by itself afterwards, also when their shift has ended.
    """

    people: int
    attend: int
    travel: int = 0
    calendar: Calendar = field(default_factory=Calendar.round_the_clock)


@dataclass(frozen=True, slots=True)
class Stage:
    """One step that every car passes on one of its machines, while its calendar is open.

    Raises:
        BadInput: a value contradicts another; `where` names it.
    """

    name: str
    machines: tuple[Machine, ...]
    calendar: Calendar = field(default_factory=Calendar.round_the_clock)
    circuits: tuple[Circuit, ...] = ()
    crew: Crew | None = None

    @classmethod
    def of(cls, name: str, count: int, calendar: Calendar | None = None) -> Stage:
        """A stage of `count` machines named `name-1` and so on, all free at minute 0."""
        machines = tuple(Machine(f"{name}-{number}") for number in range(1, count + 1))
        return cls(name, machines, calendar or Calendar.round_the_clock())

    def __post_init__(self) -> None:
        if len({machine.name for machine in self.machines}) != len(self.machines):
            raise BadInput("two machines have one name", where=self.name)
        circuits = {circuit.name: circuit for circuit in self.circuits}
        if len(circuits) != len(self.circuits):
            raise BadInput("two circuits have one name", where=self.name)
        for machine in self.machines:
            self._check_machine(machine, circuits)
        if self.crew is not None:
            self._check_crew(self.crew)

    def _check_machine(self, machine: Machine, circuits: dict[str, Circuit]) -> None:
        if machine.pace < 1 or machine.draw < 0:
            raise BadInput("a pace is at least 1, a draw never negative", where=machine.name)
        if any(begin >= end for begin, end in machine.outages):
            raise BadInput("an outage ends after it begins", where=machine.name)
        if machine.circuit:
            circuit = circuits.get(machine.circuit)
            if circuit is None:
                raise BadInput(f"there is no circuit {machine.circuit}", where=machine.name)
            if machine.draw + circuit.base > circuit.limit:
                raise BadInput(
                    f"it draws {machine.draw} W, circuit {circuit.name} never has that to spare",
                    where=machine.name,
                    todo="take the point out or raise the limit",
                )

    def _check_crew(self, crew: Crew) -> None:
        if crew.people < 1 or crew.attend < 1 or crew.travel < 0:
            raise BadInput("a crew has people, and minutes to attend", where=self.name)
        longest = crew.calendar.longest
        if longest is not None and crew.attend + crew.travel > longest:
            raise BadInput("no shift of the crew is long enough for one start", where=self.name)

    @property
    def fastest(self) -> int:
        """The best pace among its machines."""
        return min((machine.pace for machine in self.machines), default=NOMINAL)

    def least_minutes(self, nominal: Iterable[int]) -> list[int]:
        """How long pieces of work of `nominal` minutes take on its fastest machine."""
        fastest = self.fastest
        return (
            list(nominal) if fastest == NOMINAL else [-(-minutes * fastest // NOMINAL) for minutes in nominal]
        )

    @property
    def plain(self) -> bool:
        """Identical machines without anything else to look after."""
        return self.crew is None and all(machine.plain for machine in self.machines)
