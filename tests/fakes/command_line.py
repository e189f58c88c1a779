"""The command line over a small plant: a home with a database, people who can sign in, and what a command printed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from campaign.cli.app import app
from campaign.config import SHIPPED_CONFIGS
from campaign.definitions import find_campaign
from campaign.yard.pace import Pace
from tests.fakes.packages import publish
from tests.fakes.plant import PASSWORD, START, Plant, sqlite_plant

WORDS_OF_A_TRACEBACK = ("Traceback", 'File "')


@dataclass(frozen=True)
class Printed:
    """What one command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)

    @property
    def text(self) -> str:
        """Both streams."""
        return self.out + self.err


def run(home: Path, *args: str, typed: str | None = None, **env: str) -> Printed:
    """One command, as typed, on the installation in `home`."""
    variables = {"CAMPAIGN_HOME": str(home), "CAMPAIGN_CONFIGS": str(SHIPPED_CONFIGS), **env}
    result = CliRunner().invoke(app, list(args), input=typed, env=variables)
    printed = Printed(result.exit_code, result.stdout, result.stderr)
    assert not [word for word in WORDS_OF_A_TRACEBACK if word in printed.text], printed.text
    return printed


@dataclass
class Desk:
    """Somebody at the command line of a plant."""

    home: Path
    plant: Plant

    def run(self, *args: str, by: str | None = None, typed: str | None = None, **env: str) -> Printed:
        """One command; `by` signs in for it."""
        if by is not None:
            env = {"CAMPAIGN_PASSWORD": PASSWORD} | env
            args = (*args, "--as", by)
        return run(self.home, *args, typed=typed, **env)

    def follow_clock(self) -> None:
        """The command line's time is the plant's from now on."""
        Pace(self.plant.clock.now(), datetime.now(UTC), 1.0).write(self.home / "clock.json")


@contextmanager
def desk_in(home: Path) -> Iterator[Desk]:
    """A plant in `home` with the package of the shipped campaign, and a command line on it."""
    with sqlite_plant(home) as plant:
        publish(plant.services, find_campaign(SHIPPED_CONFIGS, "VBV453C-2026").rules())
        Pace(START, datetime.now(UTC), 1.0).write(home / "clock.json")
        yield Desk(home, plant)
