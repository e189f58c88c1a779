"""Rights are checked here, in the use cases, at every call; pages and commands only show what would be refused."""

from __future__ import annotations

from campaign.domain.people import Actor, Right, roles_with
from campaign.domain.reasons import Code, because
from campaign.errors import NotAllowed, Refused


def need(actor: Actor, right: Right) -> None:
    """Raise NotAllowed unless the actor has the right. The orchestrator itself has those of the floor."""
    if not (actor.is_system or actor.may(right)):
        raise NotAllowed([because(Code.LACKS_RIGHT, *roles_with(right), person=actor.id, right=right.value)])


def need_reason(text: str) -> str:
    """A reason that says something, stripped. Raises Refused."""
    if not text.strip():
        raise Refused([because(Code.REASON_MISSING)])
    return text.strip()
