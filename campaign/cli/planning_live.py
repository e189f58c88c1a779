"""`campaign replan`, `campaign worklist`: the plan of a campaign at work, made again and handed out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from campaign.cli.invocation import Run, command
from campaign.cli.language import lang, tr
from campaign.cli.moments import read_moment
from campaign.cli.naming import campaign_named
from campaign.cli.parameters import AsJson, Code, MaybeCode, Why, option
from campaign.cli.planning_words import car_hours, lasting, told_remedies, working
from campaign.cli.show import as_json, line, moment, percent, table
from campaign.domain.people import Right

if TYPE_CHECKING:
    from campaign.ports.plans import KeptPlan
    from campaign.services.work_lists import WorkList

SHOWN = 10


def _replan(run: Run, code: Code, reason: Why, json: AsJson = False) -> None:
    actor = run.need(Right.RUN)
    campaign = campaign_named(run, code)
    with working(tr("planning {code}", "正在计划 {code}", code=code)):
        kept = run.services.replanning.replan(actor, campaign.code, why=reason)
    if json:
        as_json(_figures(kept))
        return
    zone = ZoneInfo(run.services.sites.get(campaign.rules.site).zone)
    _told(kept, zone)
    if kept.late_count:
        what = tr("{n} late: trying what helps", "{n} 辆逾期：正在尝试措施", n=kept.late_count)
        with working(what):
            found = run.services.replanning.advice(actor, campaign.code)
        told_remedies(found)


def _figures(kept: KeptPlan) -> dict[str, object]:
    """What a program reads of a plan; its steps are in the database."""
    return {
        "campaign": kept.campaign,
        "made_at": kept.made_at,
        "by": kept.by,
        "cause": kept.cause,
        "why": kept.why,
        "rule": kept.rule,
        "seconds": kept.seconds,
        "cars": kept.cars,
        "left_out": kept.left_out,
        "ends_at": kept.ends_at,
        "gate_at": kept.gate_at,
        "bound_ends_at": kept.bound_ends_at,
        "binding": kept.binding,
        "late": kept.late,
        "tardiness_min": kept.tardiness_min,
        "moved": kept.moved,
        "moved_count": kept.moved_count,
        "batches": [{"no": no, "start": start, "end": end} for no, start, end in kept.batches],
    }


def _told(kept: KeptPlan, zone: ZoneInfo) -> None:
    from campaign.wording.plans import stage_word

    line(
        tr(
            "{code} planned again in {s:.2f} s: {cars} cars done {end}, not before {bound} by any plan; {stage} binds",
            "{code} 已重新计划（{s:.2f} 秒）：{cars} 辆车 {end} 完成，任何计划不早于 {bound}；瓶颈：{stage}",
            code=kept.campaign,
            s=kept.seconds,
            cars=kept.cars,
            end=moment(kept.ends_at, zone),
            bound=moment(kept.bound_ends_at, zone),
            stage=stage_word(kept.binding, lang()) or "-",
        )
    )
    if kept.left_out:
        line(
            tr(
                "{n} cars wait for a person and are not planned",
                "{n} 辆车需人工处理，未列入计划",
                n=kept.left_out,
            )
        )
    _moved(kept)
    _late(kept, zone)


def _moved(kept: KeptPlan) -> None:
    from campaign.wording.causes import cause_say

    if not kept.moved_count:
        line(tr("no car changed its place", "没有车辆变动顺序"))
        return
    line(tr("{n} cars changed their place:", "{n} 辆车变动顺序：", n=kept.moved_count))
    columns = (tr("car", "车辆"), tr("was", "原位"), tr("now", "现位"), tr("why", "原因"))
    rows = [
        (move.vin, move.was + 1, move.now + 1, cause_say(move.why, lang())) for move in kept.moved[:SHOWN]
    ]
    table(columns, rows, right=(1, 2))


def _late(kept: KeptPlan, zone: ZoneInfo) -> None:
    from campaign.wording.plans import reason_text

    if not kept.late_count:
        line(tr("every promise is kept", "所有承诺均可按时"))
        return
    hours = car_hours(kept.tardiness_min)
    line(
        tr(
            "{n} cars are late, {hours} car-hours by weight:",
            "{n} 辆车逾期，加权 {hours} 车·小时：",
            n=kept.late_count,
            hours=hours,
        )
    )
    columns = (
        tr("car", "车辆"),
        tr("promised", "承诺"),
        tr("signed", "签字"),
        tr("late by", "逾期"),
        tr("why", "原因"),
    )
    latest = sorted(kept.late, key=lambda car: (car.due - car.approved, car.vin))
    rows = [
        (
            car.vin,
            moment(car.due, zone),
            moment(car.approved, zone),
            lasting((car.approved - car.due).total_seconds() / 60),
            "" if car.reason is None else reason_text(car.reason, lang(), zone),
        )
        for car in latest[:SHOWN]
    ]
    table(columns, rows)


def _worklist(
    run: Run,
    code: MaybeCode = None,
    at: Annotated[
        str | None,
        option("--at", "A time in the shift; default now.", "班次内的时间；默认现在。", metavar="TIME"),
    ] = None,
    json: AsJson = False,
) -> None:
    actor = run.need(Right.VIEW)
    campaign = campaign_named(run, code)
    layout = run.services.sites.get(campaign.rules.site)
    zone, now = ZoneInfo(layout.zone), run.services.clock.now()
    when = now if at is None else read_moment(at, "--at", now, zone, past=False)
    work = run.services.replanning.work_list(actor, campaign.code, when)
    if json:
        as_json(work)
        return
    names = {shift.code: shift.names.in_language(lang()) for shift in layout.shifts}
    line(
        tr(
            "{code}, {shift} of {day}, {begins} to {ends}; pieces of work: {n}",
            "{code}，{day} {shift}，{begins} 至 {ends}；作业：{n} 项",
            code=work.campaign,
            shift=names[work.shift],
            day=work.day.isoformat(),
            begins=moment(work.begins, zone),
            ends=moment(work.ends, zone),
            n=len(work.lines),
        )
    )
    _lines(work, zone)


def _lines(work: WorkList, zone: ZoneInfo) -> None:
    from campaign.domain.vehicle import Status
    from campaign.wording import status_word
    from campaign.wording.plans import stage_word

    columns = (
        tr("start", "开始"), tr("end", "结束"), tr("work", "作业"), tr("at", "设备"), tr("car", "车辆"),
        tr("slot", "车位"), "SOC", tr("batch", "批次"), tr("priority", "优先级"), tr("status", "状态"),
    )  # fmt: skip
    rows = [
        (
            moment(item.start, zone)[-11:],
            moment(item.end, zone)[-11:],
            stage_word(item.what, lang()),
            item.machine,
            item.vin,
            item.slot,
            percent(item.soc),
            f"B{item.batch_no:03d}",
            item.priority,
            status_word(Status(item.state), lang()),
        )
        for item in work.lines
    ]
    if rows:
        table(columns, rows, right=(8,))


def register(app: typer.Typer) -> None:
    """`campaign replan`, `campaign worklist`."""
    command(
        app,
        "replan",
        tr("Plan what is left again; started work goes on.", "重新计划剩余工作；已开始的不受影响。"),
    )(_replan)
    command(app, "worklist", tr("What a shift has to do by the plan.", "按计划列出一个班次的作业。"))(
        _worklist
    )
