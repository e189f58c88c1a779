"""`campaign status`: where a campaign stands, for people, and as JSON of a stable shape for programs.

The shape is documented in docs/guides/manager-auditor.md; keys are only ever added.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from campaign.cli.invocation import Run, command
from campaign.cli.language import lang, tr
from campaign.cli.naming import campaign_named
from campaign.cli.parameters import AsJson, MaybeCode, option
from campaign.cli.show import as_json, line, moment, table
from campaign.domain.batch import BatchStatus
from campaign.domain.people import Right
from campaign.domain.vehicle import Status
from campaign.wording import say, state_word, status_word

if TYPE_CHECKING:
    from campaign.domain.reasons import Reason
    from campaign.services.board import Board

SHAPE = 1
MOST_BLOCKED = 15


def _status(
    run: Run,
    code: MaybeCode = None,
    everyone: Annotated[bool, option("--all", "One line per campaign.", "每个活动一行。")] = False,
    json: AsJson = False,
) -> None:
    run.need(Right.VIEW)
    if everyone:
        _list(run, json=json)
        return
    board = run.services.boards.board(campaign_named(run, code).code)
    if json:
        as_json(told(board))
        return
    _show(run, board)


def _list(run: Run, *, json: bool) -> None:
    with run.services.store.read() as uow:
        counted = [(campaign, uow.campaigns.counts(campaign)) for campaign in uow.campaigns.all()]
    if json:
        as_json([{"campaign": c.code, "state": c.state, "cars": _cars(counts)} for c, counts in counted])
        return
    columns = (tr("campaign", "活动"), tr("state", "状态"), tr("cars", "车辆"), tr("released", "已放行"))
    rows = [
        (c.code, state_word(c.state, lang()), sum(counts.values()), counts.get(Status.RELEASED, 0))
        for c, counts in counted
    ]
    table(columns, rows, right=(2, 3))


def _cars(counts: Any) -> dict[str, int]:
    return {"total": sum(counts.values())} | {status.value: counts.get(status, 0) for status in Status}


def _show(run: Run, board: Board) -> None:
    data, zone = board.data, run.zone
    rules = data.campaign.rules
    line(f"{rules.code}  {rules.names.in_language(lang())}  {state_word(data.campaign.state, lang())}")
    line(
        tr(
            "{source} to {target} at {site}; now {now}, last event {last}",
            "{source} 升级到 {target}，场地 {site}；现在 {now}，最近事件 {last}",
            source=rules.source,
            target=rules.target,
            site=rules.site,
            now=moment(board.now, zone),
            last=moment(data.last_event_at, zone),
        )
    )
    if board.threshold is not None:
        line(f"! {say(board.threshold, lang(), zone)}")
    line()
    total = sum(data.counts.values())
    rows = [(status_word(status, lang()), n, _share(n, total)) for status, n in data.counts.items() if n]
    table(
        (tr("status", "状态"), tr("cars", "车辆"), "%"),
        [*rows, (tr("total", "合计"), total, "")],
        right=(1, 2),
    )
    line()
    _show_work(board)
    _show_blocked(board)


def _share(n: int, total: int) -> str:
    return f"{100 * n / total:.1f}" if total else ""


def _show_work(board: Board) -> None:
    data = board.data
    planned = max((n for at, n in data.planned if at <= board.now), default=0)
    ready = [batch.name for batch in data.batches if batch.status is BatchStatus.READY]
    busy = sum(tile.charge is not None for tile in data.points)
    flashing = [tile for tile in data.stations if tile.attempt is not None]
    line(
        tr(
            "By plan {planned} cars are due by now; {ended} flashes ended, {failed} failed.",
            "按计划此时应完成 {planned} 辆；已结束刷写 {ended} 次，失败 {failed} 次。",
            planned=planned,
            ended=data.campaign.ended,
            failed=data.campaign.failed,
        )
    )
    line(
        tr(
            "Charge points busy {busy} of {points}; stations flashing {flashing} of {stations}.",
            "充电桩占用 {busy}/{points}；工位刷写中 {flashing}/{stations}。",
            busy=busy,
            points=len(data.points),
            flashing=len(flashing),
            stations=len(data.stations),
        )
    )
    if ready:
        line(tr("Ready for QA: {batches}", "待质检：{batches}", batches=", ".join(ready)))


def _show_blocked(board: Board) -> None:
    blocked = board.data.blocked
    if not blocked:
        return
    line()
    columns = (
        tr("blocked car", "受阻车辆"),
        tr("status", "状态"),
        tr("why, and who can lift it", "原因及可处理人员"),
    )
    rows = [
        (item.car.vin, status_word(item.car.status, lang()), _sentences(board.reasons.get(item.car.vin, ())))
        for item in blocked[:MOST_BLOCKED]
    ]
    table(columns, rows)
    if len(blocked) > MOST_BLOCKED:
        line(tr("... and {n} more", "……另有 {n} 辆", n=len(blocked) - MOST_BLOCKED))


def _sentences(reasons: Iterable[Reason]) -> str:
    return " ".join(say(reason, lang()) for reason in reasons)


def told(board: Board) -> dict[str, Any]:
    """The stable shape. Times are UTC, SOC is tenths of a percent, statuses are codes."""
    data = board.data
    campaign, rules = data.campaign, data.campaign.rules
    return {
        "shape": SHAPE,
        "campaign": rules.code,
        "names": rules.names,
        "site": rules.site,
        "source": str(rules.source),
        "target": str(rules.target),
        "state": campaign.state,
        "revision": campaign.revision,
        "now": board.now,
        "last_event_at": data.last_event_at,
        "token": data.token,
        "cars": _cars(data.counts),
        "planned_by_now": max((n for at, n in data.planned if at <= board.now), default=0),
        "pilot_approved": campaign.pilot_approved,
        "flashes": {
            "ended": campaign.ended,
            "failed": campaign.failed,
            "running": sum(tile.attempt is not None for tile in data.stations),
        },
        "threshold": None if board.threshold is None else _reason(board.threshold),
        "batches": [
            {
                "no": batch.no,
                "name": batch.name,
                "status": batch.status,
                "cars": batch.size,
                "planned_start": batch.planned_start,
                "planned_end": batch.planned_end,
                "opened_at": batch.opened_at,
            }
            for batch in data.batches
        ],
        "points": {"total": len(data.points), "busy": sum(tile.charge is not None for tile in data.points)},
        "stations": [
            {
                "station": tile.station,
                "vin": None if tile.attempt is None else tile.attempt.vin,
                "percent": None if tile.attempt is None else tile.attempt.percent,
                "blocked_by": tile.blocked_by,
                "held": tile.hold is not None,
            }
            for tile in data.stations
        ],
        "blocked": [
            {
                "vin": item.car.vin,
                "status": item.car.status,
                "soc": None if item.car.soc is None else item.car.soc.tenths,
                "since": item.since,
                "reasons": [_reason(reason) for reason in board.reasons.get(item.car.vin, ())],
            }
            for item in data.blocked
        ],
        "holds": data.holds,
    }


def _reason(reason: Reason) -> dict[str, Any]:
    return {
        "code": reason.code,
        "params": dict(reason.params),
        "lifted_by": list(reason.lifted_by),
        "text": say(reason, lang()),
    }


def register(app: typer.Typer) -> None:
    """`campaign status`."""
    command(app, "status", tr("Where a campaign stands.", "活动进展。"))(_status)
