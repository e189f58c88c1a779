"""Who may sign a batch, what is missing, who is barred and why (rules 5, 6, 11)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from campaign.domain.gates import Hold, hold_reasons, read_back_reasons
from campaign.domain.identity import SoftwareVersion, Vin
from campaign.domain.people import Actor, Right, Role, roles_with
from campaign.domain.reasons import Code, Reason, because
from campaign.domain.rules import CampaignRules
from campaign.domain.vehicle import Car, Status


class Decision(StrEnum):
    """What QA decides on a batch or on single cars of it."""

    APPROVE = "approve"
    REJECT = "reject"


class Touch(StrEnum):
    """Every way of having worked on a car that bars a person from signing its batch (rule 5)."""

    CHARGED = "charged"
    FLASHED = "flashed"
    INSPECTED = "inspected"
    CORRECTED = "corrected"  # faults, retries, withdrawals, resolved outcomes


@dataclass(frozen=True, slots=True)
class Touched:
    """One person worked on one car."""

    person: str
    vin: Vin
    touch: Touch


@dataclass(frozen=True, slots=True)
class SignOff:
    """A decision by a named person over the hash of what they saw. `voided_at` ends it (rule 6)."""

    id: int
    batch_id: int
    decision: Decision
    person: str
    at: datetime
    seen_hash: str
    reason: str
    cars: int
    voided_at: datetime | None = None
    void_why: str = ""


@dataclass(frozen=True, slots=True)
class SignOffVerdict:
    """Whether this person may take this decision now; `barred` and `missing` together are every reason."""

    barred: tuple[Reason, ...]
    missing: tuple[Reason, ...]

    @property
    def allowed(self) -> bool:
        """No reason against it."""
        return not self.barred and not self.missing

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """What bars the person first, then what is missing."""
        return self.barred + self.missing


def barred_reasons(signer: Actor, touches: Sequence[Touched]) -> tuple[Reason, ...]:
    """Rule 5: own work on any car of the batch, a shared account, a missing right. No role is above it."""
    reasons = []
    if not signer.may(Right.SIGN):
        reasons.append(
            because(Code.LACKS_RIGHT, *roles_with(Right.SIGN), person=signer.id, right=Right.SIGN.value)
        )
    if signer.shared:
        reasons.append(because(Code.SHARED_ACCOUNT, Role.QA, person=signer.id))
    reasons += [
        because(Code.TOUCHED, Role.QA, person=t.person, vin=t.vin, what=t.touch.value)
        for t in touches
        if t.person == signer.id
    ]
    return tuple(reasons)


def missing_evidence(car: Car, target: SoftwareVersion, holds: Sequence[Hold]) -> list[Reason]:
    """What an approval of this car still needs."""
    if car.status is not Status.FLASHED:
        return [because(Code.CAR_NOT_READY, vin=car.vin, status=car.status.value)]
    reasons = list(read_back_reasons(car.read_back, target)) + hold_reasons(holds)
    if car.soc is None:
        reasons.append(because(Code.EVIDENCE_MISSING, Role.TECHNICIAN, vin=car.vin, what="soc"))
    return reasons


def approve_verdict(
    signer: Actor,
    cars: Sequence[Car],
    rules: CampaignRules,
    touches: Sequence[Touched],
    holds: dict[Vin, list[Hold]],
    batch_name: str,
) -> SignOffVerdict:
    """May `signer` approve these cars? `touches` are those of the whole batch, not of these cars only."""
    missing = [r for car in cars for r in missing_evidence(car, rules.target, holds.get(car.vin, []))]
    if not cars:
        missing.append(because(Code.NOTHING_TO_SIGN, batch=batch_name))
    return SignOffVerdict(barred_reasons(signer, touches), tuple(missing))


def reject_verdict(
    signer: Actor, cars: Sequence[Car], why: str, touches: Sequence[Touched], batch_name: str
) -> SignOffVerdict:
    """May `signer` reject these cars? A rejection says why; only cars that wait for QA can be rejected."""
    missing = [
        because(Code.CAR_NOT_READY, vin=car.vin, status=car.status.value)
        for car in cars
        if car.status is not Status.FLASHED
    ]
    if not why.strip():
        missing.append(because(Code.REASON_MISSING))
    if not cars:
        missing.append(because(Code.NOTHING_TO_SIGN, batch=batch_name))
    return SignOffVerdict(barred_reasons(signer, touches), tuple(missing))


def content_hash(cars: Sequence[Car]) -> str:
    """The hash of what a signer saw: every car's evidence in VIN order (64 hex digits)."""
    content = [
        [
            car.vin,
            car.status.value,
            car.read_back,
            None if car.soc is None else [car.soc.tenths, car.soc.gauge.value, car.soc.at.isoformat()],
            car.attempts,
            car.revision,
        ]
        for car in sorted(cars, key=lambda car: car.vin)
    ]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()
