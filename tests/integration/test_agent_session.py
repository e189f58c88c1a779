"""A session: many questions, one process; beats while the station is slow; gone with its link."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from campaign.station_agent.pack import pack
from tests.fakes.agent import JOB, Agent, start_command
from tests.fakes.station_rig import until


class Session:
    """The agent as sshd runs it for the verb `session`."""

    def __init__(self, agent: Agent) -> None:
        self.process = subprocess.Popen(
            agent.words,
            env={"SSH_ORIGINAL_COMMAND": "session"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def say(self, text: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(text)
        self.process.stdin.flush()

    def line(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        heard: dict[str, Any] = json.loads(self.process.stdout.readline())
        return heard

    def ask(self, command: str) -> dict[str, Any]:
        self.say(command.encode() + b"\n")
        return self.line()

    def hang_up(self) -> int:
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(10)

    def opened(self, folder: Path) -> list[Path]:
        """The files below a folder that the process has open."""
        links = [link.readlink() for link in Path(f"/proc/{self.process.pid}/fd").iterdir()]
        return [file for file in links if file.is_relative_to(folder) and file.suffix != ".pyz"]

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()


@pytest.fixture
def agent(tmp_path: Path) -> Agent:
    return Agent(tmp_path)


@pytest.fixture
def session(agent: Agent) -> Iterator[Session]:
    made = Session(agent)
    yield made
    made.end()


def test_one_process_answers_question_after_question(session: Session) -> None:
    assert session.ask("identify")["station"] == "S1"
    assert session.ask(f"status {JOB}")["state"] == "none"
    assert session.ask(start_command())["answer"] == "started"
    until(lambda: session.ask(f"status {JOB}")["state"] == "ended")
    assert session.ask(f"tail {JOB} 0")["verdict"] == "pass"


def test_questions_that_come_together_are_answered_one_by_one(session: Session) -> None:
    session.say(b"identify\n" + f"status {JOB}\n".encode() + b"identi")
    assert session.line()["agent"]
    assert session.line()["state"] == "none"
    session.say(b"fy\n")
    assert session.line()["agent"]


@pytest.mark.parametrize("line", ["sh", "identify; id", "session", "", "\x00", "put " + "a" * 64 + " 1 0"])
def test_what_is_no_question_is_refused_and_the_session_goes_on(session: Session, line: str) -> None:
    assert session.ask(line)["code"] == "usage"
    assert session.ask("identify")["ok"] is True


def test_a_line_that_does_not_end_ends_the_session(session: Session) -> None:
    session.say(b"identify " * 200)
    assert session.process.wait(10) == 2


def test_a_session_ends_with_its_link(session: Session) -> None:
    session.ask("identify")
    assert session.hang_up() == 0


def test_a_slow_station_beats_until_it_answers(agent: Agent, session: Session) -> None:
    with (agent.home / "gate.lock").open("a") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        session.say(b"identify\n")
        assert session.line() == {"beat": True}
    heard = session.line()
    while "beat" in heard:
        heard = session.line()
    assert heard["station"] == "S1"


def test_a_flash_outlives_the_session_that_started_it(tmp_path: Path) -> None:
    pace = tmp_path / "pace.json"
    agent = Agent(tmp_path, seconds=600, pace=str(pace))
    session = Session(agent)
    assert session.ask(start_command())["answer"] == "started"
    os.kill(session.process.pid, signal.SIGKILL)
    session.end()
    assert agent.ask(f"status {JOB}")[1]["state"] == "running"
    pace.write_text('{"seconds": 0}')
    assert agent.ended()["verdict"] == "pass"


def test_a_session_that_starts_many_jobs_keeps_none_of_their_locks(agent: Agent, session: Session) -> None:
    for number in range(4):
        assert session.ask(start_command(f"{number:032x}"))["answer"] in ("started", "already")
        until(lambda job=f"{number:032x}": session.ask(f"status {job}")["state"] == "ended")
    assert session.opened(agent.home) == []


def test_a_station_that_refuses_a_second_job_lets_go_of_its_lock(tmp_path: Path) -> None:
    agent = Agent(tmp_path, seconds=600, pace=str(tmp_path / "pace.json"))
    session = Session(agent)
    session.ask(start_command())
    assert session.ask(start_command("b" * 32))["code"] == "busy"
    assert session.opened(agent.home) == []
    session.end()
    (tmp_path / "pace.json").write_text('{"seconds": 0}')
    assert agent.ended()["verdict"] == "pass"


def test_a_newer_agent_takes_over_at_the_next_question(agent: Agent, session: Session) -> None:
    session.ask("identify")
    fresh = agent.file.with_suffix(".new")
    fresh.write_bytes(pack())
    fresh.replace(agent.file)
    assert session.ask(start_command())["code"] == "renewed"
    assert session.process.wait(10) == 0
    assert agent.ask(f"status {JOB}")[1]["state"] == "none"  # nothing was done
