"""Which flash drivers there are, and where their code is: in the agent's own file, or in drivers.pyz beside it."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from campaign.station_agent.driver import Driver

DRIVERS = {
    "simulated": "campaign.station_agent.simulated:SimulatedDriver",
    "command": "campaign.station_agent.command:CommandDriver",
    "uds": "campaign.station_drivers.uds:UdsDriver",
}
PACK = "drivers.pyz"


def make_driver(name: str, options: dict[str, Any]) -> Driver:
    """The driver that station.json names. Raises KeyError, ValueError, TypeError or ImportError."""
    module, _, kind = DRIVERS[name].partition(":")
    _open_pack()
    driver: Driver = getattr(import_module(module), kind)(options)
    return driver


def _open_pack() -> None:
    """Let `campaign.station_drivers` and its libraries be found in the file beside the agent's, where there is one."""
    pack = Path(sys.argv[0]).absolute().with_name(PACK)
    if pack.exists() and str(pack) not in sys.path:
        sys.path.append(str(pack))
        sys.modules["campaign"].__path__.append(f"{pack}/campaign")
