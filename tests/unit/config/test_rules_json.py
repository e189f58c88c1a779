"""Rules and layouts as canonical JSON: the text of a revision, the same for the same rules, and back."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.definitions import find_campaign, find_site
from campaign.domain.identity import SoftwareVersion
from campaign.domain.rules import BatchRule, CampaignRules, FailureThreshold, GateRule
from campaign.domain.site import Charging, Circuit, Names, Point, Shift, SiteLayout, StationPlace
from campaign.domain.soc import Gauge
from campaign.errors import BrokenRule
from tests.unit.config.spoiling import SHIPPED

texts = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=12)
counts = st.integers(0, 1_000)
times = st.times().map(lambda t: t.replace(second=0, microsecond=0))
kilowatts = st.floats(0.1, 1_000, allow_nan=False)
versions = st.builds(
    SoftwareVersion,
    prefix=st.sampled_from(["VBV", "ICAS"]),
    numbers=st.lists(st.integers(0, 999), min_size=2, max_size=4).map(tuple),
    suffix=st.sampled_from(["", "C", "RC1"]),
)
names = st.builds(Names, texts, texts)
rules = st.builds(
    CampaignRules,
    code=texts,
    site=texts,
    source=versions,
    target=versions,
    package=texts,
    gate=st.builds(GateRule, st.integers(0, 1000), st.sampled_from(Gauge), counts),
    charge_target_tenths=st.integers(0, 1000),
    batch=st.builds(BatchRule, counts, counts, counts, counts),
    thresholds=st.builds(FailureThreshold, st.none() | counts, st.none() | counts, counts),
    max_attempts=counts,
    rig_retries=counts,
    signers=counts,
    names=names,
    aliases=st.lists(st.tuples(texts, texts), max_size=3).map(tuple),
)
celsius = st.floats(-50, 60)
layouts = st.builds(
    SiteLayout,
    code=texts,
    names=names,
    zone=texts,
    slots=st.lists(texts, max_size=4).map(tuple),
    circuits=st.lists(st.builds(Circuit, texts, kilowatts), max_size=2).map(tuple),
    points=st.lists(st.builds(Point, texts, texts, kilowatts), max_size=2).map(tuple),
    stations=st.lists(st.builds(StationPlace, texts, st.none() | texts, counts, texts), max_size=2).map(
        tuple
    ),
    shifts=st.lists(st.builds(Shift, texts, names, times, times, st.booleans()), max_size=2).map(tuple),
    inspectors=counts,
    charging=st.none()
    | st.builds(
        Charging,
        kilowatts,
        kilowatts,
        st.floats(0.1, 1),
        counts,
        celsius,
        st.just(()) | st.lists(celsius, min_size=12, max_size=12).map(tuple),
    ),
)


@given(rules)
def test_rules_come_back_from_their_json_unchanged(these: CampaignRules) -> None:
    again = CampaignRules.from_json(these.to_json())
    assert again == these
    assert again.to_json() == these.to_json()


@given(layouts)
def test_a_layout_comes_back_from_its_json_unchanged(layout: SiteLayout) -> None:
    assert SiteLayout.from_json(layout.to_json()) == layout


def test_a_layout_from_before_charging_had_parameters_loads_and_its_text_stays() -> None:
    kept = (
        '{"circuits":[],"code":"yard","inspectors":1,"names":{"en":"Yard","zh":"场地"},"points":[],"shifts":[],'
        '"slots":["A1"],"stations":[],"zone":"Asia/Shanghai"}'
    )
    layout = SiteLayout.from_json(kept)
    assert layout.charging is None
    assert layout.to_json() == kept


def test_the_json_is_canonical_and_readable() -> None:
    text = find_campaign(SHIPPED, "VBV453C-2026").rules_json()
    content = json.loads(text)
    assert text == json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert (content["source"], content["target"]) == ("VBV4.5.2C", "VBV4.5.3C")
    assert content["gate"] == {"gauge": "display", "max_age_s": 86_400, "min_tenths": 270}
    assert "交付前升级" in text


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"display"', '"dashboard"'),
        ('"signers":1', '"signer":1'),
        ('"VBV4.5.3C","thresholds"', '"new","thresholds"'),
        ('"batch":{', '"batch":{"more":1,'),
        ('{"aliases"', "["),
    ],
)
def test_spoiled_json_is_a_broken_rule(old: str, new: str) -> None:
    text = find_campaign(SHIPPED, "VBV453C-2026").rules_json()
    assert text.count(old) == 1
    with pytest.raises(BrokenRule, match="stored campaign rules cannot be read"):
        CampaignRules.from_json(text.replace(old, new))


def test_a_spoiled_layout_is_a_broken_rule() -> None:
    with pytest.raises(BrokenRule, match="stored site layout cannot be read"):
        SiteLayout.from_json('{"code":"anting"}')
    charging = Charging(77, 11)
    text = replace(find_site(SHIPPED, "anting").layout(), charging=charging).to_json()
    with pytest.raises(BrokenRule, match="stored site layout cannot be read"):
        SiteLayout.from_json(text.replace('"battery_kwh"', '"battery_kw"'))


@pytest.mark.parametrize(
    ("utc", "shift", "day"),
    [
        (datetime(2026, 3, 1, 0, 0, tzinfo=UTC), "day", date(2026, 3, 1)),  # 08:00 in Shanghai
        (datetime(2026, 3, 1, 11, 59, tzinfo=UTC), "day", date(2026, 3, 1)),
        (datetime(2026, 3, 1, 12, 0, tzinfo=UTC), "night", date(2026, 3, 1)),  # 20:00
        (
            datetime(2026, 3, 1, 16, 0, tzinfo=UTC),
            "night",
            date(2026, 3, 1),
        ),  # midnight: of the day it opened
        (datetime(2026, 3, 1, 23, 59, tzinfo=UTC), "night", date(2026, 3, 1)),
        (datetime(2026, 3, 2, 0, 0, tzinfo=UTC), "day", date(2026, 3, 2)),
    ],
)
def test_a_night_shift_belongs_to_the_day_on_which_it_opened(utc: datetime, shift: str, day: date) -> None:
    now = find_site(SHIPPED, "anting").layout().shift_at(utc)
    assert now is not None
    assert (now.shift.code, now.day) == (shift, day)


def test_between_shifts_no_shift_is_open() -> None:
    early = Shift("early", Names("Early", "早班"), time(6), time(14), qa=True)
    layout = SiteLayout("x", Names("X", "X"), "Asia/Shanghai", (), (), (), (), (early,), 1)
    assert layout.shift_at(datetime(2026, 3, 1, 6, 0, tzinfo=UTC)) is None  # 14:00: the end is not inside
    assert layout.shift_at(datetime(2026, 3, 1, 5, 59, tzinfo=UTC)) is not None


def test_a_thing_is_named_in_the_readers_language() -> None:
    both = Names("Day shift", "白班")
    assert [both.in_language(language) for language in ("zh", "en", "de")] == [
        "白班",
        "Day shift",
        "Day shift",
    ]
