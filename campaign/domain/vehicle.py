"""A car's way through a campaign: its statuses, and the one table of transitions.

    queued -> charging -> charged -> flashing -> flashed -> approved -> released

with rework, uncertain and withdrawn beside it. A hold is not a status.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from campaign.domain.identity import Vin
from campaign.domain.soc import Gauge


class Status(StrEnum):
    """Where a car stands in its campaign."""

    QUEUED = "queued"  # in the campaign, below the gate or not read yet
    CHARGING = "charging"  # connected to a charge point
    CHARGED = "charged"  # at or above the gate by a reading; waits for a station
    FLASHING = "flashing"  # given to a station: an attempt is open
    FLASHED = "flashed"  # at the target version by read-back; waits for QA
    APPROVED = "approved"  # QA signed for it; waits for the release gate
    RELEASED = "released"  # deliverable
    REWORK = "rework"  # the flash failed or QA rejected: a person decides
    UNCERTAIN = "uncertain"  # nobody knows whether the ECU was written: quarantined
    WITHDRAWN = "withdrawn"  # taken out, with a reason


class Step(StrEnum):
    """What can happen to a car."""

    START_CHARGE = "start_charge"
    STOP_CHARGE = "stop_charge"  # point failed, cable pulled
    CHARGED = "charged"
    TOPPED_UP = "topped_up"  # charged again after a flash: it keeps its version
    START_FLASH = "start_flash"
    NOT_STARTED = "not_started"  # the station confirms that it never began
    FLASH_PASSED = "flash_passed"
    FLASH_FAILED = "flash_failed"
    RIG_FAILED = "rig_failed"  # the station, not the car: automatic retry
    LOST = "lost"
    RESOLVE_PASSED = "resolve_passed"
    RESOLVE_FAILED = "resolve_failed"
    RETRY = "retry"
    REPORT_FAULT = "report_fault"
    APPROVE = "approve"
    REJECT = "reject"
    VOID = "void"  # a signed car changed (rule 6)
    RELEASE = "release"
    WITHDRAW = "withdraw"


S, T = Status, Step

TRANSITIONS: dict[Status, dict[Step, Status]] = {
    S.QUEUED: {
        T.START_CHARGE: S.CHARGING,
        T.CHARGED: S.CHARGED,
        T.REPORT_FAULT: S.REWORK,
        T.WITHDRAW: S.WITHDRAWN,
    },
    S.CHARGING: {
        T.CHARGED: S.CHARGED,
        T.TOPPED_UP: S.FLASHED,
        T.STOP_CHARGE: S.QUEUED,
        T.WITHDRAW: S.WITHDRAWN,
    },
    S.CHARGED: {
        T.START_FLASH: S.FLASHING,
        T.START_CHARGE: S.CHARGING,
        T.REPORT_FAULT: S.REWORK,
        T.WITHDRAW: S.WITHDRAWN,
    },
    # rule 4: nothing but the outcome leads out of a flash
    S.FLASHING: {
        T.FLASH_PASSED: S.FLASHED,
        T.FLASH_FAILED: S.REWORK,
        T.RIG_FAILED: S.CHARGED,
        T.NOT_STARTED: S.CHARGED,
        T.LOST: S.UNCERTAIN,
    },
    S.FLASHED: {
        T.APPROVE: S.APPROVED,
        T.REJECT: S.REWORK,
        T.REPORT_FAULT: S.REWORK,
        T.START_CHARGE: S.CHARGING,
        T.WITHDRAW: S.WITHDRAWN,
    },
    S.APPROVED: {T.RELEASE: S.RELEASED, T.VOID: S.FLASHED},
    S.REWORK: {T.RETRY: S.CHARGED, T.WITHDRAW: S.WITHDRAWN},
    # rule 3: never again while the outcome is unknown; only a person with a fresh read-back
    S.UNCERTAIN: {T.RESOLVE_PASSED: S.FLASHED, T.RESOLVE_FAILED: S.REWORK},
    S.RELEASED: {},
    S.WITHDRAWN: {},
}

ON_THE_WAY = frozenset(s for s in Status if TRANSITIONS[s])
TERMINAL = frozenset(Status) - ON_THE_WAY
AT_TARGET = frozenset({S.FLASHED, S.APPROVED, S.RELEASED})


def after(status: Status, step: Step) -> Status | None:
    """The status that the step leads to, or None where the table has no such way."""
    return TRANSITIONS[status].get(step)


class OrderState(StrEnum):
    """What sales said about a car's demand order (rule 2: known or explicitly none)."""

    UNKNOWN = "unknown"
    KNOWN = "known"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Reading:
    """One SOC reading: tenths of a percent, on which gauge, when by the server's clock."""

    tenths: int
    gauge: Gauge
    at: datetime


@dataclass(frozen=True, slots=True)
class Car:
    """One vehicle's way through one campaign, as the rules see it.

    `read_back` is the version that the car itself last reported; `soc` the newest reading of any gauge of the
    campaign's rule; `revision` counts changes and guards every write. `listed_soc` is what a list said, nobody knows
    when it was read: good for planning, never for a gate (rule 1).
    """

    id: int
    campaign: str
    vin: Vin
    status: Status
    batch_id: int
    batch_no: int
    priority: int
    revision: int = 0
    soc: Reading | None = None
    read_back: str | None = None
    attempts: int = 0
    rig_errors: int = 0
    point: str | None = None
    station: str | None = None
    order_state: OrderState = OrderState.UNKNOWN
    order_no: str | None = None
    promised: date | None = None
    slot: str | None = None
    variant: str = ""
    changed_at: datetime | None = None
    changed_by: str = ""
    listed_soc: int | None = None
    weight: int = 1

    @property
    def in_pilot(self) -> bool:
        """Batch 1 is the pilot."""
        return self.batch_no == 1
