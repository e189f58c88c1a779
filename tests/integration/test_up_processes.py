"""The supervisor with real processes: what dies comes back, what is stopped is gone, nothing else is touched."""

import os
import signal
import socket
import subprocess
import sys
from contextlib import closing
from threading import Event, Thread

import pytest

from campaign.cli.process_table import holder_of, port_is_free, with_variable
from campaign.cli.processes import Child, Supervisor, group_lives
from campaign.cli.up import MARK, check_ports, only_one, stop_leftovers
from campaign.config import Settings
from campaign.errors import SiteError
from tests.fakes.patience import eventually

SLEEP = "import time; print('up', flush=True); time.sleep(600)"
DEAF = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); " + SLEEP
PARENT = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {SLEEP!r}]); " + SLEEP


@pytest.fixture
def told():
    return []


@pytest.fixture
def supervisor(tmp_path, told):
    made = Supervisor(tmp_path / "logs", tmp_path, told.append, ask_s=1)
    over = Event()
    watch = Thread(target=made.watch, args=(over,))
    watch.start()
    yield made
    over.set()
    watch.join()
    made.stop()


def child(name: str, code: str, **more) -> Child:
    return Child(name, [sys.executable, "-c", code], dict(os.environ), **more)


def says_up(supervisor: Supervisor, name: str):
    return lambda: supervisor.log_of(name).exists() and "up" in supervisor.log_of(name).read_text()


def start(supervisor: Supervisor, name: str, code: str) -> int:
    """Start a child that says `up`; its process id."""
    supervisor.start(child(name, code, ready=says_up(supervisor, name), ready_within_s=20))
    supervisor.wait_ready(name)
    return supervisor.running()[name]


def test_a_killed_child_comes_back_and_both_are_told(supervisor, told):
    first = start(supervisor, "a", SLEEP)
    os.kill(first, signal.SIGKILL)
    second = eventually(lambda: next((p for p in supervisor.running().values() if p != first), None))
    eventually(lambda: len(told) == 2)
    assert told[0].startswith("a ended (killed by SIGKILL), starts again in 1 s - ")
    assert told[1] == f"a started again (process {second})"


def test_only_a_child_that_was_not_ready_waits_longer_each_time(supervisor, told):
    supervisor.start(child("bad", "", ready=lambda: False))
    good = start(supervisor, "good", SLEEP)
    for _ in range(2):
        os.kill(good, signal.SIGKILL)
        good = eventually(lambda last=good: next(iter({supervisor.running().get("good", last)} - {last}), 0))
        eventually(lambda: supervisor._watched["good"].was_ready)
    eventually(lambda: pauses(told, "bad")[:2] == ["1", "2"])
    assert pauses(told, "good") == ["1", "1"]


def pauses(told: list[str], name: str) -> list[str]:
    """Seconds before each start after an end, as told."""
    return [line.split(" again in ")[1].split(" s")[0] for line in told if line.startswith(f"{name} ended")]


def test_stopping_asks_politely_and_kills_who_does_not_listen(tmp_path, told):
    supervisor = Supervisor(tmp_path / "logs", tmp_path, told.append, ask_s=1)
    pids = [start(supervisor, "listens", SLEEP), start(supervisor, "deaf", DEAF)]
    supervisor.stop()
    assert [group_lives(pid) for pid in pids] == [False, False]
    assert supervisor.running() == {}


def test_stopping_reaches_the_orphans_of_a_killed_child(tmp_path, told):
    supervisor = Supervisor(tmp_path / "logs", tmp_path, told.append, ask_s=1)
    parent = start(supervisor, "parent", PARENT)
    eventually(lambda: supervisor.log_of("parent").read_text().count("up") == 2)
    os.kill(parent, signal.SIGKILL)
    eventually(lambda: supervisor.running() == {})
    supervisor.look()
    assert group_lives(parent)  # its own child lives on
    supervisor.stop()
    assert not group_lives(parent)


def test_who_waits_for_a_child_that_keeps_ending_is_told_its_last_words(supervisor):
    supervisor.start(child("bad", "raise SystemExit('no such table')", ready=lambda: False))
    with pytest.raises(SiteError, match=r"bad is not ready after .*: no such table - .*bad.log tells more"):
        supervisor.wait_ready("bad")


def test_a_child_waits_until_it_may_start(supervisor):
    allowed = Event()
    supervisor.start(child("late", SLEEP, may_start=allowed.is_set))
    assert supervisor.running() == {}
    allowed.set()
    assert eventually(lambda: supervisor.running().get("late"))


def test_a_busy_port_is_named_with_its_holder_and_what_to_do(tmp_path):
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        settings = Settings.load(home=tmp_path, prefect_port=port, web_port=port)
        assert not port_is_free("127.0.0.1", port)
        with pytest.raises(SiteError) as refused:
            check_ports(settings)
        holder = f"is taken by process {os.getpid()} ("
        if holder_of(port) is not None:
            assert holder in str(refused.value)
    assert f"port 127.0.0.1:{port}" in str(refused.value)
    assert "set CAMPAIGN_PREFECT_PORT to a free port; port" in str(refused.value)
    assert "\n" not in str(refused.value)
    check_ports(settings)


def test_one_folder_has_one_supervisor(tmp_path):
    with (
        only_one(tmp_path),
        pytest.raises(SiteError, match=rf"already runs in .* \(process {os.getpid()}\)"),
        only_one(tmp_path),
    ):
        pytest.fail("two at once")
    with only_one(tmp_path):
        assert (tmp_path / "up.lock").read_text() == str(os.getpid())


def test_a_folder_that_cannot_be_made_is_told_in_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(SiteError, match=r"cannot be written .* CAMPAIGN_HOME"),
        only_one(tmp_path / "file" / "home"),
    ):
        pytest.fail("no such folder")


def test_what_a_killed_supervisor_left_is_stopped_and_nothing_else(tmp_path):
    def sleeper(**marks: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-c", SLEEP],
            env=os.environ | marks,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )

    ours, others = sleeper(**{MARK: str(tmp_path)}), sleeper(**{MARK: str(tmp_path / "other")})
    try:
        for process in (ours, others):
            process.stdout.readline()
        assert with_variable(MARK, str(tmp_path)) == [ours.pid]
        told: list[str] = []
        stop_leftovers(tmp_path, told.append)
        assert ours.wait(5) != 0
        assert others.poll() is None
        assert told == ["stopping what an earlier run left behind (1)"]
        stop_leftovers(tmp_path, told.append)
        assert len(told) == 1
    finally:
        for process in (ours, others):
            process.kill()
            process.wait()
            process.stdout.close()
