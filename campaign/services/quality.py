"""QA: evidence, decisions under four eyes, holds (rules 5, 6, 11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from campaign.domain.batch import Batch, BatchStatus
from campaign.domain.events import Kind
from campaign.domain.gates import Hold, soc_reasons
from campaign.domain.identity import Vin
from campaign.domain.people import Actor, Right, Role
from campaign.domain.reasons import Code, Reason, because
from campaign.domain.signoff import (
    Decision,
    SignOff,
    SignOffVerdict,
    approve_verdict,
    content_hash,
    missing_evidence,
    reject_verdict,
)
from campaign.domain.vehicle import Car, Status, Step
from campaign.errors import Conflict, NotFound, Refused
from campaign.ports.clock import Clock
from campaign.ports.store import Store
from campaign.ports.views import BatchEvidence, Views
from campaign.services.access import need, need_reason
from campaign.services.people import People
from campaign.services.work import CampaignWork, campaign_work

HOLD_SCOPES = ("car", "batch", "station", "point", "campaign", "package")


@dataclass(frozen=True, slots=True)
class BatchReview:
    """What QA sees before deciding. `seen_hash` travels with the decision: it is what they sign."""

    evidence: BatchEvidence
    verdict: SignOffVerdict
    seen_hash: str
    exceptions: tuple[tuple[Vin, tuple[Reason, ...]], ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """A decision as asked for: on these cars, or on all that wait for QA when `vins` is None."""

    decision: Decision
    reason: str
    seen_hash: str | None
    vins: Sequence[Vin] | None


class Quality:
    """Use cases of QA."""

    def __init__(self, store: Store, views: Views, clock: Clock, people: People) -> None:
        self._store, self._views, self._clock, self._people = store, views, clock, people

    def queue(self, code: str) -> list[Batch]:
        """Opened batches in which every car that is left waits for QA."""
        with self._store.read() as uow:
            return [b for b in uow.batches.active(code) if b.status is BatchStatus.READY]

    def evidence(self, actor: Actor, code: str, batch_no: int) -> BatchReview:
        """A batch's evidence, exceptions first, and whether this person may sign it. Raises NotFound."""
        need(actor, Right.VIEW)
        seen = self._views.batch(code, batch_no)
        with self._store.read() as uow:
            campaign = uow.campaigns.get(code)
            if campaign is None:
                raise NotFound(f"there is no campaign {code} here")
            work = CampaignWork(uow, campaign, self._clock.now())
            cars = to_sign(seen.cars)
            holds = {car.vin: work.holds_on(car) for car in seen.cars}
            verdict = approve_verdict(actor, cars, work.rules, seen.touches, holds, seen.batch.name)
            exceptions = tuple(
                (car.vin, reasons)
                for car in seen.cars
                if (reasons := self._exceptions(work, car, holds[car.vin]))
            )
        return BatchReview(seen, verdict, content_hash(seen.cars), exceptions)

    def _exceptions(self, work: CampaignWork, car: Car, holds: list[Hold]) -> tuple[Reason, ...]:
        """What stands out on a car: what is missing for the approval, and what will stop its release."""
        if car.status in (Status.RELEASED, Status.WITHDRAWN):
            return ()
        missing = [] if car.status is Status.APPROVED else missing_evidence(car, work.rules.target, holds)
        return tuple(missing + soc_reasons(car.soc, work.rules.gate, work.now))

    def approve(
        self,
        actor: Actor,
        code: str,
        batch_no: int,
        *,
        password: str,
        seen_hash: str | None = None,
        vins: Sequence[Vin] | None = None,
        reason: str = "",
    ) -> SignOff:
        """Approve a batch, or single cars of it, with the password again. Raises Refused with every reason."""
        self._people.confirm(actor, password)
        return self._decide(actor, code, batch_no, Ask(Decision.APPROVE, reason.strip(), seen_hash, vins))

    def reject(
        self,
        actor: Actor,
        code: str,
        batch_no: int,
        *,
        password: str,
        reason: str,
        seen_hash: str | None = None,
        vins: Sequence[Vin] | None = None,
    ) -> SignOff:
        """Reject a batch, or single cars of it: they go to rework. Raises Refused with every reason."""
        self._people.confirm(actor, password)
        return self._decide(actor, code, batch_no, Ask(Decision.REJECT, reason.strip(), seen_hash, vins))

    def _decide(self, actor: Actor, code: str, batch_no: int, ask: Ask) -> SignOff:
        with campaign_work(self._store, code, self._clock.now()) as work:
            batch = work.uow.batches.by_no(code, batch_no)
            if batch is None:
                raise NotFound(f"campaign {code} has no batch {batch_no}")
            all_cars = work.uow.cars.in_batch(batch.id)
            seen = content_hash(all_cars)
            if ask.seen_hash is not None and ask.seen_hash != seen:
                raise Conflict([because(Code.CHANGED_SINCE, Role.QA, what=batch.name)])
            cars = chosen(all_cars, ask.vins)
            verdict = self._verdict(work, actor, batch, cars, ask)
            if not verdict.allowed:
                raise Refused(verdict.reasons)
            signed = self._write(work, actor, batch, cars, seen, ask)
            work.commit()
        return signed

    def _verdict(
        self, work: CampaignWork, actor: Actor, batch: Batch, cars: list[Car], ask: Ask
    ) -> SignOffVerdict:
        touches = work.uow.sign_offs.touches(batch.id)
        if ask.decision is Decision.REJECT:
            return reject_verdict(actor, cars, ask.reason, touches, batch.name)
        holds = {car.vin: work.holds_on(car) for car in cars}
        return approve_verdict(actor, cars, work.rules, touches, holds, batch.name)

    def _write(
        self, work: CampaignWork, actor: Actor, batch: Batch, cars: list[Car], seen: str, ask: Ask
    ) -> SignOff:
        approve = ask.decision is Decision.APPROVE
        signed = work.uow.sign_offs.add(batch, ask.decision.value, actor.id, work.now, seen, ask.reason, cars)
        told = {
            "decision": ask.decision.value,
            "hash": seen,
            "sign_off": signed.id,
            "cars": [car.vin for car in cars],
        }
        work.fact(Kind.SIGNED, actor, reason=ask.reason, data=told, batch_no=batch.no)
        for car in cars:
            step = Step.APPROVE if approve else Step.REJECT
            work.step(car, step, actor, reason=ask.reason, data={"sign_off": signed.id})
        return signed

    def set_hold(self, actor: Actor, scope: str, target: str, why: str) -> Hold:
        """Stop the next step of a car, batch, station, charge point, package or campaign until it is lifted."""
        need(actor, Right.HOLD)
        reason = need_reason(why)
        if scope not in HOLD_SCOPES:
            raise NotFound(f"a hold is on one of {', '.join(HOLD_SCOPES)}, not on {scope!r}")
        code = self._chain_of(scope, target)
        with campaign_work(self._store, code, self._clock.now()) as work:
            hold = work.uow.holds.add(scope, target, reason, actor.id, work.now)
            work.fact(Kind.HOLD_SET, actor, reason=reason, data=told_of(hold))
            work.commit()
        return hold

    def lift_hold(self, actor: Actor, hold_id: int, why: str) -> Hold:
        """Lift a hold, with a reason. Raises NotFound when it is not open."""
        need(actor, Right.HOLD)
        reason = need_reason(why)
        with self._store.read() as uow:
            hold = uow.holds.get(hold_id)
        if hold is None:
            raise NotFound(f"there is no open hold {hold_id}")
        with campaign_work(self._store, self._chain_of(hold.scope, hold.target), self._clock.now()) as work:
            again = work.uow.holds.get(hold_id)
            if again is None:
                raise NotFound(f"there is no open hold {hold_id}")
            work.uow.holds.lift(again, actor.id, reason, work.now)
            work.fact(Kind.HOLD_LIFTED, actor, reason=reason, data=told_of(again))
            work.commit()
        return again

    def _chain_of(self, scope: str, target: str) -> str:
        """Which campaign tells of the hold: that of the car or batch, else the newest one."""
        with self._store.read() as uow:
            if scope == "car":
                car = uow.cars.latest([Vin(target)]).get(Vin(target))
                if car is None:
                    raise NotFound(f"{target} is in no campaign")
                return car.campaign
            codes = [campaign.code for campaign in uow.campaigns.all()]
        named = target.split("/", maxsplit=1)[0] if scope == "batch" else target
        if scope in ("batch", "campaign") and named not in codes:
            raise NotFound(f"there is no campaign {named} here")
        if not codes:
            raise NotFound("there is no campaign here yet")
        return named if named in codes else codes[0]


def to_sign(cars: Sequence[Car]) -> list[Car]:
    """What a decision on the whole batch covers: every car that is not signed, released or withdrawn yet."""
    done = (Status.APPROVED, Status.RELEASED, Status.WITHDRAWN)
    return [car for car in cars if car.status not in done]


def chosen(cars: Sequence[Car], vins: Sequence[Vin] | None) -> list[Car]:
    """The named cars, else all to sign. Raises NotFound for a VIN of another batch."""
    if vins is None:
        return to_sign(cars)
    by_vin = {car.vin: car for car in cars}
    strangers = [vin for vin in vins if vin not in by_vin]
    if strangers:
        raise NotFound(f"not in this batch: {', '.join(strangers)}")
    return [by_vin[vin] for vin in vins]


def told_of(hold: Hold) -> dict[str, object]:
    """A hold as its event tells it."""
    return {"hold": hold.id, "scope": hold.scope, "target": hold.target}
