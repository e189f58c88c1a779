"""What does not move and why, grouped by reason, the most cars first, with who can lift it (rule 12)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from campaign.domain.gates import Hold
from campaign.domain.identity import Vin
from campaign.domain.people import Role
from campaign.domain.reasons import Code, Reason
from campaign.domain.vehicle import Status
from campaign.services.board import Board
from campaign.wording import held_text, roles_text, status_word, title
from dashboard.markup import Html, div, span, tag
from dashboard.showing import whole
from dashboard.voice import Voice
from dashboard.widgets.yard import section

EXAMPLES = 6


@dataclass(frozen=True, slots=True)
class Group:
    """Cars that wait for the same reason and the same people."""

    code: Code
    lifted_by: tuple[Role, ...]
    sample: Reason
    vins: tuple[Vin, ...]


def groups(board: Board) -> list[Group]:
    """By reason and who can lift it, the biggest first."""
    found: dict[tuple[Code, tuple[Role, ...]], list[tuple[Vin, Reason]]] = defaultdict(list)
    for vin, reasons in board.reasons.items():
        for reason in reasons:
            found[reason.code, reason.lifted_by].append((vin, reason))
    made = [
        Group(code, lifted_by, cars[0][1], tuple(vin for vin, _ in cars))
        for (code, lifted_by), cars in found.items()
    ]
    return sorted(made, key=lambda group: -len(group.vins))


def blocked(board: Board, v: Voice) -> Html:
    """The card, with an empty state that is good news."""
    shown = len(board.data.blocked)
    stuck = sum(board.data.counts.get(s, 0) for s in (Status.REWORK, Status.UNCERTAIN))
    note = v.t("board.blocked_many", n=whole(max(stuck, shown)), shown=shown) if shown >= 200 else ""
    listed = [_group(group, v) for group in groups(board)]
    if not listed and not board.data.holds:
        good = div(
            span("✓", cls="glyph light", style="--fill:#009E73"), v.t("board.blocked_none"), cls="nothing"
        )
        return section(v.t("board.blocked"), note, good)
    return section(v.t("board.blocked"), note, div(listed, cls="blocked-list"), _holds(board.data.holds, v))


def _heading(group: Group, v: Voice) -> str:
    """A car that stands in rework is called that, not "not possible"."""
    status = group.sample.param("status")
    if group.code is Code.WRONG_STATUS and status in {s.value for s in Status}:
        return status_word(Status(status), v.lang)
    return title(group.code, v.lang)


def _group(group: Group, v: Voice) -> Html:
    chips = [span(vin[-6:], cls="chip", title=vin) for vin in group.vins[:EXAMPLES]]
    if len(group.vins) > EXAMPLES:
        chips.append(span(v.t("board.more", n=len(group.vins) - EXAMPLES), cls="quiet"))
    who = roles_text(group.lifted_by, v.lang)
    lifting = v.t("board.lifted_by", who=who) if who else v.t("board.ends_itself")
    detail = v.say(group.sample) if len(group.vins) == 1 else ""
    return div(
        div(
            span(_heading(group, v)),
            span(v.cars(len(group.vins))),
            cls="blocked-head",
        ),
        tag("p", detail) if detail else None,
        None if detail else div(lifting, cls="lifting"),
        div(chips, cls="chips"),
        cls="blocked-group",
    )


def _holds(holds: Sequence[Hold], v: Voice) -> Html | None:
    wider = [hold for hold in holds if hold.scope != "car"]  # a held car stands in its group already
    if not wider:
        return None
    lines = [
        div(
            span(f"■ {hold.target}", cls="chip"),
            span(f"{held_text(hold.why, v.lang)} ({v.name(hold.by)})"),
            cls="hold",
        )
        for hold in wider
    ]
    return div(div(v.t("board.holds"), cls="card-title small"), lines)
