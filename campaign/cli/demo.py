"""`campaign demo`: a seeded case in a folder of its own, live in front of a viewer, or headless to the last release."""

from __future__ import annotations

import signal
import socket
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from campaign.cli.failures import REFUSED, Stop
from campaign.cli.invocation import Run, command
from campaign.cli.language import tr
from campaign.cli.parameters import option

if TYPE_CHECKING:
    from campaign.config import Settings

VEHICLES, FEW = 2_300, 120


class Until(StrEnum):
    """How far time is moved fast."""

    MIDDLE = "middle"
    COMPLETE = "complete"


Headless = Annotated[
    bool,
    option(
        "--headless",
        "No board: a small campaign from import to the last release, then a summary.",
        "无看板：运行一个小型活动直到全部放行，并输出汇总。",
    ),
]
Vehicles = Annotated[
    int | None, option("--vehicles", "Cars: 2300, headless 120.", "车辆数：默认 2300，无看板时 120。", min=1)
]
UntilText = Annotated[
    Until | None,
    option("--until", "How far time moves fast before it goes on live.", "先快进到何处，再实时运行。"),
]
Speed = Annotated[
    float | None,
    option(
        "--speed",
        "Campaign time against real time: 60, headless 1500.",
        "活动时间倍速：默认 60，无看板时 1500。",
        min=1,
        max=5_000,
    ),
]
Home = Annotated[
    Path | None,
    option("--home", "Folder; else CAMPAIGN_HOME or ./var.", "目录；默认 CAMPAIGN_HOME 或 ./var。"),
]
Seed = Annotated[int, option("--seed", "Another seed makes other cars.", "不同种子生成不同车辆。")]


def register(app: typer.Typer) -> None:
    """`campaign demo`."""
    about = tr(
        "Load a seeded case, move it to the middle of its campaign, and go on live until Ctrl-C.",
        "载入示例数据，快进到活动中段，然后实时运行直到 Ctrl-C。",
    )

    @command(app, "demo", about, fresh=True)
    def demo(
        run: Run,
        headless: Headless = False,
        vehicles: Vehicles = None,
        until: UntilText = None,
        speed: Speed = None,
        home: Home = None,
        seed: Seed = 1,
    ) -> None:
        from campaign.config import Settings

        settings = run.settings if home is None else Settings.load(home=home)
        _need_own_database(settings)
        if headless:
            if until is Until.MIDDLE:
                raise Stop(tr("--headless runs to the end: --until complete", "--headless 总是运行到结束"))
            _headless(settings, vehicles or FEW, seed, speed)
        else:
            _live(settings, vehicles or VEHICLES, seed, speed, until)


def _live(settings: Settings, vehicles: int, seed: int, speed: float | None, until: Until | None) -> None:
    from campaign.cli.demo_home import Told, first_campaign
    from campaign.cli.live_demo import SPEED, run_live_demo

    wanted = Told(vehicles, seed, first_campaign(settings))
    run_live_demo(settings, wanted, speed=speed or SPEED, to_the_end=until is Until.COMPLETE)


def _headless(settings: Settings, vehicles: int, seed: int, speed: float | None) -> None:
    """Lines of progress, then the summary as JSON on the last line."""
    from campaign.cli.small_campaign import SPEED, Plan, run_small_campaign
    from campaign.cli.steps import Steps

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a polite kill takes the children along
    with Steps() as steps:
        plan = Plan(vehicles, seed, speed or SPEED)
        summary = run_small_campaign(_with_free_port(settings), plan, say=steps.say)
    print(summary.to_json(), flush=True)
    if not summary.good:
        raise typer.Exit(REFUSED)


def _with_free_port(settings: Settings) -> Settings:
    """Nobody looks at a headless Prefect: where its port is taken and nobody asked for that one, another one does."""
    from campaign.cli.process_table import port_is_free
    from campaign.config import Settings

    asked = "prefect_port" in settings.model_fields_set
    if asked or port_is_free(settings.host, settings.prefect_port):
        return settings
    with socket.create_server((settings.host, 0)) as probe:
        return Settings.load(home=settings.home, prefect_port=probe.getsockname()[1])


def _need_own_database(settings: Settings) -> None:
    """Another database than the folder's own may hold work: the demo leaves that alone. Raises Stop."""
    from campaign.config import STORES

    if settings.database_url != f"{STORES[0]}{settings.home / 'campaign.db'}":
        raise Stop(
            tr(
                "the demo keeps a database of its own: unset CAMPAIGN_DATABASE_URL",
                "演示使用自带的数据库：请取消 CAMPAIGN_DATABASE_URL",
            )
        )
