"""`campaign attempts`, `campaign evidence`: tries at flashing one car, and what is kept of them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from campaign.cli.failures import USAGE, Stop
from campaign.cli.invocation import Run, command
from campaign.cli.language import lang, tr
from campaign.cli.naming import vin_named
from campaign.cli.parameters import AsJson, VinText, option
from campaign.cli.show import as_json, harmless, line, moment, percent, plain, table
from campaign.domain.people import Right
from campaign.wording import fault_say, fault_title, field_word, flash_step_word, outcome_word

if TYPE_CHECKING:
    from campaign.domain.evidence import Evidence
    from campaign.domain.identity import Vin
    from campaign.ports.records import KeptEvidence
    from campaign.services.evidence import AttemptFile


def _attempts(run: Run, vin: VinText, json: AsJson = False) -> None:
    actor, named = run.need(Right.VIEW), vin_named(run, vin)
    files = run.services.evidence.of_car(actor, named)
    if json:
        as_json([plain(file.attempt) | {"journal": file.kept and file.kept.journal} for file in files])
        return
    columns = (
        tr("no", "序号"),
        tr("began", "开始"),
        tr("station", "工位"),
        tr("verdict", "结论"),
        tr("why", "原因"),
        tr("read-back", "回读"),
        tr("journal", "日志"),
    )
    rows = [
        (
            len(files) - at,
            moment(file.attempt.opened_at, run.zone),
            file.attempt.station,
            _verdict(file),
            fault_title(file.attempt.fault, lang()) if file.attempt.fault else None,
            file.attempt.read_back,
            _journal(file),
        )
        for at, file in enumerate(files)
    ]
    table(columns, rows, right=(0,))


def _verdict(file: AttemptFile) -> str:
    tried = file.attempt
    if tried.outcome is None:
        return tr("running, {n} %", "进行中，{n} %", n=tried.percent)
    return outcome_word(tried.outcome, lang())


def _journal(file: AttemptFile) -> str | None:
    if file.kept is not None:
        return file.kept.journal[:12]
    return tr("follows", "待取回") if file.attempt.evidence_due else None


def _evidence(
    run: Run,
    vin: VinText,
    attempt: Annotated[
        int | None,
        option(
            "--attempt", "Which one, as `attempts` numbers them; else the last.", "第几次；默认最近一次。"
        ),
    ] = None,
    raw: Annotated[bool, option("--raw", "The station's journal as it is.", "原样输出工位日志。")] = False,
    json: AsJson = False,
) -> None:
    actor, named = run.need(Right.VIEW), vin_named(run, vin)
    file = _chosen(run.services.evidence.of_car(actor, named), attempt, named)
    kept = file.kept
    if kept is None:
        due = file.attempt.evidence_due
        raise Stop(
            tr("the journal of this attempt was not fetched yet", "此次刷写的日志尚未取回")
            if due
            else tr("there is no journal of this attempt", "此次刷写没有日志")
        )
    if raw:
        _raw(run.services.evidence.raw(actor, kept))
        return
    if json:
        as_json({"attempt": file.attempt, "kept": kept})
        return
    _show(run, file, kept)


def _raw(pieces: Iterator[bytes]) -> None:
    """As it is where a program reads it; without signs that command a terminal where a person does."""
    for piece in pieces:
        if sys.stdout.isatty():
            sys.stdout.write(harmless(piece.decode("utf-8", "replace")))
        else:
            sys.stdout.buffer.write(piece)


def _chosen(files: list[AttemptFile], number: int | None, vin: Vin) -> AttemptFile:
    """By its number, counted from the oldest. Raises Stop."""
    if not files:
        raise Stop(tr("{vin} was not given to a station yet", "{vin} 尚未分配工位", vin=vin))
    wanted = len(files) if number is None else number
    if not 1 <= wanted <= len(files):
        told = tr("{vin} has attempts 1 to {n}", "{vin} 的刷写记录为第 1 至 {n} 次", vin=vin, n=len(files))
        raise Stop(told, USAGE)
    return files[len(files) - wanted]


def _show(run: Run, file: AttemptFile, kept: KeptEvidence) -> None:
    tried, told = file.attempt, kept.evidence
    line(f"{tried.vin}  {tried.station}  {moment(tried.opened_at, run.zone)}  {_verdict(file)}")
    if tried.fault:
        line(fault_say(tried.fault, tried.params, lang()))
    lasted = "-" if told.seconds is None else f"{told.seconds:.0f} s"
    tools = ", ".join(f"{name} {version}" for name, version in told.versions) or "-"
    skew = "-" if kept.skew_ms is None else f"{kept.skew_ms / 1000:+.1f} s"
    for name, value in (
        (tr("package", "软件包"), f"{told.package or '-'}  {told.digest}".rstrip()),
        (tr("driver", "驱动"), f"{told.driver or '-'} ({told.agent or '-'}); {tools}"),
        (tr("duration", "时长"), lasted),
        (tr("SOC at the start", "开始时 SOC"), percent(tried.soc)),
        (tr("station's clock", "工位时钟"), skew),
        (tr("people", "作业人员"), ", ".join(kept.people)),
        (tr("journal", "日志"), f"sha256 {kept.journal}  {kept.size} B"),
    ):
        line(f"{name}: {value}")
    if kept.cut:
        line(tr("The journal was longer than is kept.", "日志超出保存长度。"))
    _lists(told)


def _lists(told: Evidence) -> None:
    if told.steps:
        line()
        rows = [(flash_step_word(s.step, lang()), _seconds(s.began), _seconds(s.seconds)) for s in told.steps]
        table((tr("step", "步骤"), tr("after", "开始于"), tr("took", "用时")), rows, right=(1, 2))
    changes = [c for c in told.changes() if c.before != c.after or c.field == "software"]
    if changes:
        line()
        columns = (tr("unit", "控制器"), tr("field", "项目"), tr("before", "刷写前"), tr("after", "刷写后"))
        table(columns, [(c.ecu, field_word(c.field, lang()), c.before, c.after) for c in changes])
    if told.differences:
        line()
        columns = (tr("unit", "控制器"), tr("field", "项目"), tr("specified", "规定"), tr("actual", "实际"))
        table(
            columns, [(d.ecu, field_word(d.field, lang()), d.specified, d.actual) for d in told.differences]
        )


def _seconds(seconds: float | None) -> str | None:
    return None if seconds is None else f"{seconds:.1f} s"


def register(app: typer.Typer) -> None:
    """`campaign attempts`, `campaign evidence`."""
    command(app, "attempts", tr("Tries at flashing a car.", "车辆的刷写记录。"))(_attempts)
    command(app, "evidence", tr("What is kept of one attempt.", "单次刷写的存档。"))(_evidence)
