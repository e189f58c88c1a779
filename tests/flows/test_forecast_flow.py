"""The scheduled forecast: what a run says, and that one campaign's trouble does not cost the others."""

from datetime import UTC, datetime, timedelta

import pytest

from campaign.config import Settings
from campaign.errors import NotFound
from campaign.ports.plans import KeptForecast
from campaign.yard.pace import Pace
from flows.deployments import FORECAST_EVERY, forecast_every, offers
from flows.forecast import forecast_of, told
from tests.fakes.plant import CODE

AT = datetime(2026, 3, 18, 4, 30, tzinfo=UTC)


def test_a_run_says_how_far_it_is_and_three_ends():
    p50, p80, p95 = (AT + timedelta(hours=hours) for hours in (0, 6, 30))
    kept = KeptForecast(1, "C1", AT, 2300, 1204, p50, p80, p95, (), (), 1000)
    assert told(kept) == (
        "C1: 1,204 of 2,300 cars, 50 % by 03-18 04:30, 80 % by 03-18 10:30, 95 % by 03-19 10:30 UTC"
    )


def test_an_active_campaign_is_forecast_and_kept(plant):
    plant.launch([100] * 5)
    warned = []
    kept = forecast_of(plant.services, CODE, warned.append)
    assert kept is not None
    assert kept.p50 <= kept.p80 <= kept.p95
    assert plant.services.forecasting.latest(CODE) == kept
    assert warned == []


def test_a_campaign_that_is_over_meanwhile_is_told_and_passed_over(plant):
    plant.launch([100] * 5)
    plant.services.control.stop(plant.actor("wang"), CODE, "enough")
    warned = []
    assert forecast_of(plant.services, CODE, warned.append) is None
    assert len(warned) == 1
    with pytest.raises(NotFound):
        plant.services.forecasting.latest("C9")


@pytest.mark.parametrize(
    ("speed", "every"),
    [(1, FORECAST_EVERY), (5, FORECAST_EVERY / 5), (15, timedelta(minutes=1)), (600, timedelta(minutes=1))],
)
def test_forecasts_follow_the_campaign_s_clock(tmp_path, speed, every):
    settings = Settings(home=tmp_path)
    Pace(AT, AT, speed).write(settings.clock_file)
    assert abs(forecast_every(settings) - every) < timedelta(seconds=1)


def test_a_forecast_waits_with_the_runs_of_batches_not_with_the_reconciler(tmp_path):
    by_name = {offer.flow.name: offer for offer in offers(Settings(home=tmp_path))}
    assert by_name["forecast"].queue == by_name["watch"].queue != by_name["advance-campaign"].queue
