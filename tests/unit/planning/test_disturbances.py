"""What disturbs a plan: the gravest thing between two looks, and when a plan is made anew."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.domain.causes import Cause
from campaign.errors import BrokenRule
from campaign.planning.disturbances import QUIET, Disturbance, Seen, disturbance, due, named

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
BEFORE = Seen(
    down=frozenset({"ST-2", "CP-07"}),
    away=frozenset({"ST-2"}),
    held=frozenset({"LSV1"}),
    slow=frozenset({"LSV2"}),
    rework=3,
    orders=40,
    resumed=12,
    shift="day 2026-03-02",
    site=77,
    told=900,
)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, None),
        ({"told": 901}, None),
        ({"away": frozenset()}, None),  # what is away is down: that is what counts
        ({"down": BEFORE.down | {"ST-1", "CP-01"}}, Disturbance(Cause.DOWN, "CP-01, ST-1")),
        ({"down": frozenset({"CP-07"})}, Disturbance(Cause.BACK, "ST-2")),
        ({"held": BEFORE.held | {"C1/B002"}}, Disturbance(Cause.HELD, "C1/B002")),
        ({"held": frozenset()}, Disturbance(Cause.LIFTED, "LSV1")),
        ({"slow": BEFORE.slow | {"LSV3"}}, Disturbance(Cause.SLOW, "LSV3")),
        ({"slow": frozenset()}, None),  # it has ended: nothing to plan for
        ({"rework": 4}, Disturbance(Cause.REWORK)),
        ({"rework": 2}, Disturbance(Cause.REWORK)),
        ({"orders": 41}, Disturbance(Cause.ORDERS)),
        ({"resumed": 13}, Disturbance(Cause.RESUMED)),
        ({"shift": "night 2026-03-02"}, Disturbance(Cause.SHIFT, "night 2026-03-02")),
        ({"shift": ""}, Disturbance(Cause.SHIFT, "")),
        ({"site": 78}, Disturbance(Cause.SITE)),
    ],
)
def test_one_change_between_two_looks_has_its_cause(changed, expected):
    assert disturbance(BEFORE, replace(BEFORE, **changed)) == expected


def test_of_several_the_gravest_is_told():
    now = replace(BEFORE, down=BEFORE.down | {"ST-1"}, rework=9, orders=99, shift="night 2026-03-02")
    assert disturbance(BEFORE, now) == Disturbance(Cause.DOWN, "ST-1")


def test_without_a_plan_the_first_one_is_due():
    assert disturbance(None, BEFORE) == Disturbance(Cause.LAUNCHED)


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        (timedelta(), False),
        (QUIET - timedelta(microseconds=1), False),
        (QUIET, True),
        (timedelta(days=9), True),
        (-timedelta(microseconds=1), True),  # a clock that was set back must not stop planning
    ],
)
def test_a_burst_makes_one_plan(since, expected):
    assert due(NOW - since, NOW) is expected


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([], ""),
        (["b", "a"], "a, b"),
        (["a", "b", "c"], "a, b, c"),
        (["d", "c", "b", "a"], "a, b, c +1"),
        ([f"CP-{n:02d}" for n in range(60)], "CP-00, CP-01, CP-02 +57"),
    ],
)
def test_names_are_few_and_the_rest_is_counted(names, expected):
    assert named(names) == expected


NAMES = st.frozensets(st.text(max_size=8), max_size=4)


@given(
    st.builds(
        Seen, NAMES, NAMES, NAMES, NAMES, st.integers(0), st.integers(0), st.integers(0), st.text(max_size=8)
    )
)
def test_a_look_is_read_back_as_it_was(seen):
    assert Seen.from_json(seen.to_json()) == seen
    assert disturbance(seen, seen) is None


def test_an_empty_text_is_no_look_and_a_broken_one_is_a_bug():
    assert Seen.from_json("") is None
    for text in ("{", "[]", '{"down":[]}', '{"down":[],"away":[],"held":[],"slow":[],"more":1}'):
        with pytest.raises(BrokenRule):
            Seen.from_json(text)
