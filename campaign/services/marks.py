"""Marks from the floor: read a VIN as people type it, judge the car, write the step, the reading and the touch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, replace

from campaign.domain.gates import Gate, charge_gate, flash_gate, release_gate
from campaign.domain.identity import Vin, look_alikes, read_vin
from campaign.domain.marks import (
    Mark,
    MarkAnswer,
    MarkKind,
    next_mark,
)
from campaign.domain.people import Actor, Right, Role
from campaign.domain.reasons import Code, Reason, because
from campaign.domain.vehicle import Car, Status
from campaign.errors import CallerError
from campaign.ports.clock import Clock
from campaign.ports.records import Vehicle
from campaign.ports.store import Store, UnitOfWork
from campaign.ports.views import Views
from campaign.services.access import need
from campaign.services.charge_models import KeptChargeModels
from campaign.services.hands import Hands, MarkResult
from campaign.services.points import free_points
from campaign.services.work import CampaignWork, campaign_work

__all__ = ["MOST", "MarkResult", "Marks", "NextAction"]

MOST = 500  # marks in one hand-in: what a bulk scan gives, and what one transaction should hold


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
        self._models = KeptChargeModels()

    def mark(self, actor: Actor, marks: Sequence[Mark]) -> list[MarkResult]:
        """Hand in marks; one answer each, in order. One transaction per campaign. Raises NotAllowed, CallerError."""
        need(actor, Right.MARK)
        if len(marks) > MOST:
            raise CallerError(f"{len(marks)} marks at once: hand in at most {MOST}")
        results: dict[int, MarkResult] = {}
        by_campaign: dict[str, list[tuple[int, Mark, Vin]]] = defaultdict(list)
        with self._store.read() as uow:
            known = uow.fleet.known(vin for mark in marks if (vin := read_vin(mark.vin).vin) is not None)
            named = {i: self._named(uow, mark.vin, known) for i, mark in enumerate(marks)}
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
            vin = read_vin(text).vin
            vin, reason = self._named(uow, text, uow.fleet.known([] if vin is None else [vin]))
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

    def _named(self, uow: UnitOfWork, text: str, known: Container[Vin]) -> tuple[Vin | None, Reason | None]:
        """Which car a text means. A whole VIN must be `known` to the fleet; a part must fit exactly one car."""
        reading = read_vin(text)
        if reading.vin is not None:
            if reading.vin in known:
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
            hands = Hands(work, actor, marks, self._models)
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
