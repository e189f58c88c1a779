"""`campaign hold`: stop the next step of a car, batch, station, point, package or campaign; lift it again."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from campaign.cli.invocation import Run, command
from campaign.cli.language import lang, tr
from campaign.cli.naming import batch_named, campaign_named, vin_named
from campaign.cli.parameters import AsJson, Why, argument
from campaign.cli.show import as_json, line, table
from campaign.domain.people import Right
from campaign.wording import held_text
from campaign.wording.sentences import PLAIN


class Scope(StrEnum):
    """What a hold is on."""

    CAR = "car"
    BATCH = "batch"
    STATION = "station"
    POINT = "point"
    CAMPAIGN = "campaign"
    PACKAGE = "package"


def _set(
    run: Run,
    scope: Annotated[
        Scope, typer.Argument(metavar="SCOPE", help="car, batch, station, point, campaign, package")
    ],
    target: Annotated[
        str,
        argument(
            "TARGET",
            "A VIN, batch, station, charge point, code or package.",
            "车架号、批次、工位、充电桩、活动代码或软件包。",
        ),
    ],
    reason: Why,
) -> None:
    actor = run.need(Right.HOLD)
    hold = run.services.quality.set_hold(actor, scope.value, _target(run, scope, target), reason)
    line(
        tr(
            "Hold {id} on {scope} {target}. To lift it: `campaign hold lift {id} --reason ...`",
            "已冻结（编号 {id}）：{scope} {target}。解除：`campaign hold lift {id} --reason 原因`",
            id=hold.id,
            scope=_word(hold.scope),
            target=hold.target,
        )
    )


def _target(run: Run, scope: Scope, text: str) -> str:
    """The name that the rules compare with. Raises Stop for a car, batch or campaign that is not there."""
    if scope is Scope.CAR:
        return vin_named(run, text)
    if scope is Scope.BATCH:
        code, no = batch_named(run, text)
        return f"{code}/B{no:03d}"
    if scope is Scope.CAMPAIGN:
        return campaign_named(run, text).code
    return text.strip()


def _word(scope: str) -> str:
    en, zh = PLAIN["scope"].get(scope, (scope, scope))
    return tr(en, zh)


def _lift(
    run: Run,
    hold_id: Annotated[int, argument("ID", "As `hold list` shows it.", "见 `hold list`。")],
    reason: Why,
) -> None:
    hold = run.services.quality.lift_hold(run.actor, hold_id, reason)
    line(
        tr(
            "Hold {id} on {scope} {target} is lifted.",
            "已解除冻结 {id}：{scope} {target}。",
            id=hold.id,
            scope=_word(hold.scope),
            target=hold.target,
        )
    )


def _list(run: Run, json: AsJson = False) -> None:
    run.need(Right.VIEW)
    with run.services.store.read() as uow:
        holds = uow.holds.open()
    if json:
        as_json(holds)
        return
    if not holds:
        line(tr("Nothing is on hold.", "没有冻结。"))
        return
    columns = (tr("id", "编号"), tr("on", "范围"), tr("what", "对象"), tr("by", "人员"), tr("why", "原因"))
    table(
        columns, [(h.id, _word(h.scope), h.target, h.by, held_text(h.why, lang())) for h in holds], right=(0,)
    )


def register(app: typer.Typer) -> None:
    """`campaign hold set|lift|list`."""
    hold = typer.Typer(help=tr("Holds.", "冻结。"), no_args_is_help=True)
    command(hold, "set", tr("Stop the next step until it is lifted.", "冻结下一步，直至解除。"))(_set)
    command(hold, "lift", tr("Lift a hold.", "解除冻结。"))(_lift)
    command(hold, "list", tr("Everything that is on hold.", "所有冻结。"))(_list)
    app.add_typer(hold, name="hold")
