"""A station that does not answer for a while is away, until it answers: the plan does without it."""

from campaign.services.flashing import AWAY_S, RETRY_STATION_S
from campaign.services.rests import Rests
from campaign.yard.pace import HandClock
from tests.fakes.plant import CODE, START


def look_for(plant, seconds: float) -> None:
    """The reconciler looks as long as that, whenever the station may be asked again."""
    while seconds > 0:
        step = min(seconds, RETRY_STATION_S)
        plant.advance(seconds=step)
        seconds -= step
        plant.tick()


def test_a_silent_station_is_away_after_a_while_and_back_with_its_first_answer(plant):
    plant.launch([300] * 6)
    plant.stations.take_down("S1")
    plant.tick(3)
    away = plant.services.flashing.away
    look_for(plant, AWAY_S - 1)
    assert away() == frozenset()
    look_for(plant, 1)
    assert away() == {"S1"}
    plant.advance(minutes=6)
    kept = plant.services.replanning.tend(CODE)
    assert (kept.cause, kept.why) == ("down", "S1")
    plant.stations.bring_up("S1")
    plant.approve_pilot()  # cars wait for a station again: it is asked
    look_for(plant, RETRY_STATION_S)
    assert away() == frozenset()


def test_a_rest_that_is_ended_begins_anew():
    clock = HandClock(START)
    rests = Rests(clock, 5, 5)
    rests.begin("S1")
    clock.move(seconds=30)
    rests.begin("S1")
    clock.move(seconds=30)
    assert rests.silent(60) == {"S1"}
    rests.end("S1")
    rests.begin("S1")
    assert rests.silent(60) == frozenset()
    assert rests.silent(0) == {"S1"}


def test_the_first_of_the_rests_counts_unless_it_begins_anew():
    clock = HandClock(START)
    rests = Rests(clock, 5, 5)
    rests.begin("S1")
    clock.move(seconds=60)
    rests.begin("S1", anew=True)
    assert rests.silent(60) == frozenset()
