"""Past forecasts are held against what happened."""

from datetime import UTC, datetime, timedelta

import pytest

from campaign.ports.plans import KeptForecast
from campaign.ports.views import BurnPoint
from campaign.services.forecast_scores import EndScores, approved_by, end_scores, fan_at, scores

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)


def made(at=AT, hours=10, low=0, high=100):
    """A fan that opens from `low` cars to between 0.6 and 1.4 times `high`, in a straight line."""
    ends = tuple(round(high * part) for part in (0.6, 0.8, 1.0, 1.2, 1.4))
    fan = ((at, low, low, low, low, low), (at + hours * HOUR, *ends))
    return KeptForecast(1, "C", at, 200, 0, at + 8 * HOUR, at + 9 * HOUR, at + 10 * HOUR, fan, (), 1000)


def burnt(*approved):
    return [BurnPoint(AT + n * HOUR, 0, 0, cars, 0) for n, cars in enumerate(approved)]


def test_between_its_points_a_fan_is_a_straight_line():
    assert fan_at(made(), AT + 5 * HOUR) == pytest.approx((30, 40, 50, 60, 70))
    assert fan_at(made(), AT) == (0, 0, 0, 0, 0)
    assert fan_at(made(), AT + 10 * HOUR) == (60, 80, 100, 120, 140)
    assert fan_at(made(), AT + 99 * HOUR) == (60, 80, 100, 120, 140)


def test_cars_count_from_the_end_of_the_hour_in_which_they_were_approved():
    curve = tuple((point.hour + HOUR, point.approved) for point in burnt(5, 9))
    assert [approved_by(curve, AT + n * HOUR / 2) for n in range(6)] == [0, 0, 5, 5, 9, 9]


def test_a_forecast_that_was_right_in_the_middle():
    seen = scores([made()], burnt(*range(10, 101, 10)), AT + 10 * HOUR)
    assert [point.said for point in seen.points] == [0.95, 0.8, 0.5, 0.2, 0.05]
    assert [point.came for point in seen.points] == [1, 1, 1, 0, 0]
    assert {point.outcomes for point in seen.points} == {10}


def test_a_yard_slower_than_all_of_the_fan():
    seen = scores([made()], burnt(*[0] * 10), AT + 10 * HOUR)
    assert [point.came for point in seen.points] == [0] * 5


def test_what_has_not_happened_yet_is_not_judged():
    assert {point.outcomes for point in scores([made()], burnt(10, 20), AT + 2 * HOUR).points} == {2}
    assert scores([made()], burnt(10), AT + HOUR / 2).points == ()
    assert scores([], burnt(10), AT + HOUR).forecasts == 0


def test_hours_in_which_a_fan_left_no_room_tell_nothing():
    assert scores([made(high=0)], burnt(0, 0, 0), AT + 3 * HOUR).points == ()


def test_ends_are_judged_by_the_forecasts_made_before():
    past = [made(AT), made(AT - 1 * HOUR), made(AT - 2 * HOUR)]
    assert end_scores(past, AT + 8 * HOUR) == EndScores(1 / 3, 2 / 3, 1)
    assert end_scores(past, AT - 3 * HOUR) is None
