"""A stage where a start depends on more than a free machine: circuits, a crew, outages, paces, pins."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterator, Mapping, Sequence
from heapq import heapify, heappop, heappush, heapreplace
from operator import itemgetter

from campaign.errors import BadInput
from campaign.planning.calendars import DAY
from campaign.planning.resources import Circuit, Crew, Machine, Stage

LOOK_THROUGH = 16
"""How many waiting cars a machine looks through for one that can start now."""
_NEVER = 366 * DAY


class SharedStage:
    """Lays cars out by priority; `pins` names the machine that a rank must use."""

    def __init__(self, stage: Stage, pins: Mapping[int, str]) -> None:
        self._stage = stage
        names = {machine.name: number for number, machine in enumerate(stage.machines)}
        self._pins = {rank: names[name] for rank, name in pins.items()}
        self._free = free_machines(stage)
        self._loads = {circuit.name: _Load(circuit, stage.machines) for circuit in stage.circuits}
        self._hands = None if stage.crew is None else _Hands(stage.crew)
        self._clock = 0

    def run(
        self, arrivals: list[tuple[int, int]], minutes: Sequence[int]
    ) -> Iterator[tuple[int, int, int, int]]:
        """Yields (rank, start, end, machine). Time only moves forward, as in the plain stage, over all calls."""
        arrivals.sort()
        shortest = min((minutes[rank] for _, rank in arrivals), default=0)
        waiting = _Waiting(self._pins)
        parked: list[tuple[int, int]] = []
        clock, coming, left = self._clock, 0, len(arrivals)
        while left:
            came_free, number = heappop(self._free)
            clock = max(clock, came_free)
            while coming < len(arrivals) and arrivals[coming][0] <= clock:
                waiting.add(arrivals[coming][1])
                coming += 1
            arrives = arrivals[coming][0] if coming < len(arrivals) else None
            if not waiting.any_for(number):
                if arrives is None:
                    parked.append((clock, number))
                else:
                    heappush(self._free, (arrives, number))
                continue
            # What holds up the shortest holds up all: sleep until it ends.
            again = self._earliest(number, clock, shortest)
            if again == clock:
                rank, again = self._choose(number, clock, waiting, minutes)
                if rank is not None:
                    yield rank, clock, self._start(number, clock, minutes[rank]), number
                    left -= 1
                    continue
                again = again if arrives is None else min(again, arrives)
            heappush(self._free, (again, number))
        self._clock = clock
        for entry in parked:
            heappush(self._free, entry)

    def _choose(
        self, number: int, clock: int, waiting: _Waiting, minutes: Sequence[int]
    ) -> tuple[int | None, int]:
        """The highest of the first few that can start now, taken out; else None and when the first of them can."""
        passed: list[int] = []
        soonest = 0
        found = None
        while found is None and len(passed) < LOOK_THROUGH and waiting.any_for(number):
            rank = waiting.take(number)
            at = self._earliest(number, clock, minutes[rank])
            if at == clock:
                found = rank
            else:
                soonest = min(soonest or at, at)
                passed.append(rank)
        for rank in passed:
            waiting.add(rank)
        return found, soonest

    def _earliest(self, number: int, at: int, nominal: int) -> int:
        """The first minute from `at` on at which the machine can start work, whatever is in its way."""
        machine = self._stage.machines[number]
        minutes = machine.minutes(nominal)
        load = self._loads.get(machine.circuit)
        never = at + _NEVER
        while at < never:
            start = self._stage.calendar.fit(at, minutes)
            for begin, end in machine.outages:
                if begin < start + minutes and start < end:
                    start = end
            if load is not None:
                start = load.ready(start, machine.draw)
            if self._hands is not None:
                start = self._hands.ready(start)
            if start == at:
                return at
            at = start
        raise BadInput(
            f"work of {minutes} minutes on {machine.name} can never start",
            where=self._stage.name,
            todo="let opening hours, outages and the shifts of the crew leave a common time",
        )

    def _start(self, number: int, at: int, nominal: int) -> int:
        """Take machine, circuit and a technician; returns the end."""
        machine = self._stage.machines[number]
        end = at + machine.minutes(nominal)
        heappush(self._free, (end, number))
        if machine.circuit:
            self._loads[machine.circuit].take(at, end, machine.draw)
        if self._hands is not None:
            self._hands.take(at)
        return end


def free_machines(stage: Stage) -> list[tuple[int, int]]:
    """A heap of (free from, machine)."""
    free = [(machine.free_from, number) for number, machine in enumerate(stage.machines)]
    heapify(free)
    return free


class _Waiting:
    """Ranks that came: those for any machine, and those pinned to one."""

    def __init__(self, pins: Mapping[int, int]) -> None:
        self._pins = pins
        self._any: list[int] = []
        self._pinned: dict[int, list[int]] = {}

    def add(self, rank: int) -> None:
        """It waits."""
        pin = self._pins.get(rank)
        heappush(self._any if pin is None else self._pinned.setdefault(pin, []), rank)

    def any_for(self, machine: int) -> bool:
        """Whether somebody waits whom this machine may take."""
        return bool(self._any or self._pinned.get(machine))

    def take(self, machine: int) -> int:
        """The highest for this machine."""
        own = self._pinned.get(machine)
        if own and (not self._any or own[0] < self._any[0]):
            return heappop(own)
        return heappop(self._any)


class _Load:
    """What is drawn from one circuit: (end, watts) of the work on it, the next end first, and the sum of all."""

    def __init__(self, circuit: Circuit, machines: Sequence[Machine]) -> None:
        self._spare = circuit.limit - circuit.base
        self._full_until = circuit.full_until
        self._running = sorted(
            (machine.free_from, machine.draw)
            for machine in machines
            if machine.circuit == circuit.name and machine.free_from > 0
        )
        self._drawn = sum(watts for _, watts in self._running)

    def ready(self, at: int, draw: int) -> int:
        """The first minute from `at` on at which so much more may be drawn."""
        at = max(at, self._full_until)
        drawn = self._drawn
        for end, watts in self._running:
            if end > at:
                if drawn + draw <= self._spare:
                    break
                at = end
            drawn -= watts
        return at

    def take(self, at: int, end: int, draw: int) -> None:
        """Work starts; what ended before is forgotten."""
        ended = bisect_right(self._running, at, key=itemgetter(0))
        self._drawn += draw - sum(watts for _, watts in self._running[:ended])
        del self._running[:ended]
        insort(self._running, (end, draw))


class _Hands:
    """The technicians of a stage: a heap of when each is free."""

    def __init__(self, crew: Crew) -> None:
        self._crew = crew
        self._free = [0] * crew.people

    def ready(self, at: int) -> int:
        """The first start from `at` on that somebody can attend."""
        crew = self._crew
        leaves = crew.calendar.fit(max(self._free[0], at - crew.travel), crew.travel + crew.attend)
        return leaves + crew.travel

    def take(self, at: int) -> None:
        """The one who is free first attends a start at `at`."""
        heapreplace(self._free, at + self._crew.attend)
