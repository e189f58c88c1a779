"""The texts of the domain's codes in English and Chinese, side by side. Imports pure rules only.

`say(reason, lang)` is a complete answer: what stands in the way, what helps, and who can lift it (rule 12).
"""

from campaign.wording.causes import cause_say
from campaign.wording.faults import fault_text
from campaign.wording.flash_faults import (
    fault_say,
    fault_title,
    field_word,
    flash_step_word,
    held_text,
    held_title,
    reason_text,
    settlement_text,
)
from campaign.wording.sentences import roles_text, say, say_all
from campaign.wording.titles import title
from campaign.wording.words import (
    LANGUAGES,
    answer_word,
    batch_word,
    decision_word,
    gauge_word,
    kind_word,
    mark_word,
    order_word,
    outcome_word,
    right_word,
    role_word,
    state_word,
    status_word,
    step_word,
    touch_word,
    word,
)

__all__ = [
    "LANGUAGES",
    "answer_word",
    "batch_word",
    "cause_say",
    "decision_word",
    "fault_say",
    "fault_text",
    "fault_title",
    "field_word",
    "flash_step_word",
    "gauge_word",
    "held_text",
    "held_title",
    "kind_word",
    "mark_word",
    "order_word",
    "outcome_word",
    "reason_text",
    "right_word",
    "role_word",
    "roles_text",
    "say",
    "say_all",
    "settlement_text",
    "state_word",
    "status_word",
    "step_word",
    "title",
    "touch_word",
    "word",
]
