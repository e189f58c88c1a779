"""What a technician hands in, judged against the car as it is (rules 1, 4, 8, 11, 12).

A mark is done, recognised as a duplicate, refused with every reason, or kept: recorded without moving the car,
because somebody else's word decides. Nothing handed in is lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from campaign.domain.gates import Around, Gate, Hold, charge_gate, listed_above, soc_reasons
from campaign.domain.people import Role
from campaign.domain.reasons import Code, Reason, because
from campaign.domain.retry import same_version
from campaign.domain.rules import CampaignRules
from campaign.domain.soc import Gauge
from campaign.domain.vehicle import AT_TARGET, Car, Reading, Status, Step, after


class MarkKind(StrEnum):
    """What a person says happened."""

    CHARGING = "charging"  # connected to a point
    CHARGED = "charged"  # with the SOC that the gauge shows
    SOC = "soc"  # a reading only
    FLASHED = "flashed"  # the bench says it is done: the read-back decides
    FAILED = "failed"  # something went wrong, with a reason
    RETRY = "retry"  # a reworked car goes back to the stations, with a reason


class MarkAnswer(StrEnum):
    """What came of a mark."""

    DONE = "done"
    DUPLICATE = "duplicate"  # the same again: nothing changed, nothing wrong
    REFUSED = "refused"
    KEPT = "kept"  # recorded; what the car or the station says decides


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark as handed in. `client_id` makes a replay recognisable; `claimed_at` is the device's clock (rule 9)."""

    kind: MarkKind
    vin: str
    soc: int | None = None
    gauge: Gauge = Gauge.DISPLAY
    point: str | None = None
    reason: str = ""
    client_id: str | None = None
    claimed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """The answer to a mark, the step to take (None moves nothing) and the reasons."""

    answer: MarkAnswer
    step: Step | None = None
    reasons: tuple[Reason, ...] = ()


DONE, DUPLICATE, REFUSED, KEPT = MarkAnswer.DONE, MarkAnswer.DUPLICATE, MarkAnswer.REFUSED, MarkAnswer.KEPT


def already(car: Car, kind: MarkKind, person: str) -> Judged:
    """Done before: by the same person it is the same event, by another one the second sees the first's name."""
    at = "" if car.changed_at is None else car.changed_at.isoformat(timespec="minutes")
    if car.changed_by == person:
        return Judged(DUPLICATE, None, (because(Code.ALREADY_DONE, step=kind.value, by=person, at=at),))
    return Judged(REFUSED, None, (because(Code.TAKEN_BY, what=kind.value, by=car.changed_by, at=at),))


def judge_charging(car: Car, point: str | None, person: str, holds: Sequence[Hold], around: Around) -> Judged:
    """Connect to `point` (None: no point was given and none is free)."""
    if car.status is Status.CHARGING:
        return already(car, MarkKind.CHARGING, person)
    gate = charge_gate(unsigned(car), holds, around)
    reasons = list(gate.reasons)
    if point is None:
        reasons.append(because(Code.NO_FREE_POINT, Role.LEAD))
    if reasons:
        return Judged(REFUSED, None, tuple(reasons))
    return Judged(DONE, Step.START_CHARGE)


def judge_charged(
    car: Car, reading: Reading | None, person: str, rules: CampaignRules, now: datetime
) -> Judged:
    """The car reached its SOC. Below the gate the reading is kept and the car goes on charging."""
    reasons = tuple(soc_reasons(reading, rules.gate, now))
    if car.status in (Status.CHARGED, *AT_TARGET):
        return already(car, MarkKind.CHARGED, person)
    step = charged_step(car, rules)
    if after(car.status, step) is None:
        return Judged(REFUSED, None, (wrong_status(car, step), *reasons))
    if reasons:
        return Judged(REFUSED, None, reasons)
    return Judged(DONE, step)


def charged_step(car: Car, rules: CampaignRules) -> Step:
    """A car that is at the target already keeps it: it was only topped up."""
    topped_up = car.status is Status.CHARGING and at_target(car, rules)
    return Step.TOPPED_UP if topped_up else Step.CHARGED


def at_target(car: Car, rules: CampaignRules) -> bool:
    """Whether the car last reported the target version."""
    return car.read_back is not None and same_version(car.read_back, rules.target)


def judge_soc(car: Car, reading: Reading | None) -> Judged:
    """A reading alone never moves a car; a terminal one is not read any more."""
    if reading is None:
        return Judged(REFUSED, None, (because(Code.SOC_MISSING, Role.TECHNICIAN, gauge="display"),))
    if car.status in (Status.RELEASED, Status.WITHDRAWN):
        return Judged(REFUSED, None, (because(Code.WRONG_STATUS, status=car.status.value, step="soc"),))
    return Judged(DONE)


def judge_flashed(car: Car, person: str) -> Judged:
    """Rule 11: a person's word is kept; only the read-back moves the car."""
    if car.status in AT_TARGET:
        return already(car, MarkKind.FLASHED, person)
    if car.status is Status.FLASHING:
        return Judged(KEPT, None, (because(Code.NOT_YET_CONFIRMED, station=car.station or ""),))
    if car.status is Status.UNCERTAIN:
        return Judged(KEPT, None, (because(Code.OUTCOME_UNKNOWN, Role.QA, Role.LEAD),))
    return Judged(REFUSED, None, (because(Code.NOT_STARTED, Role.PLANNER),))


def judge_failed(car: Car, reason: str, rules: CampaignRules) -> Judged:
    """Something went wrong. A running flash goes on (rule 4): the report is kept beside its outcome."""
    if not reason.strip():
        return Judged(REFUSED, None, (because(Code.REASON_MISSING),))
    if car.status is Status.FLASHING:
        return Judged(KEPT, None, (because(Code.FLASH_RUNNING, station=car.station or ""),))
    if car.status is Status.CHARGING:
        return Judged(DONE, Step.TOPPED_UP if at_target(car, rules) else Step.STOP_CHARGE)
    if after(unsigned(car).status, Step.REPORT_FAULT) is None:
        return Judged(REFUSED, None, (wrong_status(car, Step.REPORT_FAULT),))
    return Judged(DONE, Step.REPORT_FAULT)


def judge_retry(car: Car, reason: str, rules: CampaignRules) -> Judged:
    """A reworked car goes back to the stations while the campaign's limit leaves it a try; then a planner decides."""
    reasons = [] if reason.strip() else [because(Code.REASON_MISSING)]
    if car.status is Status.REWORK and car.attempts >= rules.max_attempts:
        limit = rules.max_attempts
        reasons.append(because(Code.TOO_MANY_ATTEMPTS, Role.PLANNER, attempts=car.attempts, limit=limit))
    if after(car.status, Step.RETRY) is None:
        reasons.append(wrong_status(car, Step.RETRY))
    return Judged(REFUSED, None, tuple(reasons)) if reasons else Judged(DONE, Step.RETRY)


def wrong_status(car: Car, step: Step) -> Reason:
    """The table has no such way."""
    if car.status is Status.UNCERTAIN:
        return because(Code.OUTCOME_UNKNOWN, Role.QA, Role.LEAD)
    return because(Code.WRONG_STATUS, status=car.status.value, step=step.value)


def unsigned(car: Car) -> Car:
    """The car as it is once its signature is void (rule 6): what a change to a signed car starts from."""
    return replace(car, status=Status.FLASHED) if car.status is Status.APPROVED else car


def next_mark(car: Car, gate: Gate, rules: CampaignRules) -> MarkKind | None:
    """The one next action that a person can take on this car; None where the system or QA is next."""
    if car.status is Status.QUEUED:
        return MarkKind.CHARGED if listed_above(car, rules.gate) else MarkKind.CHARGING
    if car.status is Status.CHARGING:
        return MarkKind.CHARGED
    if car.status is Status.REWORK:
        return MarkKind.RETRY
    codes = {reason.code for reason in gate.reasons}
    if Code.SOC_BELOW in codes:
        return MarkKind.CHARGING
    if codes & {Code.SOC_MISSING, Code.SOC_STALE}:
        return MarkKind.SOC
    return None
