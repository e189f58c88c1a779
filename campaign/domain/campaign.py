"""A campaign as a whole: its state and the failure threshold (rule 10)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from campaign.domain.people import Role
from campaign.domain.reasons import Code, Reason, because
from campaign.domain.rules import CampaignRules, FailureThreshold


class CampaignState(StrEnum):
    """Whether new work starts. Running flashes go on in every state (rule 4)."""

    PLANNED = "planned"
    RUNNING = "running"
    PAUSED = "paused"  # by a planner, or by the failure threshold
    STOPPED = "stopped"  # by a planner, for good
    COMPLETE = "complete"  # every car released or withdrawn


MOVES: dict[CampaignState, frozenset[CampaignState]] = {
    CampaignState.PLANNED: frozenset({CampaignState.RUNNING, CampaignState.STOPPED}),
    CampaignState.RUNNING: frozenset({CampaignState.PAUSED, CampaignState.STOPPED, CampaignState.COMPLETE}),
    CampaignState.PAUSED: frozenset({CampaignState.RUNNING, CampaignState.STOPPED, CampaignState.COMPLETE}),
    CampaignState.STOPPED: frozenset(),
    CampaignState.COMPLETE: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Campaign:
    """A launched campaign. Attempts are counted as they end; a resume acknowledges those so far."""

    id: int
    code: str
    rules: CampaignRules
    state: CampaignState
    revision: int
    pilot_approved: bool = False
    ended: int = 0
    failed: int = 0
    acknowledged_ended: int = 0
    acknowledged_failed: int = 0


def threshold_reason(campaign: Campaign) -> Reason | None:
    """Rule 10: why no new flash may start, or None. Counts only what nobody acknowledged yet."""
    failed = campaign.failed - campaign.acknowledged_failed
    ended = campaign.ended - campaign.acknowledged_ended
    if not tripped(campaign.rules.thresholds, failed, ended):
        return None
    return because(Code.THRESHOLD, Role.PLANNER, failed=failed, ended=ended)


def tripped(threshold: FailureThreshold, failed: int, ended: int) -> bool:
    """Above the count, or above the percent once enough attempts ended to speak of percent."""
    if threshold.count is not None and failed > threshold.count:
        return True
    if threshold.percent is None or ended < max(1, threshold.min_attempts):
        return False
    return failed * 100 > threshold.percent * ended
