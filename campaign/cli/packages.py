"""`campaign package`: what product development publishes, from a manifest to a released package, and where it is."""

from __future__ import annotations

from json import loads
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from campaign.cli import package_keys, package_odx
from campaign.cli.invocation import Run, command
from campaign.cli.language import lang, tr
from campaign.cli.package_texts import files_option, read_text, staged
from campaign.cli.parameters import AsJson, Why, argument, option
from campaign.cli.show import NONE, as_json, line, moment, table
from campaign.domain.people import Right
from campaign.wording import word

if TYPE_CHECKING:
    from campaign.domain.package import Package, Stamp
    from campaign.domain.staging import Staging
    from campaign.station_agent.manifest import Manifest

Name = Annotated[str, argument("NAME", "Package name.", "软件包名称。")]


def _draft(
    run: Run,
    manifest: Annotated[Path, argument("MANIFEST", "YAML or JSON.", "YAML 或 JSON 清单。")],
    files: Annotated[Path | None, files_option()] = None,
) -> None:
    from campaign.files.manifest_file import read_manifest

    written = read_manifest(manifest, files or manifest.parent)
    draft = run.services.packages.draft(run.actor, written.manifest, written.files)
    line(
        tr(
            "Package {name} is drafted: {source} to {target}, {n} files. Next: `campaign package sign {name} ...`",
            "软件包 {name} 已起草：{source} 至 {target}，{n} 个文件。下一步：`campaign package sign {name} ...`",
            name=draft.name,
            source=draft.source,
            target=draft.target,
            n=len(written.manifest.files),
        )
    )


def _release(
    run: Run,
    name: Name,
    sheet: Annotated[
        Path, option("--sheet", "The signed sheet.", "签名单文件。", metavar="FILE", show_default=False)
    ],
) -> None:
    released = run.services.packages.release(run.actor, name, read_text(sheet))
    line(
        tr(
            "Package {name} is released and never changes any more. Digest {digest}",
            "软件包 {name} 已发布，此后不可更改。摘要 {digest}",
            name=name,
            digest=released.digest,
        )
    )


def _obsolete(run: Run, name: Name, reason: Why) -> None:
    run.services.packages.obsolete(run.actor, name, reason)
    line(
        tr(
            "Package {name} is obsolete: no campaign is launched with it, and where one runs it is on hold.",
            "软件包 {name} 已停用：不再用于启动活动；在进行中的活动里已冻结。",
            name=name,
        )
    )


def _drop(run: Run, name: Name, reason: Why) -> None:
    run.services.packages.drop(run.actor, name, reason)
    line(tr("The draft {name} is gone; its name is free.", "草稿 {name} 已删除，名称可再用。", name=name))


def _list(run: Run, json: AsJson = False) -> None:
    run.need(Right.VIEW)
    packages = run.services.packages.all()
    if json:
        as_json([_plain(package) for package in packages])
        return
    if not packages:
        line(
            tr(
                "No package yet: `campaign package draft MANIFEST`",
                "尚无软件包：`campaign package draft 清单文件`",
            )
        )
        return
    columns = (
        tr("package", "软件包"),
        tr("state", "状态"),
        tr("from", "源版本"),
        tr("to", "目标版本"),
        tr("instruction", "作业指导书"),
        tr("since", "自"),
        tr("by", "人员"),
    )
    table(columns, [_row(package, run) for package in packages])


def _row(package: Package, run: Run) -> tuple[object, ...]:
    last = package.obsoleted or package.released or package.drafted
    return (
        package.name,
        word(package.state, lang()),
        package.source,
        package.target,
        package.instruction,
        moment(last.at, run.zone),
        last.by,
    )


def _show(run: Run, name: Name, json: AsJson = False) -> None:
    run.need(Right.VIEW)
    package = run.services.packages.get(name)
    stagings = run.services.packages.stagings(name)
    manifest = package.manifest
    if json:
        as_json(
            {
                **_plain(package),
                **{part: loads(package.text)[part] for part in ("ecus", "files")},
                "manifest": package.text,
                "stations": [{**_staging(s), "percent": s.percent} for s in stagings],
            }
        )
        return
    line(f"{package.name}  {package.source} -> {package.target}  {word(package.state, lang())}")
    _tell_history(run, package)
    line()
    table(_ecu_columns(), _ecu_rows(manifest))
    if manifest.files:
        line()
        columns = (tr("file", "文件"), tr("bytes", "字节"), "sha256")
        table(columns, [(row.name, row.size, row.sha256) for row in manifest.files], right=(1,))
    if stagings:
        line()
        _tell_stations(run, stagings)


def _tell_history(run: Run, package: Package) -> None:
    def told(stamp: Stamp | None) -> str:
        return NONE if stamp is None else f"{stamp.by}, {moment(stamp.at, run.zone)}"

    rows = [
        (tr("instruction", "作业指导书"), package.instruction),
        (tr("drafted", "起草"), told(package.drafted)),
        (tr("released", "发布"), told(package.released)),
        (tr("digest", "摘要"), package.digest),
        (tr("signed with", "签名密钥"), _key(run, package)),
    ]
    if package.obsoleted is not None:
        rows.append((tr("obsolete", "停用"), f"{told(package.obsoleted)}: {package.obsolete_why}"))
    for what, value in rows:
        line(f"  {what}  {value or NONE}")


def _key(run: Run, package: Package) -> str:
    """Whose it is, and whether it still counts."""
    if package.key is None:
        return NONE
    known = next((k for k in run.services.packages.trusted_keys() if k.key == package.key), None)
    if known is None:
        return package.key
    ended = "" if known.in_force else tr(" - revoked", "——已吊销")
    return f"{package.key} ({known.name}{ended})"


def _ecu_columns() -> tuple[str, ...]:
    return (
        tr("unit", "控制器"),
        tr("address", "地址"),
        tr("part number", "零件号"),
        tr("software", "软件"),
        tr("hardware", "硬件"),
        tr("coding", "编码"),
        tr("blocks", "数据块"),
    )


def _ecu_rows(manifest: Manifest) -> list[tuple[object, ...]]:
    def change(before: str, after: str) -> str:
        return before if before == after else f"{before or NONE} -> {after or NONE}"

    return [
        (
            row.name,
            f"0x{row.address:X}",
            *(change(before, after) for before, after in zip(row.source, row.target, strict=True)),
            ", ".join(block.name for block in row.blocks) or tr("compared only", "仅比较"),
        )
        for row in manifest.ecus
    ]


def _tell_stations(run: Run, stagings: list[Staging]) -> None:
    columns = (
        tr("site", "场地"),
        tr("station", "工位"),
        tr("package there", "软件包"),
        "%",
        tr("since", "自"),
        tr("detail", "详情"),
    )
    rows = [
        (s.site, s.station, word(s.state, lang()), s.percent, moment(s.at, run.zone), staged(s))
        for s in stagings
    ]
    table(columns, rows, right=(3,))


def _plain(package: Package) -> dict[str, Any]:
    """Flat, for programs."""
    return {
        "name": package.name,
        "state": package.state,
        "source": package.source,
        "target": package.target,
        "instruction": package.instruction,
        "digest": package.digest,
        "key": package.key,
        "drafted": package.drafted,
        "released": package.released,
        "obsoleted": package.obsoleted,
        "obsolete_why": package.obsolete_why,
    }


def _staging(staging: Staging) -> dict[str, Any]:
    names = ("site", "station", "state", "bytes", "total", "detail", "at")
    return {name: getattr(staging, name) for name in names}


def register(app: typer.Typer) -> None:
    """`campaign package ...`."""
    package = typer.Typer(help=tr("Packages and their keys.", "软件包及其密钥。"), no_args_is_help=True)
    command(package, "list", tr("Every package.", "所有软件包。"))(_list)
    command(package, "show", tr("One package, and where it is.", "单个软件包及其所在工位。"))(_show)
    command(package, "draft", tr("Hand in a manifest and its files.", "提交清单及文件。"))(_draft)
    package_odx.register(package)
    package_keys.register_signing(package)
    command(package, "release", tr("Release a draft with its signed sheet.", "凭签名单发布草稿。"))(_release)
    command(package, "obsolete", tr("End a released package.", "停用已发布的软件包。"))(_obsolete)
    command(package, "drop", tr("Take a draft away.", "删除草稿。"))(_drop)
    package_keys.register_trust(package)
    app.add_typer(package, name="package")
