"""What an ended attempt means for its car (rules 3 and 11), and whether it is tried again by itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from campaign.domain.identity import SoftwareVersion
from campaign.domain.rules import CampaignRules
from campaign.domain.vehicle import Step
from campaign.errors import BadInput


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
        """Counts against the campaign's failure threshold."""
        return self not in (Outcome.PASS, Outcome.NEVER_STARTED)


@dataclass(frozen=True, slots=True)
class Settlement:
    """The step to take, with what is known: `outcome` as recorded, `why` as a short code for the log."""

    step: Step
    outcome: Outcome
    why: str = ""


def settle(outcome: Outcome, read_back: str | None, rules: CampaignRules, rig_errors: int) -> Settlement:
    """Decide an attempt. `rig_errors` counts the car's earlier automatic retries.

    Flashed needs both: the flasher says pass and the car reports the target. A car that does not report is
    uncertain, whatever the station says.
    """
    if outcome is Outcome.NEVER_STARTED:
        return Settlement(Step.NOT_STARTED, outcome)
    if outcome is Outcome.UNKNOWN:
        return Settlement(Step.LOST, outcome, "start_without_end")
    if read_back is None:
        return Settlement(Step.LOST, outcome, "no_read_back")
    at_target = same_version(read_back, rules.target)
    if outcome is Outcome.PASS:
        if at_target:
            return Settlement(Step.FLASH_PASSED, outcome)
        return Settlement(Step.FLASH_FAILED, Outcome.FAIL, "read_back_differs")
    if outcome is Outcome.ERROR and not at_target and rig_errors < rules.rig_retries:
        return Settlement(Step.RIG_FAILED, outcome, "retry_on_rig_error")
    return Settlement(Step.FLASH_FAILED, outcome, "at_target_but_failed" if at_target else "")


def same_version(read_back: str, target: SoftwareVersion) -> bool:
    """Whether what the car reports is the target; an unreadable text is not."""
    try:
        return SoftwareVersion.parse(read_back) == target
    except BadInput:
        return False
