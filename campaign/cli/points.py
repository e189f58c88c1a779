"""`campaign points`: each charge point with what is expected of it, and which of them are slow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from campaign.cli.failures import Stop
from campaign.cli.invocation import Run, command
from campaign.cli.language import lang, tr
from campaign.cli.parameters import AsJson, argument
from campaign.cli.show import as_json, line, table
from campaign.domain.people import Right

if TYPE_CHECKING:
    from campaign.domain.site import SiteLayout
    from campaign.services.charge_models import ChargeModels

FROM, TO = 170, 270
"""Ten points of SOC, in tenths: what a charge is shown for."""


def _points(
    run: Run,
    code: Annotated[
        str | None,
        argument("[SITE]", "Site code; else that of the newest campaign.", "场地代码；默认最新活动的场地。"),
    ] = None,
    json: AsJson = False,
) -> None:
    from campaign.services.charge_models import charge_models

    run.need(Right.VIEW)
    layout = run.services.sites.get(code or _site(run))
    with run.services.store.read() as uow:
        models = charge_models(uow, layout, run.services.clock.now())
    if json:
        as_json(_told(layout, models))
        return
    _show(layout, models)


def _site(run: Run) -> str:
    from campaign.cli.stations import sites_of

    codes = sites_of(run)
    if not codes:
        raise Stop(
            tr("no site is set up: `campaign site apply`", "尚未设置场地：请运行 `campaign site apply`")
        )
    return codes[0]


def _show(layout: SiteLayout, models: ChargeModels) -> None:
    line(
        tr(
            "{site}: ten points of SOC take {time} by the model; the points as a whole: {level}",
            "{site}：按模型充电 10 个百分点需 {time}；全场充电桩整体：{level}",
            site=layout.names.in_language(lang()),
            time=_time(models.minutes(FROM, TO)),
            level=_against(models.paces.level),
        )
    )
    columns = (
        tr("point", "充电桩"), tr("circuit", "回路"), "kW", tr("10 points take", "充 10 个百分点"),
        tr("against the model", "与模型相比"), tr("charges seen", "依据次数"), tr("left out", "剔除"),
        tr("remark", "备注"),
    )  # fmt: skip
    rows = []
    for point in layout.points:
        seen = models.observed(point.name)
        remark = tr("slow: look at it", "偏慢：请检查") if seen.slow else ""
        time = _time(models.minutes(FROM, TO, point.name))
        rows.append(
            (
                point.name,
                point.circuit,
                f"{point.kw:g}",
                time,
                _against(seen.pace),
                seen.seen,
                seen.left_out,
                remark,
            )
        )
    table(columns, rows, right=(2, 3, 4, 5, 6))


def _time(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02d} h"


def _against(pace: int) -> str:
    """1133 thousandths of the model's time as +13 %."""
    more = round((pace - 1000) / 10)
    return f"{more:+d} %" if more else "0 %"


def _told(layout: SiteLayout, models: ChargeModels) -> dict[str, Any]:
    """For programs: minutes for ten points of SOC; `observed` and `pace` in thousandths (own model, nominal)."""
    return {
        "site": layout.code,
        "minutes": models.minutes(FROM, TO),
        "level": models.paces.level,
        "points": [
            {
                "point": point.name,
                "circuit": point.circuit,
                "kw": point.kw,
                "minutes": models.minutes(FROM, TO, point.name),
                "pace": models.pace(point.name),
                "observed": models.observed(point.name).pace,
                "charges": models.observed(point.name).seen,
                "left_out": models.observed(point.name).left_out,
                "slow": models.observed(point.name).slow,
            }
            for point in layout.points
        ],
    }


def register(app: typer.Typer) -> None:
    """`campaign points`."""
    command(app, "points", tr("Charge points: expected times, slow ones.", "充电桩：预计时长与偏慢的桩。"))(
        _points
    )
