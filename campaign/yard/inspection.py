"""QA in the simulated yard: batch after batch, in the day shift, signed by somebody who touched none of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from campaign.domain.batch import Batch
from campaign.domain.identity import Vin
from campaign.domain.people import Role
from campaign.domain.site import SiteLayout
from campaign.domain.vehicle import Car
from campaign.errors import Refused
from campaign.services.quality import BatchReview, to_sign
from campaign.yard.given import Given
from campaign.yard.people import Staff

PER_CAR = timedelta(minutes=10)
FLAWS = (
    "仪表显示异常，需重新刷写",
    "控制器列表缺一行，需复查",
    "中控屏启动慢，重刷后再验",
    "读回记录与照片不符",
)


@dataclass(frozen=True, slots=True)
class Effort:
    """How long QA takes: for a car by one inspector, give or take a part of it, and for the pilot's signature."""

    per_car: timedelta = PER_CAR
    spread: float = 0.0
    pilot_sign_off: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A batch that the inspectors are at, and when they are through."""

    batch: Batch
    until: datetime


class Inspection:
    """The QA team. The site's inspectors share a batch; one of the QA people signs it."""

    def __init__(
        self,
        given: Given,
        staff: Staff,
        layout: SiteLayout,
        code: str,
        *,
        flaws: float,
        seed: int,
        effort: Effort,
    ) -> None:
        self._effort = effort
        self._given, self._staff, self._layout, self._code = given, staff, layout, code
        self._flaws, self._seed = flaws, seed
        self._at: UnderWay | None = None
        self._turn = 0

    def go_on(self, now: datetime) -> int:
        """Begin with a ready batch, or sign the one that is through. Only while QA works."""
        day = self._layout.shift_at(now)
        if day is None or not day.shift.qa:
            return 0
        ready = self._given.quality.queue(self._code)
        signed = 0
        if self._at is not None and now >= self._at.until:
            through, self._at = self._at.batch, None
            if any(batch.id == through.id for batch in ready):
                signed = self._sign(through)
            ready = [batch for batch in ready if batch.id != through.id]
        if self._at is None and ready:
            self._at = UnderWay(ready[0], now + self._takes(ready[0]))
        return signed

    def _takes(self, batch: Batch) -> timedelta:
        waiting = sum(n for status, n in (batch.counts or {}).items() if status.value == "flashed")
        spread = self._effort.spread * Random(f"inspect:{self._seed}:{batch.no}:{waiting}").uniform(-1, 1)
        takes = self._effort.per_car * (1 + spread) * waiting / self._layout.inspectors
        return takes + self._effort.pilot_sign_off if batch.no == 1 else takes

    def _sign(self, batch: Batch) -> int:
        """Reject what was found wrong, approve the rest. 0 when nobody may sign, or something changed."""
        person, review = self._signer(batch)
        if person is None or review is None:
            return 0
        try:
            wrong = self._flawed(to_sign(review.evidence.cars))
            if wrong:
                review = self._reject(person, batch, wrong, review)
            rest = [car.vin for car in to_sign(review.evidence.cars) if car.vin not in wrong]
            if rest:
                self._given.quality.approve(
                    self._staff.actor(person),
                    self._code,
                    batch.no,
                    password=self._staff.password(person),
                    seen_hash=review.seen_hash,
                    vins=rest if wrong else None,
                )
        except Refused:
            return 0  # the batch changed under the pen: it comes up again
        return 1

    def _reject(self, person: str, batch: Batch, wrong: Sequence[Vin], review: BatchReview) -> BatchReview:
        reason = Random(f"flaw:{self._seed}:{wrong[0]}").choice(FLAWS)
        actor = self._staff.actor(person)
        self._given.quality.reject(
            actor,
            self._code,
            batch.no,
            password=self._staff.password(person),
            reason=reason,
            seen_hash=review.seen_hash,
            vins=wrong,
        )
        return self._given.quality.evidence(actor, self._code, batch.no)

    def _signer(self, batch: Batch) -> tuple[str | None, BatchReview | None]:
        """The next of the QA people whom nothing bars (rule 5)."""
        people = self._staff.with_role(Role.QA)
        for step in range(len(people)):
            person = people[(self._turn + step) % len(people)]
            review = self._given.quality.evidence(self._staff.actor(person), self._code, batch.no)
            if review.verdict.allowed:
                self._turn += step + 1
                return person, review
        return None, None

    def _flawed(self, cars: Sequence[Car]) -> list[Vin]:
        """At most one car of a batch, and only at its first inspection."""
        found = [
            car.vin
            for car in cars
            if car.attempts == 1 and Random(f"flawed:{self._seed}:{car.vin}").random() < self._flaws
        ]
        return found[:1]
