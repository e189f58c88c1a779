"""A running campaign is forecast from the yard as it stands; forecasts are kept, and judged when it is over."""

from datetime import timedelta

import pytest

from campaign.domain.people import Role
from campaign.domain.vehicle import Status
from campaign.errors import NotFound, Refused
from campaign.planning.uncertainty import Uncertainty
from campaign.services.forecasting import EVERY, Forecasting, replications_for
from tests.fakes.small_yard import CODE, small_yard

CARS = 40


@pytest.fixture
def yard(tmp_path):
    with small_yard(tmp_path, CARS) as made:
        yield made


def forecasting(yard):
    return yard.services.forecasting


def done(seen):
    return seen.counts.get(Status.APPROVED, 0) + seen.released


def test_at_the_launch_everything_is_ahead(yard):
    kept = forecasting(yard).recompute(CODE)
    assert (kept.cars, kept.done, kept.at) == (CARS, 0, yard.clock.now())
    assert kept.at < kept.p50 <= kept.p80 <= kept.p95
    assert kept.fan[0][0] == kept.at
    assert kept.fan[-1] == (kept.p95, *[CARS] * 5)
    assert sum(cars for _, cars, _, _ in kept.promises) == sum(
        car.promised is not None for car in yard.case.cars
    )


def test_a_forecast_is_kept_and_writes_no_event(yard):
    token = yard.services.store.token(CODE)
    kept = forecasting(yard).recompute(CODE)
    assert kept.id > 0
    assert forecasting(yard).latest(CODE) == kept
    assert yard.services.store.token(CODE) == token


def test_with_nothing_unknown_the_forecast_is_the_plan_of_the_same_order(yard):
    services = yard.services
    sure = Forecasting(services.store, services.views, yard.clock, usual=Uncertainty.none())
    kept = sure.recompute(CODE)
    assert kept.p50 == kept.p95 == services.replanning.kept(CODE).ends_at


def test_the_fan_goes_on_from_what_is_done(yard):
    yard.run(until=lambda seen: done(seen) >= 20)
    later = forecasting(yard).recompute(CODE)
    assert later.done >= 20
    assert later.fan[0][1] >= later.done
    assert later.fan[-1][1:] == (CARS,) * 5


def test_another_one_is_due_after_a_quarter_of_an_hour(yard):
    kept = forecasting(yard).tend(CODE)
    assert kept is not None
    assert forecasting(yard).tend(CODE) is None
    yard.clock.move_to(kept.at + EVERY - timedelta(seconds=1))
    assert forecasting(yard).tend(CODE) is None
    yard.clock.move_to(kept.at + EVERY)
    assert forecasting(yard).tend(CODE).id > kept.id


def test_a_car_that_left_is_not_forecast(yard):
    planner = yard.staff.actor(yard.staff.with_role(Role.PLANNER)[0])
    yard.services.control.withdraw(planner, CODE, [yard.case.cars[0].vin], "sold as it is")
    assert forecasting(yard).recompute(CODE).cars == CARS - 1


def test_a_campaign_that_is_over_has_its_scores_and_no_further_forecast(yard):
    forecasting(yard).recompute(CODE)
    yard.run(until=lambda seen: done(seen) > 0)
    forecasting(yard).recompute(CODE)
    running = forecasting(yard).scored(CODE)
    assert (running.forecasts, running.ends) == (2, None)
    yard.run()
    with pytest.raises(Refused):
        forecasting(yard).recompute(CODE)
    assert forecasting(yard).tend(CODE) is None
    judged = forecasting(yard).scored(CODE)
    assert judged.forecasts == 2
    assert 0 <= judged.ends.p50 <= judged.ends.p80 <= judged.ends.p95 <= 1
    came = [point.came for point in judged.points]
    assert came == sorted(came, reverse=True)
    assert len(came) == 5


@pytest.mark.parametrize(("cars", "replications"), [(0, 1000), (2300, 1000), (10_000, 250), (100_000, 100)])
def test_a_very_large_campaign_is_played_fewer_times(cars, replications):
    assert replications_for(cars) == replications


@pytest.mark.parametrize("ask", ["recompute", "tend", "latest", "scored"])
def test_of_an_unknown_campaign_there_is_nothing(yard, ask):
    with pytest.raises(NotFound):
        getattr(forecasting(yard), ask)("NONE")
