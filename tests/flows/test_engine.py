"""A flow run's process: its output goes to a file, so that it does not matter who had started it."""

import os
import subprocess
import sys

from flows.engine import LARGEST_LOG, LOG

TALKS = """
import sys
from pathlib import Path
from flows.engine import write_to
write_to(Path(sys.argv[1]))
input()
print("out", flush=True)
sys.stderr.write("err")
"""


def talks(log):
    return subprocess.Popen(
        [sys.executable, "-c", TALKS, str(log)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_a_run_whose_reader_is_gone_goes_on_talking(tmp_path):
    log = tmp_path / "logs" / LOG
    with talks(log) as process:
        process.stdout.close()
        process.stderr.close()
        process.stdin.write(b"\n")
        process.stdin.close()
        assert process.wait(20) == 0
    assert log.read_text() == "out\nerr"


def test_runs_write_behind_each_other_and_a_large_log_is_put_aside(tmp_path):
    log = tmp_path / LOG
    for _ in range(2):
        with talks(log) as process:
            process.communicate(b"\n")
    assert log.read_text() == "out\nerr" * 2
    os.truncate(log, LARGEST_LOG + 1)
    with talks(log) as process:
        process.communicate(b"\n")
    assert log.read_text() == "out\nerr"
    assert log.with_suffix(".log.1").stat().st_size == LARGEST_LOG + 1


def test_without_a_run_to_execute_the_engine_says_so_in_the_log(tmp_path):
    ours = {k: v for k, v in os.environ.items() if not k.startswith(("CAMPAIGN_", "PREFECT__"))}
    done = subprocess.run(
        [sys.executable, "-m", "flows.engine"],
        env=ours | {"CAMPAIGN_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")
    assert "Invalid flow run id" in (tmp_path / "logs" / LOG).read_text()
