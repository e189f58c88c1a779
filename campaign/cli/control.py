"""`campaign pause`, `resume`, `stop`, `withdraw`. None of them touches a running flash."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import typer

from campaign.cli.failures import Stop
from campaign.cli.invocation import Run, command
from campaign.cli.language import lang, tr
from campaign.cli.naming import car_named
from campaign.cli.parameters import Code, VinTexts, Why
from campaign.cli.show import line
from campaign.domain.campaign import Campaign
from campaign.domain.identity import Vin
from campaign.domain.people import Right
from campaign.wording import state_word


def _pause(run: Run, code: Code, reason: Why) -> None:
    _told_state(run, run.services.control.pause(run.actor, code, reason))


def _resume(run: Run, code: Code, reason: Why) -> None:
    _told_state(run, run.services.control.resume(run.actor, code, reason))


def _stop(run: Run, code: Code, reason: Why) -> None:
    _told_state(run, run.services.control.stop(run.actor, code, reason))


def _told_state(run: Run, campaign: Campaign) -> None:
    line(
        tr(
            "{code} is {state}.",
            "{code} {state}。",
            code=campaign.code,
            state=state_word(campaign.state, lang()),
        )
    )
    with run.services.store.read() as uow:
        running = len(uow.attempts.running(campaign.code))
    if running:
        line(tr("Running flashes go on to their end: {n}.", "进行中的刷写会继续完成：{n} 个。", n=running))


def _withdraw(
    run: Run,
    vins: VinTexts,
    reason: Why,
) -> None:
    actor = run.need(Right.RUN)
    by_campaign: dict[str, list[Vin]] = defaultdict(list)
    for text in dict.fromkeys(vins):
        found = car_named(run, text)
        if found.car is None:
            raise Stop(
                tr(
                    "{vin} is in no campaign: nothing to withdraw",
                    "{vin} 不在任何活动中，无需撤出",
                    vin=found.vin,
                )
            )
        by_campaign[found.car.campaign].append(found.car.vin)
    if len(by_campaign) > 1:
        raise Stop(
            tr(
                "these cars are in several campaigns ({codes}): withdraw them one campaign at a time",
                "这些车辆属于多个活动（{codes}）：请按活动分别撤出",
                codes=", ".join(by_campaign),
            )
        )
    for code, mine in by_campaign.items():
        _told(code, run.services.control.withdraw(actor, code, mine, reason))


def _told(code: str, vins: Sequence[Vin]) -> None:
    for vin in vins:
        line(tr("{vin}  withdrawn from {code}", "{vin}  已撤出 {code}", vin=vin, code=code))


def register(app: typer.Typer) -> None:
    """The planner's commands on a running campaign."""
    command(app, "pause", tr("No new work until resumed.", "暂停：恢复前不开始新作业。"))(_pause)
    command(app, "resume", tr("Go on, also after too many failures.", "恢复，也用于失败超限之后。"))(_resume)
    command(app, "stop", tr("For good; running flashes end by themselves.", "终止；进行中的刷写自行结束。"))(
        _stop
    )
    command(app, "withdraw", tr("Take cars out of their campaign.", "将车辆撤出活动。"))(_withdraw)
