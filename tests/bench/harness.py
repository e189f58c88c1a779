"""Runs benchmarks one after the other, each in its own process, and shows what came of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.measured import Measured

LONGEST_S = 1800
"""After this a benchmark is given up."""
PEER_WIDTH = 62


@dataclass(frozen=True, slots=True)
class Failed:
    """A benchmark that gave no figure, and why in a line."""

    name: str
    why: str


def chosen(only: str | None, known: Sequence[str]) -> list[str]:
    """The names asked for, in the order of `known`. Raises ValueError in one line.

    `only` is comma-separated, None is all; `plan` stands for every name that begins with `plan.`.
    """
    if only is None:
        return list(known)
    asked = [name.strip() for name in only.split(",") if name.strip()]
    strangers = [word for word in asked if not any(_stands_for(word, name) for name in known)]
    if strangers or not asked:
        said = f"there is no benchmark {', '.join(strangers)}" if strangers else "no benchmark is named"
        raise ValueError(f"{said} - choose from: {', '.join(known)}")
    return [name for name in known if any(_stands_for(word, name) for word in asked)]


def _stands_for(word: str, name: str) -> bool:
    return name == word or name.startswith(f"{word}.")


def run_apart(names: Sequence[str], longest_s: float = LONGEST_S) -> list[Measured | Failed]:
    """The benchmarks of one module in a fresh process: what they load and leave behind disturbs no other one."""
    words = [sys.executable, "-m", "tests.bench", "--here", ",".join(names)]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("CAMPAIGN_", "PREFECT_"))}
    try:
        ended = subprocess.run(
            words, stdout=subprocess.PIPE, env=environment, timeout=longest_s, check=False, text=True
        )
    except subprocess.TimeoutExpired:
        return [Failed(name, f"not done after {longest_s:g} s") for name in names]
    lines = ended.stdout.strip().splitlines()
    if ended.returncode or not lines:
        return [Failed(name, f"ended with {ended.returncode}, see above") for name in names]
    figures = {raw["name"]: Measured.from_json(raw) for raw in json.loads(lines[-1])}
    return [figures.get(name, Failed(name, "its run gave no such figure")) for name in names]


def write_json(results: Iterable[Measured], file: Path) -> None:
    """What was measured, as a list."""
    file.parent.mkdir(parents=True, exist_ok=True)
    rows = [measured.as_json() for measured in results]
    file.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def table(results: Sequence[Measured | Failed]) -> str:
    """One table for people."""
    head = ("benchmark", "value", "goal", "", "peer, measured in the same run")
    rows = [head, *(_row(result) for result in results)]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = []
    for row in rows:
        peer = textwrap.wrap(row[4], PEER_WIDTH) or [""]
        cells = [row[0].ljust(widths[0]), row[1].rjust(widths[1]), *(row[i].ljust(widths[i]) for i in (2, 3))]
        lines.append("  ".join([*cells, peer[0]]).rstrip())
        indent = " " * (sum(widths) + 8)
        lines += [indent + more for more in peer[1:]]
    lines.insert(1, "-" * max(map(len, lines)))
    return "\n".join(lines)


def _row(result: Measured | Failed) -> tuple[str, str, str, str, str]:
    if isinstance(result, Failed):
        return result.name, "-", "", "failed", result.why
    value = f"{_figure(result.value)} {result.unit}".strip()
    return result.name, value, result.goal, "met" if result.met else "missed", result.peer


def _figure(value: float) -> str:
    """Three digits; whole above a thousand; ratios close to 1 keep what makes them differ from it."""
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4f}" if 1 <= value < 1.1 else f"{value:.3g}"
