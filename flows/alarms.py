"""What somebody should be told now: a tripped threshold, a silent station, an overdue charge. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from campaign.domain.vehicle import Status
from campaign.ports.station import StationIdentity
from campaign.services.board import Board
from campaign.wording import say
from campaign.wording.words import Words, pick

CHARGE_OVERDUE = timedelta(minutes=30)
LONG_FLASH = timedelta(hours=3)
"""A planned flash takes 45 minutes; recovery and a second try fit in this."""
LEAST_DISK = 500_000_000
MOST_SKEW = timedelta(minutes=5)

SILENT: Words = ("Station {station} does not answer: {why}", "工位 {station} 无应答：{why}")
BLOCKED: Words = (
    "Station {station} is blocked by {vin}: its outcome is unknown, take a fresh read-back",
    "工位 {station} 被 {vin} 占用：结果不明，请重新回读",
)
DISK: Words = ("Station {station} has {free} MB of disk left", "工位 {station} 磁盘仅剩 {free} MB")
SKEW: Words = (
    "The clock of station {station} is {minutes} min off: set it",
    "工位 {station} 的时钟偏差 {minutes} 分钟：请校准",
)
OVERDUE: Words = (
    "{vin} on {point} should have been charged {minutes} min ago: look at the point and read the SOC",
    "{vin} 在 {point} 上已超时 {minutes} 分钟：请检查充电点并读取 SOC",
)
LONG: Words = (
    "{vin} has been flashing on {station} for {minutes} min",
    "{vin} 在 {station} 上已刷写 {minutes} 分钟",
)
UNCERTAIN: Words = (
    "{count} cars wait for a person to settle an unknown outcome",
    "{count} 辆车结果不明，等待人工处理",
)


@dataclass(frozen=True, slots=True)
class StationLook:
    """What a station said when asked, or why it did not."""

    station: str
    identity: StationIdentity | None
    asked_at: datetime  # real time
    why: str = ""


def alarms(board: Board, stations: Iterable[StationLook], lang: str) -> list[str]:
    """Every alarm of one campaign, the gravest first."""
    told = [say(board.threshold, lang)] if board.threshold else []
    told += _uncertain(board, lang)
    for look in stations:
        told += station_alarms(look, lang)
    return [*told, *_overdue(board, lang), *_long(board, lang)]


def station_alarms(look: StationLook, lang: str) -> list[str]:
    """What is wrong with one station."""
    if look.identity is None:
        return [_say(SILENT, lang, station=look.station, why=look.why)]
    told = []
    skew = abs(look.identity.clock - look.asked_at)
    if skew > MOST_SKEW:
        told.append(_say(SKEW, lang, station=look.station, minutes=_minutes(skew)))
    if look.identity.disk_free_bytes < LEAST_DISK:
        told.append(_say(DISK, lang, station=look.station, free=look.identity.disk_free_bytes // 1_000_000))
    return told


def markdown(by_campaign: Mapping[str, list[str]], now: datetime) -> str:
    """The alarms as an artifact."""
    lines = [f"# {now:%Y-%m-%d %H:%M} UTC"]
    for code, told in by_campaign.items():
        lines += ["", f"## {code}", "", *(f"- {alarm}" for alarm in told or ["-"])]
    return "\n".join(lines)


def _uncertain(board: Board, lang: str) -> list[str]:
    count = board.data.counts.get(Status.UNCERTAIN, 0)
    told = [_say(UNCERTAIN, lang, count=count)] if count else []
    blocked = [tile for tile in board.data.stations if tile.blocked_by]
    return told + [_say(BLOCKED, lang, station=t.station, vin=t.blocked_by) for t in blocked]


def _overdue(board: Board, lang: str) -> list[str]:
    told = []
    for tile in board.data.points:
        end = tile.charge.expected_end if tile.charge else None
        if tile.charge and end and board.now - end > CHARGE_OVERDUE:
            minutes = _minutes(board.now - end)
            told.append(_say(OVERDUE, lang, vin=tile.charge.vin, point=tile.point, minutes=minutes))
    return told


def _long(board: Board, lang: str) -> list[str]:
    running = [tile.attempt for tile in board.data.stations if tile.attempt]
    return [
        _say(LONG, lang, vin=a.vin, station=a.station, minutes=_minutes(board.now - a.opened_at))
        for a in running
        if board.now - a.opened_at > LONG_FLASH
    ]


def _say(words: Words, lang: str, **values: object) -> str:
    return pick(words, lang).format(**values)


def _minutes(span: timedelta) -> int:
    return int(span.total_seconds() // 60)
