"""Glyph and colour of every status: never colour alone. The fills were checked for colour-blind eyes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from campaign.domain.batch import BatchStatus
from campaign.domain.campaign import CampaignState
from campaign.domain.retry import Outcome
from campaign.domain.vehicle import Status


@dataclass(frozen=True, slots=True)
class Sign:
    """How a state looks: a glyph, a fill, and whether text on the fill is light."""

    glyph: str
    fill: str
    light_text: bool = False


STATUS_SIGNS: dict[Status, Sign] = {
    Status.QUEUED: Sign("○", "#9AA4B2"),
    Status.CHARGING: Sign("◔", "#56B4E9"),
    Status.CHARGED: Sign("◑", "#0072B2", light_text=True),
    Status.FLASHING: Sign("◕", "#F0E442"),
    Status.FLASHED: Sign("●", "#E69F00"),
    Status.APPROVED: Sign("✓", "#009E73", light_text=True),
    Status.RELEASED: Sign("✔", "#00614A", light_text=True),
    Status.REWORK: Sign("✕", "#D55E00", light_text=True),
    Status.UNCERTAIN: Sign("?", "#111827", light_text=True),
    Status.WITHDRAWN: Sign("–", "#EEF1F5"),
}

BATCH_SIGNS: dict[BatchStatus, Sign] = {
    BatchStatus.PLANNED: Sign("○", "#9AA4B2"),
    BatchStatus.OPEN: Sign("◑", "#0072B2", light_text=True),
    BatchStatus.READY: Sign("●", "#E69F00"),
    BatchStatus.APPROVED: Sign("✓", "#009E73", light_text=True),
    BatchStatus.CLOSED: Sign("✔", "#00614A", light_text=True),
}

OUTCOME_SIGNS: dict[Outcome, Sign] = {
    Outcome.PASS: Sign("✓", "#009E73", light_text=True),
    Outcome.FAIL: Sign("✕", "#D55E00", light_text=True),
    Outcome.ERROR: Sign("!", "#E69F00"),
    Outcome.TIMEOUT: Sign("…", "#56B4E9"),
    Outcome.ABORTED: Sign("‖", "#9AA4B2"),
    Outcome.UNKNOWN: Sign("?", "#111827", light_text=True),
    Outcome.NEVER_STARTED: Sign("–", "#EEF1F5"),
}

STATE_SIGNS: dict[CampaignState, Sign] = {
    CampaignState.PLANNED: Sign("○", "#9AA4B2"),
    CampaignState.RUNNING: Sign("▶", "#00614A", light_text=True),
    CampaignState.PAUSED: Sign("‖", "#E69F00"),
    CampaignState.STOPPED: Sign("■", "#111827", light_text=True),
    CampaignState.COMPLETE: Sign("✔", "#00614A", light_text=True),
}


class Work(StrEnum):
    """How a bar of the plan's picture stands. Late: planned work of a car that misses its promised date."""

    DONE = "done"
    FAILED = "failed"
    RUNNING = "running"
    PLANNED = "planned"
    LATE = "late"


WORK_SIGNS: dict[Work, Sign] = {
    Work.DONE: Sign("✓", "#B4BCC8"),
    Work.FAILED: Sign("✕", "#111827", light_text=True),
    Work.RUNNING: Sign("▶", "#0072B2", light_text=True),
    Work.PLANNED: Sign("○", "#DCEBF7"),
    Work.LATE: Sign("!", "#E69F00"),
}

PLAN_LINE = "#6B7280"
FAN_LINE = "#0072B2"
STAGE_LINES = {"charge": "#56B4E9", "flash": "#E69F00", "inspect": "#009E73"}
