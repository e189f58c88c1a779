"""`campaign mark` and `campaign next`: what the floor did, and what it should do now."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from campaign.cli.failures import Stop
from campaign.cli.invocation import Run, command, refused
from campaign.cli.language import lang, tr
from campaign.cli.moments import read_moment
from campaign.cli.parameters import AsJson, argument, option
from campaign.cli.show import NONE, as_json, line, moment, percent
from campaign.domain.marks import Mark, MarkAnswer, MarkKind
from campaign.domain.people import Right
from campaign.domain.soc import Gauge, parse_soc
from campaign.errors import BadInput
from campaign.wording import answer_word, fault_text, mark_word, say, status_word

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from campaign.services.marks import MarkResult, NextAction

_WITH_SOC = re.compile(r"^(?P<vin>[^,;=\t]+)\s*[,;=\t]\s*(?P<soc>[^;=\t]+)$")


@dataclass(frozen=True, slots=True)
class Said:
    """A car as typed, with an SOC of its own where one was typed beside it."""

    vin: str
    soc: str | None = None


def read_said(texts: Iterable[str]) -> Iterator[Said]:
    """`VIN`, or `VIN=31.5`; in lines also `VIN,31.5` and `VIN<tab>31.5`. Empty ones are skipped."""
    for text in texts:
        stripped = text.strip().lstrip("\ufeff")
        if not stripped:
            continue
        found = _WITH_SOC.match(stripped)
        yield Said(found["vin"].strip(), found["soc"]) if found else Said(stripped)


def read_soc(text: str, where: str) -> int:
    """Tenths of a percent. Raises BadInput with what is wrong."""
    reading = parse_soc(text)
    fault = reading.problem or reading.question
    if reading.tenths is None or fault is not None:
        what = tr("“{text}” is no SOC", "“{text}”不是 SOC", text=text[:20])
        raise BadInput(what, where=where, todo=fault_text(fault, lang()) if fault else "")
    return reading.tenths


def _mark(
    run: Run,
    kind: Annotated[
        MarkKind,
        argument(
            "KIND",
            "charging, charged, soc, flashed, failed or retry.",
            "charging 开始充电、charged 充电完成、soc 读数、flashed 刷写完成、failed 失败、retry 重试。",
        ),
    ],
    vins: Annotated[
        list[str],
        argument(
            "VIN...",
            "Whole VINs or their ends; VIN=31.5 with an SOC; - reads lines.",
            "完整车架号或末几位；VIN=31.5 带电量；- 表示逐行读取。",
        ),
    ],
    *,
    soc: Annotated[
        str | None, option("--soc", "As the gauge shows it.", "按仪表显示。", metavar="PERCENT")
    ] = None,
    gauge: Annotated[Gauge, option("--gauge", "Which gauge.", "读数来源。")] = Gauge.DISPLAY,
    point: Annotated[
        str | None,
        option("--point", "Charge point; else the one given.", "充电桩；默认已分配的。", metavar="NAME"),
    ] = None,
    reason: Annotated[str, option("--reason", "For failed and retry.", "用于 failed 和 retry。")] = "",
    at: Annotated[
        str | None,
        option(
            "--at",
            "When it really happened; kept as a claim.",
            "实际发生时间，作为自述保存。",
            metavar="TIME",
        ),
    ] = None,
    json: AsJson = False,
) -> None:
    from campaign.services.marks import MOST

    actor = run.need(Right.MARK)
    claimed = None if at is None else read_moment(at, "--at", run.services.clock.now(), run.zone, past=True)
    default = None if soc is None else read_soc(soc, "--soc")
    said = list(read_said(_lines(vins)))
    if not said:
        raise Stop(
            tr(
                "no VIN was given: name cars, or pipe one VIN a line into -",
                "没有车架号：请列出车辆，或向 - 逐行输入",
            )
        )
    marks = [
        Mark(
            kind,
            one.vin,
            default if one.soc is None else read_soc(one.soc, one.vin),
            gauge,
            point,
            reason,
            claimed_at=claimed,
        )
        for one in said
    ]
    results: list[MarkResult] = []
    for part in _parts(marks, MOST):
        answers = run.services.marks.mark(actor, part)
        results += answers
        if not json:
            for result in answers:
                _show_result(run, result)
    if json:
        as_json([_told(result) for result in results])
    elif len(results) > 1:
        _show_sum(results)
    if any(result.answer is MarkAnswer.REFUSED for result in results):
        raise refused()


def _parts(marks: list[Mark], most: int) -> Iterator[list[Mark]]:
    for start in range(0, len(marks), most):
        yield marks[start : start + most]


def _lines(vins: list[str]) -> Iterator[str]:
    """The arguments; `-` stands for the lines of standard input."""
    for text in vins:
        if text == "-":
            yield from sys.stdin
        else:
            yield text


def _show_result(run: Run, result: MarkResult) -> None:
    status = "" if result.status is None else f"  {status_word(result.status, lang())}"
    reasons = [say(reason, lang(), run.zone) for reason in result.reasons]
    head = f"{result.vin}  {mark_word(result.kind, lang())}: {answer_word(result.answer, lang())}{status}"
    line("  ".join([head, *reasons[:1]]))
    for reason in reasons[1:]:
        line(f"    {reason}")


def _show_sum(results: list[MarkResult]) -> None:
    counts = {answer: sum(r.answer is answer for r in results) for answer in MarkAnswer}
    told = ", ".join(f"{answer_word(answer, lang())} {n}" for answer, n in counts.items() if n)
    line(tr("{n} cars: {told}", "{n} 辆：{told}", n=len(results), told=told))


def _told(result: MarkResult) -> dict[str, Any]:
    return {
        "vin": result.vin,
        "kind": result.kind,
        "answer": result.answer,
        "status": result.status,
        "by": result.by,
        "at": result.at,
        "reasons": [{"code": r.code, "text": say(r, lang())} for r in result.reasons],
    }


def _next(
    run: Run,
    vin: Annotated[str, argument("VIN", "Whole, or its end.", "完整或末几位。")],
    json: AsJson = False,
) -> None:
    from campaign.cli.naming import car_named

    run.need(Right.VIEW)
    found = car_named(run, vin)
    if json:
        as_json(
            {
                "vin": found.vin,
                "campaign": None if found.car is None else found.car.campaign,
                "status": None if found.car is None else found.car.status,
                "next": found.kind,
                "point": found.point,
                "reasons": [{"code": r.code, "text": say(r, lang())} for r in found.reasons],
            }
        )
        return
    _show_next(run, found)


def _show_next(run: Run, found: NextAction) -> None:
    car, zone = found.car, run.zone
    if car is None:
        line(f"{found.vin}")
    else:
        status = status_word(car.status, lang())
        soc = _soc(found, zone)
        line(f"{car.vin}  {status}  {car.campaign}/B{car.batch_no:03d}  SOC {soc}  {car.slot or ''}".rstrip())
        line(_advice(found))
    for reason in found.reasons:
        line(f"  {say(reason, lang(), zone)}")


def _soc(found: NextAction, zone: ZoneInfo | None) -> str:
    """The reading with its time; without one, what the list said, which opens no gate."""
    if found.car is not None and found.car.soc is not None:
        return f"{percent(found.car.soc.tenths)} ({moment(found.car.soc.at, zone)})"
    if found.vehicle is not None and found.vehicle.soc is not None:
        return tr("{soc} by its list", "{soc}（名单）", soc=percent(found.vehicle.soc))
    return NONE


def _advice(found: NextAction) -> str:
    if found.kind is None:
        return tr("next: nothing for the floor to do now", "下一步：现场暂无可做")
    words = mark_word(found.kind, lang())
    where = f" --point {found.point}" if found.point and found.kind is MarkKind.CHARGING else ""
    soc = " --soc ..." if found.kind in (MarkKind.CHARGED, MarkKind.SOC) else ""
    why = " --reason ..." if found.kind is MarkKind.RETRY else ""
    return tr(
        "next: {words} - `campaign mark {kind} {vin}{options}`",
        "下一步：{words}——`campaign mark {kind} {vin}{options}`",
        words=words,
        kind=found.kind.value,
        vin=found.vin,
        options=where + soc + why,
    )


def register(app: typer.Typer) -> None:
    """`campaign mark`, `campaign next`."""
    command(app, "mark", tr("Say what was done to cars.", "登记对车辆的作业。"))(_mark)
    command(app, "next", tr("A car and the one next thing to do with it.", "查看车辆及下一步。"))(_next)
