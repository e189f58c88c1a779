"""An independent witness: replays a campaign's events in order and objects to whatever breaks one of the rules.

It knows nothing of the services; it only believes the log.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from campaign.domain.events import Event, Kind
from campaign.domain.people import SYSTEM_ID
from campaign.domain.vehicle import TRANSITIONS, Status, Step


@dataclass
class SeenCar:
    """What the log says of a car so far."""

    status: Status = Status.QUEUED
    batch: int = 0
    soc: int | None = None
    soc_at: datetime | None = None
    read_back: str | None = None
    station: str | None = None
    signature: int | None = None
    passed: int = 0
    touched_by: set[str] = field(default_factory=set)


@dataclass
class Witness:
    """Feed it events with `see`; `objections` collects what broke, as text."""

    gate: int = 270
    gauge: str = "display"
    max_age: timedelta = timedelta(hours=24)
    target: str = "VBV4.5.3C"
    cars: dict[str, SeenCar] = field(default_factory=dict)
    busy: dict[str, str] = field(default_factory=dict)
    holds: dict[int, tuple[str, str]] = field(default_factory=dict)
    void: set[int] = field(default_factory=set)
    running: bool = True
    seen: int = 0
    objections: list[str] = field(default_factory=list)
    jobs: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    misled: set[str] = field(default_factory=set)  # stations that found another car, not held since

    def launch(self, batch: int, vins: list[str], socs: dict[str, tuple[int, datetime]]) -> None:
        """A batch as planned, its cars with the readings of their list."""
        for vin in vins:
            soc, at = socs.get(vin, (None, None))
            self.cars[vin] = SeenCar(batch=batch, soc=soc, soc_at=at)

    def see(self, event: Event) -> None:
        """One more event of the chain."""
        self.seen += 1
        fact, data = event.fact, event.fact.data
        car = self.cars.get(fact.vin or "")
        match fact.kind:
            case Kind.CAR if car is not None:
                self._step(event, car)
            case Kind.SOC_READ if car is not None:
                self._touch(car, fact.actor)
                self._read(car, data, fact.at)
            case Kind.MARK_KEPT if car is not None and data["kind"] == "flashed" and data["answer"] == "kept":
                self._touch(car, fact.actor)
            case Kind.ATTEMPT_OPENED:
                self._open(str(fact.vin), data["station"], data["job"])
            case Kind.ATTEMPT_ENDED:
                self.busy.pop(data["station"], None)
                self._ended(event)
            case Kind.CAMPAIGN_PAUSED | Kind.CAMPAIGN_STOPPED:
                self.running = False
            case Kind.CAMPAIGN_RESUMED:
                self.running = True
            case Kind.HOLD_SET:
                self.holds[data["hold"]] = (data["scope"], data["target"])
                self.misled.discard(data["target"])
            case Kind.HOLD_LIFTED:
                self.holds.pop(data["hold"], None)
            case Kind.SIGNED if data["decision"] == "approve":
                self._signed(event)
            case _:
                pass

    def _object(self, event: Event, what: str) -> None:
        self.objections.append(f"#{event.seq} {event.fact.vin} {event.fact.data.get('step', '')}: {what}")

    def _touch(self, car: SeenCar, actor: str) -> None:
        if actor != SYSTEM_ID:
            car.touched_by.add(actor)

    def _read(self, car: SeenCar, data, at: datetime) -> None:
        if data.get("gauge") == self.gauge:
            car.soc, car.soc_at = data["soc"], at

    def _open(self, vin: str, station: str, job: str) -> None:
        if station in self.busy:
            self.objections.append(f"{station} was given {vin} while it worked on {self.busy[station]}")
        self.busy[station] = vin
        self.jobs[job] += 1
        if self.jobs[job] > 1:
            self.objections.append(f"job {job} was opened twice")

    def _ended(self, event: Event) -> None:
        data = event.fact.data
        if data.get("fault") == "wrong_car":
            if data.get("written") is False:
                self.misled.add(data["station"])
            if data["read_back"] is not None:
                self._object(event, "the read-back of another car was taken for this one (rule 11)")

    def _inside_gate(self, car: SeenCar, at: datetime) -> bool:
        fresh = car.soc_at is not None and at - car.soc_at <= self.max_age
        return car.soc is not None and car.soc >= self.gate and fresh

    def _held(self, vin: str, batch: int, station: str | None) -> bool:
        stops = {
            ("car", vin),
            ("campaign", "TEST-1"),
            ("package", "vbv453c"),
            ("batch", f"TEST-1/B{batch:03d}"),
        }
        if station is not None:
            stops.add(("station", station))
        return any(hold in stops for hold in self.holds.values())

    def _pilot_approved(self) -> bool:
        pilot = [car.status for car in self.cars.values() if car.batch == 1]
        good = {Status.APPROVED, Status.RELEASED}
        return all(s in good | {Status.WITHDRAWN} for s in pilot) and any(s in good for s in pilot)

    def _step(self, event: Event, car: SeenCar) -> None:
        fact, data = event.fact, event.fact.data
        step, old, new = Step(data["step"]), Status(data["from"]), Status(data["to"])
        if old is not car.status or TRANSITIONS[old].get(step) is not new:
            self._object(event, f"no such way: log says {car.status}, step from {old} to {new}")
        if step not in (Step.APPROVE, Step.REJECT, Step.VOID):
            self._touch(car, fact.actor)
        if "soc" in data and step is not Step.RELEASE:
            self._read(car, data, fact.at)
        if step is Step.START_FLASH:
            if data["station"] in self.misled:
                self._object(event, f"{data['station']} went on with another car on its cable")
            self._start_flash(event, car)
        if step is Step.FLASH_PASSED or step is Step.RESOLVE_PASSED:
            car.passed += 1
            if data.get("read_back") != self.target:
                self._object(event, f"passed with read-back {data.get('read_back')} (rule 11)")
        if step is Step.CHARGED and not self._inside_gate(car, fact.at):
            self._object(event, f"charged at {car.soc} (rule 1)")
        if "read_back" in data:
            car.read_back = data["read_back"]
        if step is Step.RELEASE:
            self._release(event, car)
        if old is Status.APPROVED and step is not Step.RELEASE and car.signature is not None:
            self.void.add(car.signature)
        if step in (Step.RESOLVE_PASSED, Step.RESOLVE_FAILED) and fact.actor == SYSTEM_ID:
            self._object(event, "an unknown outcome was decided by nobody (rule 3)")
        car.status = new

    def _start_flash(self, event: Event, car: SeenCar) -> None:
        fact = event.fact
        if not self._inside_gate(car, fact.at):
            self._object(event, f"flash started at {car.soc} read {car.soc_at} (rule 1)")
        if car.batch != 1 and not self._pilot_approved():
            self._object(event, "flash before the pilot was approved (rule 10)")
        if not self.running:
            self._object(event, "flash started while the campaign does not run")
        if self._held(str(fact.vin), car.batch, fact.data["station"]):
            self._object(event, "flash started under a hold")

    def _release(self, event: Event, car: SeenCar) -> None:
        fact = event.fact
        if not self._inside_gate(car, fact.at):
            self._object(event, f"released at {car.soc} read {car.soc_at} (rules 1, 2)")
        if car.read_back != self.target:
            self._object(event, f"released with read-back {car.read_back} (rule 2)")
        if car.signature is None or car.signature in self.void:
            self._object(event, "released without a signature in force (rules 2, 6)")
        if self._held(str(fact.vin), car.batch, None):
            self._object(event, "released under a hold (rule 2)")

    def _signed(self, event: Event) -> None:
        signer, batch = event.fact.actor, event.fact.batch_no
        for vin, car in self.cars.items():
            if car.batch == batch and signer in car.touched_by:
                self._object(event, f"signed by {signer}, who worked on {vin} (rule 5)")
        for vin in event.fact.data["cars"]:
            self.cars[vin].signature = event.fact.data["sign_off"]
