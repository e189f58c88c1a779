"""After a crash: dead runs are marked, living ones left alone, and the reconciler is asked for once."""

import os
import subprocess
import sys

import pytest

from flows.rest import StateType
from flows.starting import ADVANCE
from flows.tending import Tending, crash_dead_runs, living_runs


@pytest.fixture
def tending(settings):
    told = []
    made = Tending(settings, told.append, alive=frozenset)
    made.told = told
    return made


def advance(prefect, state: StateType):
    run = prefect.api.start(ADVANCE, {})
    prefect.set(run, state)
    return run


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (StateType.RUNNING, StateType.CRASHED),
        (StateType.PENDING, StateType.CRASHED),
        (StateType.CANCELLING, StateType.CRASHED),
        (StateType.SCHEDULED, StateType.SCHEDULED),
        (StateType.COMPLETED, StateType.COMPLETED),
        (StateType.PAUSED, StateType.PAUSED),
    ],
)
def test_only_what_some_process_should_be_working_on_is_marked(prefect, before, after):
    run = advance(prefect, before)
    crash_dead_runs(prefect.api, frozenset())
    assert prefect.api.run(run.id).state is after


def test_a_run_whose_process_lives_on_without_its_worker_is_left_alone(prefect):
    orphan, dead = (advance(prefect, StateType.RUNNING) for _ in range(2))
    assert [run.id for run in crash_dead_runs(prefect.api, {orphan.id})] == [dead.id]


def test_living_runs_are_known_by_their_environment():
    sleeper = [sys.executable, "-c", "print('up', flush=True); input()"]
    with subprocess.Popen(
        sleeper,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PREFECT__FLOW_RUN_ID": "run-77"},
    ) as process:
        process.stdout.readline()
        assert "run-77" in living_runs()
        process.communicate(b"\n")
    assert "run-77" not in living_runs()


def test_before_a_worker_starts_the_books_are_cleaned_and_one_run_is_asked_for(prefect, tending):
    dead = advance(prefect, StateType.RUNNING)
    assert tending.before_worker()
    tending.look()
    asked = [raw for raw in prefect.of("advance-campaign") if raw["id"] != dead.id]
    assert [raw["parameters"]["patience_s"] for raw in asked] == [30.0]  # the lease, and a little
    assert tending.told == ["marked 1 runs of Prefect as crashed: their processes are gone"]


def test_a_reconciler_that_lives_on_without_its_worker_is_not_asked_for_again(prefect, settings):
    orphan = advance(prefect, StateType.RUNNING)
    assert Tending(settings, str, alive=lambda: {orphan.id}).before_worker()
    assert len(prefect.runs) == 1


def test_a_question_that_waits_for_a_worker_is_not_repeated(prefect, tending):
    for _ in range(3):
        assert tending.before_worker()
    assert len(prefect.of("advance-campaign")) == 1


def test_runs_of_the_schedule_or_of_one_campaign_are_no_answer_to_a_crash(prefect, tending):
    prefect.api.start(ADVANCE, {})
    prefect.api.start(ADVANCE, {"code": "A", "patience_s": 60.0})
    assert tending.before_worker()
    assert len(prefect.of("advance-campaign")) == 3


def test_a_worker_does_not_start_before_the_server_answers(prefect, tending):
    prefect.broken = 500
    assert not tending.before_worker()
    assert not tending.server_ready()
    assert not tending.worker_ready()
    prefect.broken = None
    assert tending.before_worker()
    assert tending.server_ready()
    assert tending.worker_ready()


def test_a_run_that_crashes_under_a_living_worker_brings_the_next_one_once(prefect, tending):
    advance(prefect, StateType.CRASHED)  # before our time
    tending.look()
    assert len(prefect.runs) == 1
    advance(prefect, StateType.CRASHED)
    tending.look()
    tending.look()
    assert len(prefect.runs) == 3
    assert tending.told == ["a run of advance-campaign crashed: asked for the next one"]


def test_an_older_run_that_crashes_after_a_newer_one_is_noticed_too(prefect, tending):
    older, newer = (advance(prefect, StateType.RUNNING) for _ in range(2))
    prefect.set(newer, StateType.CRASHED)
    tending.look()
    prefect.set(older, StateType.CRASHED)
    tending.look()
    assert tending.told == ["a run of advance-campaign crashed: asked for the next one"]


@pytest.fixture
def machine(settings):
    """A look at a machine whose processes a test names."""
    told, alive = [], set()
    made = Tending(settings, told.append, alive=lambda: frozenset(alive))
    made.told, made.processes = told, alive
    return made


def test_a_run_that_dies_after_its_worker_is_found_and_followed(prefect, machine):
    orphan = advance(prefect, StateType.RUNNING)
    machine.processes.add(orphan.id)
    machine.look()
    assert prefect.api.run(orphan.id).state is StateType.RUNNING
    machine.processes.clear()
    for _ in range(2):
        machine.look()
    assert prefect.api.run(orphan.id).state is StateType.CRASHED
    assert len(prefect.of("advance-campaign")) == 2
    assert machine.told == ["a run of advance-campaign crashed: asked for the next one"]


def test_a_run_that_ended_before_its_process_went_is_not_found_dead(prefect, machine):
    run = advance(prefect, StateType.RUNNING)
    machine.processes.add(run.id)
    machine.look()
    prefect.set(run, StateType.COMPLETED)
    machine.processes.clear()
    machine.look()
    assert prefect.api.run(run.id).state is StateType.COMPLETED


def test_a_run_that_was_never_seen_here_may_live_on_another_machine(prefect, machine):
    elsewhere = advance(prefect, StateType.RUNNING)
    for _ in range(3):
        machine.look()
    assert prefect.api.run(elsewhere.id).state is StateType.RUNNING
    assert machine.told == []


def test_looking_while_the_server_is_away_is_harmless(prefect, tending):
    prefect.broken = 500
    tending.look()
    assert tending.told == []
