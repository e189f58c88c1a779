"""The proof believes only the log: a sound story passes, and every planted violation is found under its rule."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from campaign.domain.events import Event, Fact, Kind
from campaign.domain.people import SYSTEM_ID
from campaign.domain.rules import FailureThreshold
from campaign.errors import NotFound
from campaign.yard.proof import prove, prove_campaign
from tests.fakes.small_yard import CODE, case_of, small_yard

START = datetime(2026, 3, 2, tzinfo=UTC)
RULES = case_of(1).rules
PILOT, OTHER = "LSVUA6E44P2123456", "LSVUA6E46P2123457"
BATCH = {PILOT: 1, OTHER: 2}
TARGET, SOURCE = "VBV4.5.3C", "VBV4.5.2C"


def step(vin, name, was, to, hours, actor=SYSTEM_ID, **data):
    told = {"step": name, "from": was, "to": to, **data}
    return Fact(Kind.CAR, actor, START + timedelta(hours=hours), "", vin, BATCH[vin], "", told)


def way(vin, begin, station="S1", sign_off=1):
    """One car's way through the campaign, beginning at hour `begin`, signed by yang."""
    place = {"station": station, "job": f"job-{vin}"}
    at = START + timedelta(hours=begin + 9)
    told = {"decision": "approve", "hash": "h", "sign_off": sign_off, "cars": [vin]}
    ended = {"outcome": "pass", "read_back": TARGET, **place}
    return [
        step(vin, "start_charge", "queued", "charging", begin, "li", soc=160, gauge="display", point="P1"),
        step(vin, "charged", "charging", "charged", begin + 6, "li", soc=285, gauge="display"),
        step(vin, "start_flash", "charged", "flashing", begin + 7, **place),
        Fact(Kind.ATTEMPT_ENDED, SYSTEM_ID, START + timedelta(hours=begin + 8), "", vin, BATCH[vin], "", ended),
        step(vin, "flash_passed", "flashing", "flashed", begin + 8, read_back=TARGET,
             soc=280, gauge="display", **place),
        Fact(Kind.SIGNED, "yang", at, "", None, BATCH[vin], "", told),
        step(vin, "approve", "flashed", "approved", begin + 9, "yang", sign_off=sign_off),
        step(vin, "release", "approved", "released", begin + 10, soc=280, read_back=TARGET),
    ]  # fmt: skip


def story():
    planned = [
        Fact(Kind.BATCH_PLANNED, "wang", START, "", None, no, "", {"vins": [vin]})
        for vin, no in BATCH.items()
    ]
    return [*planned, *way(PILOT, 0), *way(OTHER, 12, "S2", sign_off=2)]


def proved(facts, rules=RULES):
    return prove([Event(CODE, seq, fact, "", "") for seq, fact in enumerate(facts, 1)], rules)


def rules_broken(facts, rules=RULES):
    return {violation.rule for violation in proved(facts, rules).violations}


def place_of(facts, vin, name):
    return next(
        i for i, f in enumerate(facts) if f.vin == vin and f.data.get("step") == name and f.kind is Kind.CAR
    )


def changed(vin, name, at=None, actor=None, **data):
    """The story with another event in place of one step; a None takes a value out."""
    facts = story()
    i = place_of(facts, vin, name)
    told = {key: value for key, value in (dict(facts[i].data) | data).items() if value is not None}
    facts[i] = replace(facts[i], data=told, at=at or facts[i].at, actor=actor or facts[i].actor)
    return facts


def with_before(vin, name, *more):
    """The story with more facts before a step."""
    facts = story()
    i = place_of(facts, vin, name)
    return [*facts[:i], *more, *facts[i:]]


def test_a_sound_story_is_whole():
    proof = proved(story())
    assert proof.violations == ()
    assert (proof.cars, proof.released, proof.attempts, proof.events) == (2, 2, 2, 18)
    assert proof.whole


@pytest.mark.parametrize(("soc", "broken"), [(270, set()), (269, {1})])
def test_rule_1_a_flash_at_26_9_is_found_and_at_27_0_is_not(soc, broken):
    assert rules_broken(changed(OTHER, "charged", soc=soc)) == broken


@pytest.mark.parametrize(("hours", "broken"), [(24, set()), (24.01, {1})])
def test_rule_1_a_reading_older_than_a_day_is_found(hours, broken):
    late = START + timedelta(hours=12 + 6 + hours)
    assert rules_broken(changed(OTHER, "start_flash", at=late)) == broken


def test_rule_1_a_reading_from_the_list_is_as_old_as_the_list():
    old = (START - timedelta(hours=10)).isoformat()
    assert rules_broken(changed(OTHER, "charged", read_at=old)) == {1}


def test_rule_1_another_gauge_is_no_reading():
    assert rules_broken(changed(OTHER, "charged", gauge="bms")) == {1}


def test_rule_1_a_drained_car_is_not_released():
    assert 1 in rules_broken(changed(OTHER, "flash_passed", soc=265))


def test_rule_2_a_car_that_never_left_is_found():
    facts = story()
    del facts[place_of(facts, OTHER, "release")]
    assert rules_broken(facts) == {2}
    assert not proved(facts).whole


def test_rule_2_a_hold_stops_the_release():
    hold = Fact(Kind.HOLD_SET, "yang", START, data={"hold": 1, "scope": "car", "target": OTHER})
    lifted = replace(hold, kind=Kind.HOLD_LIFTED)
    assert rules_broken(with_before(OTHER, "release", hold)) == {2}
    assert rules_broken(with_before(OTHER, "release", hold, lifted)) == set()


def test_rule_3_two_cars_on_one_station_are_found():
    facts = story()
    begin, end = place_of(facts, PILOT, "start_flash"), place_of(facts, PILOT, "flash_passed")
    other = place_of(facts, OTHER, "start_flash")
    clash = replace(facts[other], data=dict(facts[other].data) | {"station": "S1"})
    told = proved([*facts[: begin + 1], clash, *facts[begin + 1 : end]]).violations
    assert any(v.rule == 3 and "station S1" in v.what for v in told)


def test_rule_3_a_job_id_that_is_used_twice_is_found():
    assert 3 in rules_broken(changed(OTHER, "start_flash", job=f"job-{PILOT}"))


def test_rule_3_a_second_flash_after_a_success_is_found():
    place = {"station": "S2", "job": "again"}
    again = [
        step(OTHER, "start_charge", "flashed", "charging", 20.1, "li", soc=280, gauge="display", point="P1"),
        step(OTHER, "charged", "charging", "charged", 20.2, "li", soc=285, gauge="display"),
        step(OTHER, "start_flash", "charged", "flashing", 20.3, **place),
        step(OTHER, "flash_passed", "flashing", "flashed", 20.4, read_back=TARGET, **place),
    ]
    assert rules_broken(with_before(OTHER, "approve", *again)) == {2, 3}


def test_a_second_flash_after_qa_sent_the_car_back_is_right():
    place = {"station": "S2", "job": "again"}
    again = [
        step(OTHER, "reject", "flashed", "rework", 20.1, "yang"),
        step(OTHER, "retry", "rework", "charged", 20.2, "li"),
        step(OTHER, "start_flash", "charged", "flashing", 20.3, **place),
        step(OTHER, "flash_passed", "flashing", "flashed", 20.4, read_back=TARGET, **place),
    ]
    assert rules_broken(with_before(OTHER, "approve", *again)) == set()


def test_rule_3_two_cars_on_one_charge_point_are_found():
    facts = story()
    begin, other = place_of(facts, PILOT, "start_charge"), place_of(facts, OTHER, "start_charge")
    first = facts.pop(other)
    assert 3 in rules_broken([*facts[: begin + 1], first, *facts[begin + 1 :]])


def test_rule_4_a_flash_that_is_cut_short_is_found():
    cut = step(OTHER, "withdraw", "charged", "withdrawn", 19.5, "wang")
    assert 4 in rules_broken(with_before(OTHER, "flash_passed", cut))


def test_rule_5_who_touched_a_car_of_the_batch_cannot_have_signed_it():
    assert rules_broken(changed(OTHER, "charged", actor="yang")) == {5}
    read = Fact(Kind.SOC_READ, "yang", START + timedelta(hours=20), "", OTHER, 2, "",
                {"soc": 280, "gauge": "display"})  # fmt: skip
    facts = with_before(OTHER, "approve", read)
    i = next(i for i, f in enumerate(facts) if f.kind is Kind.SIGNED and f.batch_no == 2)
    facts.insert(i, facts.pop(facts.index(read)))
    assert rules_broken(facts) == {5}
    assert rules_broken(changed(PILOT, "charged", actor="somebody")) == set()


def test_rule_6_a_void_signature_releases_nothing():
    void = Fact(Kind.SIGNATURE_VOIDED, "li", START, "", None, 2, "", {"sign_off": 2})
    assert rules_broken(with_before(OTHER, "release", void)) == {6}


def test_rule_7_a_missing_event_and_a_jump_are_found():
    events = [Event(CODE, seq, fact, "", "") for seq, fact in enumerate(story(), 1)]
    found = prove(events[:3] + events[4:], RULES).violations
    assert any(v.rule == 7 and "event 4 is missing" in v.what for v in found)
    assert 7 in rules_broken(changed(OTHER, "charged", to="flashed"))
    assert rules_broken([]) == {7}


def test_rule_10_no_other_car_before_the_pilot_is_approved():
    facts = story()
    approve = facts.pop(place_of(facts, PILOT, "approve"))
    release = facts.pop(place_of(facts, PILOT, "release"))
    assert rules_broken([*facts, approve, release]) == {10}


def test_rule_10_no_flash_while_the_campaign_is_paused():
    pause = Fact(Kind.CAMPAIGN_PAUSED, "wang", START)
    resume = Fact(Kind.CAMPAIGN_RESUMED, "wang", START)
    assert rules_broken(with_before(OTHER, "start_flash", pause)) == {10}
    assert rules_broken(with_before(OTHER, "start_flash", pause, resume)) == set()


@pytest.mark.parametrize(("count", "broken"), [(2, set()), (1, {10})])
def test_rule_10_no_flash_above_the_failure_threshold(count, broken):
    failed = [
        Fact(Kind.ATTEMPT_ENDED, SYSTEM_ID, START, "", OTHER, 2, "", {"outcome": outcome})
        for outcome in ("fail", "timeout", "never_started")
    ]
    rules = replace(RULES, thresholds=FailureThreshold(count, None, 0))
    assert rules_broken(with_before(OTHER, "start_flash", *failed), rules) == broken
    resume = Fact(Kind.CAMPAIGN_RESUMED, "wang", START)
    assert rules_broken(with_before(OTHER, "start_flash", *failed, resume), rules) == set()


def test_rule_11_a_pass_without_the_target_is_found():
    assert 11 in rules_broken(changed(OTHER, "flash_passed", read_back=SOURCE))
    assert 11 in rules_broken(changed(OTHER, "flash_passed", read_back=None))


def turned_back(fault, read_back=None, hold=None, **told):
    """The pilot's car is given to S1 and turned back by a fault before its good flash."""
    facts = story()
    at = place_of(facts, PILOT, "start_flash")
    place, hours = {"station": "S1", "job": "job-0"}, 6.5
    data = {"outcome": "aborted", "fault": fault, "written": False, "read_back": read_back, **place, **told}
    moment = START + timedelta(hours=hours)
    facts[at:at] = [
        step(PILOT, "start_flash", "charged", "flashing", hours, **place),
        Fact(Kind.ATTEMPT_ENDED, SYSTEM_ID, moment, "", PILOT, 1, "", data),
        step(PILOT, "not_started", "flashing", "charged", hours, **place),
        *([] if hold is None else hold(moment)),
    ]
    return facts


def held_and_lifted(moment):
    hold = {"hold": 1, "scope": "station", "target": "S1"}
    return [Fact(kind, SYSTEM_ID, moment, data=hold) for kind in (Kind.HOLD_SET, Kind.HOLD_LIFTED)]


def test_rule_3_a_station_that_found_another_car_goes_on_only_after_a_hold():
    assert rules_broken(turned_back("wrong_car")) == {3}
    assert rules_broken(turned_back("wrong_car", hold=held_and_lifted)) == set()


def test_rule_11_the_read_back_of_another_car_is_found():
    assert 11 in rules_broken(turned_back("wrong_car", SOURCE, hold=held_and_lifted))


@pytest.mark.parametrize(("fault", "broken"), [("package_missing", set()), ("volts_below", {10})])
def test_rule_10_what_was_never_tried_is_no_failure(fault, broken):
    rules = replace(RULES, thresholds=FailureThreshold(0, None, 0))
    assert rules_broken(turned_back(fault), rules) == broken


def test_raw_tampering_with_the_store_is_found(tmp_path):
    with small_yard(tmp_path, 3) as yard:
        yard.run()
        assert prove_campaign(yard.services.store, yard.services.views, CODE).whole
        _tamper(tmp_path / "yard.db")
        proof = prove_campaign(yard.services.store, yard.services.views, CODE)
    assert not proof.whole
    assert any(v.rule == 7 and "digest" in v.what for v in proof.violations)


def _tamper(file):
    """As somebody with the file in hand would: take the guards away, then change what was signed."""
    with sqlite3.connect(file) as raw:
        for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            raw.execute(f'DROP TRIGGER "{name}"')
        raw.execute("UPDATE event SET actor = 'somebody' WHERE kind = 'batch.signed'")


def test_a_campaign_that_is_not_there_is_not_proved(tmp_path):
    with small_yard(tmp_path, 1) as yard, pytest.raises(NotFound):
        prove_campaign(yard.services.store, yard.services.views, "NOBODY")
