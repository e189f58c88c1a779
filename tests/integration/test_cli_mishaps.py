"""Whatever is typed, and whatever happens: lines and an exit code, never a traceback of ours."""

from __future__ import annotations

import os
import pty
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from campaign.cli.failures import Stop
from campaign.cli.language import speak
from campaign.errors import BrokenRule, StoreError
from tests.fakes.command_line import Desk, desk_in
from tests.fakes.plant import CODE, PASSWORD, vin_no

COMMANDS = (
    "init", "sign-in", "sign-out", "plan", "launch", "pause", "resume", "stop", "withdraw", "status", "mark", "next",
    "find", "story", "resolve", "people list", "people apply", "people password", "site apply", "site show",
    "import vehicles", "import orders", "import undo", "orders set", "batch list", "batch show", "batch approve",
    "batch reject", "hold set", "hold lift", "hold list", "audit verify", "audit log", "points",
    "station trust", "station install", "station ping", "station list", "station drain", "station resume",
)  # fmt: skip
OPTIONS = (
    "--reason", "--json", "--soc", "--gauge", "--point", "--at", "--vin", "--file", "--direct", "--yes", "--dry-run",
    "--starts-at", "--limit", "--before", "--order", "--none", "--promised", "--generate", "--admin", "--site", "--all",
    "--as", "--ready", "--help", "--version", "--", "-",
)  # fmt: skip
words = st.one_of(
    st.sampled_from(OPTIONS),
    st.sampled_from(
        [CODE, vin_no(1), "B001", "1", "-1", "27.0", "car", "charging", "li", "/", ".", "０００１"]
    ),
    st.text(max_size=12),
)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A launched campaign, and everybody signed in as the auditor, who can break nothing."""
    home = tmp_path_factory.mktemp("home")
    with desk_in(home) as desk:
        desk.plant.launch([200, 300])
        desk.run("sign-in", "xu", CAMPAIGN_PASSWORD=PASSWORD)
        yield desk


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(command=st.sampled_from(COMMANDS), args=st.lists(words, max_size=5))
@example(command="find", args=["\ud800"])
@example(command="import vehicles", args=["\0"])
@example(command="import vehicles", args=["/"])
@example(command="batch show", args=["9" * 40])
@example(command="import undo", args=["9" * 40, "--reason", "x"])
@example(command="audit log", args=["--before", "9" * 40])
@example(command="mark", args=["charged", "%", "--soc", "9" * 400])
def test_no_garbage_prints_a_traceback(command: str, args: list[str], desk: Desk) -> None:
    told = desk.run(*command.split(), *args, typed="", CAMPAIGN_LANGUAGE="en")
    assert told.code in (0, 1, 2, 3)


def test_a_typing_error_gets_a_suggestion(desk: Desk) -> None:
    told = desk.run("staus")
    assert (told.code, len(told.err.splitlines())) == (2, 1)
    assert "'status'" in told.err
    option = desk.run("status", "--jsn")
    assert (option.code, "--json" in option.err) == (2, True)
    assert "没有命令" in desk.run("staus", CAMPAIGN_LANGUAGE="zh").err


def test_a_group_without_a_command_shows_its_help(desk: Desk) -> None:
    told = desk.run("hold")
    assert (told.code, "lift" in told.err) == (2, True)


def test_a_command_that_controls_the_terminal_is_defused(desk: Desk) -> None:
    told = desk.run("next", "\x1b[2J")
    assert "\x1b" not in told.text


def test_an_old_database_is_said_in_one_line(tmp_path: Path) -> None:
    with desk_in(tmp_path) as desk:
        desk.plant.services.store.close()
        with sqlite3.connect(tmp_path / "campaign.db") as raw:
            raw.execute("UPDATE alembic_version SET version_num = 'from-the-future'")
        raw.close()
        told = desk.run("status", by="xu")
        assert (told.code, len(told.err.splitlines())) == (3, 1)


def test_a_database_that_nobody_answers_for_is_said_without_its_password(tmp_path: Path) -> None:
    with desk_in(tmp_path) as desk:
        url = "postgresql+psycopg://yard:topsecret@127.0.0.1:1/yard"
        told = desk.run("status", by="xu", CAMPAIGN_DATABASE_URL=url)
        assert told.code == 3
        assert "topsecret" not in told.text


@pytest.mark.parametrize("error", [BrokenRule("a promise of ours"), RuntimeError("oops")])
def test_our_own_fault_is_one_line_and_a_log(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from campaign.cli.failures import report

    monkeypatch.setenv("CAMPAIGN_HOME", str(tmp_path))
    assert report(error) == 70
    told = capsys.readouterr().err
    assert len(told.splitlines()) == 1
    log = tmp_path / "logs" / "cli.log"
    assert str(log) in told
    assert str(error) in log.read_text()


@pytest.mark.parametrize(("error", "code"), [(Stop("wrong"), 2), (StoreError("the disk is full"), 3)])
def test_debug_shows_where_it_came_from(
    error: Exception, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    from campaign.cli.failures import report

    speak(None)
    assert report(error, debug=True) == code
    told = capsys.readouterr().err.splitlines()
    assert type(error).__name__ in told[0]  # how Python names it, then the line for people
    assert str(error) in told[-1]


def test_the_debug_option_shows_the_traceback(desk: Desk) -> None:
    args, env = command_line(desk, "status", "NOPE", "--debug", "--as", "xu")
    env |= {"CAMPAIGN_PASSWORD": PASSWORD}
    told = subprocess.run(args, env=env, capture_output=True, text=True, check=False)
    assert told.returncode == 2
    assert "Traceback" in told.stderr


def command_line(desk: Desk, *args: str) -> tuple[list[str], dict[str, str]]:
    start = [sys.executable, "-c", "from campaign.cli.app import main; main()", *args]
    env = {name: value for name, value in os.environ.items() if not name.startswith("CAMPAIGN_")}
    return start, env | {"CAMPAIGN_HOME": str(desk.home), "CAMPAIGN_LANGUAGE": "en", "COLUMNS": "120"}


def test_a_reader_who_leaves_is_no_error(desk: Desk) -> None:
    args, env = command_line(desk, "audit", "log", CODE, "--json", "--as", "xu")
    env |= {"CAMPAIGN_PASSWORD": PASSWORD}
    with subprocess.Popen(args, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        err = process.stderr.read()
        process.wait(60)
    assert (process.returncode, err) == (141, b"")


@contextmanager
def on_a_terminal(desk: Desk, *args: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A command and the terminal that it talks to."""
    start, env = command_line(desk, *args)
    terminal, far_end = pty.openpty()
    try:
        with subprocess.Popen(
            start, env=env, stdin=far_end, stdout=far_end, stderr=far_end, start_new_session=True
        ) as process:
            os.close(far_end)
            yield process, terminal
    finally:
        os.close(terminal)


def test_ctrl_c_ends_with_130_and_no_traceback(desk: Desk) -> None:
    with on_a_terminal(desk, "sign-in", "xu") as (process, terminal):
        read_until(terminal, b"Password of xu:")
        process.send_signal(signal.SIGINT)
        shown = read_until(terminal, b"stopped")
        assert process.wait(60) == 130
    assert b"Traceback" not in shown
    assert b"stopped" in shown


def test_on_a_terminal_the_password_is_asked_for_and_not_shown(desk: Desk) -> None:
    with on_a_terminal(desk, "sign-in", "xu") as (process, terminal):
        shown = read_until(terminal, b"Password of xu:")
        os.write(terminal, PASSWORD.encode() + b"\n")
        shown += read_until(terminal, b"until ")
        assert process.wait(60) == 0
    assert PASSWORD.encode() not in shown
    assert b"Signed in as Xu" in shown


def read_until(terminal: int, wanted: bytes) -> bytes:
    """What is shown until it includes `wanted`."""
    shown = b""
    with suppress(OSError):
        while wanted not in shown:
            shown += os.read(terminal, 1024)
    return shown


def test_every_command_explains_itself(desk: Desk) -> None:
    for command in COMMANDS:
        told = desk.run(*command.split(), "--help")
        assert (told.code, "Usage: " in told.out, "--as" in told.out) == (0, True, True), command
