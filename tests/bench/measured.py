"""What a benchmark hands back, and how it tells of its progress."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

_BEGAN = time.monotonic()


@dataclass(frozen=True, slots=True)
class Goal:
    """A limit: at most or at least `limit`; with `up_to` at least the one and at most the other."""

    limit: float
    at_least: bool = False
    up_to: float | None = None

    @classmethod
    def between(cls, least: float, most: float) -> Self:
        """Neither too little nor too much."""
        return cls(least, at_least=True, up_to=most)

    def met(self, value: float) -> bool:
        """The limits themselves are met."""
        if self.up_to is not None and value > self.up_to:
            return False
        return value >= self.limit if self.at_least else value <= self.limit

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Back from `str`."""
        words = text.split()
        if words[0] == "between":
            return cls.between(float(words[1]), float(words[3]))
        return cls(float(words[2]), at_least=words[1] == "least")

    def __str__(self) -> str:
        if self.up_to is not None:
            return f"between {self.limit:g} and {self.up_to:g}"
        return f"at {'least' if self.at_least else 'most'} {self.limit:g}"


@dataclass(frozen=True, slots=True)
class Measured:
    """One row of the table. `peer` says what it was compared with in the same run, and what that took."""

    name: str
    value: float
    unit: str
    goal: str
    peer: str

    @classmethod
    def of(cls, name: str, value: float, unit: str, peer: str, goal: Goal | None = None) -> Self:
        """With the goal of its name, or the one that the run itself gave."""
        return cls(name, round(value, 4), unit, str(goal or GOALS[name]), peer)

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Self:
        """Back from `as_json`."""
        return cls(**raw)

    def as_json(self) -> dict[str, Any]:
        """As it stands in build/bench.json."""
        return asdict(self)

    @property
    def met(self) -> bool:
        """Whether the goal is reached."""
        return Goal.from_text(self.goal).met(self.value)


GOALS: dict[str, Goal | None] = {
    "import.100k.ratio_to_calamine": Goal(3),
    "control.cars_per_cpu_s.ratio_to_naive_prefect": Goal(10, at_least=True),
    "control.mark_to_start.p95_s": Goal(1),
    "advance.1m_over_2300": Goal(1.3),
    "uds.transfer.ratio_to_plain_doipclient": Goal(3, at_least=True),
    "ssh.exec200.seconds": Goal(1),
    "ssh.connect.ratio_to_ssh": Goal(0.2),
    "ssh.upload256.ratio_to_sftp": Goal(0.8),
    "plan.2300.20pts.makespan_ratio": Goal(1.003),
    "plan.2300.60pts.makespan_ratio": Goal(1.001),
    "plan.2300.60pts.over.tardiness_ratio": Goal(1.06),
    "plan.2300.cpu_s": Goal(1),
    "plan.100k.makespan_ratio": Goal(1.003),
    "plan.100k.cpu_s": Goal(25),
    "plan.growth.100k_over_10k": Goal(15),
    "plan.100k.rss_mb": Goal(300),
    "replan.2300.one_rule_ms": Goal(50),
    "replan.2300.portfolio_s": Goal(1),
    "plan.2300.60pts.over.tardiness_hours.waves": None,
    "plan.2300.60pts.over.tardiness_hours.fifo": None,
    "plan.2300.60pts.over.tardiness_hours.cp_sat": None,
    "plan.2300.60pts.over.tardiness_hours.pyjobshop": None,
    "plan.hfs.gap_percent": Goal(5),
    "forecast.p80_coverage": Goal.between(0.75, 0.85),
}
"""Every benchmark by its name, in the order in which they run. None: its peer's figure in the same run is the goal."""


def tell(text: str) -> None:
    """One line of progress, on standard error."""
    print(f"  {time.monotonic() - _BEGAN:6.1f} s  {text}", file=sys.stderr, flush=True)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that `share` (0.95: 95 %) of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * round(share * 1000) // 1000) - 1)]
