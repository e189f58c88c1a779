"""What `campaign doctor` looks at on this machine: Python, libraries, the folder, definitions, ports."""

from __future__ import annotations

import platform
import shutil
import tempfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from urllib.request import urlopen

from campaign.cli.finding import Finding, Grade, ok
from campaign.cli.language import tr
from campaign.cli.process_table import command_of, holder_of, port_is_free
from campaign.config import Settings, variable
from campaign.errors import CampaignError

PACKAGE = "campaign-yard"
LIBRARIES = ("prefect", "fastapi", "sqlalchemy", "alembic", "paramiko", "pydantic", "streamlit", "typer")
PYTHONS = ("3.11", "3.12", "3.13")
LOW_DISK, NO_DISK = 2_000_000_000, 200_000_000


def python() -> Finding:
    """The interpreter."""
    here = platform.python_version()
    if here.rpartition(".")[0] in PYTHONS:
        return ok("python", here)
    todo = tr("use one of {names}", "请使用以下之一：{names}", names=", ".join(PYTHONS))
    return Finding("python", Grade.BAD, here, todo)


def libraries() -> Iterator[Finding]:
    """The libraries that break most when another version slips in."""
    from packaging.requirements import Requirement

    declared = [Requirement(text) for text in requires(PACKAGE) or ()]
    wanted = {need.name.lower(): need.specifier for need in declared if need.marker is None}
    for name in LIBRARIES:
        try:
            here = version(name)
        except PackageNotFoundError:
            here = ""
        if here and (name not in wanted or wanted[name].contains(here, prereleases=True)):
            yield ok(name, here)
        else:
            found = here or tr("missing", "缺失")
            todo = tr("needs {name}{range}: run `make`", "需要 {name}{range}：请运行 `make`", name=name,
                      range=wanted.get(name, ""))  # fmt: skip
            yield Finding(name, Grade.BAD, found, todo)


def home(folder: Path) -> Finding:
    """The folder of all data, or the one in which it will be made: writable, with room."""
    try:
        there = next(path for path in (folder, *folder.parents) if path.exists())
        with tempfile.TemporaryFile(dir=there):
            free = shutil.disk_usage(there).free
    except OSError as refused:
        todo = tr(
            "give yourself the right to write, or set {name}",
            "请获取写权限，或设置 {name}",
            name=variable("home"),
        )
        return Finding("home", Grade.BAD, f"{folder}: {refused.strerror}", todo)
    found = tr("{folder}, {free:.1f} GB free", "{folder}，剩余 {free:.1f} GB", folder=folder, free=free / 1e9)
    if free >= LOW_DISK:
        return ok("home", found)
    grade = Grade.BAD if free < NO_DISK else Grade.NOTE
    return Finding("home", grade, found, tr("make room on this disk", "请清理磁盘空间"))


def definitions(settings: Settings) -> Finding:
    """The configured campaigns and their sites."""
    from campaign.definitions import campaign_codes, find_campaign, find_site

    try:
        codes = campaign_codes(settings.configs)
        for code in codes:
            find_site(settings.configs, find_campaign(settings.configs, code).site)
    except CampaignError as wrong:
        todo = tr("correct the file", "请修正该文件")
        return Finding("configs", Grade.BAD, " ".join(str(wrong).split("\n")[:1]), todo)
    if not codes:
        todo = tr("write one under {path}", "请在 {path} 下编写", path=settings.configs / "campaigns")
        return Finding("configs", Grade.NOTE, tr("no campaign is defined", "没有定义任何活动"), todo)
    return ok("configs", ", ".join(codes))


def ports(settings: Settings, prefect_runs: bool) -> Iterator[Finding]:
    """Each port: free, or held by what belongs there."""
    board_runs = _board_answers(settings)
    for part, port, ours in (
        ("prefect_port", settings.prefect_port, prefect_runs),
        ("web_port", settings.web_port, board_runs),
    ):
        name = part.replace("_", " ")
        if ours:
            yield ok(name, tr("{port}, answers", "{port}，有应答", port=port))
        elif port_is_free(settings.host, port):
            yield ok(name, tr("{port}, free", "{port}，空闲", port=port))
        else:
            pid = holder_of(port)
            who = f"{pid} {command_of(pid)}" if pid else tr("another process", "其他进程")
            found = tr("{port} is taken by {who}", "{port} 被 {who} 占用", port=port, who=who)
            todo = tr("stop it, or set {name}", "请停止它，或设置 {name}", name=variable(part))
            yield Finding(name, Grade.BAD, found, todo)


def _board_answers(settings: Settings) -> bool:
    try:
        with urlopen(f"{settings.web_url}/_stcore/health", timeout=3) as answer:  # noqa: S310 - our own page
            return bool(answer.status == 200)
    except OSError:
        return False
