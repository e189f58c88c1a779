"""One look of the reconciler in a store of 1,000,000 upgrades against one in a store of 2,300, with the same work.

A campaign of 2,300 cars is driven to its middle, its database copied, and the copy filled up by SQL with upgrades of
the same campaign at the same site: half released, with their batches, charges, attempts, touches and events, half
queued in batches that are not opened yet. Then both go on in turns with the same marks: 60 points charging, 6
stations flashing. A quiet look finds everything running; a busy one settles, hands out and starts six of each.
"""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from campaign.domain.gates import listed_above
from campaign.domain.marks import Mark, MarkKind
from campaign.services.reconcile import Tick
from campaign.yard.fleet import FleetCar, make_fleet, write_lists
from campaign.yard.pace import HandClock
from tests.bench.bench_control import LOOKED_AT, SOC, due_marks, hand_in, sign
from tests.bench.filling import fill_up
from tests.bench.measured import Measured, tell
from tests.bench.plant import CODE, START, Plant, Size, opened, plant, shipped_rules
from tests.fakes.station import FakeStations

NAME = "advance.1m_over_2300"
CARS, MANY = 2_300, 1_000_000
SIZE = Size(slots=5_000, points=60, stations=6)
WARM_UP = 40  # rounds before the copy: about a third of the cars have left by then
ROUNDS = 60
QUIET = 3  # quiet looks per round


def run() -> Measured:
    """The worse of the two ratios of medians."""
    with tempfile.TemporaryDirectory(prefix="bench-advance-") as folder, ExitStack() as stack:
        homes = [Path(folder) / "small", Path(folder) / "large"]
        fleet, clock = _middle_of_a_campaign(homes[0])
        shutil.copytree(*homes)
        began = time.monotonic()
        total = fill_up(homes[1] / "campaign.db", MANY - CARS)
        size = (homes[1] / "campaign.db").stat().st_size / 2**20
        tell(f"{total} upgrades, {size:.0f} MB, filled in {time.monotonic() - began:.0f} s")
        for home in homes:
            _warm(home / "campaign.db")
        small, large = (stack.enter_context(_side(home, fleet, clock)) for home in homes)
        for _ in range(ROUNDS):
            _round(small, large)
        return _measured(small, large)


def _measured(small: _Side, large: _Side) -> Measured:
    quiet, busy = (
        (statistics.median(getattr(small, kind)), statistics.median(getattr(large, kind)))
        for kind in ("quiet", "busy")
    )
    ratios = [many / few for few, many in (quiet, busy)]
    figures = (
        f"quiet {quiet[1] * 1000:.1f} ms against {quiet[0] * 1000:.1f} ({ratios[0]:.2f}), "
        f"handing out {busy[1] * 1000:.1f} ms against {busy[0] * 1000:.1f} ({ratios[1]:.2f})"
    )
    return Measured.of(NAME, max(ratios), "x", f"the same look in a store of {CARS} upgrades: {figures}")


@dataclass(slots=True)
class _Side:
    """One store with its stations; seconds of each look."""

    made: Plant
    links: FakeStations
    quiet: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)

    def look(self, times: list[float]) -> Tick:
        """One timed look."""
        began = time.perf_counter()
        tick = self.made.services.reconcile.tick(CODE)
        times.append(time.perf_counter() - began)
        return tick


def _middle_of_a_campaign(home: Path) -> tuple[tuple[FleetCar, ...], HandClock]:
    """Drive the small campaign for a while, and let its flashes end."""
    rules, clock = shipped_rules(), HandClock(START)
    fleet = make_fleet(CARS, SIZE.layout(), rules, START, seed=1)
    links = _stations(fleet)
    with plant(home, SIZE, links, clock) as made:
        made.import_lists(write_lists(fleet, rules.source, home), fleet)
        made.services.planning.launch(made.actors["anna"], rules, reason="bench")
        for _ in range(WARM_UP):
            made.services.reconcile.tick(CODE)
            hand_in(made, due_marks(made, rules, clock.now()))
            sign(made)
            clock.move(minutes=45)
        made.services.flashing.follow(CODE)
    return fleet, clock


def _stations(fleet: tuple[FleetCar, ...]) -> FakeStations:
    links = FakeStations([station.name for station in SIZE.layout().stations])
    for car in fleet:
        links.put_car(car.vin, "VBV4.5.2C", soc_display=SOC)
    return links


def _warm(file: Path) -> None:
    """Read it once, on the disk as it is: a store in use is in the system's cache."""
    os.sync()
    with file.open("rb", buffering=0) as whole:
        while whole.read(1 << 20):
            continue


@contextmanager
def _side(home: Path, fleet: tuple[FleetCar, ...], clock: HandClock) -> Iterator[_Side]:
    links = _stations(fleet)
    links.held = True
    with opened(home, SIZE, links, clock) as made:
        for _ in range(3):  # points and stations that came free are given again
            made.services.reconcile.tick(CODE)
            hand_in(made, _given(made) + _unread(made))
        yield _Side(made, links)


def _round(small: _Side, large: _Side) -> None:
    """Quiet looks in turns, then something to do for both, and one busy look each."""
    for _ in range(QUIET):
        for side in (small, large):
            tick = side.look(side.quiet)
            if tick.acted or tick.running != SIZE.stations:
                raise RuntimeError(f"a quiet look was not quiet: {tick}")
    done = []
    for side in (large, small):
        side.links.go()
        side.links.held = True
        hand_in(side.made, _next_charged(side.made) + _unread(side.made))
        tick = side.look(side.busy)
        done.append((tick.opened, tick.points, tick.started, tick.ended, tick.released))
        hand_in(side.made, _given(side.made))
    if done[0] != done[1] or done[0][1:4] != (SIZE.stations,) * 3:
        raise RuntimeError(f"the two stores did not do the same: {done}")


def _next_charged(made: Plant) -> list[Mark]:
    """As many cars as there are stations are full."""
    with made.services.store.read() as uow:
        charges = [charge for charge in uow.charges.open(made.layout.code) if charge.started_at is not None]
    charges.sort(key=lambda charge: charge.id)
    return [Mark(MarkKind.CHARGED, charge.vin, SOC) for charge in charges[: SIZE.stations]]


def _unread(made: Plant) -> list[Mark]:
    """Cars that are full by their list are read."""
    with made.services.store.read() as uow:
        queued = uow.cars.next_for_point(CODE, LOOKED_AT)
    gate = shipped_rules().gate
    return [Mark(MarkKind.CHARGED, car.vin, SOC) for car in queued if listed_above(car, gate)]


def _given(made: Plant) -> list[Mark]:
    """Cars that were given a point are connected."""
    with made.services.store.read() as uow:
        given = [charge for charge in uow.charges.open(made.layout.code) if charge.started_at is None]
    return [Mark(MarkKind.CHARGING, charge.vin, point=charge.point) for charge in given]
