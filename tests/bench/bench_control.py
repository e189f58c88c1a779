"""Cars per CPU second from import to release, against a Prefect flow with one task per car and step.

The yard has 60 stations and as many points as keep them busy. Stations answer at once: a flash has ended when its
start returns, so that only our own work costs time. A round is 45 minutes of campaign time (one flash); in each the
technicians hand in what is due, 60 marks at a time, QA signs what is ready with the password, and the reconciler looks
once.
"""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from campaign.domain.gates import listed_above
from campaign.domain.marks import Mark, MarkAnswer, MarkKind
from campaign.domain.rules import CampaignRules
from campaign.domain.vehicle import Car, Status
from campaign.ports.records import Charge
from campaign.yard.fleet import FleetCar, make_fleet, write_lists
from campaign.yard.pace import HandClock
from tests.bench.measured import Measured, tell
from tests.bench.naive_prefect import NaiveRun, run_naive
from tests.bench.plant import CODE, PASSWORD, START, Plant, Size, plant, shipped_rules
from tests.fakes.station import FakeStations

NAME = "control.cars_per_cpu_s.ratio_to_naive_prefect"
CARS = 10_000
PEER_CARS = 250
SIZE = Size(slots=CARS, points=300, stations=60)
MARKS = 60
SOC = 290  # tenths of a percent: what technicians read at the end of charging, and the car reports after a flash
LOOKED_AT = 200  # cars of one status that they look through in a round
READ_AGAIN = timedelta(hours=16)
LONGEST_ROUNDS = 2_000
WALK = timedelta(hours=6)  # how often technicians walk along the parked cars

T = TypeVar("T")


def run() -> Measured:
    """Ours at 10,000 cars; the peer at fewer, per car."""
    ours = cars_per_cpu_s(CARS, SIZE)
    tell(f"ours: {ours:.1f} cars per CPU second; now the naive Prefect flow with {PEER_CARS} cars")
    peer = run_naive(PEER_CARS)
    tell(f"peer: {peer.cars_per_cpu_s:.2f} cars per CPU second ({peer.server_s:.1f} s server)")
    return Measured.of(NAME, ours / peer.cars_per_cpu_s, "x", _told(ours, peer))


def _told(ours: float, peer: NaiveRun) -> str:
    return (
        f"Prefect flow, one task per car and step: {peer.cars_per_cpu_s:.1f} cars per CPU second ({peer.cars} cars, "
        f"server {peer.server_s:.0f} s + flow {peer.flow_s:.0f} s); ours {ours:.0f} ({CARS} cars)"
    )


def cars_per_cpu_s(cars: int, size: Size) -> float:
    """Import the lists, launch, drive every car to its release; the CPU of this process and its children counts."""
    rules, clock = shipped_rules(), HandClock(START)
    links = FakeStations([station.name for station in size.layout().stations])
    with tempfile.TemporaryDirectory(prefix="bench-control-") as folder:
        fleet = make_fleet(cars, size.layout(), rules, START, seed=1)
        lists = write_lists(fleet, rules.source, Path(folder))
        for car in fleet:
            links.put_car(car.vin, str(rules.source), soc_display=SOC)
        with plant(Path(folder) / "home", size, links, clock) as made:
            began = _cpu_s()
            made.import_lists(lists, fleet)
            made.services.planning.launch(made.actors["anna"], rules, reason="bench")
            tell(f"{cars} cars imported and planned in {_cpu_s() - began:.1f} s of CPU")
            drive(made, rules, clock, fleet)
            used = _cpu_s() - began
    return cars / used


def drive(made: Plant, rules: CampaignRules, clock: HandClock, fleet: Sequence[FleetCar]) -> None:
    """Rounds until the campaign is complete."""
    released, told_at = 0, time.monotonic()
    for _ in range(LONGEST_ROUNDS):
        tick = made.services.reconcile.tick(CODE)
        released += tick.released
        if tick.over:
            break
        hand_in(made, due_marks(made, rules, clock.now()))
        sign(made)
        clock.move(minutes=45)
        if time.monotonic() - told_at > 30:
            told_at = time.monotonic()
            tell(f"{released} of {len(fleet)} cars released")
    if released != len(fleet):
        raise RuntimeError(f"{released} of {len(fleet)} cars were released")


def due_marks(made: Plant, rules: CampaignRules, now: datetime) -> list[Mark]:
    """Connect what was given a point, unplug what is full, read what is full by its list, read again what is old."""
    walks = (now - START) % WALK == timedelta()
    with made.services.store.read() as uow:
        charges = uow.charges.open(rules.site)
        queued = uow.cars.next_for_point(CODE, LOOKED_AT)
        parked = uow.cars.by_status(CODE, Status.APPROVED, LOOKED_AT) if walks else []
        parked += uow.cars.next_for_station(CODE, LOOKED_AT) if walks else []
    marks = [_at_point(charge) for charge in charges if charge.started_at is None or _full(charge, now)]
    marks += [Mark(MarkKind.CHARGED, car.vin, SOC) for car in queued if listed_above(car, rules.gate)]
    return marks + [Mark(MarkKind.SOC, car.vin, SOC) for car in parked if _old(car, now)]


def _old(car: Car, now: datetime) -> bool:
    return car.soc is not None and now - car.soc.at > READ_AGAIN


def _full(charge: Charge, now: datetime) -> bool:
    return charge.expected_end is None or charge.expected_end <= now


def _at_point(charge: Charge) -> Mark:
    if charge.started_at is None:
        return Mark(MarkKind.CHARGING, charge.vin, point=charge.point)
    return Mark(MarkKind.CHARGED, charge.vin, SOC)


def hand_in(made: Plant, marks: Sequence[Mark]) -> None:
    """In bulks of a technician's round. Raises RuntimeError for a mark that was not done."""
    for part in chunks(marks, MARKS):
        for result in made.services.marks.mark(made.actors["liqiang"], part):
            if result.answer is not MarkAnswer.DONE:
                raise RuntimeError(f"{result.kind} {result.vin}: {result.answer} {result.reasons}")


def sign(made: Plant) -> None:
    """QA looks at what is ready, and signs it with the password."""
    quality, person = made.services.quality, made.actors["liumin"]
    for batch in quality.queue(CODE):
        seen = quality.evidence(person, CODE, batch.no)
        quality.approve(person, CODE, batch.no, password=PASSWORD, seen_hash=seen.seen_hash)


def chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Parts of at most `size`."""
    return (items[first : first + size] for first in range(0, len(items), size))


def _cpu_s() -> float:
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
