"""The yard on the board: stations with what they flash, charge points by circuit, batches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from campaign.domain.batch import Batch, BatchStatus
from campaign.domain.gates import Hold
from campaign.domain.staging import Staging, StagingState
from campaign.domain.vehicle import Status
from campaign.ports.views import PointTile, StationTile
from campaign.wording import batch_word, fault_title, flash_step_word, held_text, held_title, outcome_word
from dashboard.markup import Html, div, span
from dashboard.showing import lasting, short_moment, soc
from dashboard.theme import BATCH_SIGNS, OUTCOME_SIGNS, STATUS_SIGNS
from dashboard.voice import Voice
from dashboard.widgets.signs import badge, glyph, stacked


def section(title: str, note: str, *inner: Html | None) -> Html:
    """A card with its title and one number beside it."""
    return div(
        div(span(title, cls="card-title"), span(note, cls="quiet"), cls="card-head"), inner, cls="card"
    )


def stations(tiles: Sequence[StationTile], now: datetime, v: Voice) -> Html:
    """Every station: free, flashing (percent, step, since), blocked, or on hold."""
    busy = sum(1 for tile in tiles if tile.attempt)
    drawn = [_station(tile, now, v) for tile in tiles]
    note = v.t("board.station_busy", busy=busy, all=len(tiles))
    return section(v.t("board.stations"), note, div(drawn, cls="stations"))


def _station(tile: StationTile, now: datetime, v: Voice) -> Html:
    name = span(tile.station, cls="station-name")
    if tile.attempt is not None:
        attempt = tile.attempt
        since = lasting(now - (attempt.started_at or attempt.opened_at), v.t)
        step = (
            v.t("board.station_starting")
            if attempt.started_at is None
            else flash_step_word(attempt.step, v.lang)
        )
        return div(
            div(name, span(f"{attempt.percent} %", cls="station-percent"), cls="station-head"),
            div(span(cls="meter-fill", style=f"width:{attempt.percent}%"), cls="meter"),
            div(span(serial(attempt.vin), cls="serial"), span(step), cls="station-line"),
            div(since, cls="quiet"),
            cls="station busy",
        )
    if tile.blocked_by is not None:
        told = v.t("board.station_blocked", serial=serial(tile.blocked_by))
        return div(
            div(name, glyph(STATUS_SIGNS[Status.UNCERTAIN]), cls="station-head"),
            div(told),
            cls="station stuck",
        )
    if tile.hold is not None:
        return _held(tile, tile.hold, name, v)
    if tile.staging is not None:
        return _staged(tile.staging, name, v)
    return div(div(name, cls="station-head"), div(v.t("board.station_free"), cls="quiet"), cls="station")


def _staged(staging: Staging, name: Html, v: Voice) -> Html:
    """The package is on its way: how far, or why it does not come."""
    if staging.state is StagingState.FAILED:
        told = div(v.t("board.station_package_failed", why=staging.detail))
        return div(div(name, span("■"), cls="station-head"), told, cls="station stuck")
    return div(
        div(name, span(f"{staging.percent} %", cls="station-percent"), cls="station-head"),
        div(span(cls="meter-fill", style=f"width:{staging.percent}%"), cls="meter"),
        div(v.t(f"board.station_package_{staging.state.value}"), cls="quiet"),
        cls="station",
    )


def _held(tile: StationTile, hold: Hold, name: Html, v: Voice) -> Html:
    """Why it is on hold, and how its last flash went: that is where somebody begins to look."""
    last = tile.last
    went = None
    if last is not None and last.outcome is not None:
        told = fault_title(last.fault, v.lang) if last.fault else None
        words = (badge(OUTCOME_SIGNS[last.outcome], outcome_word(last.outcome, v.lang)), told)
        went = div(
            span(serial(last.vin), cls="serial"), [span(word) for word in words if word], cls="station-line"
        )
    return div(
        div(name, span("■"), cls="station-head"),
        div(v.t("board.station_held", why=held_title(hold.why, v.lang)), title=held_text(hold.why, v.lang)),
        went,
        cls="station stuck",
    )


def points(tiles: Sequence[PointTile], now: datetime, v: Voice) -> Html:
    """Charge points by circuit: SOC as last read, time left, and a bar of how much of the time is over."""
    circuits: dict[str, list[PointTile]] = defaultdict(list)
    for tile in tiles:
        circuits[tile.circuit].append(tile)
    groups = [
        div(
            div(v.t("board.circuit", name=name), cls="circuit-name"),
            div([_point(tile, now, v) for tile in of_circuit], cls="points"),
            cls="circuit",
        )
        for name, of_circuit in circuits.items()
    ]
    busy = sum(1 for tile in tiles if tile.charge)
    note = v.t("board.points_busy", busy=busy, all=len(tiles))
    return section(v.t("board.points"), note, div(groups, cls="circuits"))


def _point(tile: PointTile, now: datetime, v: Voice) -> Html:
    name = span(tile.point, cls="point-name")
    charge = tile.charge
    if charge is None:
        return div(name, span(v.t("board.point_free"), cls="quiet"), cls="point free")
    tip = f"{tile.point} {charge.vin}"
    if charge.started_at is None:
        told = (span(serial(charge.vin), cls="serial"), span(v.t("board.point_given"), cls="point-left"))
        return div(name, told, cls="point given", title=tip)
    left = None if charge.expected_end is None else charge.expected_end - now
    done = 0.0
    if charge.expected_end and charge.expected_end > charge.started_at:
        done = min(1.0, max(0.0, (now - charge.started_at) / (charge.expected_end - charge.started_at)))
    overdue = left is not None and left.total_seconds() <= 0
    told_left = "—" if left is None else v.t("board.point_due") if overdue else lasting(left, v.t)
    return div(
        name,
        span(soc(tile.soc), cls="point-soc"),
        span(told_left, cls="point-left"),
        div(span(cls="meter-fill", style=f"width:{100 * done:.0f}%"), cls="meter"),
        cls="point due" if overdue else "point charging",
        title=tip,
    )


def batches(all_batches: Sequence[Batch], v: Voice) -> Html:
    """Every batch as a cell: number, state, and its cars by status."""
    closed = sum(1 for batch in all_batches if batch.status is BatchStatus.CLOSED)
    cells = [_batch(batch, v) for batch in all_batches]
    legend = [
        span(glyph(sign), span(batch_word(status, v.lang)), cls="badge")
        for status, sign in BATCH_SIGNS.items()
    ]
    note = v.t("board.batches_done", closed=closed, all=len(all_batches))
    return section(v.t("board.batches"), note, div(legend, cls="legend"), div(cells, cls="batches"))


def _batch(batch: Batch, v: Voice) -> Html:
    counts = batch.counts or {}
    tip = v.t(
        "board.batch_tip",
        name=batch.name,
        status=batch_word(batch.status, v.lang),
        size=batch.size,
        start=short_moment(batch.planned_start, v.zone),
        end=short_moment(batch.planned_end, v.zone),
    )
    return div(
        div(glyph(BATCH_SIGNS[batch.status]), span(f"B{batch.no:03d}"), cls="batch-head"),
        stacked(counts, v),
        cls=f"batch {batch.status.value}",
        title=tip,
    )


def serial(vin: str) -> str:
    """What people on the floor call the car: the last six characters."""
    return f"…{vin[-6:]}"
