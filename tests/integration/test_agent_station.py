"""One station's decisions, with the packed agent run the way sshd runs it."""

from __future__ import annotations

import fcntl
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from campaign.station_agent.cars import read_car, update_car
from campaign.station_agent.pack import pack
from tests.fakes.agent import (
    JOB,
    OTHER_JOB,
    OTHER_VIN,
    SOURCE,
    TARGET,
    VIN,
    Agent,
    start_command,
    start_record,
)


@pytest.fixture
def agent(tmp_path: Path) -> Agent:
    return Agent(tmp_path)


def test_a_job_is_started_once_and_ends_with_its_read_back(agent: Agent) -> None:
    assert agent.start() == (0, {"ok": True, "station": "S1", "answer": "started"})
    told = agent.ended()
    assert (told["state"], told["verdict"], told["percent"]) == ("ended", "pass", 100)
    assert told["read_back"]["version"] == TARGET
    assert agent.start()[1]["answer"] == "already"
    assert (read_car(agent.cars, VIN) or {})["version"] == TARGET


def test_the_intent_is_the_first_line_of_the_journal(agent: Agent) -> None:
    agent.start()
    agent.ended()
    first = json.loads((agent.home / "jobs" / f"{JOB}.jsonl").read_text().splitlines()[0])
    assert first["record"] == "start"
    assert first["boot_id"] == start_record()["boot_id"]
    assert (first["vin"], first["target"]) == (VIN, TARGET)


def test_the_next_job_starts_as_soon_as_the_last_one_wrote_its_end(agent: Agent) -> None:
    for number in range(5):
        update_car(agent.cars, VIN, version=SOURCE)
        job = f"{number:032x}"
        assert agent.start(job)[0] == 0
        assert agent.ended(job)["verdict"] == "pass"


@pytest.mark.parametrize("command", [None, "", "sh", "status x", "identify; id"])
def test_no_verb_no_service(agent: Agent, command: str | None) -> None:
    code, answer = agent.ask(command)
    assert code == 2
    assert (answer["ok"], answer["code"]) == (False, "usage")


def test_a_start_without_end_and_lock_is_unknown_and_blocks(agent: Agent) -> None:
    agent.write_journal(start_record(), {"record": "progress", "step": "transfer", "percent": 40})
    told = agent.ask(f"status {JOB}")[1]
    assert (told["state"], told["step"], told["percent"]) == ("unknown", "transfer", 40)
    assert told["detail"] == "the flash process ended without a result"
    assert agent.ask("identify")[1]["blocked_by"] == JOB
    code, refused = agent.start(OTHER_JOB, OTHER_VIN)
    assert (code, refused["code"], refused["job"]) == (1, "blocked", JOB)


def test_a_restart_of_the_station_is_told(agent: Agent) -> None:
    agent.write_journal(start_record(boot_id="another"))
    assert agent.ask(f"status {JOB}")[1]["detail"] == "the station was restarted during the flash"


def test_clearing_lifts_the_block_and_keeps_the_truth(agent: Agent) -> None:
    path = agent.write_journal(start_record())
    with path.open("a") as torn:
        torn.write('{"record": "end", "verdict": "pa')
    assert agent.ask(f"clear {JOB}")[1]["code"] == "no_read_back"
    assert agent.ask(f"readback {VIN}")[0] == 0
    assert agent.ask(f"clear {JOB}")[0] == 0
    assert agent.ask("identify")[1]["blocked_by"] is None
    told = agent.ask(f"status {JOB}")[1]
    assert (told["state"], told["cleared"]) == ("unknown", True)
    assert agent.start()[1]["answer"] == "already"
    assert agent.start(OTHER_JOB)[1]["answer"] == "started"
    assert agent.ended(OTHER_JOB)["verdict"] == "pass"


def test_a_blocked_station_still_reads_the_car_back(agent: Agent) -> None:
    agent.write_journal(start_record())
    assert agent.ask(f"readback {VIN}")[1]["read_back"]["version"] == SOURCE


def test_a_live_lock_is_a_running_job(agent: Agent) -> None:
    path = agent.write_journal(start_record())
    with path.open("a") as journal, (agent.home / "station.lock").open("a") as station:
        fcntl.flock(journal, fcntl.LOCK_EX)
        fcntl.flock(station, fcntl.LOCK_EX)
        assert agent.ask(f"status {JOB}")[1]["state"] == "running"
        assert agent.ask("identify")[1]["busy_with"] == JOB
        code, busy = agent.start(OTHER_JOB)
        assert (code, busy["code"], busy["job"]) == (1, "busy", JOB)
        assert agent.ask(f"clear {JOB}")[1]["code"] == "running"
        assert agent.ask(f"readback {VIN}")[1]["code"] == "busy"
    assert agent.ask(f"status {JOB}")[1]["state"] == "unknown"


def test_a_start_that_was_never_written_down_whole_is_none_and_may_run(agent: Agent) -> None:
    agent.write_journal().write_text('{"record": "start", "job": "aaaa')
    assert agent.ask(f"status {JOB}")[1]["state"] == "none"
    assert agent.ask("identify")[1]["blocked_by"] is None
    assert agent.start()[1]["answer"] == "started"
    assert agent.ended()["verdict"] == "pass"


def test_a_cut_in_mid_flash_leaves_an_erased_car_and_an_unknown_job(agent: Agent) -> None:
    (agent.cars / "faults").mkdir()
    (agent.cars / "faults" / f"{VIN}.json").write_text('{"cut_at": 50}')
    agent.start()
    assert agent.ended()["state"] == "unknown"
    assert (read_car(agent.cars, VIN) or {})["version"] is None
    assert agent.ask("identify")[1]["blocked_by"] == JOB


def test_twenty_starts_at_once_make_one_job(tmp_path: Path) -> None:
    agent = Agent(tmp_path, seconds=0.3)
    environment = {"SSH_ORIGINAL_COMMAND": start_command()}
    askers = [subprocess.Popen(agent.words, env=environment, stdout=subprocess.PIPE) for _ in range(20)]
    answers = sorted(json.loads(asker.communicate()[0])["answer"] for asker in askers)
    assert answers == ["already"] * 19 + ["started"]
    assert agent.ended()["verdict"] == "pass"
    journal = (agent.home / "jobs" / f"{JOB}.jsonl").read_text()
    assert journal.count('"record": "start"') == 1


def test_one_of_several_jobs_wins_the_station(tmp_path: Path) -> None:
    agent = Agent(tmp_path, seconds=2)
    askers = [
        subprocess.Popen(
            agent.words,
            env={"SSH_ORIGINAL_COMMAND": start_command(f"{number:032x}")},
            stdout=subprocess.PIPE,
        )
        for number in range(6)
    ]
    answers = [json.loads(asker.communicate()[0]) for asker in askers]
    winner = next(number for number, answer in enumerate(answers) if answer["ok"])
    assert [answer["ok"] for answer in answers].count(True) == 1
    losers = [answer for answer in answers if not answer["ok"]]
    assert {(answer["code"], answer["job"]) for answer in losers} == {("busy", f"{winner:032x}")}


def test_the_flasher_holds_no_pipe_of_the_one_who_asked(tmp_path: Path) -> None:
    pace = tmp_path / "pace.json"
    agent = Agent(tmp_path, seconds=600, pace=str(pace))
    agent.start()  # returns at the end of the pipe, not of the flash
    assert agent.ask(f"status {JOB}")[1]["state"] == "running"
    pace.write_text('{"seconds": 0}')
    assert agent.ended()["verdict"] == "pass"


@pytest.mark.parametrize(
    "damage",
    [
        lambda home: (home / "station.json").unlink(),
        lambda home: (home / "station.json").write_text("{"),
        lambda home: (home / "station.json").write_text('{"name": "S1", "driver": "magic"}'),
    ],
)
def test_a_broken_configuration_is_told(agent: Agent, damage: Callable[[Path], object]) -> None:
    damage(agent.home)
    code, answer = agent.ask("identify")
    assert (code, answer["code"]) == (3, "config")
    assert "station.json" in answer["what"]


def test_the_agent_is_one_file_of_the_standard_library_only(agent: Agent) -> None:
    assert pack() == pack()
    words = [sys.executable, "-I", "-S", "-X", "importtime", str(agent.file), "--home", str(agent.home)]
    done = subprocess.run(
        words, env={"SSH_ORIGINAL_COMMAND": "identify"}, capture_output=True, text=True, check=True
    )
    loaded = {line.rsplit("|", 1)[-1].strip() for line in done.stderr.splitlines()}
    assert "campaign.station_agent.jobs" in loaded
    assert (
        not {name.split(".")[0] for name in loaded}
        - set(sys.stdlib_module_names)
        - {"campaign"}
        - {"imported package"}
    )
    slow = {
        "dataclasses",
        "inspect",
        "subprocess",
        "logging",
        "argparse",
        "asyncio",
        "datetime",
        "typing_extensions",
    }
    assert not loaded & slow
