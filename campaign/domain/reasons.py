"""Why something may not happen now, and who can lift it (rule 12). Texts live in `campaign.wording`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from campaign.domain.people import Role


class Code(StrEnum):
    """Every reason that a rule can give. Parameters are named in the comment."""

    # the gate (rule 1)
    SOC_MISSING = "soc_missing"  # gauge
    SOC_STALE = "soc_stale"  # age_h, max_h
    SOC_BELOW = "soc_below"  # soc, gate
    SOC_UNREADABLE = "soc_unreadable"  # raw
    # the way of a car
    WRONG_STATUS = "wrong_status"  # status, step
    ALREADY_DONE = "already_done"  # step, by, at
    TAKEN_BY = "taken_by"  # by, at, what
    NOT_STARTED = "not_started"
    OUTCOME_UNKNOWN = "outcome_unknown"  # rule 3
    FLASH_RUNNING = "flash_running"  # rule 4: station
    TOO_MANY_ATTEMPTS = "too_many_attempts"  # attempts, limit
    READ_BACK_MISSING = "read_back_missing"
    READ_BACK_DIFFERS = "read_back_differs"  # read, target
    NOT_YET_CONFIRMED = "not_yet_confirmed"  # station: the mark is kept, the read-back decides
    # around it
    HELD = "held"  # scope, target, why, by
    ORDER_UNKNOWN = "order_unknown"
    BATCH_NOT_APPROVED = "batch_not_approved"  # batch
    BATCH_NOT_OPEN = "batch_not_open"  # batch, at
    PILOT_NOT_APPROVED = "pilot_not_approved"  # rule 10
    THRESHOLD = "threshold"  # failed, ended
    CAMPAIGN_STATE = "campaign_state"  # state
    NO_FREE_POINT = "no_free_point"
    POINT_TAKEN = "point_taken"  # point, vin
    POINT_UNKNOWN = "point_unknown"  # point
    NOT_IN_CAMPAIGN = "not_in_campaign"  # vin
    VIN_UNKNOWN = "vin_unknown"  # vin, like
    VIN_DIFFERS = "vin_differs"  # vin, version, slot: what the fleet has
    SLOT_TAKEN = "slot_taken"  # slot, vin
    VIN_UNREADABLE = "vin_unreadable"  # raw, fault, like
    VIN_AMBIGUOUS = "vin_ambiguous"  # raw, like
    SIGN_IN_ENDED = "sign_in_ended"
    TRY_AGAIN_LATER = "try_again_later"  # seconds
    # signing (rules 5, 6, 11)
    TOUCHED = "touched"  # person, vin, what
    SHARED_ACCOUNT = "shared_account"
    PASSWORD_WRONG = "password_wrong"  # noqa: S105 - a reason code, not a secret
    REASON_MISSING = "reason_missing"
    CAR_NOT_READY = "car_not_ready"  # vin, status
    EVIDENCE_MISSING = "evidence_missing"  # vin, what
    CHANGED_SINCE = "changed_since"  # what
    NOTHING_TO_SIGN = "nothing_to_sign"  # batch
    # rights and input
    LACKS_RIGHT = "lacks_right"  # person, right
    NO_CARS = "no_cars"
    WORK_DONE = "work_done"  # vin: an import that was worked on cannot be undone
    ALREADY_LAUNCHED = "already_launched"  # campaign
    # packages
    PACKAGE_UNKNOWN = "package_unknown"  # package
    PACKAGE_NOT_RELEASED = "package_not_released"  # package
    PACKAGE_OBSOLETE = "package_obsolete"  # package, why
    PACKAGE_OTHER_VERSIONS = "package_other_versions"  # package, brings, wanted
    PACKAGE_UNTRUSTED = "package_untrusted"  # key
    PACKAGE_BADLY_SIGNED = "package_badly_signed"  # package
    PACKAGE_SHEET_DIFFERS = "package_sheet_differs"  # package: the sheet signs another manifest
    PACKAGE_EXISTS = "package_exists"  # package, package_state
    PACKAGE_WRONG_STATE = "package_wrong_state"  # package, package_state
    PACKAGE_FILE_MISSING = "package_file_missing"  # file
    PACKAGE_FILE_DIFFERS = "package_file_differs"  # file
    PACKAGE_BLOCK_DIFFERS = "package_block_differs"  # ecu, block: its checksum is not its file's
    KEY_KNOWN = "key_known"  # key, by
    KEY_REVOKED = "key_revoked"  # key, by


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: a code, its parameters as text, and the roles that can lift it."""

    code: Code
    params: tuple[tuple[str, str], ...] = ()
    lifted_by: tuple[Role, ...] = ()

    def __str__(self) -> str:
        """A terse form for logs; people read `campaign.wording.say`."""
        inner = ", ".join(f"{k}={v}" for k, v in self.params)
        return f"{self.code.value}({inner})" if inner else self.code.value

    def param(self, name: str) -> str:
        """A parameter by name, or empty."""
        return dict(self.params).get(name, "")


def because(code: Code, *lifted_by: Role, **params: object) -> Reason:
    """Build a reason; parameters become text, so that they can be stored and compared."""
    return Reason(code, tuple((k, str(v)) for k, v in params.items()), lifted_by)
