"""`campaign whatif`: two scenarios side by side, planned by the same engine; nothing is saved."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from campaign.cli.campaigns import rules_of
from campaign.cli.invocation import Run, command
from campaign.cli.language import lang, tr
from campaign.cli.naming import campaign_named
from campaign.cli.parameters import AsJson, argument, option
from campaign.cli.planning_words import car_hours, lasting, told_remedies, working
from campaign.cli.show import as_json, moment, table
from campaign.domain.campaign import CampaignState
from campaign.domain.people import Actor, Right
from campaign.errors import BadInput

if TYPE_CHECKING:
    from campaign.services.outlook import Comparison, Outlook
    from campaign.services.what_if import WhatIf

MOST = 100_000
_HOURS = re.compile(r"(\d{1,2}):(\d\d)\s*[-–~至]\s*(\d{1,2}):(\d\d)", re.ASCII)
_BETWEEN = re.compile(r"[,，、\s]+")

Which = Annotated[
    str | None,
    argument(
        "CODE",
        "At work or configured; else the newest at work.",
        "进行中或已配置的活动；默认最新进行中的活动。",
    ),
]
Points = Annotated[
    int,
    option(
        "--points",
        "So many charge points more, or fewer: +20, -3.",
        "增减充电桩：+20、-3。",
        min=-MOST,
        max=MOST,
    ),
]
Stations = Annotated[int, option("--stations", "Stations more or fewer.", "增减工位。", min=-MOST, max=MOST)]
Inspectors = Annotated[
    int, option("--inspectors", "Inspectors more or fewer.", "增减检查员。", min=-MOST, max=MOST)
]
Cars = Annotated[
    int,
    option("--cars", "Cars more, like those of the fleet.", "增加与现有车辆相似的车辆。", min=0, max=MOST),
]
Closed = Annotated[
    list[str] | None,
    option("--closed", "A day on which nobody works; may be repeated.", "停工日；可重复。", metavar="DATE"),
]
QaHours = Annotated[
    str | None,
    option(
        "--qa-hours",
        "QA at work every day, such as 06:00-24:00.",
        "质检每日工作时间，如 06:00-24:00。",
        metavar="FROM-TO",
    ),
]


def _whatif(
    run: Run,
    *,
    code: Which = None,
    points: Points = 0,
    stations: Stations = 0,
    inspectors: Inspectors = 0,
    cars: Cars = 0,
    closed: Closed = None,
    qa_hours: QaHours = None,
    json: AsJson = False,
) -> None:
    from campaign.services.what_if import WhatIf

    actor = run.need(Right.VIEW)
    opens, closes = read_hours(qa_hours)
    wish = WhatIf(points, stations, inspectors, cars, read_days(closed or ()), opens, closes)
    live, site, compared = _engine(run, actor, code)
    with working(tr("planning both", "正在计划两种方案")):
        found = compared(wish)
    if json:
        as_json(found)
        return
    zone = ZoneInfo(run.services.sites.get(site).zone)
    if wish != WhatIf():
        _side_by_side(found, zone)
        return
    _alone(found.now, zone)
    if found.now.late:
        with working(tr("trying what helps", "正在尝试措施")):
            if live is not None:
                helps = run.services.replanning.advice(actor, live)
            else:
                helps = run.services.planning.advice(actor, rules_of(run, code, None))
        told_remedies(helps)


def _engine(
    run: Run, actor: Actor, code: str | None
) -> tuple[str | None, str, Callable[[WhatIf], Comparison]]:
    """The campaign at work (its code) or the one that a launch would make (None), its site, and what compares."""
    services = run.services
    known = services.views.campaigns()
    at_work = [c for c in known if c.state in (CampaignState.RUNNING, CampaignState.PAUSED)]
    if code in {campaign.code for campaign in known} or (code is None and at_work):
        campaign = campaign_named(run, code)
        return (
            campaign.code,
            campaign.rules.site,
            lambda wish: services.replanning.what_if(actor, campaign.code, wish),
        )
    rules = rules_of(run, code, None)
    return None, rules.site, lambda wish: services.planning.what_if(actor, rules, wish)


def read_hours(text: str | None) -> tuple[time | None, time | None]:
    """`06:00-24:00`; what ends at midnight ends at 00:00. Raises BadInput."""
    if text is None:
        return None, None
    found = _HOURS.fullmatch(text.strip().replace("：", ":"))
    ends = [(int(found[at]), int(found[at + 1])) for at in (1, 3)] if found else []
    if (
        not ends
        or any(minute > 59 or hour * 60 + minute > 24 * 60 for hour, minute in ends)
        or ends[0][0] == 24
    ):
        what = tr("“{text}” are no hours", "“{text}”不是时间段", text=text[:40])
        raise BadInput(what, where="--qa-hours", todo=tr("write 06:00-24:00", "写成 06:00-24:00"))
    (opens, opens_min), (closes, closes_min) = ends
    return time(opens, opens_min), time(closes % 24, closes_min)


def read_days(texts: Sequence[str]) -> tuple[date, ...]:
    """Dates, also several in one text. Raises BadInput."""
    days = []
    for text in texts:
        for said in _BETWEEN.split(text.strip()):
            try:
                days.append(date.fromisoformat(said.replace("/", "-")))
            except ValueError:
                what = tr("“{text}” is not a date", "“{text}”不是日期", text=said[:40])
                raise BadInput(
                    what, where="--closed", todo=tr("write 2026-10-01", "写成 2026-10-01")
                ) from None
    return tuple(sorted(set(days)))


def _side_by_side(found: Comparison, zone: ZoneInfo) -> None:
    now, then = found.now, found.then
    columns = ("", tr("as it is", "现状"), tr("what if", "假设"), tr("difference", "差别"))
    rows = [
        (name, before, after, difference)
        for (name, before), (_, after), difference in zip(
            _figures(now, zone), _figures(then, zone), _differences(now, then), strict=True
        )
    ]
    table(columns, rows)


def _alone(now: Outlook, zone: ZoneInfo) -> None:
    table(("", tr("as it is", "现状")), _figures(now, zone))


def _figures(outlook: Outlook, zone: ZoneInfo) -> list[tuple[str, str]]:
    from campaign.wording.plans import stage_word

    return [
        (tr("cars", "车辆"), str(outlook.cars)),
        (tr("done", "完成"), moment(outlook.ends_at, zone)),
        (tr("pilot approved", "试点批准"), moment(outlook.gate_at, zone)),
        (tr("late cars", "逾期车辆"), str(outlook.late)),
        (tr("car-hours late", "逾期车·小时"), car_hours(outlook.tardiness_min)),
        (tr("bottleneck", "瓶颈"), stage_word(outlook.binding, lang())),
        (tr("no plan done before", "任何计划不早于"), moment(outlook.bound_ends_at, zone)),
    ]


def _differences(now: Outlook, then: Outlook) -> list[str]:
    return [
        _more(then.cars - now.cars),
        _later(now.ends_at, then.ends_at),
        _later(now.gate_at, then.gate_at),
        _more(then.late - now.late),
        f"{(then.tardiness_min - now.tardiness_min) / 60:+,.1f}"
        if then.tardiness_min != now.tardiness_min
        else "",
        "",
        _later(now.bound_ends_at, then.bound_ends_at),
    ]


def _more(count: int) -> str:
    return f"{count:+d}" if count else ""


def _later(before: datetime | None, after: datetime | None) -> str:
    if before is None or after is None or before == after:
        return ""
    how = lasting(abs((after - before).total_seconds()) / 60)
    return (
        tr("{how} later", "晚 {how}", how=how) if after > before else tr("{how} earlier", "早 {how}", how=how)
    )


def register(app: typer.Typer) -> None:
    """`campaign whatif`."""
    what = tr("Two scenarios side by side; nothing is saved.", "两种方案并列对比；不保存。")
    command(app, "whatif", what)(_whatif)
