"""What the planning commands print alike: moments, late cars with their reasons, what would help."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from campaign.cli.failures import complain
from campaign.cli.language import lang, tr
from campaign.cli.show import line, table

if TYPE_CHECKING:
    from campaign.planning.plan import Plan
    from campaign.planning.remedies import Remedy
    from campaign.planning.snapshot import Snapshot


@contextmanager
def working(text: str, *, said: bool = False) -> Iterator[None]:
    """A spinner on a terminal; elsewhere a line when it is `said`. On standard error: standard output is the answer."""
    if sys.stderr.isatty():
        from rich.console import Console

        with Console(stderr=True).status(text):
            yield
        return
    if said:
        complain(f"{text} ...")
    yield


class At:
    """Minutes of a snapshot as times at its place."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._start = snapshot.start

    def text(self, minute: int) -> str:
        """`2026-01-05 08:00`; in minutes where a calendar has no such year."""
        try:
            return f"{self._start + timedelta(minutes=minute):%Y-%m-%d %H:%M}"
        except OverflowError:
            return tr("minute {n}", "第 {n} 分钟", n=minute)


def lasting(minutes: float) -> str:
    """`3 d 4 h`, `4 h 30 min`, `12 min`."""
    whole = round(minutes)
    days, hours, rest = whole // 1440, whole % 1440 // 60, whole % 60
    parts = [(days, tr("d", "天")), (hours, tr("h", "小时")), (rest if not days else 0, tr("min", "分钟"))]
    shown = [f"{n} {unit}" for n, unit in parts if n]
    return " ".join(shown) or f"0 {tr('min', '分钟')}"


def car_hours(minutes: int) -> str:
    """Weighted lateness of all cars together."""
    return f"{minutes / 60:,.1f}"


def told_late(snapshot: Snapshot, made: Plan, impossible: Sequence[str], most: int) -> None:
    """Which promises a plan does not keep, and why: the latest cars first."""
    from campaign.wording.plans import minutes_text

    due = {job.id: job.due for job in snapshot.jobs if job.due is not None}
    if not due:
        return
    late = sorted((job for job in made.jobs if job.lateness), key=lambda job: (-job.lateness, job.id))
    if not late:
        line(tr("every promise is kept: {n}", "所有承诺均可按时：{n}", n=len(due)))
        return
    line(
        tr(
            "{late} of {n} promised cars are late, {hours} car-hours by weight (no plan below {least})",
            "{n} 辆承诺车辆中 {late} 辆逾期，加权 {hours} 车·小时（任何计划不低于 {least}）",
            late=len(late),
            n=len(due),
            hours=car_hours(made.tardiness),
            least=car_hours(made.bounds.tardiness),
        )
    )
    if impossible:
        line(
            tr(
                "no plan can keep {n} of these promises: {cars}",
                "其中 {n} 项承诺任何计划都无法兑现：{cars}",
                n=len(impossible),
                cars=", ".join(impossible[:5]) + (" ..." if len(impossible) > 5 else ""),
            )
        )
    at = At(snapshot)
    columns = (
        tr("car", "车辆"),
        tr("promised", "承诺"),
        tr("signed", "签字"),
        tr("late by", "逾期"),
        tr("why", "原因"),
    )
    rows = [
        (
            job.id,
            at.text(due[job.id]),
            at.text(job.approved),
            lasting(job.lateness),
            "" if job.reason is None else minutes_text(job.reason, at.text, lang()),
        )
        for job in late[:most]
    ]
    table(columns, rows)
    if len(late) > most:
        line(tr("... and {n} more", "……另有 {n} 辆", n=len(late) - most))


def told_remedies(found: Sequence[Remedy]) -> None:
    """What would keep the promises, each alone."""
    from campaign.wording.plans import remedy_text

    if not found:
        line(
            tr(
                "no single measure that was tried keeps every promise",
                "尝试过的单项措施都无法全部按时",
            )
        )
        return
    line(tr("any one of these keeps the promises:", "以下任一措施可按时："))
    for remedy in found:
        line(f"- {remedy_text(remedy, lang())}")
