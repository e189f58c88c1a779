"""Every batch has a run that a planner finds by its name; a crashed one comes again; starts are spaced."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from campaign.domain.batch import Batch
from campaign.domain.vehicle import Status
from campaign.errors import FlowsUnreachable
from campaign.yard.pace import HandClock
from flows.batch_runs import AHEAD, SPACING, TRIES, BatchRuns, Stage, stage_tag, wishes
from flows.rest import Run, StateType
from tests.fakes.plant import CODE

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
PLANNED = {Status.QUEUED: 4}
OPEN = {Status.CHARGING: 1, Status.QUEUED: 3}
READY = {Status.FLASHED: 4}
CLOSED = {Status.RELEASED: 4}


def batch(no: int, counts: dict[Status, int], *, opened: bool = True, start: datetime = NOW) -> Batch:
    return Batch(no, CODE, no, 4, start, start + timedelta(hours=8), NOW if opened else None, counts)


def run(no: int, stage: Stage, state: StateType = StateType.COMPLETED) -> Run:
    return Run("id", f"{CODE}/B{no:03d}", state, state, "", "", {}, (CODE, stage_tag(stage)))


def wanted(batches, runs=(), now: datetime = NOW) -> list[tuple[int, str, datetime]]:
    return [(w.batch.no, w.stage.value, w.at) for w in wishes(batches, runs, HandClock(now), now)]


def test_a_planned_batch_gets_a_run_at_its_planned_start():
    later = NOW + timedelta(hours=3)
    assert wanted([batch(1, PLANNED, opened=False, start=later)]) == [(1, "start", later)]


def test_a_planned_start_that_is_past_is_now():
    assert wanted([batch(1, PLANNED, opened=False, start=NOW - timedelta(hours=1))]) == [(1, "start", NOW)]


@pytest.mark.parametrize(
    ("counts", "stage"),
    [(OPEN, "start"), (READY, "ready"), ({Status.APPROVED: 4}, "ready"), (CLOSED, "closed")],
)
def test_each_stage_of_a_batch_is_looked_at(counts, stage):
    assert wanted([batch(1, counts)]) == [(1, stage, NOW)]


@pytest.mark.parametrize(
    "state",
    [StateType.SCHEDULED, StateType.PENDING, StateType.RUNNING, StateType.COMPLETED, StateType.CANCELLED],
)
def test_a_stage_that_has_a_run_needs_no_other_one(state):
    assert wanted([batch(1, READY)], [run(1, Stage.READY, state)]) == []


def test_a_run_of_a_later_stage_stands_for_the_earlier_ones():
    assert wanted([batch(1, OPEN)], [run(1, Stage.READY)]) == []


def test_a_run_of_an_earlier_stage_does_not_stand_for_a_later_one():
    assert wanted([batch(1, READY)], [run(1, Stage.START)]) == [(1, "ready", NOW)]


@pytest.mark.parametrize("state", [StateType.CRASHED, StateType.FAILED])
def test_a_run_that_crashed_comes_again_under_a_new_key(state):
    [wish] = wishes([batch(1, OPEN)], [run(1, Stage.START, state)], HandClock(NOW), NOW)
    assert wish.key == f"{CODE}/B001:start:2"


def test_it_is_not_tried_for_ever():
    crashed = [run(1, Stage.START, StateType.CRASHED)] * TRIES
    assert wanted([batch(1, OPEN)], crashed) == []


def test_work_goes_before_looking_back_and_both_before_what_is_to_come():
    later = NOW + timedelta(hours=1)
    batches = [
        batch(1, CLOSED),
        batch(2, READY),
        batch(3, OPEN),
        batch(4, PLANNED, opened=False, start=later),
    ]
    assert [no for no, _, _ in wanted(batches)] == [3, 2, 1, 4]


@pytest.fixture
def desk(plant, prefect):
    plant.launch([100] * 14)
    return BatchRuns(prefect.api, plant.services.store, plant.clock, CODE)


def test_every_batch_gets_a_named_run(plant, prefect, desk):
    while desk.ask(last=True):
        plant.clock.move(minutes=1)
    with plant.services.store.read() as uow:
        batches = uow.batches.all(CODE)
    assert {b.name for b in batches} == {raw["name"] for raw in prefect.of("run-batch")}
    first = prefect.named(f"{CODE}/B001")[0]
    assert first["parameters"] == {"code": CODE, "no": 1}


def test_only_one_run_starts_at_once_and_the_next_after_a_pause(plant, prefect, desk):
    plant.clock.move(days=3)  # every planned start is past
    assert len(desk.ask()) == 1
    assert desk.ask() == []
    plant.clock.move(seconds=SPACING.total_seconds())
    assert len(desk.ask()) == 1


def test_the_last_time_all_that_is_missing_is_scheduled_one_after_the_other(plant, prefect, desk):
    plant.clock.move(days=3)
    asked = desk.ask(last=True)
    times = sorted(datetime.fromisoformat(raw["at"]) for raw in prefect.of("run-batch"))
    assert len(asked) == len(times) >= 3
    assert {b - a for a, b in pairwise(times)} == {SPACING}
    assert len(asked) <= AHEAD


def test_what_was_asked_before_is_known_to_the_next_reconciler(plant, prefect, desk):
    desk.ask(last=True)
    count = len(prefect.runs)
    again = BatchRuns(prefect.api, plant.services.store, plant.clock, CODE)
    assert (again.ask(last=True), len(prefect.runs)) == ([], count)


def test_the_same_wish_from_two_reconcilers_makes_one_run(plant, prefect):
    plant.launch([100] * 4)
    plant.clock.move(days=1)
    desks = [BatchRuns(prefect.api, plant.services.store, plant.clock, CODE) for _ in range(2)]
    for one in desks:
        one._runs = []  # both looked before either asked
        one.ask(last=True)
    with plant.services.store.read() as uow:
        assert len(prefect.of("run-batch")) == len(uow.batches.all(CODE))


def test_while_prefect_is_away_it_says_so_and_looks_again_afterwards(plant, prefect, desk):
    prefect.broken = 500
    with pytest.raises(FlowsUnreachable):
        desk.ask()
    prefect.broken = None
    assert desk.ask()
