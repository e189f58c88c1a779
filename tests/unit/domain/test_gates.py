"""The gate: 27.0 % inclusive, on the named gauge, by a young reading; every reason is listed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from campaign.domain.campaign import CampaignState
from campaign.domain.gates import (
    Answer,
    Around,
    Hold,
    charge_gate,
    flash_gate,
    gate_of,
    release_gate,
    soc_reasons,
)
from campaign.domain.identity import SoftwareVersion, Vin
from campaign.domain.people import Role
from campaign.domain.reasons import Code
from campaign.domain.rules import GateRule
from campaign.domain.soc import Gauge
from campaign.domain.vehicle import Car, OrderState, Reading, Status

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
RULE = GateRule(270, Gauge.DISPLAY, 24 * 3600)
TARGET = SoftwareVersion.parse("VBV4.5.3C")
RUNNING = Around(CampaignState.RUNNING, pilot_approved=True)
HOLD = Hold(1, "car", "LSVAA49J132047371", "scratched", "qa.chen")


def reading(tenths: int, *, age_h: float = 0.0, gauge: Gauge = Gauge.DISPLAY) -> Reading:
    return Reading(tenths, gauge, NOW - timedelta(hours=age_h))


def car(status: Status = Status.CHARGED, soc: Reading | None = None, **other) -> Car:
    base = Car(1, "C", Vin("LSVAA49J132047371"), status, batch_id=2, batch_no=2, priority=0)
    return replace(base, soc=soc, **other)


def codes(gate) -> list[Code]:
    return [reason.code for reason in gate.reasons]


def flash(a_car: Car, around: Around = RUNNING, holds=()):
    return flash_gate(a_car, RULE, 3, holds, around, NOW)


@pytest.mark.parametrize(
    ("tenths", "answer", "reasons"),
    [(269, Answer.REFUSE, [Code.SOC_BELOW]), (270, Answer.GO, []), (271, Answer.GO, [])],
)
def test_the_gate_is_27_0_inclusive(tenths, answer, reasons):
    gate = flash(car(soc=reading(tenths)))
    assert (gate.answer, codes(gate)) == (answer, reasons)


@pytest.mark.parametrize(("age_h", "answer"), [(23.99, Answer.GO), (24.0, Answer.GO), (24.01, Answer.WAIT)])
def test_a_reading_older_than_24_h_waits(age_h, answer):
    assert flash(car(soc=reading(300, age_h=age_h))).answer is answer


def test_a_missing_reading_waits_and_never_goes():
    gate = flash(car(soc=None))
    assert (gate.answer, codes(gate)) == (Answer.WAIT, [Code.SOC_MISSING])


def test_a_reading_of_the_other_gauge_is_no_reading():
    assert codes(flash(car(soc=reading(990, gauge=Gauge.BMS)))) == [Code.SOC_MISSING]


def test_a_stale_reading_below_the_gate_lists_both_reasons_and_refuses():
    gate = flash(car(soc=reading(200, age_h=30)))
    assert (gate.answer, codes(gate)) == (Answer.REFUSE, [Code.SOC_STALE, Code.SOC_BELOW])


def test_nothing_but_the_pilot_is_flashed_before_the_pilot_is_approved():
    before = Around(CampaignState.RUNNING, pilot_approved=False)
    assert codes(flash(car(soc=reading(300)), before)) == [Code.PILOT_NOT_APPROVED]
    assert flash(car(soc=reading(300), batch_no=1), before).answer is Answer.GO


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.CHARGED}))
def test_only_a_charged_car_may_start_a_flash(status):
    gate = flash(car(status, reading(300)))
    assert gate.answer is not Answer.GO


def test_an_uncertain_car_is_refused_until_a_person_decides():
    gate = flash(car(Status.UNCERTAIN, reading(300)))
    assert gate.answer is Answer.REFUSE
    assert gate.reasons[0].code is Code.OUTCOME_UNKNOWN
    assert set(gate.reasons[0].lifted_by) == {Role.QA, Role.LEAD}


def test_every_reason_is_listed_not_only_the_first():
    around = Around(CampaignState.PAUSED, pilot_approved=False)
    gate = flash(car(soc=reading(100), attempts=3), around, [HOLD])
    assert set(codes(gate)) == {
        Code.SOC_BELOW,
        Code.HELD,
        Code.CAMPAIGN_STATE,
        Code.PILOT_NOT_APPROVED,
        Code.TOO_MANY_ATTEMPTS,
    }


@pytest.mark.parametrize("attempts", [0, 1, 2])
def test_a_car_may_be_tried_up_to_its_limit(attempts):
    assert flash(car(soc=reading(300), attempts=attempts)).open


def test_charging_is_allowed_before_the_pilot_is_approved():
    around = Around(CampaignState.RUNNING, pilot_approved=False)
    assert charge_gate(car(Status.QUEUED), [], around).open


def test_charging_stops_with_a_hold_and_with_a_pause():
    gate = charge_gate(car(Status.QUEUED), [HOLD], Around(CampaignState.PAUSED, True))
    assert set(codes(gate)) == {Code.HELD, Code.CAMPAIGN_STATE}


def ready(**other) -> Car:
    approved = car(Status.APPROVED, reading(270), read_back="VBV4.5.3C", order_state=OrderState.KNOWN)
    return replace(approved, **other)


def release(a_car: Car, holds=()):
    return release_gate(a_car, RULE, TARGET, holds, NOW)


def test_a_car_inside_every_rule_is_released():
    assert release(ready()).open


def test_explicitly_no_order_is_as_good_as_a_known_one():
    assert release(ready(order_state=OrderState.NONE)).open


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"soc": reading(269)}, Code.SOC_BELOW),
        ({"soc": None}, Code.SOC_MISSING),
        ({"soc": reading(270, age_h=25)}, Code.SOC_STALE),
        ({"read_back": None}, Code.READ_BACK_MISSING),
        ({"read_back": "VBV4.5.2C"}, Code.READ_BACK_DIFFERS),
        ({"read_back": "4.5.3"}, Code.READ_BACK_DIFFERS),
        ({"read_back": "garbage"}, Code.READ_BACK_DIFFERS),
        ({"order_state": OrderState.UNKNOWN}, Code.ORDER_UNKNOWN),
        ({"status": Status.FLASHED}, Code.BATCH_NOT_APPROVED),
    ],
)
def test_a_car_outside_one_rule_is_not_released(change, code):
    gate = release(ready(**change))
    assert (gate.open, codes(gate)) == (False, [code])


def test_a_held_car_is_not_released():
    assert codes(release(ready(), [HOLD])) == [Code.HELD]


def test_one_reason_that_needs_somebody_outweighs_any_number_that_only_wait():
    waiting = soc_reasons(None, RULE, NOW)
    refusing = soc_reasons(reading(100), RULE, NOW)
    assert gate_of(waiting).answer is Answer.WAIT
    assert gate_of(waiting + refusing).answer is Answer.REFUSE
    assert gate_of([]).answer is Answer.GO
