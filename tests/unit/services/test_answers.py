"""Answers of stations: written together, and one that is refused holds up nobody else."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from campaign.domain.events import Kind
from campaign.domain.retry import Outcome
from campaign.domain.rules import FailureThreshold
from campaign.domain.vehicle import Status
from campaign.errors import BrokenRule
from campaign.ports.station import JobVerdict
from campaign.services.answers import Answers
from tests.fakes.plant import CODE, RULES
from tests.fakes.station import FakeOutcome


@pytest.fixture
def flashing(plant):
    """Both stations flash a car, and go on until they are let."""
    plant.stations.held = True
    plant.launch([300, 300])
    with plant.services.store.read() as uow:
        return uow.attempts.running(CODE)


@pytest.fixture
def answers(plant):
    with ThreadPoolExecutor(2) as pool:
        yield Answers(plant.services.store, plant.clock, pool)


def test_every_answer_comes_with_its_attempt(answers, flashing):
    parts = list(answers.as_they_come(lambda attempt: attempt.station, flashing))
    assert {attempt.station for attempt in flashing} == {"S1", "S2"}
    assert all(answer == attempt.station for part in parts for attempt, answer in part)
    assert sum(map(len, parts)) == 2


def test_two_flashes_that_ended_are_settled_in_one_transaction(plant, answers, flashing):
    seen = []

    def settle(work, attempt, car, answer):
        seen.append(work)
        return True

    assert answers.write(CODE, [(attempt, "ended") for attempt in flashing], settle) == flashing
    assert len(seen) == 2
    assert seen[0] is seen[1]


def test_an_answer_that_breaks_a_rule_does_not_hold_up_the_others(plant, answers, flashing):
    told = []

    def settle(work, attempt, car, answer):
        if answer == "bad":
            raise BrokenRule("no way")
        work.uow.attempts.end(attempt, Outcome(answer), None, "", work.now)
        told.append(attempt.station)
        return True

    bad, good = flashing
    with pytest.raises(BrokenRule):
        answers.write(CODE, [(bad, "bad"), (good, "pass")], settle)
    with plant.services.store.read() as uow:
        assert [attempt.station for attempt in uow.attempts.running(CODE)] == [bad.station]


def test_an_attempt_that_somebody_else_ended_is_left_out(plant, answers, flashing):
    plant.stations.go()
    plant.services.flashing.follow(CODE)
    assert answers.write(CODE, [(flashing[0], "late")], lambda *_: True) == []
    assert {car.status for car in plant.cars()} == {Status.FLASHED}


def test_failures_settled_together_tell_of_the_threshold_once(plant):
    plant.add_cars([300, 300])
    for n in (1, 2):
        plant.outcome(n, FakeOutcome(JobVerdict.FAIL, "VBV4.5.2C"))
    none_allowed = FailureThreshold(count=0, percent=None, min_attempts=0)
    plant.services.planning.launch(plant.actor("wang"), replace(RULES, thresholds=none_allowed), reason="go")
    plant.tick(3)
    told = [e.fact.data for e in plant.services.views.log(CODE) if e.fact.kind is Kind.THRESHOLD_TRIPPED]
    assert told == [{"failed": 1, "ended": 1}]
