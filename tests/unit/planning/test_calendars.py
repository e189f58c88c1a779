"""Open windows against a minute-by-minute look at the same calendar."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaign.errors import BadInput
from campaign.planning.calendars import DAY, WEEK, Calendar
from tests.unit.planning.planning_cases import DAY_SHIFT, START, calendars

WORK = st.integers(1, 120)


def open_at(calendar, minute):
    at = (minute + calendar.phase) % calendar.cycle
    return any(
        opens <= at + turn < closes for opens, closes in calendar.windows for turn in (0, calendar.cycle)
    )


@given(calendars(longest_work=120), st.integers(0, WEEK), WORK)
@settings(max_examples=60, deadline=None)
def test_fit_is_the_first_minute_at_which_the_work_is_not_split(calendar, start, work):
    fitting = (
        first for first in count(start) if all(open_at(calendar, first + step) for step in range(work))
    )
    assert calendar.fit(start, work) == next(fitting)


@given(calendars(longest_work=120), st.integers(0, WEEK), WORK)
@settings(max_examples=60, deadline=None)
def test_fit_back_is_the_last_start_that_ends_in_time(calendar, end, work):
    start = calendar.fit_back(end, work)
    assert start + work <= end
    assert calendar.covers(start, start + work)
    assert calendar.fit(start + 1, work) + work > end


@given(calendars(longest_work=120), st.integers(0, WEEK), WORK)
@settings(max_examples=60, deadline=None)
def test_covers_means_that_every_minute_is_open(calendar, start, work):
    every = all(open_at(calendar, minute) for minute in range(start, start + work))
    assert calendar.covers(start, start + work) == every


@given(calendars(longest_work=120), st.integers(0, WEEK), st.integers(0, DAY))
@settings(max_examples=60, deadline=None)
def test_opened_counts_open_minutes_and_at_opened_finds_them_again(calendar, start, length):
    counted = sum(open_at(calendar, minute) for minute in range(start, start + length))
    assert calendar.opened(start + length) - calendar.opened(start) == counted
    if counted:
        reached = calendar.at_opened(calendar.opened(start) + counted)
        assert reached <= start + length
        assert calendar.opened(reached - 1) < calendar.opened(start) + counted == calendar.opened(reached)


def test_an_inspection_is_not_split_over_the_night():
    closing, opening = 12 * 60, 24 * 60  # the plan starts at 08:00
    assert DAY_SHIFT.fit(closing - 10, 10) == closing - 10
    assert DAY_SHIFT.fit(closing - 9, 10) == opening


def test_a_night_shift_belongs_to_the_day_it_opens_on():
    friday_night = Calendar.weekly({4: [(22 * 60, 6 * 60)]}, START)
    opens = 4 * DAY + 14 * 60
    assert friday_night.fit(0, 480) == opens
    assert friday_night.covers(opens + 479, opens + 480)
    assert not friday_night.covers(opens + 480, opens + 481)


def test_sunday_night_reaches_into_the_week_in_which_the_plan_starts():
    monday = datetime(2026, 1, 5, tzinfo=UTC)
    sunday_night = Calendar.weekly({6: [(22 * 60, 6 * 60)], 0: [(5 * 60, 7 * 60)]}, monday)
    assert sunday_night.fit(0, 7 * 60) == 0
    assert sunday_night.open_share == 9 * 60 / WEEK


def test_shifts_that_touch_are_one_window():
    day = Calendar.weekly({day: [(0, 8 * 60), (8 * 60, 16 * 60), (16 * 60, DAY)] for day in range(7)}, START)
    assert day.always_open
    assert day.fit(100, 5000) == 100
    assert day.longest is None


def test_several_windows_of_every_day_touch_or_go_over_midnight():
    halves = Calendar.every_day([(12 * 60, 20 * 60), (8 * 60, 12 * 60)], START)
    assert halves == DAY_SHIFT
    assert Calendar.every_day([(22 * 60, 6 * 60), (5 * 60, 7 * 60)], START).windows == ((22 * 60, 31 * 60),)


def test_only_the_last_window_of_a_day_gets_longer():
    lunch = Calendar.every_day([(8 * 60, 12 * 60), (13 * 60, 20 * 60)], START)
    assert lunch.longer(60).windows == ((8 * 60, 12 * 60), (13 * 60, 21 * 60))
    week = Calendar.weekly({0: [(480, 1200)], 3: [(480, 1200)]}, START).closing((0, 5))
    assert week.longer(720).windows == ((480, 1920), (3 * DAY + 480, 4 * DAY + 480))
    assert week.longer(720).closed == ((0, 5),)
    assert DAY_SHIFT.longer(12 * 60).always_open


def test_work_longer_than_any_window_is_refused():
    with pytest.raises(BadInput, match="721 minutes"):
        DAY_SHIFT.fit(0, 721)
    with pytest.raises(BadInput, match="721 minutes"):
        DAY_SHIFT.fit_back(9000, 721)
    assert DAY_SHIFT.longest == 720


@pytest.mark.parametrize(
    "windows", [(), ((10, 10),), ((20, 30), (0, 10)), ((0, 10), (10, 20)), ((5, DAY + 6),)]
)
def test_windows_that_are_no_calendar_are_refused(windows):
    with pytest.raises(BadInput):
        Calendar(windows)


@pytest.mark.parametrize(("opens", "closes"), [(-1, 10), (DAY, 10), (0, DAY + 1)])
def test_hours_outside_a_day_are_refused(opens, closes):
    with pytest.raises(BadInput, match="within a day"):
        Calendar.daily(opens, closes, START)
