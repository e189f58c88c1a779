"""From a mark on the floor to the confirmed start of the next job, through a running reconciler and real SSH stations.

A technician marks a car as charged while a station is free. The clock runs from the call of the use case until the
database says that the station confirmed the start: the token moves, the reconciler looks, the station is asked over
SSH, its agent starts the flasher, and the start is written. Stations are real agents with the simulated driver behind
an SSH server on loopback.
"""

from __future__ import annotations

import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from campaign.domain.identity import Vin
from campaign.domain.marks import Mark, MarkKind
from campaign.ports.clock import SystemClock
from campaign.station.provision import provision_stations
from campaign.station.serving import serve_stations
from campaign.station_agent.cars import update_car
from campaign.yard.fleet import FleetCar, make_fleet, write_lists
from tests.bench.bench_control import SOC, hand_in
from tests.bench.measured import Measured, percentile, tell
from tests.bench.plant import CODE, Plant, Size, plant, shipped_rules
from tests.fakes.packages import public_key
from tests.servers.process import die_with_us, stop_process

NAME = "control.mark_to_start.p95_s"
MARKS, PEER_MARKS = 60, 25
SPARE = 5
SIZE = Size(slots=200, points=MARKS + PEER_MARKS + SPARE, stations=6)
FLASH_S = 1.0
WITHIN_S = 60.0


def run() -> Measured:
    """The 95th percentile of ours; the peer is a plain loop that looks once a second."""
    with tempfile.TemporaryDirectory(prefix="bench-mark-") as folder, _yard(Path(folder) / "home") as made:
        waiting = _connected(made)
        ours = _times(made, "token", waiting[: MARKS + 1])
        peer = _times(made, "poll", waiting[MARKS + 1 : MARKS + PEER_MARKS + 2])
    figures = (
        f"a loop that looks once a second: p95 {percentile(peer, 0.95):.2f} s, median {statistics.median(peer):.2f} s "
        f"({len(peer)} marks); ours: median {statistics.median(ours):.2f} s, longest {max(ours):.2f} s ({len(ours)})"
    )
    return Measured.of(NAME, percentile(ours, 0.95), "s", figures)


@contextmanager
def _yard(home: Path) -> Iterator[Plant]:
    """A launched campaign whose cars are all in the pilot, so that nobody waits for a signature."""
    clock, layout = SystemClock(), SIZE.layout()
    rules = shipped_rules(pilot=SIZE.points)
    fleet = _low(make_fleet(SIZE.points, layout, rules, clock.now(), seed=1))
    names = [station.name for station in layout.stations]
    stations = provision_stations(home / "stations", names, seconds=FLASH_S, trusted_keys=[public_key()])
    for car in fleet:
        update_car(stations.cars, car.vin, version=str(rules.source), soc_display=SOC, soc_bms=SOC + 30)
    served = serve_stations(stations.home)
    try:
        with plant(home, SIZE, None, clock) as made:
            made.import_lists(write_lists(fleet, rules.source, home), fleet)
            made.services.planning.launch(made.actors["anna"], rules, reason="bench")
            _until(lambda: not made.services.staging.advance(CODE))
            tell(f"{len(fleet)} cars, {SIZE.stations} stations behind {served.kind}")
            yield made
    finally:
        served.stop()


def _low(fleet: Sequence[FleetCar]) -> tuple[FleetCar, ...]:
    return tuple(replace(car, soc=200) for car in fleet)


def _connected(made: Plant) -> list[Vin]:
    """Every car is given a point and connected."""
    made.services.reconcile.tick(CODE)
    with made.services.store.read() as uow:
        charges = uow.charges.open(made.layout.code)
    hand_in(made, [Mark(MarkKind.CHARGING, charge.vin, point=charge.point) for charge in charges])
    return [charge.vin for charge in charges]


def _times(made: Plant, mode: str, vins: Sequence[Vin]) -> list[float]:
    """Seconds from the mark to the start, one car after the other. The first one warms up and is not counted."""
    luck, times = random.Random(mode), []
    with _reconciler(made, mode):
        for number, vin in enumerate(vins):
            _until(lambda: len(_running(made)) < SIZE.stations - 1)
            time.sleep(luck.uniform(0.2, 1.2))  # people do not mark in step with anybody's clock
            began = time.perf_counter()
            hand_in(made, [Mark(MarkKind.CHARGED, vin, SOC)])
            _until(lambda vin=vin: _running(made).get(vin, False))
            if number:
                times.append(time.perf_counter() - began)
            if number and number % 20 == 0:
                tell(f"{mode}: {number} marks, median {statistics.median(times):.2f} s")
        _until(lambda: not _running(made))
    return times


def _running(made: Plant) -> dict[Vin, bool]:
    """Cars with an open attempt, and whether its start is confirmed."""
    with made.services.store.read() as uow:
        return {attempt.vin: attempt.started_at is not None for attempt in uow.attempts.running(CODE)}


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"nothing came of it within {WITHIN_S:g} s")
        time.sleep(0.01)


@contextmanager
def _reconciler(made: Plant, mode: str) -> Iterator[None]:
    """The loop in its own process."""
    words = [sys.executable, "-m", "tests.bench.reconciler", str(made.home), mode]
    with subprocess.Popen([*die_with_us("TERM"), *words], stdin=subprocess.PIPE) as child:
        try:
            yield
        finally:
            if child.stdin is not None:
                child.stdin.close()
            stop_process(child, signal.SIGTERM)
