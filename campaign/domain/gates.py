"""Gates: go, wait or refuse, with every reason (rules 1, 2, 3, 10, 12).

A gate never raises and never stops at the first reason. *Refuse* needs somebody to act on this car; *wait* clears by
a reading, by time or by somebody else's work.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from campaign.domain.campaign import CampaignState
from campaign.domain.identity import SoftwareVersion
from campaign.domain.people import Role
from campaign.domain.reasons import Code, Reason, because
from campaign.domain.retry import same_version
from campaign.domain.rules import GateRule
from campaign.domain.soc import format_soc
from campaign.domain.vehicle import Car, OrderState, Reading, Status, Step, after


class Answer(StrEnum):
    """What a gate says."""

    GO = "go"
    WAIT = "wait"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Gate:
    """An answer and every reason behind it; no reasons means go."""

    answer: Answer
    reasons: tuple[Reason, ...] = ()

    @property
    def open(self) -> bool:
        """Whether it says go."""
        return self.answer is Answer.GO


@dataclass(frozen=True, slots=True)
class Hold:
    """Something that a person stopped until the right role lifts it."""

    id: int
    scope: str  # car, batch, station, point, campaign, package
    target: str
    why: str
    by: str


@dataclass(frozen=True, slots=True)
class Around:
    """What surrounds a car when a gate is asked: the campaign's state and its switches."""

    state: CampaignState
    pilot_approved: bool
    threshold: Reason | None = None


WAITING = frozenset(
    {
        Code.SOC_MISSING,
        Code.SOC_STALE,
        Code.SOC_UNREADABLE,
        Code.PILOT_NOT_APPROVED,
        Code.CAMPAIGN_STATE,
        Code.BATCH_NOT_OPEN,
        Code.BATCH_NOT_APPROVED,
        Code.FLASH_RUNNING,
        Code.ORDER_UNKNOWN,
        Code.THRESHOLD,
        Code.NOT_YET_CONFIRMED,
        Code.NO_FREE_POINT,
    }
)


def gate_of(reasons: Iterable[Reason]) -> Gate:
    """Fold reasons into an answer: nothing is go, only waiting ones are wait, anything else refuses."""
    listed = tuple(reasons)
    if not listed:
        return Gate(Answer.GO)
    waits = all(reason.code in WAITING for reason in listed)
    return Gate(Answer.WAIT if waits else Answer.REFUSE, listed)


def soc_reasons(reading: Reading | None, rule: GateRule, now: datetime) -> list[Reason]:
    """Rule 1: on the named gauge, young enough, at or above the gate. 27.0 is inside."""
    if reading is None or reading.gauge is not rule.gauge:
        return [because(Code.SOC_MISSING, Role.TECHNICIAN, gauge=rule.gauge.value)]
    reasons = []
    age = now - reading.at
    if age > timedelta(seconds=rule.max_age_s):
        hours = age.total_seconds() / 3600
        reasons.append(
            because(Code.SOC_STALE, Role.TECHNICIAN, age_h=f"{hours:.1f}", max_h=f"{rule.max_age_s / 3600:g}")
        )
    if reading.tenths < rule.min_tenths:
        reasons.append(
            because(
                Code.SOC_BELOW,
                Role.TECHNICIAN,
                soc=format_soc(reading.tenths),
                gate=format_soc(rule.min_tenths),
            )
        )
    return reasons


def listed_above(car: Car, rule: GateRule) -> bool:
    """Nobody has read this car yet, and its list says that it needs no charging: a reading comes first."""
    return car.soc is None and car.listed_soc is not None and car.listed_soc >= rule.min_tenths


def hold_reasons(holds: Sequence[Hold]) -> list[Reason]:
    """Every hold that stops this car, its batch, its station or its package."""
    return [
        because(Code.HELD, Role.QA, Role.LEAD, scope=h.scope, target=h.target, why=h.why, by=h.by)
        for h in holds
    ]


def _status_reasons(car: Car, step: Step) -> list[Reason]:
    if after(car.status, step) is not None:
        return []
    if car.status is Status.UNCERTAIN:
        return [because(Code.OUTCOME_UNKNOWN, Role.QA, Role.LEAD)]
    if car.status is Status.FLASHING:
        return [because(Code.FLASH_RUNNING, station=car.station or "")]
    return [because(Code.WRONG_STATUS, status=car.status.value, step=step.value)]


def charge_gate(car: Car, holds: Sequence[Hold], around: Around) -> Gate:
    """May this car be connected to a charge point?"""
    reasons = _status_reasons(car, Step.START_CHARGE) + hold_reasons(holds)
    if around.state is not CampaignState.RUNNING:
        reasons.append(because(Code.CAMPAIGN_STATE, Role.PLANNER, state=around.state.value))
    return gate_of(reasons)


def flash_gate(
    car: Car, rule: GateRule, max_attempts: int, holds: Sequence[Hold], around: Around, now: datetime
) -> Gate:
    """May a flash start now? Rules 1, 3, 10 and the limits of the campaign."""
    reasons = _status_reasons(car, Step.START_FLASH)
    reasons += soc_reasons(car.soc, rule, now)
    reasons += hold_reasons(holds)
    if around.state is not CampaignState.RUNNING:
        reasons.append(because(Code.CAMPAIGN_STATE, Role.PLANNER, state=around.state.value))
    if not car.in_pilot and not around.pilot_approved:
        reasons.append(because(Code.PILOT_NOT_APPROVED, Role.QA))
    if around.threshold is not None:
        reasons.append(around.threshold)
    if car.attempts >= max_attempts:
        reasons.append(
            because(Code.TOO_MANY_ATTEMPTS, Role.PLANNER, attempts=car.attempts, limit=max_attempts)
        )
    return gate_of(reasons)


def read_back_reasons(read_back: str | None, target: SoftwareVersion) -> list[Reason]:
    """Rule 11: only what the car reports counts."""
    if read_back is None:
        return [because(Code.READ_BACK_MISSING, Role.QA, Role.LEAD)]
    if not same_version(read_back, target):
        return [because(Code.READ_BACK_DIFFERS, Role.TECHNICIAN, read=read_back, target=str(target))]
    return []


def release_gate(
    car: Car, rule: GateRule, target: SoftwareVersion, holds: Sequence[Hold], now: datetime
) -> Gate:
    """Rule 2: target by read-back, SOC inside the gate now, approved batch, no hold, order known or none."""
    reasons = []
    if car.status is not Status.APPROVED:
        reasons.append(because(Code.BATCH_NOT_APPROVED, Role.QA, batch=car.batch_no))
    reasons += read_back_reasons(car.read_back, target)
    reasons += soc_reasons(car.soc, rule, now)
    reasons += hold_reasons(holds)
    if car.order_state is OrderState.UNKNOWN:
        reasons.append(because(Code.ORDER_UNKNOWN, Role.SALES, Role.PLANNER))
    return gate_of(reasons)
