"""`campaign import`: a list is looked at first, row by row, then taken in; an import can be undone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from campaign.cli.failures import Stop, complain
from campaign.cli.invocation import Run, command, confirm, refused
from campaign.cli.language import tr
from campaign.cli.list_report import show, told
from campaign.cli.parameters import AsJson, Why, argument, option
from campaign.cli.show import as_json, line
from campaign.domain.people import Right
from campaign.domain.soc import Gauge
from campaign.files.dates import DateOrder

if TYPE_CHECKING:
    from campaign.cli.looking import Look
    from campaign.files.row_list import ReadOptions
    from campaign.ports.records import ImportRecord

File = Annotated[Path, argument("FILE", "CSV or Excel.", "CSV 或 Excel 文件。")]
Yes = Annotated[bool, option("--yes", "Take it in without asking.", "不询问直接导入。")]
DryRun = Annotated[bool, option("--dry-run", "Only look.", "仅检查。")]
Site = Annotated[
    str | None,
    option("--site", "Site code, where there are several.", "场地代码（有多个时）。"),
]
Order = Annotated[DateOrder | None, option("--date-order", "How 7/1/2026 is meant.", "7/1/2026 的含义。")]
Everything = Annotated[bool, option("--all", "Show every row with a remark.", "显示所有有备注的行。")]


def _vehicles(
    run: Run,
    file: File,
    *,
    yes: Yes = False,
    dry_run: DryRun = False,
    site: Site = None,
    date_order: Order = None,
    gauge: Annotated[
        Gauge,
        option("--gauge", "Of the SOC column, if the list does not say.", "电量列的来源（名单未注明时）。"),
    ] = Gauge.DISPLAY,
    soc_fractions: Annotated[
        bool, option("--soc-fractions", "A bare 0.27 means 27 %.", "0.27 表示 27 %。")
    ] = False,
    alias: Annotated[
        list[str] | None,
        option("--alias", "Another spelling of a version.", "版本的其他写法。", metavar="WRITTEN=VERSION"),
    ] = None,
    everything: Everything = False,
    json: AsJson = False,
) -> None:
    from campaign.cli.looking import look_at_vehicles
    from campaign.files.row_list import ReadOptions

    run.need(Right.IMPORT)
    options = ReadOptions(_aliases(run, alias or []), date_order, gauge, soc_fractions)
    look = look_at_vehicles(run, file, _site(run, site), options)
    _decide(run, look, yes=yes, dry_run=dry_run, everything=everything, json=json)


def _orders(
    run: Run,
    file: File,
    *,
    yes: Yes = False,
    dry_run: DryRun = False,
    site: Site = None,
    date_order: Order = None,
    everything: Everything = False,
    json: AsJson = False,
) -> None:
    from campaign.cli.looking import look_at_orders
    from campaign.files.row_list import ReadOptions

    run.need(Right.ORDERS)
    options: ReadOptions = ReadOptions(date_order=date_order)
    look = look_at_orders(run, file, _site(run, site), options)
    _decide(run, look, yes=yes, dry_run=dry_run, everything=everything, json=json)


def _site(run: Run, wanted: str | None) -> str:
    """The named site, else the only one that is configured. Raises Stop, NotFound when it is not set up."""
    from campaign.cli.setting_up import configured_sites

    if wanted is None:
        codes = [layout.code for layout in configured_sites(run.settings.configs)]
        if len(codes) > 1:
            raise Stop(
                tr(
                    "which site? --site, one of {codes}",
                    "哪个场地？请用 --site 指定：{codes}",
                    codes=", ".join(codes),
                )
            )
        wanted = codes[0]
    return run.services.sites.get(wanted).code


def _aliases(run: Run, given: list[str]) -> dict[str, str]:
    """Spellings from every campaign that is configured, and from the command line. Raises Stop."""
    from campaign.definitions import campaign_codes, find_campaign

    configs = run.settings.configs
    aliases: dict[str, str] = {}
    for code in campaign_codes(configs):
        aliases |= dict(find_campaign(configs, code).rules().aliases)
    for pair in given:
        written, equals, version = pair.partition("=")
        if not (written.strip() and equals and version.strip()):
            raise Stop(tr("--alias {pair}: write it like --alias 452C=VBV4.5.2C",
                          "--alias {pair}：请写成 --alias 452C=VBV4.5.2C", pair=pair[:40]))  # fmt: skip
        aliases[written.strip()] = version.strip()
    return aliases


def _decide(run: Run, look: Look, *, yes: bool, dry_run: bool, everything: bool, json: bool) -> None:
    rejects = _write_rejects(look)
    if not json:
        show(run, look, rejects, everything=everything)
    done: ImportRecord | None = None
    if look.already is None and look.to_write and not dry_run and (yes or confirm(_question(look))):
        done = look.take_in()
    if json:
        as_json(told(look, rejects, done))
    elif done is not None:
        line(
            tr(
                "Taken in as import {id}: {n} rows. To undo it: `campaign import undo {id} --reason ...`",
                "已导入，编号 {id}：{n} 行。撤销：`campaign import undo {id} --reason 原因`",
                id=done.id,
                n=done.rows,
            )
        )
    elif look.to_write and not look.already:
        line(tr("Nothing was taken in.", "未导入任何数据。"))
    if look.already is None and look.listing.rejected and not look.listing.rows:
        raise refused()


def _question(look: Look) -> str:
    return tr("Take in {n} rows?", "导入 {n} 行？", n=look.to_write)


def _write_rejects(look: Look) -> Path | None:
    """Beside the list; None when nothing was rejected, or the folder cannot be written (which is said)."""
    from campaign.files.rejects import write_rejects

    if not look.listing.rejected or look.already is not None:
        return None
    target = look.file.with_name(f"{look.file.stem}-rejects.xlsx")
    try:
        write_rejects(look.listing, target)
    except OSError as error:
        complain(tr("rejected rows could not be written to {file}: {why}", "无法将被拒行写入 {file}：{why}",
                    file=target, why=error.strerror or type(error).__name__))  # fmt: skip
        return None
    return target


def _undo(
    run: Run,
    import_id: Annotated[int, argument("ID", "As printed by the import.", "导入时显示的编号。")],
    reason: Why,
) -> None:
    record = run.services.intake.undo(run.actor, import_id, reason)
    line(
        tr(
            "Import {id} ({file}, {n} rows) is undone.",
            "导入 {id}（{file}，{n} 行）已撤销。",
            id=record.id,
            file=record.file_name,
            n=record.rows,
        )
    )


def register(app: typer.Typer) -> None:
    """`campaign import vehicles|orders|undo`."""
    lists = typer.Typer(help=tr("Lists of cars and orders.", "车辆与订单名单。"), no_args_is_help=True)
    command(lists, "vehicles", tr("Take in a list of cars.", "导入车辆名单。"))(_vehicles)
    command(lists, "orders", tr("Take in a list of orders.", "导入订单名单。"))(_orders)
    command(
        lists,
        "undo",
        tr("Take an import back while nobody worked on its cars.", "撤销导入（其车辆尚无作业时）。"),
    )(_undo)
    app.add_typer(lists, name="import")
