"""Twenty cuts of each kind at random moments of running UDS flashes: what could finish did, nothing ran twice.

Real agents behind a real sshd flash three control units of each car over DoIP; the orchestrator is a process of its
own, and reaches each station through a connection that can be reset.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from campaign.domain.retry import Outcome
from campaign.domain.vehicle import Status
from campaign.errors import StationRejected
from campaign.station.local_sshd import find_sshd
from tests.acceptance.cut_campaign import CARS, CUTS, Cut, CutCampaign, cut_campaign
from tests.bench.plant import CODE
from tests.fakes.flashed_car import TARGET
from tests.fakes.station_rig import until
from tests.servers.needs import missing

pytestmark = [pytest.mark.ssh, pytest.mark.slow]
SURVIVED = [cut for cut in Cut if cut is not Cut.POWER]


@pytest.fixture(autouse=True)
def _needs_sshd() -> None:
    if find_sshd() is None:
        missing("OpenSSH's server", "openssh-server")


def everything_ran_once(made: CutCampaign) -> None:
    """Stations, cars and database agree: one start per job, one success per unit, the car's own word."""
    with made.plant.services.store.read() as uow:
        attempts = {car.vin: uow.attempts.of_car(car) for car in made.cars()}
    told = {attempt.job_id: attempt for tries in attempts.values() for attempt in tries}
    for station, job in made.jobs():
        records = [record["record"] for record in made.journal(station, job)]
        assert records.count("start") == 1
        assert records.count("end") == (0 if told[job].outcome is Outcome.UNKNOWN else 1)
        assert told[job].station == station
    for car in made.cars():
        assert made.yard.successes(car.vin) == {1}
        assert car.read_back == TARGET
        assert [attempt.outcome for attempt in attempts[car.vin]].count(Outcome.PASS) <= 1
    assert made.plant.services.store.verify(CODE) == []


@pytest.mark.parametrize("cut", SURVIVED, ids=lambda cut: cut.name.lower())
def test_a_flash_finishes_whatever_is_cut_around_it(tmp_path: Path, cut: Cut) -> None:
    with cut_campaign(tmp_path / "home", cut, seed=3) as made:
        made.strike_each_first_flash()
        made.wait_for(Status.FLASHED)
        assert len(made.struck_alive) >= CUTS
        assert all(strike.victims for strike in made.struck_alive)
        assert len({strike.percent for strike in made.struck_alive}) > CUTS // 3
        with made.plant.services.store.read() as uow:
            tries = [[a.outcome for a in uow.attempts.of_car(car)] for car in made.cars()]
        assert tries == [[Outcome.PASS]] * CARS
        everything_ran_once(made)


def test_a_power_cut_leaves_the_car_uncertain_and_the_station_blocked_until_a_person_decides(
    tmp_path: Path,
) -> None:
    resolved: list[str] = []

    def lead(made: CutCampaign) -> None:
        for car in made.cars():
            if car.status is Status.UNCERTAIN:
                blocked_until_read(made, car.vin)
                made.resolve(car)
                resolved.append(car.vin)

    with cut_campaign(tmp_path / "home", Cut.POWER, seed=4, people=lead) as made:
        made.strike_each_first_flash()
        made.wait_for(Status.FLASHED)
        assert len(made.struck_alive) >= CUTS
        struck = [str(made.journal(s.station, s.job)[0]["vin"]) for s in made.struck_alive]
        assert sorted(resolved) == sorted(struck)
        with made.plant.services.store.read() as uow:
            tries = {car.vin: [a.outcome for a in uow.attempts.of_car(car)] for car in made.cars()}
        # Cut after the last unit was written and before the result was: the read-back alone makes it a success.
        lost = ([Outcome.UNKNOWN, Outcome.PASS], [Outcome.UNKNOWN])
        assert all(tries[vin] in lost for vin in struck)
        assert all(tries[vin] == [Outcome.PASS] for vin in tries if vin not in struck)
        assert sum(len(outcomes) for outcomes in tries.values()) > CARS
        everything_ran_once(made)


def blocked_until_read(made: CutCampaign, vin: str) -> None:
    """The station takes no other job while nobody knows what it did, and cannot be cleared without asking the car."""
    strike = next(s for s in made.strikes if made.journal(s.station, s.job)[0]["vin"] == vin)
    links = made.plant.services.links
    until(lambda: links.identify(strike.station).blocked_by == strike.job)
    with pytest.raises(StationRejected) as refused:
        links.clear(strike.station, strike.job)
    assert refused.value.code == "no_read_back"
