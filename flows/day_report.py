"""The daily report of a campaign as an artifact: target against actual, pass rate, what is blocked. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from campaign.ports.views import BurnPoint
from campaign.services.board import Board
from campaign.wording import say, state_word, status_word
from campaign.wording.words import Words, pick

DAY = timedelta(hours=24)
MOST_BLOCKED = 50

TITLE: Words = ("Daily report", "日报")
STATE: Words = ("State", "状态")
CARS: Words = ("Cars", "车辆")
LAST_DAY: Words = ("Last 24 hours", "最近 24 小时")
SO_FAR: Words = ("So far", "累计")
TARGET: Words = ("Planned by now", "计划应完成")
ACTUAL: Words = ("Done by now", "实际完成")
PASS_RATE: Words = ("Flash pass rate", "刷写一次通过率")
BLOCKED: Words = ("Blocked", "受阻")
STEPS: dict[str, Words] = {
    "charged": ("charged", "充电"),
    "flashed": ("flashed", "刷写"),
    "approved": ("approved", "批准"),
    "released": ("released", "放行"),
}


def report(board: Board, lang: str) -> str:
    """Markdown for one campaign at the board's time."""
    data = board.data
    head = f"# {pick(TITLE, lang)} · {data.campaign.code} · {board.now:%Y-%m-%d %H:%M} UTC"
    parts = [head, f"{pick(STATE, lang)}: {state_word(data.campaign.state, lang)}"]
    if board.threshold:
        parts.append(f"**{say(board.threshold, lang)}**")
    return "\n\n".join(
        [*parts, _counts(board, lang), _output(board, lang), _target(board, lang), _blocked(board, lang)]
    )


def _counts(board: Board, lang: str) -> str:
    rows = [f"| {status_word(s, lang)} | {n} |" for s, n in board.data.counts.items() if n]
    return "\n".join([f"| {pick(STATE, lang)} | {pick(CARS, lang)} |", "| --- | ---: |", *rows])


def _output(board: Board, lang: str) -> str:
    now, before = at(board.data.burn_up, board.now), at(board.data.burn_up, board.now - DAY)
    rows = []
    for step, words in STEPS.items():
        total = getattr(now, step)
        rows.append(f"| {pick(words, lang)} | {total - getattr(before, step)} | {total} |")
    return "\n".join([f"| | {pick(LAST_DAY, lang)} | {pick(SO_FAR, lang)} |", "| --- | ---: | ---: |", *rows])


def _target(board: Board, lang: str) -> str:
    target = max((cars for by, cars in board.data.planned if by <= board.now), default=0)
    done = at(board.data.burn_up, board.now).released
    campaign = board.data.campaign
    passed = campaign.ended - campaign.failed
    rate = f"{100 * passed / campaign.ended:.1f} % ({passed}/{campaign.ended})" if campaign.ended else "-"
    return "\n".join(
        [
            f"- {pick(TARGET, lang)}: {target}",
            f"- {pick(ACTUAL, lang)}: {done}",
            f"- {pick(PASS_RATE, lang)}: {rate}",
        ]
    )


def _blocked(board: Board, lang: str) -> str:
    lines = []
    for blocked in board.data.blocked[:MOST_BLOCKED]:
        why = "; ".join(say(reason, lang) for reason in board.reasons.get(blocked.car.vin, ()))
        lines.append(f"- `{blocked.car.vin}` {status_word(blocked.car.status, lang)}: {why}")
    return "\n".join([f"## {pick(BLOCKED, lang)} ({len(board.data.blocked)})", "", *lines])


def at(burn_up: Sequence[BurnPoint], moment: datetime) -> BurnPoint:
    """The cumulative counts that hold at a moment: zero before the first hour."""
    reached = [point for point in burn_up if point.hour <= moment]
    return reached[-1] if reached else BurnPoint(moment, 0, 0, 0, 0)
