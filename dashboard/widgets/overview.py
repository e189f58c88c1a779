"""The top of the board: what campaign this is, how far it is, how fresh the data are, cars by status."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from campaign.domain.campaign import Campaign
from campaign.domain.vehicle import Status
from campaign.services.board import Board
from campaign.wording import status_word
from dashboard.markup import Html, div, span, tag
from dashboard.showing import clock_time, lasting, moment, whole
from dashboard.theme import STATUS_SIGNS
from dashboard.voice import Voice
from dashboard.widgets.signs import glyph, stacked, state_badge


def headline(campaign: Campaign, v: Voice) -> Html:
    """Name, versions and state of the campaign."""
    rules = campaign.rules
    versions = (str(rules.source), " → ", tag("b", str(rules.target)))
    return div(
        div(
            tag("h1", rules.names.in_language(v.lang)),
            state_badge(campaign.state, v),
            cls="headline-name",
        ),
        div(span(campaign.code), span(versions), span(rules.site), cls="headline-facts"),
        cls="headline",
        role="banner",
        aria_label=v.t("frame.campaign"),
    )


def freshness(board: Board, wall: datetime, v: Voice) -> Html:
    """Data age. The markup is new at every poll, so that its style sheet's clock starts again.

    When polls stop coming (network, server, store), the browser alone greys the board after 30 s and says so.
    """
    last = board.data.last_event_at
    event = (
        v.t("board.no_event") if last is None else v.t("board.last_event", ago=lasting(board.now - last, v.t))
    )
    return div(
        div(span(cls="live-dot"), v.t("board.live"), cls="live"),
        span(moment(board.now, v.zone), cls="clock"),
        span(event),
        span(v.t("board.read_at", at=clock_time(wall, v.zone)), cls="read-at"),
        div(v.t("board.stale"), cls="stale-note", role="alert"),
        div(cls="stale-veil"),
        cls="freshness",
        data_read=clock_time(wall, v.zone),
    )


def progress(board: Board, v: Voice) -> Html:
    """Released of all, against the plan, and one bar of every status."""
    counts = board.data.counts
    total = sum(counts.values())
    released = counts.get(Status.RELEASED, 0)
    percent = 100 * released // total if total else 0
    return div(
        div(
            span(f"{percent} %", cls="percent"),
            span(v.t("board.done_of", done=whole(released), all=whole(total)), cls="done-of"),
            against_plan(board, v),
            span(v.t("board.planned_end", at=moment(planned_end(board), v.zone)), cls="quiet"),
            cls="progress-line",
        ),
        stacked(counts, v),
        cls="progress",
    )


def planned_end(board: Board) -> datetime | None:
    """When the plan has finished its last car."""
    return board.data.planned[-1][0] if board.data.planned else None


def planned_by(board: Board, at: datetime) -> int:
    """How many cars the plan has finished by `at`."""
    return max((cars for due, cars in board.data.planned if due <= at), default=0)


def against_plan(board: Board, v: Voice) -> Html:
    """Cars ahead of the plan or behind it, by approved and released ones."""
    counts = board.data.counts
    ready = counts.get(Status.RELEASED, 0) + counts.get(Status.APPROVED, 0)
    gap = ready - planned_by(board, board.now)
    if gap < 0:
        return span("▼ ", v.t("board.behind", cars=v.cars(-gap)), cls="gap behind")
    if gap > 0:
        return span("▲ ", v.t("board.ahead", cars=v.cars(gap)), cls="gap ahead")
    return span("● ", v.t("board.on_plan"), cls="gap ahead")


def status_tiles(counts: Mapping[Status, int], v: Voice) -> Html:
    """A tile for each status: glyph, word, count, share."""
    total = sum(counts.values()) or 1
    tiles = [
        div(
            div(glyph(STATUS_SIGNS[s]), span(status_word(s, v.lang)), cls="tile-word"),
            div(whole(counts.get(s, 0)), cls="tile-count"),
            div(f"{100 * counts.get(s, 0) / total:.0f} %", cls="quiet"),
            cls="tile" if counts.get(s, 0) else "tile empty",
            style=f"--fill:{STATUS_SIGNS[s].fill}",
            data_status=s.value,
        )
        for s in Status
    ]
    return div(tiles, cls="status-tiles", role="group", aria_label=v.t("board.by_status"))


def threshold_note(board: Board, v: Voice) -> Html | None:
    """Rule 10, loudly: why no new flash starts."""
    if board.threshold is None:
        return None
    return div(
        tag("strong", v.t("board.threshold")),
        tag("p", v.say(board.threshold)),
        cls="panel bad",
        role="alert",
    )
