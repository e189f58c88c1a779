"""The solvers, each run in a process of the environment that has them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.bench.peers.judged import Starts

ROOT = Path(__file__).resolve().parents[3]
PYTHON = ROOT / ".venv-bench" / "bin" / "python"
_BEYOND_S = 120
"""To build the model and to stop, beside the time that a solver was given."""


def solved(name: str, seconds: float, *, hint: bool = False) -> Starts | None:
    """The best timetable that solver `name` finds for the overloaded case, or None."""
    if not PYTHON.exists():
        raise FileNotFoundError(f"{PYTHON} has the solvers - `make bench ONLY=plan` makes it")
    words = [str(PYTHON), "-m", "tests.bench.peers", name, f"{seconds:g}", *(["hint"] if hint else [])]
    done = subprocess.run(
        words, cwd=ROOT, stdout=subprocess.PIPE, timeout=seconds + _BEYOND_S, check=True, text=True
    )
    raw = json.loads(done.stdout.splitlines()[-1])
    return raw and Starts(**raw)
