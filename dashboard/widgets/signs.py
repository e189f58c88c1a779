"""Statuses as people see them: glyph, word and colour together."""

from __future__ import annotations

from collections.abc import Mapping

from campaign.domain.batch import BatchStatus
from campaign.domain.campaign import CampaignState
from campaign.domain.vehicle import Status
from campaign.wording import batch_word, state_word, status_word
from dashboard.markup import Html, div, span
from dashboard.theme import BATCH_SIGNS, STATE_SIGNS, STATUS_SIGNS, Sign
from dashboard.voice import Voice

# From the far end of a car's way to its start; what went wrong stands last.
ORDER = (
    Status.RELEASED, Status.APPROVED, Status.FLASHED, Status.FLASHING, Status.CHARGED,
    Status.CHARGING, Status.QUEUED, Status.REWORK, Status.UNCERTAIN, Status.WITHDRAWN,
)  # fmt: skip


def stacked(counts: Mapping[Status, int], v: Voice) -> Html:
    """One bar with a part for each status, as wide as its share."""
    parts = [
        span(
            cls="bar-part",
            style=f"--fill:{STATUS_SIGNS[s].fill};flex-grow:{counts[s]}",
            title=status_word(s, v.lang),
        )
        for s in ORDER
        if counts.get(s)
    ]
    return div(parts, cls="bar")


def badge(sign: Sign, word: str) -> Html:
    """A filled pill: the glyph on its colour, the word beside it in ink."""
    return span(glyph(sign), span(word, cls="badge-word"), cls="badge")


def glyph(sign: Sign) -> Html:
    """The glyph on its fill."""
    return span(sign.glyph, cls="glyph light" if sign.light_text else "glyph", style=f"--fill:{sign.fill}")


def status_badge(status: Status, v: Voice) -> Html:
    """Where a car stands."""
    return badge(STATUS_SIGNS[status], status_word(status, v.lang))


def batch_badge(status: BatchStatus, v: Voice) -> Html:
    """Where a batch stands."""
    return badge(BATCH_SIGNS[status], batch_word(status, v.lang))


def state_badge(state: CampaignState, v: Voice) -> Html:
    """Whether the campaign starts new work."""
    return badge(STATE_SIGNS[state], state_word(state, v.lang))
