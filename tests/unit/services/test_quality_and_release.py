"""QA under four eyes, signatures that fall with a change, and the release gate."""

import pytest

from campaign.domain.campaign import CampaignState
from campaign.domain.marks import Mark, MarkKind
from campaign.domain.reasons import Code
from campaign.domain.vehicle import OrderState, Status
from campaign.errors import Conflict, NotFound, Refused
from campaign.ports.records import OrderFact
from tests.fakes.plant import CODE, vin_no


def codes(error) -> list[Code]:
    return [reason.code for reason in error.value.reasons]


@pytest.fixture
def flashed(plant):
    """Two cars, flashed, nobody touched them."""
    plant.launch([300, 300])
    plant.tick()
    return plant


def test_an_approved_car_inside_every_rule_is_released_by_itself(flashed):
    flashed.approve(1)
    told = flashed.tick()
    assert flashed.statuses() == {1: Status.RELEASED, 2: Status.RELEASED}
    assert told.state is CampaignState.COMPLETE


@pytest.mark.parametrize("person", ["root", "wang", "li", "sun", "xu", "han"])
def test_only_qa_may_sign_and_administrators_may_not(flashed, person):
    with pytest.raises(Refused) as refused:
        flashed.approve(1, by=person)
    assert codes(refused)[0] is Code.LACKS_RIGHT


def test_the_one_who_read_the_soc_of_one_car_cannot_sign_the_batch(flashed):
    flashed.mark("soc", 2, 300, by="hands")
    with pytest.raises(Refused) as refused:
        flashed.approve(1, by="hands")
    assert codes(refused) == [Code.TOUCHED]
    assert refused.value.reasons[0].param("vin") == vin_no(2)


def test_a_wrong_password_signs_nothing(flashed):
    with pytest.raises(Refused) as refused:
        flashed.services.quality.approve(flashed.actor("chen"), CODE, 1, password="wrong")
    assert codes(refused) == [Code.PASSWORD_WRONG]
    assert flashed.statuses() == {1: Status.FLASHED, 2: Status.FLASHED}


def test_a_double_click_signs_once(flashed):
    seen = flashed.services.quality.evidence(flashed.actor("chen"), CODE, 1).seen_hash
    flashed.approve(1, seen_hash=seen)
    with pytest.raises((Conflict, Refused)):
        flashed.approve(1, seen_hash=seen)
    assert flashed.facts().count("batch.signed") == 1


def test_approving_what_changed_since_it_was_looked_at_is_refused(flashed):
    seen = flashed.services.quality.evidence(flashed.actor("chen"), CODE, 1).seen_hash
    flashed.mark("failed", 1, reason="dark display")
    with pytest.raises(Conflict) as refused:
        flashed.approve(1, seen_hash=seen)
    assert codes(refused) == [Code.CHANGED_SINCE]


def test_a_single_car_can_be_rejected_and_the_rest_approved(flashed):
    flashed.reject(1, "scratch", vins=[vin_no(1)])
    assert flashed.car(1).status is Status.REWORK
    flashed.approve(1, vins=[vin_no(2)])
    flashed.tick()
    assert flashed.car(2).status is Status.RELEASED


def test_a_batch_with_a_car_in_rework_is_not_approved_as_a_whole(flashed):
    flashed.reject(1, "scratch", vins=[vin_no(1)])
    with pytest.raises(Refused) as refused:
        flashed.approve(1)
    assert codes(refused) == [Code.CAR_NOT_READY]


def test_a_rejection_needs_a_reason(flashed):
    with pytest.raises(Refused) as refused:
        flashed.reject(1, "  ")
    assert codes(refused) == [Code.REASON_MISSING]


def test_evidence_tells_who_is_barred_before_anybody_types(flashed):
    flashed.mark("soc", 1, 300, by="hands")
    review = flashed.services.quality.evidence(flashed.actor("hands"), CODE, 1)
    assert [r.code for r in review.verdict.barred] == [Code.TOUCHED]
    assert flashed.services.quality.evidence(flashed.actor("chen"), CODE, 1).verdict.allowed


def test_a_car_of_another_batch_cannot_be_signed_along(flashed):
    with pytest.raises(NotFound):
        flashed.approve(1, vins=[vin_no(3)])


@pytest.fixture
def approved(plant):
    """Two approved cars that cannot leave: sales has not said anything."""
    plant.launch([300, 300], orders=OrderState.UNKNOWN)
    plant.tick()
    plant.approve(1)
    plant.tick()
    assert plant.statuses() == {1: Status.APPROVED, 2: Status.APPROVED}
    return plant


def test_a_car_without_a_word_from_sales_waits_and_leaves_when_it_comes(approved):
    han = approved.actor("han")
    approved.services.intake.set_orders(han, [OrderFact(vin_no(1), OrderState.NONE)], "stock car")
    approved.tick()
    assert approved.statuses() == {1: Status.RELEASED, 2: Status.APPROVED}


def test_a_later_change_to_one_car_voids_the_signature_of_its_batch(approved):
    approved.mark("failed", 1, reason="horn")
    assert approved.statuses() == {1: Status.REWORK, 2: Status.FLASHED}
    assert "batch.signature_voided" in approved.facts()
    approved.tick()
    assert approved.car(2).status is Status.FLASHED


def test_two_signed_cars_may_fail_in_one_hand_in(approved):
    both = [Mark(MarkKind.FAILED, vin_no(n), reason="rain came in") for n in (1, 2)]
    results = approved.services.marks.mark(approved.actor("li"), both)
    assert [r.status for r in results] == [Status.REWORK, Status.REWORK]
    assert approved.facts().count("batch.signature_voided") == 1


def test_a_parked_car_that_drained_goes_back_to_charging_and_is_signed_again(approved):
    approved.mark("soc", 1, 269)
    approved.services.intake.set_orders(
        approved.actor("han"), [OrderFact(vin_no(1), OrderState.NONE)], "stock car"
    )
    approved.tick()
    assert approved.car(1).point is not None
    assert approved.mark("charging", 1).status is Status.CHARGING
    assert approved.mark("charged", 1, 290).status is Status.FLASHED
    approved.approve(1)
    approved.tick()
    assert approved.car(1).status is Status.RELEASED


def test_a_stale_reading_at_release_waits_for_a_new_one(approved):
    approved.advance(hours=25)
    approved.services.intake.set_orders(
        approved.actor("han"), [OrderFact(vin_no(1), OrderState.NONE)], "stock car"
    )
    approved.tick()
    assert approved.car(1).status is Status.APPROVED
    approved.mark("soc", 1, 270)
    approved.tick()
    assert approved.car(1).status is Status.RELEASED


def test_a_held_car_stays_until_the_hold_is_lifted(approved):
    hold = approved.services.quality.set_hold(approved.actor("sun"), "car", vin_no(1), "smell")
    approved.services.intake.set_orders(
        approved.actor("han"), [OrderFact(vin_no(1), OrderState.NONE)], "stock car"
    )
    approved.tick()
    assert approved.car(1).status is Status.APPROVED
    approved.services.quality.lift_hold(approved.actor("sun"), hold.id, "it was lunch")
    approved.tick()
    assert approved.car(1).status is Status.RELEASED


def test_a_withdrawn_car_leaves_with_a_reason_and_voids_the_signature(approved):
    approved.services.control.withdraw(approved.actor("wang"), CODE, [vin_no(1)], "crashed")
    assert approved.statuses() == {1: Status.WITHDRAWN, 2: Status.FLASHED}


def test_pause_resume_stop_need_a_reason(plant):
    plant.launch([100, 100])
    for what in ("pause", "stop"):
        with pytest.raises(Refused) as refused:
            getattr(plant.services.control, what)(plant.actor("wang"), CODE, "")
        assert codes(refused) == [Code.REASON_MISSING]


def test_a_code_is_launched_once(plant):
    plant.launch([100, 100])
    with pytest.raises(Refused) as refused:
        plant.services.planning.launch(plant.actor("wang"), plant.rules, reason="again")
    assert codes(refused) == [Code.ALREADY_LAUNCHED]


def test_nothing_starts_while_paused(plant):
    plant.add_cars([300, 300])
    plant.services.planning.launch(plant.actor("wang"), plant.rules, reason="go")
    plant.services.control.pause(plant.actor("wang"), CODE, "visit")
    plant.tick(2)
    assert plant.stations.starts == []
    plant.services.control.resume(plant.actor("wang"), CODE, "visit over")
    plant.tick(2)
    assert plant.statuses() == {1: Status.FLASHED, 2: Status.FLASHED}
