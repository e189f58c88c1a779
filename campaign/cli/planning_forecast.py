"""`campaign forecast`: when it may really end, how likely each promise is, and how good forecasts were."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from campaign.cli.failures import Stop
from campaign.cli.invocation import Run, command
from campaign.cli.language import tr
from campaign.cli.naming import campaign_named
from campaign.cli.parameters import AsJson, MaybeCode, option
from campaign.cli.planning_words import working
from campaign.cli.show import as_json, line, moment, table
from campaign.domain.people import Right

if TYPE_CHECKING:
    from campaign.ports.plans import KeptForecast
    from campaign.services.forecasting import Scores


def _forecast(
    run: Run,
    code: MaybeCode = None,
    now: Annotated[
        bool, option("--now", "Make a new one; a planner may.", "立即重新预测（需计划员）。")
    ] = False,
    scores: Annotated[
        bool, option("--scores", "Past forecasts against what happened.", "以往预测与实际对比。")
    ] = False,
    json: AsJson = False,
) -> None:
    if now and scores:
        raise Stop(tr("--now or --scores, not both", "--now 与 --scores 只能选一个"))
    run.need(Right.RUN if now else Right.VIEW)
    campaign = campaign_named(run, code)
    forecasting = run.services.forecasting
    if scores:
        judged = forecasting.scored(campaign.code)
        if json:
            as_json(judged)
        else:
            _scores(campaign.code, judged)
        return
    if now:
        with working(tr("forecasting", "正在预测")):
            found: KeptForecast | None = forecasting.recompute(campaign.code)
    else:
        found = forecasting.latest(campaign.code)
    if found is None:
        raise Stop(
            tr(
                "there is no forecast of {code} yet: --now makes one",
                "{code} 尚无预测：--now 立即预测",
                code=campaign.code,
            )
        )
    if json:
        as_json(_figures(found))
        return
    _told(found, ZoneInfo(run.services.sites.get(campaign.rules.site).zone))


def _figures(found: KeptForecast) -> dict[str, object]:
    names = ("at", "p5", "p20", "p50", "p80", "p95")
    promised = ("day", "cars", "chance", "late")
    return {
        "campaign": found.campaign,
        "at": found.at,
        "cars": found.cars,
        "done": found.done,
        "p50": found.p50,
        "p80": found.p80,
        "p95": found.p95,
        "replications": found.replications,
        "promises": [dict(zip(promised, promise, strict=True)) for promise in found.promises],
        "fan": [dict(zip(names, point, strict=True)) for point in found.fan],
    }


def _told(found: KeptForecast, zone: ZoneInfo) -> None:
    line(
        tr(
            "{code}: {done} of {cars} cars approved; forecast of {at}, {n} campaigns drawn",
            "{code}：{cars} 辆车中 {done} 辆已批准；预测于 {at}，模拟 {n} 次",
            code=found.campaign,
            done=found.done,
            cars=found.cars,
            at=moment(found.at, zone),
            n=found.replications,
        )
    )
    columns = (tr("certainty", "把握"), tr("done by", "完成于"))
    table(
        columns,
        [
            (said, moment(at, zone))
            for said, at in (("50 %", found.p50), ("80 %", found.p80), ("95 %", found.p95))
        ],
    )
    if not found.promises:
        return
    columns_of_promises = (
        tr("promised", "承诺日期"),
        tr("cars", "车辆"),
        tr("chance of all", "全部按时概率"),
        tr("late on average", "平均逾期"),
    )
    rows = [
        (day.isoformat(), cars, f"{100 * chance:.0f} %", f"{late:.1f}")
        for day, cars, chance, late in found.promises
    ]
    table(columns_of_promises, rows, right=(1, 2, 3))


def _scores(code: str, judged: Scores) -> None:
    line(
        tr(
            "{code}: past forecasts against what happened: {n}",
            "{code}：以往预测与实际对比：{n} 次",
            code=code,
            n=judged.forecasts,
        )
    )
    if judged.points:
        columns = (tr("foretold", "预测概率"), tr("came true", "实际"), tr("outcomes", "样本"))
        rows = [(f"{100 * p.said:.0f} %", f"{100 * p.came:.0f} %", p.outcomes) for p in judged.points]
        table(columns, rows, right=(0, 1, 2))
    else:
        line(tr("nothing that was foretold has come due yet", "尚无可核对的预测"))
    if judged.ends is not None:
        line(
            tr(
                "it ended by the date of P50 in {p50:.0f} % of them, of P80 in {p80:.0f} %, of P95 in {p95:.0f} %",
                "实际完成不晚于 P50 的占 {p50:.0f}%，P80 占 {p80:.0f}%，P95 占 {p95:.0f}%",
                p50=100 * judged.ends.p50,
                p80=100 * judged.ends.p80,
                p95=100 * judged.ends.p95,
            )
        )


def register(app: typer.Typer) -> None:
    """`campaign forecast`."""
    what = tr("When it may really end, and the chance of each promise.", "预计完成时间与各承诺的概率。")
    command(app, "forecast", what)(_forecast)
