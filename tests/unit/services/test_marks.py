"""What technicians hand in: done, recognised, refused with reasons, or kept."""

from datetime import timedelta

import pytest

from campaign.domain.marks import Mark, MarkAnswer, MarkKind
from campaign.domain.reasons import Code
from campaign.domain.vehicle import Status
from campaign.errors import NotAllowed
from tests.fakes.plant import CODE, vin_no

DONE, DUPLICATE, REFUSED, KEPT = MarkAnswer.DONE, MarkAnswer.DUPLICATE, MarkAnswer.REFUSED, MarkAnswer.KEPT


def codes(result) -> list[Code]:
    return [reason.code for reason in result.reasons]


def test_a_car_is_connected_to_the_point_that_it_was_given(plant):
    plant.launch([100, 100, 100])
    given = plant.car(1).point
    assert given is not None
    assert plant.mark("charging", 1).answer is DONE
    assert (plant.car(1).status, plant.car(1).point) == (Status.CHARGING, given)


@pytest.mark.parametrize(
    ("soc", "answer", "status"),
    [(269, REFUSED, Status.CHARGING), (270, DONE, Status.CHARGED), (271, DONE, Status.CHARGED)],
)
def test_a_car_is_charged_from_27_0_on(plant, soc, answer, status):
    plant.launch([100, 100])
    plant.mark("charging", 1)
    assert plant.mark("charged", 1, soc).answer is answer
    assert plant.car(1).status is status


def test_a_reading_below_the_gate_is_kept_though_the_mark_is_refused(plant):
    plant.launch([100, 100])
    plant.mark("charging", 1)
    result = plant.mark("charged", 1, 269)
    assert codes(result) == [Code.SOC_BELOW]
    assert plant.car(1).soc.tenths == 269


def test_a_charged_mark_without_a_reading_is_refused_and_still_told(plant):
    plant.launch([100, 100])
    plant.mark("charging", 1)
    assert codes(plant.mark("charged", 1)) == [Code.SOC_MISSING]
    assert plant.facts(vin_no(1))[-1] == "mark.kept"


def test_the_same_scan_again_is_recognised(plant):
    plant.launch([100, 100])
    assert plant.mark("charging", 1, client_id="a1").answer is DONE
    again = plant.mark("charging", 1, client_id="a1")
    assert (again.answer, again.by, codes(again)) == (DUPLICATE, "li", [Code.ALREADY_DONE])
    assert plant.facts(vin_no(1)).count("car.step") == 1


def test_a_replayed_mark_is_recognised_even_after_the_car_moved_on(plant):
    plant.launch([100, 100])
    plant.mark("charging", 1, client_id="a1")
    plant.mark("charged", 1, 300, client_id="a2")
    assert plant.mark("charging", 1, client_id="a1").answer is DUPLICATE
    assert plant.car(1).status is Status.CHARGED


def test_a_replay_of_a_refused_mark_is_refused_again_and_not_told_twice(plant):
    plant.launch([100, 100])
    assert plant.mark("flashed", 1, client_id="f1").answer is REFUSED
    assert plant.mark("flashed", 1, client_id="f1").answer is REFUSED
    assert plant.facts(vin_no(1)).count("mark.kept") == 1


def test_the_second_of_two_technicians_sees_the_name_of_the_first(plant):
    plant.launch([100, 100])
    plant.mark("charging", 1, by="li")
    second = plant.mark("charging", 1, by="zhao")
    assert (second.answer, second.by, codes(second)) == (REFUSED, "li", [Code.TAKEN_BY])


def test_the_same_scan_twice_in_one_hand_in_counts_once(plant):
    plant.launch([100, 100])
    twice = [
        Mark(MarkKind.CHARGING, vin_no(1), client_id="x"),
        Mark(MarkKind.CHARGING, vin_no(1), client_id="x"),
    ]
    results = plant.services.marks.mark(plant.actor("li"), twice)
    assert [r.answer for r in results] == [DONE, DUPLICATE]


def test_connect_and_finish_in_one_hand_in_work_in_order(plant):
    plant.launch([100, 100])
    both = [Mark(MarkKind.CHARGING, vin_no(1)), Mark(MarkKind.CHARGED, vin_no(1), 300)]
    results = plant.services.marks.mark(plant.actor("li"), both)
    assert [r.answer for r in results] == [DONE, DONE]
    assert (plant.car(1).status, plant.car(1).point) == (Status.CHARGED, None)


def test_a_taken_point_is_refused_with_the_car_that_has_it(plant):
    plant.launch([100, 100, 100])
    plant.mark("charging", 1, point=plant.car(1).point)
    result = plant.mark("charging", 2, point=plant.car(1).point)
    assert codes(result) == [Code.POINT_TAKEN]
    assert result.reasons[0].param("vin") == vin_no(1)


def test_a_point_that_does_not_exist_is_refused(plant):
    plant.launch([100, 100])
    assert codes(plant.mark("charging", 1, point="CP-99")) == [Code.POINT_UNKNOWN]


def test_another_free_point_than_the_given_one_may_be_used(plant):
    plant.launch([100, 100])
    free = ({"CP-01", "CP-02", "CP-03", "CP-04"} - {c.point for c in plant.cars()}).pop()
    assert plant.mark("charging", 1, point=free).answer is DONE
    assert plant.car(1).point == free


def test_flashed_on_a_car_that_was_never_started_is_refused_and_told(plant):
    plant.launch([100, 100])
    result = plant.mark("flashed", 1)
    assert (result.answer, codes(result)) == (REFUSED, [Code.NOT_STARTED])
    assert plant.facts(vin_no(1))[-1] == "mark.kept"


def test_a_technicians_word_does_not_make_a_car_flashed(plant):
    plant.stations.held = True
    plant.launch([300, 300])
    assert plant.car(1).status is Status.FLASHING
    result = plant.mark("flashed", 1)
    assert (result.answer, codes(result)) == (KEPT, [Code.NOT_YET_CONFIRMED])
    assert plant.car(1).status is Status.FLASHING


def test_the_read_back_confirms_a_flashed_mark_at_once(plant):
    plant.stations.held = True
    plant.launch([300, 300])
    plant.stations.go()
    result = plant.mark("flashed", 1)
    assert (result.answer, result.status) == (DONE, Status.FLASHED)


def test_a_failure_reported_during_a_flash_is_kept_and_the_flash_goes_on(plant):
    plant.stations.held = True
    plant.launch([300, 300])
    assert plant.mark("failed", 1, reason="smoke").answer is KEPT
    plant.stations.go()
    plant.tick()
    assert plant.car(1).status is Status.FLASHED


def test_a_failure_needs_a_reason(plant):
    plant.launch([100, 100])
    plant.mark("charging", 1)
    assert codes(plant.mark("failed", 1, reason=" ")) == [Code.REASON_MISSING]


def test_a_failed_charge_frees_the_point_and_queues_the_car_again(plant):
    plant.launch([100, 100])
    plant.mark("charging", 1)
    assert plant.mark("failed", 1, reason="point dead").answer is DONE
    assert (plant.car(1).status, plant.car(1).point) == (Status.QUEUED, None)


def test_a_rework_goes_back_only_with_a_reason(plant):
    plant.launch([300, 300])
    plant.tick()
    plant.mark("failed", 1, reason="dashboard dark")
    assert plant.car(1).status is Status.REWORK
    assert codes(plant.mark("retry", 1)) == [Code.REASON_MISSING]
    assert plant.mark("retry", 1, reason="fuse replaced").answer is DONE


def test_an_unknown_vin_is_refused_with_one_that_looks_like_it(plant):
    plant.launch([100] * 3)
    wrong = vin_no(1)[:-1] + "9"
    result = plant.services.marks.mark(plant.actor("li"), [Mark(MarkKind.CHARGING, wrong)])[0]
    assert result.answer is REFUSED
    assert codes(result)[0] in (Code.VIN_UNKNOWN, Code.VIN_UNREADABLE)


def test_the_last_characters_name_a_car_when_only_one_fits(plant):
    plant.launch([100] * 3)
    assert plant.services.marks.next_action("00000002").vin == vin_no(2)


def test_characters_that_fit_several_cars_ask_which(plant):
    plant.launch([100] * 3)
    asked = plant.services.marks.next_action("0000000")
    assert (asked.vin, len(asked.candidates)) == (None, 3)


def test_the_device_clock_is_kept_as_a_claim_and_the_servers_clock_rules(plant):
    plant.launch([100, 100])
    claim = plant.clock.now() - timedelta(days=1)
    plant.mark("charging", 1, client_id="late", claimed_at=claim)
    event = plant.services.views.story(vin_no(1))[-1]
    assert (event.fact.at, event.fact.claimed_at) == (plant.clock.now(), claim)


def test_only_the_floor_may_mark(plant):
    plant.launch([100, 100])
    for person in ("wang", "chen", "han", "xu", "root"):
        with pytest.raises(NotAllowed):
            plant.mark("charging", 1, by=person)


def test_a_late_soc_reading_of_a_released_car_is_refused_and_told(plant):
    plant.launch([300, 300])
    plant.tick(2)
    plant.approve(1)
    plant.tick()
    assert plant.car(1).status is Status.RELEASED
    assert plant.mark("soc", 1, 310).answer is REFUSED
    assert plant.facts(vin_no(1))[-1] == "mark.kept"


def test_the_next_action_of_a_car_follows_its_way(plant):
    plant.launch([100, 100])
    look = plant.services.marks.next_action
    assert look(vin_no(1)).kind is MarkKind.CHARGING
    plant.mark("charging", 1)
    assert look(vin_no(1)).kind is MarkKind.CHARGED
    plant.mark("charged", 1, 300)
    assert look(vin_no(1)).kind is None
    plant.advance(hours=25)
    assert look(vin_no(1)).kind is MarkKind.SOC
    assert plant.services.store.token(CODE) > 0
