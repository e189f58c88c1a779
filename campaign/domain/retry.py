"""What an ended attempt means for its car (rules 3 and 11), and whether it is tried again by itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from campaign.domain.flash_faults import FlashFault
from campaign.domain.identity import SoftwareVersion
from campaign.domain.rules import CampaignRules
from campaign.domain.vehicle import Step
from campaign.errors import BadInput

Fault = FlashFault


class Outcome(StrEnum):
    """How an attempt ended, apart from where the job stood."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"  # the car
    ERROR = "error"  # the rig
    TIMEOUT = "timeout"
    ABORTED = "aborted"
    UNKNOWN = "unknown"  # a start without an end: nobody knows
    NEVER_STARTED = "never_started"  # the station has no such job

    @property
    def failed(self) -> bool:
        """Whether it is a failure of the flash, where it counts at all."""
        return self not in (Outcome.PASS, Outcome.NEVER_STARTED)


class Care(StrEnum):
    """What needs somebody beside the car."""

    STATION = "station"  # another car is on its cable: it is held
    PACKAGE = "package"  # its files or its signature are bad: it is held
    STAGING = "staging"  # its files are not at this station: they are brought again


@dataclass(frozen=True, slots=True)
class Ended:
    """What is known of an attempt that ended.

    `read_back` is the version that this car reported, None where it did not; `soc` its reading on the gate's gauge in
    tenths, taken with it. `fault` is a code of `FlashFault` or of a newer station; `written` is False only where the
    station knows that nothing was written.
    """

    outcome: Outcome
    read_back: str | None = None
    fault: str = ""
    written: bool = True
    soc: int | None = None


@dataclass(frozen=True, slots=True)
class Settlement:
    """The step to take, with what is known: `outcome` as recorded, `why` as a short code for the log.

    `counted` False: the campaign's counters take no notice, because nothing was tried on the car.
    """

    step: Step
    outcome: Outcome
    why: str = ""
    care: Care | None = None
    counted: bool = True


_CARE = {
    Fault.WRONG_CAR: Care.STATION,
    Fault.PACKAGE_MISSING: Care.STAGING,
    Fault.PACKAGE_DAMAGED: Care.PACKAGE,
    Fault.PACKAGE_UNTRUSTED: Care.PACKAGE,
}
"""Faults of what stands around a car: it goes back as if it had not been started."""

UNCOUNTED = frozenset({*_CARE, Fault.SOC_BELOW, Fault.PACKAGE_UNFIT})
"""No failures of the flash: before anything was written, something else was found to be wrong."""


def settle(ended: Ended, rules: CampaignRules, rig_errors: int) -> Settlement:
    """Decide an attempt. `rig_errors` counts the car's earlier automatic retries.

    Flashed needs both: the flasher says pass and the car reports the target. Where something may have been written, a
    car that does not report is uncertain, whatever the station says. Where the station knows that nothing was written,
    silence is no riddle: the car is what it was before, goes back, or to rework with the fault as the reason.
    """
    if ended.outcome is Outcome.NEVER_STARTED:
        return Settlement(Step.NOT_STARTED, ended.outcome, counted=False)
    if ended.outcome is Outcome.UNKNOWN:
        return Settlement(Step.LOST, ended.outcome, "start_without_end")
    if not ended.written and ended.outcome is not Outcome.PASS:
        return _unwritten(ended, rules, rig_errors)
    if ended.read_back is None:
        return Settlement(Step.LOST, ended.outcome, "no_read_back")
    return _reported(ended, ended.read_back, rules, rig_errors)


def _unwritten(ended: Ended, rules: CampaignRules, rig_errors: int) -> Settlement:
    """Back, where the car is not to blame; tried again, where the rig broke; else rework."""
    outcome, fault = ended.outcome, ended.fault
    if fault in _CARE:
        care = _CARE[Fault(fault)]
        return Settlement(Step.NOT_STARTED, outcome, fault, care, counted=False)
    # Above the gate by its own word it would come back to a station at once, and again.
    if fault == Fault.SOC_BELOW and ended.soc is not None and ended.soc < rules.gate.min_tenths:
        return Settlement(Step.NOT_STARTED, outcome, fault, counted=False)
    counted = fault not in UNCOUNTED
    at_target = ended.read_back is not None and same_version(ended.read_back, rules.target)
    if outcome is Outcome.ERROR and not at_target and rig_errors < rules.rig_retries:
        return Settlement(Step.RIG_FAILED, outcome, "retry_on_rig_error", counted=counted)
    return Settlement(Step.FLASH_FAILED, outcome, fault or "nothing_written", counted=counted)


def _reported(ended: Ended, read_back: str, rules: CampaignRules, rig_errors: int) -> Settlement:
    """The car told what it runs."""
    at_target = same_version(read_back, rules.target)
    if ended.outcome is Outcome.PASS:
        if at_target:
            return Settlement(Step.FLASH_PASSED, ended.outcome)
        return Settlement(Step.FLASH_FAILED, Outcome.FAIL, "read_back_differs")
    if ended.outcome is Outcome.ERROR and not at_target and rig_errors < rules.rig_retries:
        return Settlement(Step.RIG_FAILED, ended.outcome, "retry_on_rig_error")
    return Settlement(Step.FLASH_FAILED, ended.outcome, "at_target_but_failed" if at_target else ended.fault)


def same_version(read_back: str, target: SoftwareVersion) -> bool:
    """Whether what the car reports is the target; an unreadable text is not."""
    try:
        return SoftwareVersion.parse(read_back) == target
    except BadInput:
        return False
