"""A run of the reconciler goes home when its successor works, and ends in words that a planner reads."""

from dataclasses import dataclass

import pytest

from flows.advance import HAND_OVER_S, Desk, Shift, ending
from flows.reconciling import End, Kept
from flows.rest import StateType
from tests.fakes.plant import CODE


@dataclass
class Seconds:
    """A clock of seconds."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def shift(settings):
    seconds = Seconds()
    made = Shift(settings, None, seconds)
    made.seconds, made.run_s = seconds, settings.advance_run_s
    return made


def test_before_its_time_it_stays_and_asks_for_nobody(shift, prefect):
    shift.seconds.now = shift.run_s - 0.1
    assert not shift.over()
    assert prefect.runs == {}


@pytest.mark.parametrize("state", [StateType.RUNNING, StateType.COMPLETED, StateType.CRASHED])
def test_it_goes_when_its_successor_works_or_is_gone(shift, prefect, state):
    shift.seconds.now = shift.run_s
    assert not shift.over()
    [successor] = prefect.of("advance-campaign")
    assert successor["parameters"] == {"code": None, "patience_s": HAND_OVER_S}
    assert not shift.over()
    prefect.set(successor["id"], state)
    assert shift.over()
    assert len(prefect.runs) == 1


def test_it_goes_after_a_minute_anyway(shift, prefect):
    shift.seconds.now = shift.run_s
    shift.over()
    shift.seconds.now += HAND_OVER_S + 1
    assert shift.over()


def test_while_prefect_is_away_it_stays_a_minute_longer(shift, prefect):
    prefect.broken = 500
    shift.seconds.now = shift.run_s + HAND_OVER_S
    assert not shift.over()
    shift.seconds.now += 1
    assert shift.over()


@pytest.mark.parametrize(
    ("kept", "active", "name"),
    [
        ([], [], "Idle"),
        ([], ["A"], "Standby"),
        ([Kept("A", End.OVER)], [], "Over"),
        ([Kept("A", End.HANDED_ON), Kept("B", End.OVER)], ["A"], "Handed on"),
        ([Kept("A", End.LOST)], ["A"], "Handed on"),
        ([Kept("A", End.FAILED, error="BrokenRule: x"), Kept("B", End.OVER)], ["A"], "Failed"),
    ],
)
def test_a_run_ends_in_a_named_state(kept, active, name):
    state = ending(kept, active)
    assert (state.name, state.type.value) == (name, "FAILED" if name == "Failed" else "COMPLETED")


def test_the_end_counts_what_was_done():
    kept = Kept("A", End.OVER, looks=7, opened=1, points=4, started=3, ended=3, released=2, planned=1)
    assert ending([kept], []).message == (
        "A over: 7 looks, 1 batches opened, 4 points, 3 flashes started, 3 ended, 2 cars released, 1 plans"
    )


def test_the_desk_asks_and_survives_an_absent_server(settings, plant, prefect):
    plant.launch([100] * 4)
    told = []
    desk = Desk(settings, plant.services, lambda: [CODE], told.append)
    prefect.broken = 500
    desk.ask([CODE])
    assert "asked for again later" in told[0]
    prefect.broken = None
    desk.ask([CODE], last=True)
    assert prefect.named(f"{CODE}/B001")
