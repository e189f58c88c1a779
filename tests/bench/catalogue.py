"""Which module measures what. Each has `run()` and is imported in its own process only.

`run() -> Measured`, or a list of them where one run gives several figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from itertools import groupby

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
    "plan.2300.20pts.makespan_ratio": "tests.bench.bench_plan",
    "plan.2300.60pts.makespan_ratio": "tests.bench.bench_plan",
    "plan.2300.60pts.over.tardiness_ratio": "tests.bench.bench_plan",
    "plan.2300.cpu_s": "tests.bench.bench_plan",
    "plan.100k.makespan_ratio": "tests.bench.bench_plan_large",
    "plan.100k.cpu_s": "tests.bench.bench_plan_large",
    "plan.growth.100k_over_10k": "tests.bench.bench_plan_large",
    "plan.100k.rss_mb": "tests.bench.bench_plan_large",
    "replan.2300.one_rule_ms": "tests.bench.bench_replan",
    "replan.2300.portfolio_s": "tests.bench.bench_replan",
    "plan.2300.60pts.over.tardiness_hours.waves": "tests.bench.bench_plan_peers",
    "plan.2300.60pts.over.tardiness_hours.fifo": "tests.bench.bench_plan_peers",
    "plan.2300.60pts.over.tardiness_hours.cp_sat": "tests.bench.bench_plan_peers",
    "plan.2300.60pts.over.tardiness_hours.pyjobshop": "tests.bench.bench_plan_peers",
    "plan.hfs.gap_percent": "tests.bench.bench_plan_hfs",
    "forecast.p80_coverage": "tests.bench.bench_forecast",
}


def in_one_run(names: Sequence[str]) -> list[list[str]]:
    """The names by the module that measures them, in the given order."""
    return [list(group) for _, group in groupby(names, key=MODULES.__getitem__)]


def measure(names: Sequence[str]) -> list[Measured]:
    """Run the benchmark of one module here and now; the figures that were asked for."""
    found: Measured | list[Measured] = import_module(MODULES[names[0]]).run()
    figures = [found] if isinstance(found, Measured) else found
    return [figure for figure in figures if figure.name in names]
