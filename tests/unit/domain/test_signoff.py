"""Four eyes: who signs, who is barred and why, what is missing."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from campaign.domain.gates import Hold
from campaign.domain.identity import Vin
from campaign.domain.people import Actor, Role
from campaign.domain.reasons import Code
from campaign.domain.signoff import Touch, Touched, approve_verdict, content_hash, reject_verdict
from campaign.domain.soc import Gauge
from campaign.domain.vehicle import Car, Reading, Status
from tests.fakes.plant import RULES

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
QA = Actor("qa.chen", "Chen", frozenset({Role.QA}))
CARS = [
    Car(
        n,
        "C",
        Vin(f"LSVAA49J{n:09d}"),
        Status.FLASHED,
        1,
        1,
        n,
        soc=Reading(280, Gauge.DISPLAY, NOW),
        read_back="VBV4.5.3C",
    )
    for n in range(1, 201)
]


def approve(signer=QA, cars=CARS, touches=(), holds=None):
    return approve_verdict(signer, cars, RULES, touches, holds or {}, "C/B001")


def codes(reasons) -> list[Code]:
    return [reason.code for reason in reasons]


def test_a_stranger_to_the_batch_with_the_role_may_approve():
    assert approve().allowed


@pytest.mark.parametrize("touch", list(Touch))
def test_one_touch_of_any_kind_on_one_car_of_200_bars(touch):
    verdict = approve(touches=[Touched("qa.chen", CARS[117].vin, touch)])
    assert codes(verdict.barred) == [Code.TOUCHED]
    assert verdict.barred[0].param("vin") == CARS[117].vin


def test_the_touch_of_a_car_that_is_not_being_signed_now_bars_too():
    verdict = approve(cars=CARS[:10], touches=[Touched("qa.chen", CARS[150].vin, Touch.CHARGED)])
    assert not verdict.allowed


def test_an_administrator_cannot_sign_and_is_told_who_can():
    admin = Actor("root", "Root", frozenset({Role.ADMIN}))
    verdict = approve(signer=admin)
    assert codes(verdict.barred) == [Code.LACKS_RIGHT]
    assert verdict.barred[0].lifted_by == (Role.QA,)


def test_an_administrator_who_is_also_qa_is_barred_by_own_work():
    both = Actor("root", "Root", frozenset({Role.ADMIN, Role.QA}))
    verdict = approve(signer=both, touches=[Touched("root", CARS[0].vin, Touch.CORRECTED)])
    assert codes(verdict.barred) == [Code.TOUCHED]


def test_a_shared_account_cannot_sign():
    assert codes(approve(signer=replace(QA, shared=True)).barred) == [Code.SHARED_ACCOUNT]


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.FLASHED}))
def test_a_batch_with_a_car_that_is_not_flashed_cannot_be_approved(status):
    verdict = approve(cars=[replace(CARS[0], status=status), *CARS[1:]])
    assert codes(verdict.missing) == [Code.CAR_NOT_READY]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"read_back": None}, Code.READ_BACK_MISSING),
        ({"read_back": "VBV4.5.2C"}, Code.READ_BACK_DIFFERS),
        ({"soc": None}, Code.EVIDENCE_MISSING),
    ],
)
def test_missing_evidence_on_one_car_refuses_the_batch(change, code):
    verdict = approve(cars=[replace(CARS[0], **change), *CARS[1:]])
    assert codes(verdict.missing) == [code]


def test_a_held_car_refuses_the_batch():
    holds = {CARS[3].vin: [Hold(1, "car", CARS[3].vin, "smell", "lead")]}
    assert codes(approve(holds=holds).missing) == [Code.HELD]


def test_nothing_is_approved_by_signing_nothing():
    assert codes(approve(cars=[]).missing) == [Code.NOTHING_TO_SIGN]


@pytest.mark.parametrize("why", ["", "  ", "\t"])
def test_a_rejection_without_a_reason_is_refused(why):
    verdict = reject_verdict(QA, CARS[:1], why, [], "C/B001")
    assert codes(verdict.missing) == [Code.REASON_MISSING]


def test_own_work_bars_from_rejecting_too():
    verdict = reject_verdict(
        QA, CARS[:1], "dirty", [Touched("qa.chen", CARS[0].vin, Touch.FLASHED)], "C/B001"
    )
    assert codes(verdict.barred) == [Code.TOUCHED]


def test_the_hash_does_not_depend_on_order_and_changes_with_any_evidence():
    original = content_hash(CARS)
    assert content_hash(CARS[::-1]) == original
    changed = [
        replace(CARS[0], read_back="VBV4.5.2C"),
        replace(CARS[0], soc=Reading(279, Gauge.DISPLAY, NOW)),
        replace(CARS[0], status=Status.REWORK),
        replace(CARS[0], revision=1),
    ]
    assert all(content_hash([one, *CARS[1:]]) != original for one in changed)
