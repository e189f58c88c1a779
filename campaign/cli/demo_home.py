"""The demo's own folder: made fresh for a case, gone on with when it holds the same one, never another's."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from campaign.cli.failures import Stop
from campaign.cli.language import tr

if TYPE_CHECKING:
    from campaign.config import Settings
    from campaign.yard.scene import Case

MARK = "demo.json"
CHEAP_KIB = 19_456
"""Memory of one password hash in the demo (argon2id, as OWASP's smallest): its passwords are made up and local."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a demo's folder holds. `ready`: its case was loaded to the end."""

    vehicles: int
    seed: int
    code: str
    ready: bool = False


def told_by(home: Path) -> Told | None:
    """What the folder says of itself; None when it is no demo's, or unreadable."""
    try:
        return Told(**json.loads((home / MARK).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def tell(home: Path, told: Told) -> None:
    """Write it down."""
    (home / MARK).write_text(json.dumps(asdict(told)), encoding="utf-8")


def make_room(home: Path, wanted: Told) -> bool:
    """Have the folder hold nothing but the mark of `wanted`. False: it holds that very case, ready to go on.

    Raises Stop when it holds something that is no demo, SiteError when something runs in it.
    """
    from campaign.cli.up import only_one, stop_leftovers

    there = told_by(home)
    if there is None and home.is_dir() and any(home.iterdir()):
        raise Stop(
            tr(
                "{home} holds something that is not a demo: name another folder with --home, or empty it",
                "{home} 中有非演示数据：请用 --home 指定其他目录，或先清空",
                home=home,
            )
        )
    with only_one(home):
        if there == Told(wanted.vehicles, wanted.seed, wanted.code, ready=True):
            return False
        stop_leftovers(home, print)
        for entry in home.iterdir():
            if entry.is_dir():
                shutil.rmtree(entry)
            elif entry.name != "up.lock":
                entry.unlink()
        tell(home, wanted)
    return True


def make_case(settings: Settings, told: Told) -> Case:
    """The case of this folder, from the configured site and campaign."""
    from datetime import UTC, datetime

    from campaign.definitions import find_campaign, find_site
    from campaign.yard.scene import Case

    campaign = find_campaign(settings.configs, told.code)
    layout = find_site(settings.configs, campaign.site).layout()
    if told.vehicles > len(layout.slots):
        raise Stop(
            tr(
                "{n} cars do not fit on the {slots} slots of {site}: take fewer with --vehicles",
                "{n} 台车超出 {site} 的 {slots} 个车位：请用 --vehicles 减少",
                n=told.vehicles,
                slots=len(layout.slots),
                site=layout.code,
            )
        )
    now = datetime.now(UTC)
    return Case.make(told.vehicles, seed=told.seed, now=now, rules=campaign.rules(), layout=layout)


def first_campaign(settings: Settings) -> str:
    """The campaign that the demo runs: the first one that is defined. Raises Stop."""
    from campaign.definitions import campaign_codes

    codes = campaign_codes(settings.configs)
    if not codes:
        raise Stop(
            tr("no campaign is defined in {folder}", "{folder} 中没有定义升级活动", folder=settings.configs)
        )
    return codes[0]
