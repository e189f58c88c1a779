"""`python -m flows.engine`: Prefect's engine for one flow run, in a process that needs nothing of its worker.

A worker reads its runs' output through a pipe. When it is killed, the next line that a run logs meets a broken
pipe, and the console's answer to that is to leave: a run that should live on without its worker would end with
“aborted by Python system exit call”. So a run writes to a file of its installation; its lines are in Prefect too.
"""

from __future__ import annotations

import os
import runpy
import sys
from contextlib import suppress
from pathlib import Path

from campaign.config import Settings

LOG = "runs.log"
LARGEST_LOG = 10_000_000


def write_to(log: Path) -> None:
    """Lead this process's output, whoever writes it, to the end of a file; a large file is put aside first."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        with suppress(FileNotFoundError):  # another run was first
            log.replace(log.with_suffix(".log.1"))
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
        os.dup2(descriptor, stream.fileno())
    os.close(descriptor)


def main() -> None:
    """Become the engine."""
    write_to(Settings.load().logs / LOG)
    runpy.run_module("prefect.engine", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
