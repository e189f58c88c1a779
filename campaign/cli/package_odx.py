"""`campaign package import-odx`: a flash container of another tool becomes a manifest to look through, or a draft."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from campaign.cli.failures import USAGE, Stop
from campaign.cli.invocation import Run, command
from campaign.cli.language import lang, tr
from campaign.cli.package_texts import write_new
from campaign.cli.parameters import argument, option
from campaign.cli.show import line, table

if TYPE_CHECKING:
    from campaign.files.flash_import import Found, Note
    from campaign.station_agent.manifest import Manifest


def _import_odx(
    run: Run,
    *,
    file: Annotated[Path, argument("FILE", "A PDX file with ODX-F.", "含 ODX-F 的 PDX 文件。")],
    name: Annotated[str, option("--name", "The package's name.", "软件包名称。", metavar="NAME")],
    source: Annotated[str, option("--source", "From this version.", "源版本。", metavar="VERSION")],
    target: Annotated[str, option("--target", "To this version.", "目标版本。", metavar="VERSION")],
    instruction: Annotated[
        str, option("--instruction", "Revision of the work instruction.", "作业指导书版次。", metavar="TEXT")
    ],
    ecu: Annotated[
        list[str] | None,
        option("--ecu", "Logical address of a unit.", "控制器的逻辑地址。", metavar="NAME=0x..."),
    ] = None,
    out: Annotated[
        Path | None,
        option("--out", "Folder for manifest and files; else NAME.", "清单与文件的文件夹；默认为名称。", metavar="DIR"),
    ] = None,
    draft: Annotated[bool, option("--draft", "Draft it at once.", "直接起草。")] = False,
) -> None:  # fmt: skip
    from campaign.domain.identity import SoftwareVersion
    from campaign.files.flash_import import as_manifest
    from campaign.files.odx import read_pdx

    before, after = (str(SoftwareVersion.parse(text)) for text in (source, target))
    addresses = dict(_address(text) for text in ecu or [])
    found = read_pdx(file)
    manifest, lacking = as_manifest(found, name, before, after, instruction, addresses)
    notes = [*found.notes, *lacking]
    _report(manifest, notes)
    if not draft:
        _write(out or Path(name), manifest, notes, found)
        return
    if any(note.missing for note in notes):
        raise Stop(tr("not drafted: something is missing", "未起草：仍有缺项"), USAGE)
    with tempfile.TemporaryDirectory(prefix="campaign-odx-") as folder:
        files = _put_down(Path(folder), manifest, found)
        made = run.services.packages.draft(run.actor, manifest, files)
    line(tr("Package {name} is drafted.", "软件包 {name} 已起草。", name=made.name))


def _address(text: str) -> tuple[str, int]:
    name, _, number = text.partition("=")
    try:
        return name, int(number, 16 if number.lower().startswith("0x") else 10)
    except ValueError:
        raise Stop(
            tr(
                "“{text}” is no logical address: write NAME=0x1001",
                "“{text}”不是逻辑地址：请写成 名称=0x1001",
                text=text[:60],
            ),
            USAGE,
        ) from None


def _report(manifest: Manifest, notes: list[Note]) -> None:
    columns = (
        tr("unit", "控制器"),
        tr("software", "软件"),
        tr("part number", "零件号"),
        tr("blocks", "数据块"),
        tr("bytes", "字节"),
    )
    sizes = {row.sha256: row.size for row in manifest.files}
    rows = [
        (
            row.name,
            f"{row.source.software or '-'} -> {row.target.software or '-'}",
            row.target.part_number or row.source.part_number,
            ", ".join(block.name for block in row.blocks),
            sum(sizes[block.file] for block in row.blocks),
        )
        for row in manifest.ecus
    ]
    table(columns, rows, right=(4,))
    for note in notes:
        mark = tr("missing", "缺少") if note.missing else tr("note", "说明")
        line(f"{mark}: {note.text(lang())}")


def _write(folder: Path, manifest: Manifest, notes: list[Note], found: Found) -> None:
    from campaign.files.manifest_file import write_yaml

    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "manifest.yaml"
    told = [f"{'! ' if note.missing else ''}{note.text(lang())}" for note in notes]
    write_new(file, write_yaml(manifest, told).encode())
    _put_down(folder, manifest, found)
    line(
        tr(
            "Look through {file}, then: `campaign package draft {file}`",
            "请检查 {file}，然后：`campaign package draft {file}`",
            file=file,
        )
    )


def _put_down(folder: Path, manifest: Manifest, found: Found) -> dict[str, Path]:
    """The blocks' files in a folder, by sha256."""
    paths = {row.sha256: folder / row.name for row in manifest.files}
    for sha256, path in paths.items():
        write_new(path, found.files[sha256])
    return paths


def register(app: typer.Typer) -> None:
    """`campaign package import-odx`."""
    about = tr("Make a manifest of a PDX/ODX-F container.", "由 PDX/ODX-F 容器生成清单。")
    command(app, "import-odx", about)(_import_odx)
