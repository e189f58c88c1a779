"""A running tool is never cut (rule 4): not by silence, not by the death of the one who listens to it."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from campaign.station_agent.command import CommandDriver
from campaign.station_agent.driver import CarSilent, Job
from campaign.station_agent.jobs import Station
from campaign.station_agent.refusal import Refusal
from tests.fakes.vendor_tool import SOURCE, TARGET, VIN, HeardLog, options

JOB = Job("a" * 32, VIN, SOURCE, TARGET, "pkg")
SLOW = "pathlib.Path({0!r}).write_text(f'{{os.getpid()}} {{os.getppid()}}'); say('write 40%'); wait_for({1!r}); {2}"


def until(what: Callable[[], Any], seconds: float = 20) -> Any:
    """Wait for something to be true; its value."""
    deadline = time.monotonic() + seconds
    while not (value := what()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
    return value


class Bench:
    """A station whose tool waits for a file before it ends."""

    def __init__(self, home: Path) -> None:
        self.home, self._pids, self.go = home, home / "pids", home / "go"
        for folder in (home, home / "jobs"):
            folder.mkdir(exist_ok=True)

    def begin(self, end: str = "car(version='VBV4.5.3C')", **more: Any) -> None:
        body = SLOW.format(str(self._pids), str(self.go), end)
        told = {"name": "S1", "driver": "command", "driver_options": options(self.home, body, **more)}
        (self.home / "station.json").write_text(json.dumps(told))
        Station(self.home).start(JOB)
        until(lambda: self._pids.exists() and self._pids.read_text())

    @property
    def tool(self) -> int:
        return int(self._pids.read_text().split()[0])

    @property
    def flasher(self) -> int:
        return int(self._pids.read_text().split()[1])

    def state(self) -> Any:
        return Station(self.home).status(JOB.job)["state"]

    def start_another(self) -> str:
        try:
            Station(self.home).start(JOB._replace(job="b" * 32))
        except Refusal as refusal:
            return refusal.code
        return "started"


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.go.touch()
    if (tmp_path / "pids").exists():
        until(lambda: not alive(made.tool))


def test_a_tool_that_ends_well_is_a_pass_by_the_car_s_own_words(bench: Bench) -> None:
    bench.begin()
    bench.go.touch()
    until(lambda: bench.state() == "ended")
    told = Station(bench.home).status(JOB.job)
    assert (told["verdict"], told["read_back"]["version"]) == ("pass", TARGET)


def test_a_tool_that_only_says_that_it_is_done_did_not_flash(bench: Bench) -> None:
    bench.begin(end="say('done 100%')")
    bench.go.touch()
    until(lambda: bench.state() == "ended")
    told = Station(bench.home).status(JOB.job)
    assert (told["verdict"], told["code"]) == ("fail", "differs")


def test_the_death_of_the_listener_does_not_cut_the_tool_and_does_not_free_the_station(bench: Bench) -> None:
    bench.begin()
    os.kill(bench.flasher, signal.SIGKILL)
    until(lambda: not alive(bench.flasher))
    assert alive(bench.tool)
    assert bench.state() == "running"
    assert bench.start_another() == "busy"
    bench.go.touch()
    until(lambda: not alive(bench.tool))
    assert until(bench.state) == "unknown"
    assert bench.start_another() == "blocked"
    assert json.loads((bench.home / "car.json").read_text())["version"] == TARGET


def test_no_signal_of_a_closing_session_reaches_the_tool(bench: Bench) -> None:
    bench.begin()
    for name in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        os.kill(bench.flasher, name)
        os.kill(bench.tool, name)
    bench.go.touch()
    until(lambda: bench.state() == "ended")
    assert Station(bench.home).status(JOB.job)["verdict"] == "pass"


def test_silence_is_told_as_a_step_and_waited_out(tmp_path: Path) -> None:
    class Waker(HeardLog):
        """Lets the tool speak when its silence was told, and end when its speaking was."""

        def step(self, step: str, percent: int) -> None:
            super().step(step, percent)
            if (step, percent) == ("tool_silent", 40):
                (tmp_path / "speak").touch()
            elif self.steps[-2:-1] == [("tool_silent", 40)]:
                (tmp_path / "end").touch()

    speak, end = str(tmp_path / "speak"), str(tmp_path / "end")
    driver, log = (
        CommandDriver(
            options(
                tmp_path, f"say('write 40%'); wait_for({speak!r}); say('hm'); wait_for({end!r})", silence=0.5
            )
        ),
        Waker(),
    )
    driver.jobs = tmp_path
    driver.flash(JOB, None, log)
    told = [("write", 40), ("tool_silent", 40), ("write", 40)]
    assert any(log.steps[at : at + 3] == told for at in range(len(log.steps)))


def test_a_tool_that_stays_silent_is_given_up_and_left_alone_with_the_station_locked(bench: Bench) -> None:
    bench.begin(silence=0.2, give_up=0.6)
    until(lambda: bench.state() == "ended")
    told = Station(bench.home).status(JOB.job)
    assert (told["verdict"], told["code"], told["written"]) == ("timeout", "tool_silent", True)
    assert alive(bench.tool)
    assert bench.start_another() == "busy"
    bench.go.touch()
    until(lambda: not alive(bench.tool))
    assert bench.start_another() == "started"
    until(lambda: Station(bench.home).status("b" * 32)["state"] == "ended")


def test_what_a_tool_says_without_end_of_line_is_no_silence(tmp_path: Path) -> None:
    body = "[(say('.', end=''), time.sleep(0.1)) for _ in range(40)]"
    driver, log = CommandDriver(options(tmp_path, body, silence=3)), HeardLog()
    driver.jobs = tmp_path
    driver.flash(JOB, None, log)
    assert log.steps == [("identify", 0)]
    assert log.lines == ["." * 40]


def test_the_seconds_of_a_silence_are_told(tmp_path: Path) -> None:
    driver = CommandDriver(options(tmp_path, f"wait_for({str(tmp_path / 'go')!r})", silence=0.2, give_up=0.4))
    driver.jobs = tmp_path
    with pytest.raises(CarSilent) as told:
        driver.flash(JOB, None, HeardLog())
    (tmp_path / "go").touch()
    assert told.value.params["tool"] == "flash"
    assert told.value.written
