"""`python -m tests.bench.peers NAME SECONDS [hint]`: a solver on the overloaded case, its timetable as JSON on stdout.

Run by the interpreter of `.venv-bench`, which has the solvers (docs/adr/0015).
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict, replace
from importlib import import_module

from campaign.planning.planner import plan
from campaign.planning.priority import choose_pilot
from tests.bench.plan_cases import OVERLOADED, measured_case

SOLVERS = {"cp_sat": "tests.bench.peers.cp_sat", "pyjobshop": "tests.bench.peers.pyjobshop_peer"}


def main() -> None:
    """Solve and print."""
    name, seconds, *hinted = sys.argv[1:]
    snapshot = measured_case(60, OVERLOADED)
    solver = import_module(SOLVERS[name])
    hint = plan(snapshot) if hinted else None
    began = time.process_time()
    found = solver.solve(snapshot, list(choose_pilot(snapshot)), float(seconds), hint)
    if found is not None:
        found = replace(found, note=f"{found.note}, {time.process_time() - began:.0f} s of CPU")
    print(json.dumps(found and asdict(found)))


if __name__ == "__main__":
    main()
