"""One hand-in of marks on one campaign: judged one after the other, written together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from campaign.domain.events import Kind
from campaign.domain.gates import hold_reasons
from campaign.domain.identity import Vin
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
)
from campaign.domain.people import Actor, Role
from campaign.domain.reasons import Code, Reason, because
from campaign.domain.signoff import Touch
from campaign.domain.vehicle import Car, Reading, Status, Step
from campaign.ports.records import Charge, Told
from campaign.services.charge_models import KeptChargeModels
from campaign.services.points import PointMoves, free_points
from campaign.services.work import CampaignWork

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


class Hands:
    """The marks of one hand-in on one campaign, judged one after the other on the cars as they become."""

    def __init__(
        self,
        work: CampaignWork,
        actor: Actor,
        marks: list[tuple[int, Mark, Vin]],
        models: KeptChargeModels,
    ) -> None:
        self.work, self.actor, self._models = work, actor, models
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
                return judge_retry(car, mark.reason, rules)

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
            self.work.void_signatures(car, self.actor, mark.reason or mark.kind.value)
            self.cars = self.work.uow.cars.latest(list(self.cars))  # others of the batch were signed too
            car = self.cars[car.vin]
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
        end = None if soc is None else self.work.now + timedelta(minutes=self._minutes(soc.tenths, point))
        self._points.start(car, point, None if soc is None else soc.tenths, end)
        if self._free is not None and point in self._free:
            self._free.remove(point)

    def _minutes(self, soc: int, point: str) -> int:
        """How long the car charges at this point, as it was observed; read only where a charge starts."""
        models = self._models.of(self.work.uow, self.work.layout, self.work.now)
        return models.minutes(soc, self.work.rules.charge_target_tenths, point)

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
        if given is not None and given.point not in self.work.held("point"):
            return given.point
        return next(iter(self._free_points()), None)

    def _point_reason(self, mark: Mark, car: Car) -> Reason | None:
        if not mark.point:
            return None
        if mark.point not in {p.name for p in self.work.layout.points}:
            return because(Code.POINT_UNKNOWN, point=mark.point)
        if (hold := self.work.held("point").get(mark.point)) is not None:
            return hold_reasons([hold])[0]
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


def replayed(mark: Mark, told: Told, car: Car) -> MarkResult:
    """Rule 8: a mark with a known client id was recorded before: the same answer, who and when."""
    at = told.at.isoformat(timespec="minutes")
    reason = because(Code.ALREADY_DONE, step=mark.kind.value, by=told.actor, at=at)
    answer = MarkAnswer(str(told.data.get("answer", MarkAnswer.DUPLICATE)))
    return MarkResult(car.vin, mark.kind, answer, car.status, (reason,), told.actor, told.at)
