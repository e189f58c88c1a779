"""`campaign audit`: the proof that the log is what was written, and the log itself."""

from __future__ import annotations

from typing import Annotated

import typer

from campaign.cli.events import show_events, told
from campaign.cli.failures import complain
from campaign.cli.invocation import Run, command, refused
from campaign.cli.language import tr
from campaign.cli.parameters import AsJson, argument, option
from campaign.cli.show import as_json, line
from campaign.domain.events import SITE_CHAIN
from campaign.domain.people import Right


def _verify(run: Run, json: AsJson = False) -> None:
    breaks = run.services.audit.verify(run.actor)
    chains = [SITE_CHAIN, *(campaign.code for campaign in run.services.views.campaigns())]
    events = sum(run.services.store.token(chain) for chain in chains)
    if json:
        as_json(
            {"audit": "broken" if breaks else "ok", "chains": len(chains), "events": events, "breaks": breaks}
        )
    elif not breaks:
        line(
            tr(
                "The log is whole: {events} events in {chains} chains.",
                "日志完整：{chains} 条链，共 {events} 个事件。",
                events=events,
                chains=len(chains),
            )
        )
    for found in breaks:
        complain(
            tr(
                "broken: chain {chain}, row {seq}: {why}",
                "已损坏：链 {chain}，第 {seq} 行：{why}",
                chain=found.chain,
                seq=found.seq,
                why=_why(found.why),
            )
        )
    if breaks:
        raise refused()


def _why(code: str) -> str:
    whys = {
        "gap": tr("a row is missing here", "此处缺少一行"),
        "previous": tr("it does not follow the row before it", "与前一行不衔接"),
        "digest": tr("its content is not what was written", "内容与写入时不符"),
        "head": tr("rows at the end are missing", "末尾缺少记录"),
    }
    return whys.get(code, code)


def _log(
    run: Run,
    chain: Annotated[
        str | None, argument("CODE", "Campaign code; else the site's own log.", "活动代码；默认场地日志。")
    ] = None,
    limit: Annotated[
        int, option("--limit", "How many, newest first.", "条数，最新在前。", min=1, max=10_000)
    ] = 50,
    before: Annotated[
        int | None, option("--before", "Only rows below this number.", "仅此序号之前。", min=1)
    ] = None,
    json: AsJson = False,
) -> None:
    from campaign.cli.naming import campaign_named

    run.need(Right.AUDIT)
    named = SITE_CHAIN if chain in (None, SITE_CHAIN) else campaign_named(run, chain).code
    events = run.services.views.log(named, before=before, limit=limit)
    if json:
        as_json([told(event) for event in events])
        return
    show_events(events, run.zone, with_vin=True)


def register(app: typer.Typer) -> None:
    """`campaign audit verify|log`."""
    audit = typer.Typer(help=tr("The log and its proof.", "日志与校验。"), no_args_is_help=True)
    command(audit, "verify", tr("Prove that no row was changed.", "校验日志未被改动。"))(_verify)
    command(audit, "log", tr("The log, newest first.", "日志，最新在前。"))(_log)
    app.add_typer(audit, name="audit")
