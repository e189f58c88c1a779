"""`python -m tests.bench [--only name,...]`: measure, print one table, write build/bench.json.

Exit codes: 0 everything was measured (a missed goal is shown, not an error: the machine may be busy), 1 something
could not be measured, 2 wrong usage.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.bench.catalogue import MODULES, in_one_run, measure
from tests.bench.harness import Failed, chosen, run_apart, table, write_json
from tests.bench.measured import Measured

DEFAULT_FILE = Path(__file__).resolve().parents[2] / "build" / "bench.json"


def main(words: Sequence[str] | None = None) -> int:
    """The command line. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure against peers.")
    parser.add_argument(
        "--only", metavar="NAME,...", help="some benchmarks only: names, or the words that they begin with"
    )
    parser.add_argument("--json", type=Path, default=DEFAULT_FILE, metavar="FILE", help="where figures go")
    parser.add_argument("--here", metavar="NAME", help=argparse.SUPPRESS)
    given = parser.parse_args(words)
    try:
        names = chosen(given.here or given.only, list(MODULES))
    except ValueError as unknown:
        print(unknown, file=sys.stderr)
        return 2
    if given.here:
        print(json.dumps([figure.as_json() for figure in measure(names)]))
        return 0
    return _run(names, given.json)


def _run(names: Sequence[str], file: Path) -> int:
    results: list[Measured | Failed] = []
    runs = in_one_run(names)
    for number, together in enumerate(runs, 1):
        print(f"[{number}/{len(runs)}] {', '.join(together)}", file=sys.stderr, flush=True)
        began = time.monotonic()
        results += run_apart(together)
        print(f"  done in {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    write_json([result for result in results if isinstance(result, Measured)], file)
    print(table(results))
    print(f"written to {file}", file=sys.stderr)
    return 1 if any(isinstance(result, Failed) for result in results) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
