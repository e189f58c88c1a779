"""What a plan tells people: why a car is late, and what would help. English first, Chinese second."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from campaign.planning.calendars import DAY
from campaign.planning.plan import Reason, Wait
from campaign.planning.remedies import HOUR, Remedy, RemedyKind
from campaign.wording.words import Words, pick

STAGES: dict[str, Words] = {
    "charge": ("charging", "充电"),
    "flash": ("flashing", "刷写"),
    "inspect": ("inspection", "检查"),
}
"""The stages of the yard; those of other plans go by their own names."""

_MACHINES: dict[str, Words] = {
    "charge": ("point {machine}", "充电桩 {machine}"),
    "flash": ("station {machine}", "工位 {machine}"),
    "inspect": ("an inspector", "检查员"),
}
_OTHER: Words = ("{machine} of {stage}", "{stage}的 {machine}")
_ONE_MORE: dict[str, Words] = {
    "charge": ("1 charge point more", "增加 1 个充电桩"),
    "flash": ("1 station more", "增加 1 个工位"),
    "inspect": ("1 inspector more", "增加 1 名检查员"),
}
_MORE: dict[str, Words] = {
    "charge": ("{n} charge points more", "增加 {n} 个充电桩"),
    "flash": ("{n} stations more", "增加 {n} 个工位"),
    "inspect": ("{n} inspectors more", "增加 {n} 名检查员"),
}
_MORE_OTHER: Words = ("{n} more at {stage}", "{stage}增加 {n} 台")

WAITS: dict[Wait, Words] = {
    Wait.DUE: (
        "promised too early: it would be late alone in the yard, too",
        "承诺过早：即使场内只有这一辆车也会逾期",
    ),
    Wait.MACHINE: ("waits for {machine}, free at {until}", "等待{machine}，{until} 空闲"),
    Wait.GATE: ("waits for the pilot's approval at {until}", "等待试点批次于 {until} 批准"),
    Wait.CLOSED: ("waits for {stage} to open at {until}", "等待{stage}于 {until} 开放"),
    Wait.BATCH: (
        "waits for the last car of its batch, through at {until}",
        "等待本批次最后一辆车，{until} 完成",
    ),
}

_LONGER: Words = ("{stage} open {hours} h longer every day", "{stage}每天延长 {hours} 小时")
_ALWAYS: Words = ("{stage} open round the clock", "{stage}全天开放")
_A_DAY: Words = ("every promise a day later", "所有承诺推后 1 天")
_DAYS: Words = ("every promise {n} days later", "所有承诺推后 {n} 天")
_BUT_ONE: Words = (
    " (but 1 car stays late all the same)",
    "（仍有 1 辆车会逾期）",
)
_BUT: Words = (" (but {n} cars stay late all the same)", "（仍有 {n} 辆车会逾期）")


class Waiting(Protocol):
    """A reason in moments, as kept plans have it."""

    @property
    def wait(self) -> Wait:
        """What for."""

    @property
    def stage(self) -> str:
        """Where, "" for a batch."""

    @property
    def machine(self) -> str:
        """Of the stage, "" for any other wait."""

    @property
    def since(self) -> datetime:
        """Its beginning."""

    @property
    def until(self) -> datetime:
        """Its end."""


def stage_word(stage: str, lang: str) -> str:
    """What a stage is called."""
    return pick(STAGES[stage], lang) if stage in STAGES else stage


def reason_text(reason: Waiting, lang: str, zone: ZoneInfo | None = None) -> str:
    """Why a car is late, in a few words; the day is said when it is not the one on which the wait begins.

    Times are shown in `zone`, else in UTC and named so.
    """
    since, until = reason.since.astimezone(zone or UTC), reason.until.astimezone(zone or UTC)
    shown = f"{until:%H:%M}" if until.date() == since.date() else f"{until:%m-%d %H:%M}"
    return _said(reason.wait, reason.stage, reason.machine, shown if zone else f"{shown} UTC", lang)


def minutes_text(reason: Reason, moment_of: Callable[[int], str], lang: str) -> str:
    """The same for a reason in minutes; `moment_of` writes a minute of the plan as people read it."""
    return _said(reason.wait, reason.stage, reason.machine, moment_of(reason.until), lang)


def remedy_text(remedy: Remedy, lang: str) -> str:
    """What would help, with the cars that stay late all the same."""
    return _helps(remedy, lang) + _but(remedy.late, lang)


def _said(wait: Wait, stage: str, machine: str, until: str, lang: str) -> str:
    named = pick(_MACHINES.get(stage, _OTHER), lang).format(machine=machine, stage=stage)
    return pick(WAITS[wait], lang).format(machine=named, stage=stage_word(stage, lang), until=until)


def _helps(remedy: Remedy, lang: str) -> str:
    n, stage = remedy.amount, remedy.stage
    match remedy.kind:
        case RemedyKind.MACHINES:
            words = (_ONE_MORE if n == 1 else _MORE).get(stage, _MORE_OTHER)
        case RemedyKind.HOURS:
            words = _ALWAYS if n >= DAY else _LONGER
        case RemedyKind.DAYS:
            words = _A_DAY if n == 1 else _DAYS
    return pick(words, lang).format(n=n, stage=stage_word(stage, lang), hours=f"{n / HOUR:g}")


def _but(late: int, lang: str) -> str:
    if not late:
        return ""
    return pick(_BUT_ONE if late == 1 else _BUT, lang).format(n=late)
