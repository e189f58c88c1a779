"""The walk behind the proof: one campaign's log, event by event, with what it shows broken."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from campaign.domain.batch import SIGNED
from campaign.domain.events import Fact, Kind
from campaign.domain.people import SYSTEM_ID
from campaign.domain.retry import Outcome, same_version
from campaign.domain.rules import CampaignRules
from campaign.domain.vehicle import Status, Step, after

NOT_TRIED = frozenset(
    {"wrong_car", "soc_below", "package_missing", "package_damaged", "package_untrusted", "package_unfit"}
)
"""Found out before anything was written: no failures of the flash."""
DECISIONS = frozenset({Step.APPROVE, Step.REJECT, Step.VOID})  # QA's own pen: not a touch of the car


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that the log shows broken, at an event of the campaign's chain."""

    rule: int
    seq: int
    vin: str
    what: str

    def __str__(self) -> str:
        return f"rule {self.rule}, event {self.seq}, {self.vin or 'campaign'}: {self.what}"


@dataclass(slots=True)
class WalkedCar:
    """A car as the log tells of it so far."""

    batch: int = 0
    status: Status = Status.QUEUED
    soc: int | None = None
    gauge: str = ""
    read_at: datetime | None = None
    read_back: str | None = None
    station: str | None = None
    point: str | None = None
    good: int = 0  # successful flashes since QA or a person last sent it back
    touched: set[str] = field(default_factory=set)


class Walk:
    """The log read so far. `found` grows with what it shows broken."""

    def __init__(self, rules: CampaignRules) -> None:
        self._rules = rules
        self.cars: defaultdict[str, WalkedCar] = defaultdict(WalkedCar)
        self.found: list[Violation] = []
        self.attempts = 0
        self._seq = 0
        self._stations: dict[str, str] = {}
        self._points: dict[str, str] = {}
        self._jobs: set[str] = set()
        self._signed: dict[int, set[str]] = {}
        self._holds: dict[int, tuple[str, str]] = {}
        self._astray: set[str] = set()  # stations with another car on the cable, and no hold yet
        self._running = True
        self._ended = self._failed = 0
        self._takers: dict[Kind, Callable[[Fact], None]] = {
            Kind.BATCH_PLANNED: self._planned,
            Kind.SOC_READ: self._soc_read,
            Kind.CAR: self._step,
            Kind.ATTEMPT_ENDED: self._attempt_ended,
            Kind.SIGNED: self._sign,
            Kind.SIGNATURE_VOIDED: self._void,
            Kind.HOLD_SET: self._hold,
            Kind.HOLD_LIFTED: self._lift,
            Kind.CAMPAIGN_PAUSED: self._pause,
            Kind.CAMPAIGN_STOPPED: self._pause,
            Kind.CAMPAIGN_RESUMED: self._resume,
        }

    def take(self, seq: int, fact: Fact) -> None:
        """One event more."""
        if seq != self._seq + 1:
            self._broken(7, "", f"event {self._seq + 1} is missing")
        self._seq = seq
        taker = self._takers.get(fact.kind)
        if taker is not None:
            taker(fact)

    def finish(self, count: int) -> None:
        """Every car has left, nothing is open."""
        if not count:
            self._broken(7, "", "the log is empty")
        for vin, car in self.cars.items():
            if car.status not in (Status.RELEASED, Status.WITHDRAWN):
                self._broken(2, vin, f"never left: {car.status.value}")

    def _broken(self, rule: int, vin: str | None, what: str) -> None:
        self.found.append(Violation(rule, self._seq, vin or "", what))

    # -- campaign, batches, holds -------------------------------------------------------------------

    def _planned(self, fact: Fact) -> None:
        for vin in fact.data["vins"]:
            self.cars[vin].batch = fact.batch_no or 0

    def _pause(self, _fact: Fact) -> None:
        self._running = False

    def _resume(self, _fact: Fact) -> None:
        self._running, self._ended, self._failed = True, 0, 0

    def _hold(self, fact: Fact) -> None:
        self._holds[fact.data["hold"]] = (fact.data["scope"], fact.data["target"])
        if fact.data["scope"] == "station":
            self._astray.discard(fact.data["target"])

    def _lift(self, fact: Fact) -> None:
        self._holds.pop(fact.data["hold"], None)

    def _attempt_ended(self, fact: Fact) -> None:
        outcome, fault = Outcome(fact.data["outcome"]), fact.data.get("fault")
        unwritten = fact.data.get("written") is False
        if fault == "wrong_car":
            if unwritten:
                self._astray.add(fact.data["station"])
            if fact.data["read_back"] is not None:
                self._broken(11, fact.vin, "another car was on the cable, and its read-back was taken")
        if outcome is not Outcome.NEVER_STARTED and not (unwritten and fault in NOT_TRIED):
            self._ended += 1
            self._failed += outcome.failed

    def _sign(self, fact: Fact) -> None:
        """Rule 5: whoever signs touched no car of the batch."""
        if fact.data["decision"] != "approve":
            return
        for vin, car in self.cars.items():
            if car.batch == fact.batch_no and fact.actor in car.touched:
                self._broken(5, vin, f"{fact.actor} signed batch {fact.batch_no} and had touched this car")
        self._signed[fact.data["sign_off"]] = set(fact.data["cars"])

    def _void(self, fact: Fact) -> None:
        self._signed.pop(fact.data["sign_off"], None)

    # -- cars ---------------------------------------------------------------------------------------

    def _soc_read(self, fact: Fact) -> None:
        if fact.vin is not None:
            self._read(self.cars[fact.vin], fact)
            self._touch(self.cars[fact.vin], fact)

    def _read(self, car: WalkedCar, fact: Fact) -> None:
        """A reading is as old as its event, unless the event says when it was taken."""
        if "gauge" in fact.data:
            taken = fact.data.get("read_at")
            car.soc, car.gauge = fact.data["soc"], fact.data["gauge"]
            car.read_at = fact.at if taken is None else datetime.fromisoformat(taken)

    def _touch(self, car: WalkedCar, fact: Fact) -> None:
        if fact.actor != SYSTEM_ID:
            car.touched.add(fact.actor)

    def _step(self, fact: Fact) -> None:
        if fact.vin is None:
            return
        car, step = self.cars[fact.vin], Step(fact.data["step"])
        was, to = Status(fact.data["from"]), Status(fact.data["to"])
        if was is not car.status or after(was, step) is not to:
            what = f"{step.value} from {was.value} to {to.value}, though it was {car.status.value}"
            self._broken(4 if car.status is Status.FLASHING else 7, fact.vin, what)
        self._read(car, fact)
        if step not in DECISIONS:
            self._touch(car, fact)
        if step is Step.START_FLASH:
            self._flash_starts(fact, car)
        elif was is Status.FLASHING:
            self._flash_ends(fact, car, step)
        elif step is Step.RELEASE:
            self._release(fact, car)
        self._points_of(fact, car, was, to)
        self._version_of(fact, car, step)
        car.status = to

    def _flash_starts(self, fact: Fact, car: WalkedCar) -> None:
        station, job = fact.data["station"], fact.data["job"]
        self.attempts += 1
        self._gate(fact, car)
        if job in self._jobs:
            self._broken(3, fact.vin, f"job {job} was used before")
        if station in self._stations:
            self._broken(3, fact.vin, f"station {station} was at {self._stations[station]}")
        if station in self._astray:
            self._broken(3, fact.vin, f"station {station} went on with another car on its cable")
        if car.batch != 1 and not self._pilot_approved():
            self._broken(10, fact.vin, "flashed before the pilot was approved")
        if not self._running:
            self._broken(10, fact.vin, "flashed while the campaign did not run")
        if self._tripped():
            self._broken(10, fact.vin, f"flashed with {self._failed} failures of {self._ended} attempts")
        if car.good:
            self._broken(3, fact.vin, "flashed again after a success that nobody questioned")
        self._held(fact, car, station)
        self._jobs.add(job)
        self._stations[station], car.station = fact.vin or "", station

    def _flash_ends(self, fact: Fact, car: WalkedCar, step: Step) -> None:
        if fact.data.get("station") != car.station:
            self._broken(3, fact.vin, f"started on {car.station}, ended on {fact.data.get('station')}")
        if step is Step.NOT_STARTED:
            self.attempts -= 1
        self._stations.pop(car.station or "", None)
        car.station = None

    def _version_of(self, fact: Fact, car: WalkedCar, step: Step) -> None:
        """Rule 11: a success is a read-back of the target."""
        if "read_back" in fact.data and step is not Step.RELEASE:
            car.read_back = fact.data["read_back"]
        if step in (Step.FLASH_PASSED, Step.RESOLVE_PASSED):
            car.good += 1
            if not self._at_target(car):
                self._broken(11, fact.vin, f"passed, though the car reports {car.read_back}")
        elif step in (Step.REJECT, Step.REPORT_FAULT):
            car.good = 0

    def _release(self, fact: Fact, car: WalkedCar) -> None:
        """Rule 2: at the target, inside the gate, signed for, without a hold."""
        self._gate(fact, car)
        self._held(fact, car, "")
        if car.good != 1 or not self._at_target(car):
            what = f"released after {car.good} successful flashes, reporting {car.read_back}"
            self._broken(2, fact.vin, what)
        if not any(fact.vin in cars for cars in self._signed.values()):
            self._broken(6, fact.vin, "released without a signature in force")

    def _points_of(self, fact: Fact, car: WalkedCar, was: Status, to: Status) -> None:
        if was is Status.CHARGING and car.point is not None:
            self._points.pop(car.point, None)
            car.point = None
        if to is Status.CHARGING:
            car.point = fact.data["point"]
            if car.point in self._points:
                self._broken(3, fact.vin, f"point {car.point} was charging {self._points[car.point]}")
            self._points[car.point] = fact.vin or ""

    # -- questions ----------------------------------------------------------------------------------

    def _gate(self, fact: Fact, car: WalkedCar) -> None:
        """Rule 1, from the readings in the log alone."""
        rule = self._rules.gate
        if car.soc is None or car.read_at is None or car.gauge != rule.gauge.value:
            self._broken(1, fact.vin, "no reading on the campaign's gauge")
            return
        if car.soc < rule.min_tenths:
            self._broken(1, fact.vin, f"{car.soc / 10} % is below {rule.min_tenths / 10} %")
        if fact.at - car.read_at > timedelta(seconds=rule.max_age_s):
            self._broken(1, fact.vin, f"the reading was {fact.at - car.read_at} old")

    def _held(self, fact: Fact, car: WalkedCar, station: str) -> None:
        code = self._rules.code
        stops = {("car", fact.vin), ("batch", f"{code}/B{car.batch:03d}"), ("campaign", code)}
        stops |= {("package", self._rules.package), ("station", station)}
        for scope, target in stops.intersection(self._holds.values()):
            self._broken(2, fact.vin, f"went on under a hold on {scope} {target}")

    def _pilot_approved(self) -> bool:
        pilot = {car.status for car in self.cars.values() if car.batch == 1}
        return pilot <= SIGNED and bool(pilot - {Status.WITHDRAWN})

    def _tripped(self) -> bool:
        rule = self._rules.thresholds
        if rule.count is not None and self._failed > rule.count:
            return True
        enough = self._ended >= max(1, rule.min_attempts)
        return rule.percent is not None and enough and self._failed * 100 > rule.percent * self._ended

    def _at_target(self, car: WalkedCar) -> bool:
        return car.read_back is not None and same_version(car.read_back, self._rules.target)
