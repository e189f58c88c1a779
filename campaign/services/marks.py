"""Marks from the floor: read a VIN as people type it, judge the car, write the step, the reading and the touch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter

from campaign.domain.events import Kind
from campaign.domain.gates import Gate, charge_gate, flash_gate, release_gate
from campaign.domain.identity import Vin, look_alikes, read_vin
from campaign.domain.marks import (
    Judged,
    Mark,
    MarkAnswer,
    MarkKind,
    judge_charged,
    judge_charging,
    judge_failed,
    judge_flashed,
    judge_retry,
    judge_soc,
    next_mark,
)
from campaign.domain.people import Actor, Right, Role
from campaign.domain.reasons import Code, Reason, because
from campaign.domain.signoff import Touch
from campaign.domain.vehicle import Car, Reading, Status, Step
from campaign.errors import CallerError
from campaign.planning.charging_time import charge_minutes
from campaign.ports.clock import Clock
from campaign.ports.records import Charge, Told, Vehicle
from campaign.ports.store import Store, UnitOfWork
from campaign.ports.views import Views
from campaign.services.access import need
from campaign.services.work import CampaignWork, campaign_work

MOST = 500  # marks in one hand-in: what a bulk scan gives, and what one transaction should hold

TOUCHES = {
    MarkKind.CHARGING: Touch.CHARGED,
    MarkKind.CHARGED: Touch.CHARGED,
    MarkKind.SOC: Touch.INSPECTED,
    MarkKind.FLASHED: Touch.FLASHED,
    MarkKind.FAILED: Touch.CORRECTED,
    MarkKind.RETRY: Touch.CORRECTED,
}


@dataclass(frozen=True, slots=True)
class MarkResult:
    """What came of one mark: `by` and `at` say who did it first, where it was done before."""

    vin: str
    kind: MarkKind
    answer: MarkAnswer
    status: Status | None = None
    reasons: tuple[Reason, ...] = ()
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NextAction:
    """A car and the one next thing to do with it; `candidates` when the text fits several cars."""

    vin: Vin | None
    car: Car | None = None
    vehicle: Vehicle | None = None
    kind: MarkKind | None = None
    point: str | None = None
    gate: Gate | None = None
    reasons: tuple[Reason, ...] = ()
    candidates: tuple[Vin, ...] = ()


class Marks:
    """Use cases of the technician. `on_claim` is told when somebody says that a flash is done (to look at once)."""

    def __init__(
        self, store: Store, views: Views, clock: Clock, on_claim: Callable[[str], object] | None = None
    ) -> None:
        self._store, self._views, self._clock, self._on_claim = store, views, clock, on_claim

    def mark(self, actor: Actor, marks: Sequence[Mark]) -> list[MarkResult]:
        """Hand in marks; one answer each, in order. One transaction per campaign. Raises NotAllowed, CallerError."""
        need(actor, Right.MARK)
        if len(marks) > MOST:
            raise CallerError(f"{len(marks)} marks at once: hand in at most {MOST}")
        results: dict[int, MarkResult] = {}
        by_campaign: dict[str, list[tuple[int, Mark, Vin]]] = defaultdict(list)
        with self._store.read() as uow:
            named = {i: self._named(uow, mark.vin) for i, mark in enumerate(marks)}
            cars = uow.cars.latest([vin for vin, _ in named.values() if vin is not None])
        for i, mark in enumerate(marks):
            vin, reason = named[i]
            if vin is None or vin not in cars:
                why = reason or because(Code.NOT_IN_CAMPAIGN, Role.PLANNER, vin=vin)
                results[i] = MarkResult(mark.vin, mark.kind, MarkAnswer.REFUSED, None, (why,))
            else:
                by_campaign[cars[vin].campaign].append((i, mark, vin))
        for code, mine in by_campaign.items():
            results |= self._in_campaign(actor, code, mine)
        return [results[i] for i in range(len(marks))]

    def next_action(self, text: str) -> NextAction:
        """The car that the text means (a VIN or its last characters) and what to do with it now."""
        with self._store.read() as uow:
            vin, reason = self._named(uow, text)
            if vin is None:
                return NextAction(
                    None, reasons=(reason,) if reason else (), candidates=self._candidates(text)
                )
            vehicle = uow.fleet.known([vin]).get(vin)
            car = uow.cars.latest([vin]).get(vin)
            if car is None:
                return NextAction(
                    vin, None, vehicle, reasons=(because(Code.NOT_IN_CAMPAIGN, Role.PLANNER, vin=vin),)
                )
            campaign = uow.campaigns.get(car.campaign)
            if campaign is None:
                return NextAction(vin, car, vehicle)
            work = CampaignWork(uow, campaign, self._clock.now())
            gate = self._gate(work, car)
            kind = next_mark(car, gate, work.rules)
            point = car.point
            if kind is MarkKind.CHARGING and point is None:
                point = next(iter(free_points(work)), None)
            return NextAction(vin, car, vehicle, kind, point, gate, gate.reasons)

    def _gate(self, work: CampaignWork, car: Car) -> Gate:
        holds = work.holds_on(car)
        if car.status in (Status.QUEUED, Status.CHARGING):
            return charge_gate(replace(car, status=Status.QUEUED), holds, work.around)
        if car.status is Status.APPROVED:
            return release_gate(car, work.rules.gate, work.rules.target, holds, work.now)
        return flash_gate(car, work.rules.gate, work.rules.max_attempts, holds, work.around, work.now)

    def _candidates(self, text: str) -> tuple[Vin, ...]:
        return tuple(self._views.find(text.strip().upper())) if len(text.strip()) >= 4 else ()

    def _named(self, uow: UnitOfWork, text: str) -> tuple[Vin | None, Reason | None]:
        """Which car a text means. A whole VIN must be in the fleet; a part must fit exactly one car."""
        reading = read_vin(text)
        if reading.vin is not None:
            if uow.fleet.known([reading.vin]):
                return reading.vin, None
            like = " ".join(self._like(uow, reading.vin))
            return None, because(Code.VIN_UNKNOWN, Role.PLANNER, vin=reading.vin, like=like)
        found = self._candidates(text)
        if len(found) == 1:
            return found[0], None
        if found:
            return None, because(Code.VIN_AMBIGUOUS, raw=text, like=" ".join(found))
        problem = reading.problem
        fault = "" if problem is None else problem.fault.value
        like_this = "" if problem is None else problem.suggestion or ""
        return None, because(Code.VIN_UNREADABLE, raw=text[:40], fault=fault, like=like_this)

    def _like(self, uow: UnitOfWork, vin: Vin) -> tuple[Vin, ...]:
        class Known:
            def __contains__(self, other: object) -> bool:
                return isinstance(other, Vin) and bool(uow.fleet.known([other]))

        return look_alikes(vin, Known(), most=3)

    def _in_campaign(
        self, actor: Actor, code: str, marks: list[tuple[int, Mark, Vin]]
    ) -> dict[int, MarkResult]:
        results: dict[int, MarkResult] = {}
        claimed = False
        with campaign_work(self._store, code, self._clock.now()) as work:
            hands = Hands(work, actor, marks)
            for i, mark, vin in marks:
                results[i] = hands.take(mark, vin)
                claimed |= mark.kind is MarkKind.FLASHED and results[i].answer is MarkAnswer.KEPT
            hands.write()
            work.commit()
        if claimed and self._on_claim is not None:
            self._on_claim(code)
            self._look_again(results)
        return results

    def _look_again(self, results: dict[int, MarkResult]) -> None:
        """After the stations were asked: a claim that the read-back confirmed is done."""
        kept = {i: Vin(r.vin) for i, r in results.items() if r.answer is MarkAnswer.KEPT}
        with self._store.read() as uow:
            cars = uow.cars.latest(list(kept.values()))
        for i, vin in kept.items():
            status = cars[vin].status
            confirmed = status is Status.FLASHED
            results[i] = replace(
                results[i],
                status=status,
                answer=MarkAnswer.DONE if confirmed else MarkAnswer.KEPT,
                reasons=() if confirmed else results[i].reasons,
            )


class PointMoves:
    """Points taken and freed by one hand-in, written in its order, in as few statements as that allows."""

    def __init__(self) -> None:
        self._moves: list[tuple[bool, Car, str, int | None, datetime | None]] = []

    def start(self, car: Car, point: str, soc: int | None, end: datetime | None) -> None:
        """The car was connected; it should be full at `end`."""
        self._moves.append((True, car, point, soc, end))

    def end(self, car: Car, soc: int | None) -> None:
        """The car was unplugged."""
        self._moves.append((False, car, "", soc, None))

    def taker(self, point: str) -> str:
        """Who took the point in this hand-in, or empty."""
        return next((car.vin for _, car, taken, _, _ in self._moves if taken == point), "")

    def write(self, work: CampaignWork, actor: Actor) -> None:
        """Runs of the same kind go together."""
        for starting, moves in groupby(self._moves, key=itemgetter(0)):
            if starting:
                starts = [(car, point, soc, end) for _, car, point, soc, end in moves]
                work.uow.charges.start(starts, work.rules.site, work.now, actor.id)
            else:
                work.uow.charges.end([(car, soc) for _, car, _, soc, _ in moves], work.now)


class Hands:
    """The marks of one hand-in on one campaign, judged one after the other on the cars as they become."""

    def __init__(self, work: CampaignWork, actor: Actor, marks: list[tuple[int, Mark, Vin]]) -> None:
        self.work, self.actor = work, actor
        uow = work.uow
        self.cars = uow.cars.latest([vin for _, _, vin in marks])
        self.charges = uow.charges.of_cars([car.id for car in self.cars.values()])
        self.told = uow.log.told([m.client_id for _, m, _ in marks if m.client_id])
        self._free: list[str] | None = None
        self._points = PointMoves()

    def take(self, mark: Mark, vin: Vin) -> MarkResult:
        """Judge one mark and collect what it changes."""
        car = self.cars[vin]
        if mark.client_id and mark.client_id in self.told:
            return replayed(mark, self.told[mark.client_id], car)
        reading = None if mark.soc is None else Reading(mark.soc, mark.gauge, self.work.now)
        point = self._point(mark, car) if mark.kind is MarkKind.CHARGING else None
        judged = self._judge(mark, car, reading, point)
        self._apply(mark, car, judged, reading, point)
        if mark.client_id:
            self.told[mark.client_id] = Told(
                mark.client_id, mark.kind.value, vin, self.actor.id, self.work.now, {}
            )
        after = self.cars[vin]
        first = (
            car.changed_by if judged.answer in (MarkAnswer.DUPLICATE, MarkAnswer.REFUSED) else self.actor.id
        )
        when = (
            car.changed_at if judged.answer in (MarkAnswer.DUPLICATE, MarkAnswer.REFUSED) else self.work.now
        )
        return MarkResult(vin, mark.kind, judged.answer, after.status, judged.reasons, first, when)

    def write(self) -> None:
        """Flush the steps, then the points that they take and free."""
        self.work.flush()
        self._points.write(self.work, self.actor)

    def _judge(self, mark: Mark, car: Car, reading: Reading | None, point: str | None) -> Judged:
        rules, person = self.work.rules, self.actor.id
        match mark.kind:
            case MarkKind.CHARGING:
                taken = self._point_reason(mark, car)
                judged = judge_charging(car, point, person, self.work.holds_on(car), self.work.around)
                if taken is not None and judged.answer is not MarkAnswer.DUPLICATE:
                    others = tuple(r for r in judged.reasons if r.code is not Code.NO_FREE_POINT)
                    return Judged(MarkAnswer.REFUSED, None, (taken, *others))
                return judged
            case MarkKind.CHARGED:
                return judge_charged(car, reading, person, rules, self.work.now)
            case MarkKind.SOC:
                return judge_soc(car, reading)
            case MarkKind.FLASHED:
                return judge_flashed(car, person)
            case MarkKind.FAILED:
                return judge_failed(car, mark.reason, rules)
            case MarkKind.RETRY:
                return judge_retry(car, mark.reason)

    def _apply(
        self, mark: Mark, car: Car, judged: Judged, reading: Reading | None, point: str | None
    ) -> None:
        if judged.step is not None:
            self._move(mark, car, judged.step, reading, point)
        elif reading is not None and self._worth_reading(car):
            self.cars[car.vin] = self.work.read_soc(
                car, reading, self.actor, client_id=mark.client_id, claimed_at=mark.claimed_at
            )
            self.work.touch(car, self.actor, TOUCHES[mark.kind])
        else:
            self._keep(mark, car, judged)

    def _move(self, mark: Mark, car: Car, step: Step, reading: Reading | None, point: str | None) -> None:
        if car.status is Status.APPROVED:
            car = self.work.void_signatures(car, self.actor, mark.reason or mark.kind.value)
        if car.status is Status.CHARGING or (car.point is not None and step is not Step.START_CHARGE):
            self._points.end(car, mark.soc)  # also a point that was given and is not needed any more
        if step is Step.START_CHARGE and point is not None:
            self._start(car, point, reading)
        self.cars[car.vin] = self.work.step(
            car,
            step,
            self.actor,
            reason=mark.reason,
            soc=reading,
            client_id=mark.client_id,
            claimed_at=mark.claimed_at,
            data={"point": point} if point else None,
        )
        self.work.touch(car, self.actor, TOUCHES[mark.kind])

    def _start(self, car: Car, point: str, reading: Reading | None) -> None:
        soc = reading or car.soc
        minutes = None if soc is None else charge_minutes(soc.tenths, self.work.rules.charge_target_tenths)
        end = None if minutes is None else self.work.now + timedelta(minutes=minutes)
        self._points.start(car, point, None if soc is None else soc.tenths, end)
        if self._free is not None and point in self._free:
            self._free.remove(point)

    def _keep(self, mark: Mark, car: Car, judged: Judged) -> None:
        """Rule 8: a mark that moves nothing is still one row, with what was said and what was answered."""
        data: dict[str, object] = {
            "kind": mark.kind.value,
            "answer": judged.answer.value,
            "reasons": [str(r) for r in judged.reasons],
            "status": car.status.value,
        }
        if mark.soc is not None:
            data["soc"] = mark.soc
        self.work.fact(
            Kind.MARK_KEPT,
            self.actor,
            car,
            reason=mark.reason,
            data=data,
            client_id=mark.client_id,
            claimed_at=mark.claimed_at,
        )
        if mark.kind is MarkKind.FLASHED and judged.answer is MarkAnswer.KEPT:
            self.work.touch(car, self.actor, Touch.FLASHED)

    def _worth_reading(self, car: Car) -> bool:
        return car.status not in (Status.RELEASED, Status.WITHDRAWN)

    def _point(self, mark: Mark, car: Car) -> str | None:
        """The named point, else the one given to the car, else the first free one."""
        if mark.point:
            return None if self._point_reason(mark, car) else mark.point
        given = self.charges.get(car.id)
        if given is not None:
            return given.point
        return next(iter(self._free_points()), None)

    def _point_reason(self, mark: Mark, car: Car) -> Reason | None:
        if not mark.point:
            return None
        if mark.point not in {p.name for p in self.work.layout.points}:
            return because(Code.POINT_UNKNOWN, point=mark.point)
        given: Charge | None = self.charges.get(car.id)
        if mark.point in self._free_points() or (given is not None and given.point == mark.point):
            return None
        other = next(
            (c for c in self.work.uow.charges.open(self.work.rules.site) if c.point == mark.point), None
        )
        vin = other.vin if other else self._points.taker(mark.point)
        return because(Code.POINT_TAKEN, Role.LEAD, point=mark.point, vin=vin)

    def _free_points(self) -> list[str]:
        if self._free is None:
            self._free = free_points(self.work)
        return self._free


def free_points(work: CampaignWork) -> list[str]:
    """Points of the site without an open charge, in order of the layout."""
    taken = {charge.point for charge in work.uow.charges.open(work.rules.site)}
    return [point.name for point in work.layout.points if point.name not in taken]


def replayed(mark: Mark, told: Told, car: Car) -> MarkResult:
    """Rule 8: a mark with a known client id was recorded before; who did it and when."""
    at = told.at.isoformat(timespec="minutes")
    reason = because(Code.ALREADY_DONE, step=mark.kind.value, by=told.actor, at=at)
    return MarkResult(car.vin, mark.kind, MarkAnswer.DUPLICATE, car.status, (reason,), told.actor, told.at)
