"""Which module measures what. Each has `run() -> Measured` and is imported in its own process only."""

from __future__ import annotations

from importlib import import_module

from tests.bench.measured import Measured

MODULES = {
    "import.100k.ratio_to_calamine": "tests.bench.bench_import",
    "control.cars_per_cpu_s.ratio_to_naive_prefect": "tests.bench.bench_control",
    "control.mark_to_start.p95_s": "tests.bench.bench_mark_to_start",
    "advance.1m_over_2300": "tests.bench.bench_advance",
    "uds.transfer.ratio_to_plain_doipclient": "tests.bench.bench_uds",
    "ssh.exec200.seconds": "tests.bench.bench_ssh_exec",
    "ssh.connect.ratio_to_ssh": "tests.bench.bench_ssh_connect",
    "ssh.upload256.ratio_to_sftp": "tests.bench.bench_ssh_upload",
}


def measure(name: str) -> Measured:
    """Run one benchmark here and now."""
    found: Measured = import_module(MODULES[name]).run()
    return found
