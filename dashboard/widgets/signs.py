"""Statuses as people see them: glyph, word and colour together."""

from __future__ import annotations

from campaign.domain.batch import BatchStatus
from campaign.domain.campaign import CampaignState
from campaign.domain.vehicle import Status
from campaign.wording import batch_word, state_word, status_word
from dashboard.markup import Html, span
from dashboard.theme import BATCH_SIGNS, STATE_SIGNS, STATUS_SIGNS, Sign


def badge(sign: Sign, word: str) -> Html:
    """A filled pill: the glyph on its colour, the word beside it in ink."""
    return span(glyph(sign), span(word, cls="badge-word"), cls="badge")


def glyph(sign: Sign) -> Html:
    """The glyph on its fill."""
    return span(sign.glyph, cls="glyph light" if sign.light_text else "glyph", style=f"--fill:{sign.fill}")


def status_badge(status: Status, lang: str) -> Html:
    """Where a car stands."""
    return badge(STATUS_SIGNS[status], status_word(status, lang))


def batch_badge(status: BatchStatus, lang: str) -> Html:
    """Where a batch stands."""
    return badge(BATCH_SIGNS[status], batch_word(status, lang))


def state_badge(state: CampaignState, lang: str) -> Html:
    """Whether the campaign starts new work."""
    return badge(STATE_SIGNS[state], state_word(state, lang))
