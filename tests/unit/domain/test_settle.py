"""What an ended attempt means: every combination of verdict, read-back, fault, written and earlier retries."""

from __future__ import annotations

from itertools import product

import pytest

from campaign.domain.flash_faults import FlashFault, note, read_note
from campaign.domain.retry import UNCOUNTED, Care, Ended, Outcome, Settlement, settle
from campaign.domain.vehicle import Status, Step, after
from tests.fakes.plant import RULES

SOURCE, TARGET = "VBV4.5.2C", "VBV4.5.3C"
ENDS = [Outcome.PASS, Outcome.FAIL, Outcome.ERROR, Outcome.TIMEOUT, Outcome.ABORTED]
TRIED = [Outcome.FAIL, Outcome.TIMEOUT, Outcome.ABORTED]
BELOW, ABOVE = 269, 270
EVERY = [
    Ended(outcome, read_back, fault, written, soc)
    for outcome, read_back, fault, written, soc in product(
        Outcome,
        [None, SOURCE, TARGET, "nonsense"],
        ["", "novel", *FlashFault],
        [True, False],
        [None, BELOW, ABOVE],
    )
]


def unwritten(
    outcome: Outcome, fault: str = "", read_back: str | None = None, soc: int | None = None
) -> Ended:
    return Ended(outcome, read_back, fault, written=False, soc=soc)


@pytest.mark.parametrize("rig_errors", [0, RULES.rig_retries])
def test_every_end_has_a_way_out_of_flashing(rig_errors: int) -> None:
    assert all(after(Status.FLASHING, settle(ended, RULES, rig_errors).step) for ended in EVERY)


@pytest.mark.parametrize("rig_errors", [0, RULES.rig_retries])
def test_flashed_is_pass_and_the_target_and_nothing_else(rig_errors: int) -> None:
    passed = {e for e in EVERY if settle(e, RULES, rig_errors).step is Step.FLASH_PASSED}
    assert passed == {e for e in EVERY if e.outcome is Outcome.PASS and e.read_back == TARGET}


def test_a_car_is_uncertain_only_where_something_may_have_been_written() -> None:
    lost = {ended for ended in EVERY if settle(ended, RULES, 0).step is Step.LOST}
    expected = {
        e
        for e in EVERY
        if e.outcome is Outcome.UNKNOWN
        or (e.outcome is Outcome.PASS and e.read_back is None)
        or (e.outcome in ENDS and e.read_back is None and e.written)
    }
    assert lost == expected


def test_the_outcome_is_recorded_as_it_was_but_for_a_pass_at_another_version() -> None:
    changed = {(e.outcome, settle(e, RULES, 0).outcome) for e in EVERY}
    assert {pair for pair in changed if pair[0] is not pair[1]} == {(Outcome.PASS, Outcome.FAIL)}


def test_only_what_was_not_written_is_left_out_of_the_counters() -> None:
    uncounted = {e for e in EVERY if not settle(e, RULES, 0).counted}
    assert all(not e.written or e.outcome is Outcome.NEVER_STARTED for e in uncounted)
    faults = {e.fault for e in uncounted if e.outcome is Outcome.ABORTED}
    assert faults == UNCOUNTED


def test_a_car_goes_back_only_where_nothing_was_written() -> None:
    back = {e for e in EVERY if settle(e, RULES, 0).step is Step.NOT_STARTED}
    assert all(not e.written or e.outcome is Outcome.NEVER_STARTED for e in back)


@pytest.mark.parametrize("read_back", [None, SOURCE, TARGET])
@pytest.mark.parametrize("outcome", [*TRIED, Outcome.ERROR])
@pytest.mark.parametrize(
    ("fault", "care"),
    [
        (FlashFault.WRONG_CAR, Care.STATION),
        (FlashFault.PACKAGE_MISSING, Care.STAGING),
        (FlashFault.PACKAGE_DAMAGED, Care.PACKAGE),
        (FlashFault.PACKAGE_UNTRUSTED, Care.PACKAGE),
    ],
)
def test_what_stands_around_the_car_is_looked_after_and_the_car_goes_back(
    fault: FlashFault, care: Care, outcome: Outcome, read_back: str | None
) -> None:
    decided = settle(unwritten(outcome, fault, read_back), RULES, 0)
    assert decided == Settlement(Step.NOT_STARTED, outcome, fault, care, counted=False)


@pytest.mark.parametrize("read_back", [None, SOURCE])
def test_a_car_that_the_station_found_below_the_gate_goes_back_to_be_charged(read_back: str | None) -> None:
    decided = settle(unwritten(Outcome.ABORTED, FlashFault.SOC_BELOW, read_back, BELOW), RULES, 0)
    assert decided == Settlement(Step.NOT_STARTED, Outcome.ABORTED, "soc_below", counted=False)


@pytest.mark.parametrize("soc", [None, ABOVE])
def test_below_the_gate_without_a_reading_that_says_so_is_for_a_person(soc: int | None) -> None:
    """Going back it would meet an open gate, and the same station, again and again."""
    decided = settle(unwritten(Outcome.ABORTED, FlashFault.SOC_BELOW, SOURCE, soc), RULES, 0)
    assert (decided.step, decided.counted) == (Step.FLASH_FAILED, False)


@pytest.mark.parametrize("read_back", [None, SOURCE, TARGET])
@pytest.mark.parametrize(
    "fault",
    [
        FlashFault.VOLTS_BELOW, FlashFault.PRECONDITIONS, FlashFault.WRONG_VERSION, FlashFault.SOC_UNREADABLE,
        FlashFault.PACKAGE_UNFIT, "novel",
    ],
)  # fmt: skip
def test_any_other_condition_that_did_not_hold_is_rework_with_its_reason(
    fault: str, read_back: str | None
) -> None:
    decided = settle(unwritten(Outcome.ABORTED, fault, read_back), RULES, 0)
    assert (decided.step, decided.why, decided.care) == (Step.FLASH_FAILED, fault, None)
    assert decided.counted is (fault not in UNCOUNTED)


def test_an_abort_without_a_reason_says_that_nothing_was_written() -> None:
    assert settle(unwritten(Outcome.ABORTED), RULES, 0).why == "nothing_written"


@pytest.mark.parametrize(
    ("rig_errors", "step"), [(0, Step.RIG_FAILED), (RULES.rig_retries, Step.FLASH_FAILED)]
)
@pytest.mark.parametrize("written", [True, False])
def test_a_broken_rig_is_tried_again_as_often_as_the_campaign_says(
    written: bool, rig_errors: int, step: Step
) -> None:
    ended = Ended(Outcome.ERROR, SOURCE, FlashFault.INTERFACE_LOST, written)
    assert settle(ended, RULES, rig_errors).step is step


@pytest.mark.parametrize("written", [True, False])
def test_a_car_at_the_target_is_not_flashed_again_for_a_broken_rig(written: bool) -> None:
    ended = Ended(Outcome.ERROR, TARGET, FlashFault.INTERFACE_LOST, written)
    assert settle(ended, RULES, 0).step is Step.FLASH_FAILED


def test_a_silent_car_that_was_not_written_is_tried_again_or_rework_never_a_riddle() -> None:
    assert settle(unwritten(Outcome.ERROR, FlashFault.NO_CAR), RULES, 0).step is Step.RIG_FAILED
    assert settle(unwritten(Outcome.TIMEOUT, FlashFault.SILENT), RULES, 0).step is Step.FLASH_FAILED


def test_a_fault_gives_the_rework_its_reason() -> None:
    ended = Ended(Outcome.FAIL, SOURCE, FlashFault.PROGRAMMING_FAILED)
    assert settle(ended, RULES, 0) == Settlement(Step.FLASH_FAILED, Outcome.FAIL, "programming_failed")


def test_a_note_of_a_fault_reads_back_and_a_persons_words_do_not() -> None:
    params = {"expected": "LSVAA", "found": "WVWZZ"}
    noted = note(FlashFault.WRONG_CAR, params.items())
    assert noted == "wrong_car: expected=LSVAA; found=WVWZZ;"
    assert read_note(noted) == ("wrong_car", params)
    assert [read_note(text) for text in ("fan broken", "note: a=b;", "wrong_car", "")] == [None] * 4
