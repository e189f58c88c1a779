"""What a virtual car's units remember without power: one JSON file per car, always whole.

It is written when programming begins to erase and when new software was accepted, never on a transferred block:
so a car that loses power in between is found erased.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from campaign.station_agent.cars import write_whole


@dataclass(slots=True)
class UnitMemory:
    """One unit's. An empty `software` means erased; `erased` holds address -> bytes of what waits to be written."""

    part_number: str
    software: str
    coding: str  # hex
    attempts: int = 0
    successes: int = 0
    fingerprint: str = ""  # hex
    dtcs: dict[int, int] = field(default_factory=dict)  # code -> status
    erased: dict[int, int] = field(default_factory=dict)


def load(file: Path) -> dict[str, UnitMemory] | None:
    """Unit name -> memory, or None where there is no car yet. Raises ValueError for a file that is none of ours."""
    try:
        raw = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    try:
        return {name: _unit(unit) for name, unit in raw["ecus"].items()}
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{file} is no virtual car") from error


def save(file: Path, vin: str, units: Mapping[str, UnitMemory]) -> None:
    """Replace the car's file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, json.dumps({"vin": vin, "ecus": {name: asdict(unit) for name, unit in units.items()}}))


def _unit(raw: dict[str, Any]) -> UnitMemory:
    known = {key: raw[key] for key in raw.keys() & {one.name for one in fields(UnitMemory)}}
    for name in ("dtcs", "erased"):  # JSON has texts for keys
        known[name] = {int(key): int(value) for key, value in raw.get(name, {}).items()}
    return UnitMemory(**known)
