"""What ended charges tell of a point: planted paces are found, little is believed of little, nonsense is left out."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.planning.charge_slopes import LEAST, MOST, ChargeSeen, PointPace, SitePaces, site_paces
from campaign.planning.charging_time import ChargeModel, charge_minutes

MODEL = ChargeModel()
POINTS = [f"P{n}" for n in range(1, 6)]


def seen(point: str, *, gained: int = 110, pace: int = 1000, start: int = 160, **other) -> ChargeSeen:
    """A charge that took what `pace` says, unless told otherwise."""
    end = other.pop("end", start + gained)
    minutes = other.pop("minutes", None)
    if minutes is None:
        minutes = charge_minutes(start, start + gained, MODEL, pace)
    return ChargeSeen(point, start, end, minutes, MODEL)


def read_badly(point: str, pace: int, luck: Random) -> ChargeSeen:
    """A charge of 3 to 20 points by readings that are a point off either way, on a car that is 7 % off."""
    start, gained = luck.randint(50, 240), luck.randint(30, 200)
    minutes = charge_minutes(start, start + gained, MODEL, round(pace * luck.uniform(0.93, 1.07)))
    off = luck.randint(-10, 10), luck.randint(-10, 10)
    return ChargeSeen(point, start + off[0], start + gained + off[1], minutes, MODEL)


def paces(charges: list[ChargeSeen], points: list[str] = POINTS) -> SitePaces:
    return site_paces(charges, points)


def test_without_a_charge_every_point_is_as_the_model_says():
    told = paces([])
    assert told.level == 1000
    assert set(told.points.values()) == {PointPace()}
    assert list(told.points) == POINTS


def test_a_slow_point_is_found_and_the_others_stay():
    told = paces([seen("P2", pace=1400) for _ in range(12)])
    assert told.points["P2"] == PointPace(1300, 12, 0, slow=True)  # 12 charges against 4 of doubt
    assert {told.points[point].pace for point in POINTS if point != "P2"} == {1000}


@pytest.mark.parametrize(("charges", "pace"), [(1, 1080), (2, 1133), (4, 1200), (12, 1300), (36, 1360)])
def test_little_is_believed_of_little(charges, pace):
    assert paces([seen("P1", pace=1400)] * charges).points["P1"].pace == pace


def test_a_short_charge_weighs_less_than_a_long_one():
    # five points are a quarter of a charge: its readings are off by twice as much
    long, short = seen("P1", pace=1400), seen("P1", gained=50, pace=1400)
    assert paces([short] * 4).points["P1"].pace == pytest.approx(paces([long]).points["P1"].pace, abs=1)


@pytest.mark.parametrize(("gained", "counted"), [(19, 0), (20, 1)])
def test_less_than_two_points_tell_nothing(gained, counted):
    told = paces([seen("P1", gained=gained, pace=1400)]).points["P1"]
    assert (told.seen, told.left_out) == (counted, 1 - counted)


@pytest.mark.parametrize(
    "nonsense",
    [
        seen("P1", end=100),  # less than at the start
        seen("P1", end=160),
        seen("P1", minutes=0),
        seen("P1", minutes=-20),
        seen("P1", minutes=80),  # more than four times as fast
        seen("P1", minutes=1500),  # more than four times as slow: the cable was out
        seen("P1", start=700, gained=290),  # full: nobody knows since when
    ],
)
def test_what_cannot_be_is_left_out_and_counted(nonsense):
    good = [seen("P1", pace=1200)] * 3
    assert paces([*good, nonsense]).points["P1"] == PointPace(paces(good).points["P1"].pace, 3, 1)


def test_one_charge_far_off_the_others_is_left_out_and_counted():
    good = [seen("P1", pace=pace) for pace in (980, 1000, 1020)]
    told = paces([*good, seen("P1", pace=2100)]).points["P1"]
    assert (told.pace, told.seen, told.left_out) == (1000, 3, 1)


def test_of_two_charges_that_disagree_the_one_near_the_model_is_believed():
    assert paces([seen("P1"), seen("P1", pace=1900)]).points["P1"].pace == 1000


def test_a_point_that_is_always_far_slower_is_no_outlier_and_stops_at_the_bound():
    told = paces([seen("P1", pace=3000)] * 30).points["P1"]
    assert told == PointPace(MOST, 30, 0, slow=True)


def test_a_site_that_is_slow_as_a_whole_moves_every_point_and_none_is_called_slow():
    told = paces([seen(point, pace=1300) for point in POINTS[:4] for _ in range(12)])
    assert told.level == 1225
    assert told.points["P5"] == PointPace(1225)  # nothing was seen there: as its neighbours
    assert not any(point.slow for point in told.points.values())


def test_two_charges_are_not_enough_to_call_a_point_slow():
    assert not paces([seen("P1", pace=2000)] * 2).points["P1"].slow
    assert paces([seen("P1", pace=2000)] * 3).points["P1"].slow


def test_charges_at_a_point_that_is_gone_change_nothing():
    assert paces([seen("gone", pace=1900)] * 12) == paces([])


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("pace", [700, 900, 1000, 1100, 1500])
def test_a_planted_pace_is_found_through_bad_readings(pace, seed):
    luck = Random(f"{pace}:{seed}")
    told = paces([read_badly("P1", pace, luck) for _ in range(40)]).points["P1"]
    drawn = (1000 - pace) * 4 // 40  # how far doubt may draw it at most, were all of them long
    assert told.pace == pytest.approx(pace + drawn, abs=0.06 * pace)


charges = st.builds(
    ChargeSeen,
    st.sampled_from(POINTS),
    st.integers(0, 1000),
    st.integers(0, 1000),
    st.integers(-100, 5000),
    st.sampled_from([MODEL, ChargeModel(60, 10, 10)]),
)


@given(st.lists(charges, max_size=60))
def test_whatever_is_read_every_pace_stays_in_bounds_and_every_charge_is_counted(read):
    told = paces(read)
    for point in POINTS:
        one = told.points[point]
        assert LEAST <= one.pace <= MOST
        assert one.seen + one.left_out == sum(charge.point == point for charge in read)


@given(st.lists(charges, max_size=40), st.randoms(use_true_random=False))
def test_the_order_of_the_charges_does_not_matter(read, luck):
    mixed = list(read)
    luck.shuffle(mixed)
    assert paces(mixed) == paces(read)


@given(
    st.lists(st.integers(900, 1150), min_size=3, max_size=30),
    st.integers(160, 1400).map(lambda minutes: seen("P1", minutes=minutes)),
)
def test_one_outlier_moves_a_point_no_further_than_its_own_charges_differ(paces_read, outlier):
    good = [seen("P1", pace=pace) for pace in paces_read]
    before, after = paces(good).points["P1"], paces([*good, outlier]).points["P1"]
    spread = max(charge.pace for charge in good) - min(charge.pace for charge in good)
    more_weight = abs(max(paces_read) - 1000) + abs(
        min(paces_read) - 1000
    )  # one charge more is believed more
    assert abs(after.pace - before.pace) <= spread + more_weight / (len(good) + 4) + 2
