"""`campaign doctor`: is everything here that a campaign needs, and what to do where it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from campaign.cli.failures import UNREACHABLE, USAGE
from campaign.cli.invocation import Run, command
from campaign.cli.language import tr
from campaign.cli.parameters import AsJson

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from campaign.cli.finding import Finding
    from campaign.config import Settings


def everything(settings: Settings) -> Iterator[Finding]:
    """Every finding, the ground first. Never raises for what it looks at."""
    from campaign.cli import checkup_machine as machine
    from campaign.cli import checkup_systems as systems

    yield machine.python()
    yield from machine.libraries()
    yield machine.home(settings.home)
    yield machine.definitions(settings)
    services = yield from systems.database(settings)
    prefect_runs = yield from systems.prefect(settings)
    yield from machine.ports(settings, prefect_runs)
    if services is None:
        return
    try:
        yield systems.clock(services)
        yield from systems.stations(services)
    finally:
        services.close()


def exit_code(findings: Sequence[Finding]) -> int:
    """0 all well, 2 a definition is wrong, 3 a part is missing or does not answer."""
    bad = {finding.part for finding in findings if finding.grade == "bad"}
    if not bad:
        return 0
    return USAGE if bad == {"configs"} else UNREACHABLE


def show(findings: Sequence[Finding]) -> None:
    """As a table."""
    from campaign.cli.show import line, table

    marks = {"ok": "✓", "note": "!", "bad": "✗"}
    columns = ("", tr("Part", "部分"), tr("Found", "现状"), tr("What to do", "处理方法"))
    table(columns, [(marks[f.grade], f.part, f.found, f.todo) for f in findings])
    bad = sum(1 for finding in findings if finding.grade == "bad")
    line(tr("{n} parts need attention", "{n} 项需要处理", n=bad) if bad else tr("all is well", "一切正常"))


def register(app: typer.Typer) -> None:
    """`campaign doctor`."""
    about = tr(
        "Check versions, ports, database, Prefect, stations, clock and disk.",
        "检查版本、端口、数据库、Prefect、工位、时钟和磁盘。",
    )

    @command(app, "doctor", about, fresh=True)
    def doctor(run: Run, json: AsJson = False) -> None:
        from campaign.cli.show import as_json

        findings = list(everything(run.settings))
        if json:
            as_json(findings)
        else:
            show(findings)
        if code := exit_code(findings):
            raise typer.Exit(code)
