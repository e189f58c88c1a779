"""Flashes: given by priority inside the gate, settled by the read-back, never twice for one attempt."""

from dataclasses import replace

import pytest

from campaign.domain.marks import MarkKind
from campaign.domain.people import Role
from campaign.domain.reasons import Code
from campaign.domain.retry import Outcome
from campaign.domain.rules import FailureThreshold
from campaign.domain.vehicle import Status
from campaign.errors import NotAllowed, Refused, StationUnreachable
from campaign.ports.station import JobVerdict
from tests.fakes.plant import CODE, RULES, vin_no
from tests.fakes.station import FakeOutcome


def attempts(plant, n: int):
    with plant.services.store.read() as uow:
        return uow.attempts.of_car(plant.car(n))


def test_a_car_above_the_gate_is_flashed_and_ends_at_the_target(plant):
    plant.launch([300, 300])
    plant.tick()
    assert (plant.car(1).status, plant.car(1).read_back) == (Status.FLASHED, "VBV4.5.3C")


@pytest.mark.parametrize(("soc", "flashed"), [(269, False), (270, True), (271, True)])
def test_no_flash_starts_below_27_0(plant, soc, flashed):
    plant.launch([soc, soc])
    plant.tick(2)
    assert bool(plant.stations.starts) is flashed


def test_a_car_whose_reading_became_stale_is_not_started(plant):
    plant.stations.take_down("S1")
    plant.stations.take_down("S2")
    plant.launch([300, 300])
    plant.advance(hours=25)
    plant.stations.bring_up("S1")
    plant.tick(2)
    assert (plant.stations.starts, plant.car(1).status) == ([], Status.CHARGED)


def test_other_cars_wait_for_the_approval_of_the_pilot_but_charge(plant):
    plant.launch([300, 300, 300, 100, 100])
    plant.tick(3)
    others = [n for n in range(1, 6) if n not in plant.pilot()]
    assert {plant.car(n).status for n in others} <= {Status.QUEUED, Status.CHARGED}
    plant.approve(1)
    plant.tick(2)
    assert any(plant.car(n).status is Status.FLASHED for n in others)


def test_at_most_one_car_per_station_is_flashed_at_a_time(plant):
    plant.stations.held = True
    plant.launch([300] * 2, rules=RULES)
    plant.tick(3)
    assert len(plant.stations.starts) == 2
    assert {station for station, _ in plant.stations.starts} == {"S1", "S2"}


def test_an_answer_lost_after_the_start_does_not_start_the_job_again(plant):
    plant.stations.held = True
    for station in ("S1", "S2"):
        plant.stations.lose_next_answer(station, acted=True)
    plant.add_cars([300, 300])
    plant.services.planning.launch(plant.actor("wang"), RULES, reason="go")
    plant.tick(2)
    plant.advance(seconds=10)
    plant.tick(2)
    jobs = [job.job_id for _, job in plant.stations.starts]
    assert len(jobs) == len(set(jobs)) == 2
    plant.stations.go()
    plant.tick()
    assert plant.statuses() == {1: Status.FLASHED, 2: Status.FLASHED}


def test_a_station_that_is_down_gets_no_car(plant):
    plant.stations.take_down("S1")
    plant.launch([300, 300])
    plant.tick()
    assert {station for station, _ in plant.stations.starts} == {"S2"}


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        (FakeOutcome(JobVerdict.FAIL, "VBV4.5.2C"), Status.REWORK),
        (FakeOutcome(JobVerdict.PASS, "VBV4.5.2C"), Status.REWORK),
        (FakeOutcome(JobVerdict.PASS, silent=True), Status.UNCERTAIN),
        (FakeOutcome(JobVerdict.TIMEOUT, "VBV4.5.2C"), Status.REWORK),
    ],
)
def test_a_flash_that_did_not_end_at_the_target_is_not_flashed(plant, outcome, status):
    plant.add_cars([300, 300])
    plant.outcome(1, outcome)
    plant.services.planning.launch(plant.actor("wang"), RULES, reason="go")
    plant.tick(2)
    assert plant.car(1).status is status


def test_a_broken_rig_is_tried_again_once_unasked(plant):
    plant.add_cars([300, 300])
    plant.outcome(1, FakeOutcome(JobVerdict.ERROR, "VBV4.5.2C"))
    plant.services.planning.launch(plant.actor("wang"), RULES, reason="go")
    plant.tick(5)
    assert [a.outcome for a in attempts(plant, 1)] == [Outcome.ERROR, Outcome.ERROR]
    assert plant.car(1).status is Status.REWORK


def test_a_flasher_that_died_quarantines_the_car_and_blocks_the_station(plant):
    plant.stations.held = True
    plant.launch([300, 300])
    attempt = attempts(plant, 1)[0]
    plant.stations.kill(attempt.job_id)
    plant.tick(3)
    assert plant.car(1).status is Status.UNCERTAIN
    with plant.services.store.read() as uow:
        assert uow.attempts.busy_stations("anting")[attempt.station] == vin_no(1)


def test_an_uncertain_car_is_decided_by_a_person_with_a_fresh_read_back(plant):
    plant.stations.held = True
    plant.launch([300, 300])
    plant.stations.kill(attempts(plant, 1)[0].job_id)
    plant.tick()
    plant.stations.put_car(vin_no(1), "VBV4.5.3C")
    with pytest.raises(NotAllowed):
        plant.services.resolving.resolve(plant.actor("li"), vin_no(1), "looked")
    resolved = plant.services.resolving.resolve(plant.actor("sun"), vin_no(1), "looked")
    assert resolved.status is Status.FLASHED


def test_without_an_answer_of_the_car_nobody_decides(plant):
    plant.stations.held = True
    plant.launch([300, 300])
    plant.stations.kill(attempts(plant, 1)[0].job_id)
    plant.tick()
    with pytest.raises(Refused) as refused:
        plant.services.resolving.resolve(plant.actor("sun"), vin_no(1), "looked")
    assert refused.value.reasons[0].code is Code.READ_BACK_MISSING
    assert plant.car(1).status is Status.UNCERTAIN


@pytest.mark.parametrize("what", ["pause", "stop"])
def test_neither_pause_nor_stop_cuts_a_running_flash(plant, what):
    plant.stations.held = True
    plant.launch([300, 300])
    getattr(plant.services.control, what)(plant.actor("wang"), CODE, "typhoon")
    plant.tick()
    assert plant.car(1).status is Status.FLASHING
    plant.stations.go()
    plant.tick()
    assert plant.car(1).status is Status.FLASHED


def test_failures_above_the_threshold_stop_new_starts_until_a_planner_resumes(plant):
    rules = replace(RULES, thresholds=FailureThreshold(count=1, percent=None, min_attempts=0))
    plant.add_cars([300, 300])
    for n in (1, 2):
        plant.outcome(n, FakeOutcome(JobVerdict.FAIL, "VBV4.5.2C"))
    plant.services.planning.launch(plant.actor("wang"), rules, reason="go")
    plant.tick(2)
    plant.mark("retry", 1, reason="fuse")
    plant.tick(2)
    assert plant.car(1).status is Status.CHARGED
    assert plant.services.boards.board(CODE).threshold.code is Code.THRESHOLD
    plant.outcome(1, FakeOutcome())
    plant.services.control.resume(plant.actor("wang"), CODE, "fuses were old")
    plant.tick(2)
    assert plant.car(1).status is Status.FLASHED


def test_a_station_that_says_no_is_held_and_the_car_goes_elsewhere(plant):
    plant.stations.connect_car("S1", vin_no(99))
    plant.launch([300, 300])
    plant.tick(4)
    assert {plant.car(n).status for n in (1, 2)} == {Status.FLASHED}
    assert [h.target for h in plant.services.boards.board(CODE).data.holds] == ["S1"]


def test_a_flash_that_a_dead_orchestrator_had_only_reserved_is_started_by_the_next(plant):
    plant.add_cars([300, 300])
    plant.services.planning.launch(plant.actor("wang"), RULES, reason="go")
    plant.services.reconcile.open_batch(CODE, 1)
    plant.services.flashing._reserve(CODE, ["S1", "S2"])
    assert (plant.stations.starts, plant.car(1).status) == ([], Status.FLASHING)
    plant.tick(3)
    assert plant.statuses() == {1: Status.FLASHED, 2: Status.FLASHED}


def test_a_station_that_cannot_be_reached_says_so(plant):
    plant.stations.take_down("S1")
    with pytest.raises(StationUnreachable):
        plant.services.links.identify("S1")
    assert Role.LEAD in plant.actor("sun").roles


def test_what_a_list_says_of_the_soc_opens_no_gate(plant):
    plant.add_cars([None, None])
    with plant.services.store.write("site") as uow:
        listed = replace(uow.fleet.known([vin_no(2)])[vin_no(2)], vin=vin_no(3), soc=350, soc_at=None)
        uow.fleet.add([listed])
        uow.commit()
    plant.stations.put_car(vin_no(3), "VBV4.5.2C")
    plant.services.planning.launch(plant.actor("wang"), RULES, reason="go")
    plant.tick(3)
    assert (plant.car(3).soc, plant.car(3).status, plant.car(3).point) == (None, Status.QUEUED, None)
    assert plant.services.marks.next_action(vin_no(3)).kind is MarkKind.CHARGED
    plant.mark("charged", 3, 350)
    plant.tick(2)
    assert plant.car(3).status is Status.FLASHED


def test_a_car_that_failed_to_its_limit_is_not_sent_to_a_station_again(plant):
    plant.add_cars([300, 300])
    plant.outcome(1, FakeOutcome(JobVerdict.FAIL, "VBV4.5.2C"))
    plant.services.planning.launch(plant.actor("wang"), RULES, reason="go")
    plant.tick(2)
    for _ in range(RULES.max_attempts - 1):
        assert plant.mark("retry", 1, reason="again").status is Status.CHARGED
        plant.tick(2)
    refused = plant.mark("retry", 1, reason="once more")
    assert [r.code for r in refused.reasons] == [Code.TOO_MANY_ATTEMPTS]
    assert (plant.car(1).status, plant.car(1).attempts) == (Status.REWORK, RULES.max_attempts)


def test_a_station_that_is_drained_while_it_is_asked_gets_no_car(plant):
    sun, drained = plant.actor("sun"), []

    def drain(station):
        if station == "S1" and not drained:
            drained.append(plant.services.quality.set_hold(sun, "station", "S1", "cable worn"))

    plant.stations.when_asked = drain
    plant.launch([300, 300])
    plant.tick(3)
    assert drained
    assert {station for station, _ in plant.stations.starts} == {"S2"}
