"""The rules of one campaign, frozen when it is launched; a later change is a recorded revision."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from campaign.domain.identity import SoftwareVersion
from campaign.domain.site import Names
from campaign.domain.soc import Gauge
from campaign.errors import BadInput, BrokenRule


@dataclass(frozen=True, slots=True)
class GateRule:
    """Rule 1: at least `min_tenths` (270 = 27.0 %) on `gauge`, by a reading at most `max_age_s` old."""

    min_tenths: int
    gauge: Gauge
    max_age_s: int


@dataclass(frozen=True, slots=True)
class BatchRule:
    """Cars per batch: the usual `size`, `min` to `max` for planning to choose from, `pilot` for the first."""

    size: int
    min: int
    max: int
    pilot: int


@dataclass(frozen=True, slots=True)
class FailureThreshold:
    """Rule 10: new starts stop when failures are *above* `count`, or above `percent` of the ended attempts.

    Percent counts from `min_attempts` ended attempts on. None switches one of the two off.
    """

    count: int | None
    percent: int | None
    min_attempts: int


@dataclass(frozen=True, slots=True)
class CampaignRules:
    """What a campaign does, to which versions, and within which limits.

    `charge_target_tenths` is where charging ends, above the gate, so that a parked car may drain a little.
    `max_attempts` counts every try on one car; `rig_retries` how often a broken rig alone is tried again
    unasked; `signers` how many people sign a batch; `aliases` are spellings of versions: (written, meant).
    """

    code: str
    site: str
    source: SoftwareVersion
    target: SoftwareVersion
    package: str
    gate: GateRule
    charge_target_tenths: int
    batch: BatchRule
    thresholds: FailureThreshold
    max_attempts: int
    rig_retries: int
    signers: int
    names: Names
    aliases: tuple[tuple[str, str], ...] = ()

    def to_json(self) -> str:
        """Canonical JSON: the same rules always give the same text (sorted keys, no blanks), to hash."""
        plain = asdict(self) | {"source": str(self.source), "target": str(self.target)}
        return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> CampaignRules:
        """Back from `to_json`. Raises BrokenRule: only we write it, so a bad one is a bug or tampering."""
        try:
            return cls(**_fields(json.loads(text)))
        except (TypeError, ValueError, KeyError, AttributeError, BadInput) as broken:
            raise BrokenRule(f"stored campaign rules cannot be read: {broken}") from broken


def _fields(raw: dict[str, Any]) -> dict[str, Any]:
    return raw | {
        "source": SoftwareVersion.parse(raw["source"]),
        "target": SoftwareVersion.parse(raw["target"]),
        "gate": GateRule(**raw["gate"] | {"gauge": Gauge(raw["gate"]["gauge"])}),
        "batch": BatchRule(**raw["batch"]),
        "thresholds": FailureThreshold(**raw["thresholds"]),
        "names": Names(**raw["names"]),
        "aliases": tuple((written, meant) for written, meant in raw["aliases"]),
    }
