"""The transitions, batch status, retry decisions and the failure threshold, as tables."""

from datetime import UTC, datetime

import pytest

from campaign.domain.batch import BatchStatus, batch_status
from campaign.domain.campaign import tripped
from campaign.domain.retry import Ended, Outcome, settle
from campaign.domain.rules import FailureThreshold
from campaign.domain.vehicle import TERMINAL, TRANSITIONS, Status, Step, after
from tests.fakes.plant import RULES

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_every_status_has_its_ways_and_only_two_have_none():
    assert set(TRANSITIONS) == set(Status)
    assert {Status.RELEASED, Status.WITHDRAWN} == TERMINAL


def test_only_the_outcome_leads_out_of_a_flash():
    assert set(TRANSITIONS[Status.FLASHING]) == {
        Step.FLASH_PASSED,
        Step.FLASH_FAILED,
        Step.RIG_FAILED,
        Step.NOT_STARTED,
        Step.LOST,
    }


def test_only_a_person_leads_out_of_uncertain():
    assert set(TRANSITIONS[Status.UNCERTAIN]) == {Step.RESOLVE_PASSED, Step.RESOLVE_FAILED}


def test_only_a_release_from_approved_ends_in_released():
    ways = [(s, t) for s, steps in TRANSITIONS.items() for t, to in steps.items() if to is Status.RELEASED]
    assert ways == [(Status.APPROVED, Step.RELEASE)]


def test_only_charged_cars_are_given_to_a_station():
    ways = [s for s in Status if after(s, Step.START_FLASH) is not None]
    assert ways == [Status.CHARGED]


@pytest.mark.parametrize(
    ("outcome", "read_back", "rig_errors", "step"),
    [
        (Outcome.PASS, "VBV4.5.3C", 0, Step.FLASH_PASSED),
        (Outcome.PASS, "4.5.3c", 0, Step.FLASH_PASSED),
        (Outcome.PASS, "VBV4.5.2C", 0, Step.FLASH_FAILED),
        (Outcome.PASS, "4.5.3", 0, Step.FLASH_FAILED),
        (Outcome.PASS, "??", 0, Step.FLASH_FAILED),
        (Outcome.PASS, None, 0, Step.LOST),
        (Outcome.FAIL, "VBV4.5.2C", 0, Step.FLASH_FAILED),
        (Outcome.FAIL, None, 0, Step.LOST),
        (Outcome.FAIL, "VBV4.5.3C", 0, Step.FLASH_FAILED),
        (Outcome.ERROR, "VBV4.5.2C", 0, Step.RIG_FAILED),
        (Outcome.ERROR, "VBV4.5.2C", 1, Step.FLASH_FAILED),
        (Outcome.ERROR, "VBV4.5.3C", 0, Step.FLASH_FAILED),
        (Outcome.TIMEOUT, "VBV4.5.2C", 0, Step.FLASH_FAILED),
        (Outcome.ABORTED, "VBV4.5.2C", 0, Step.FLASH_FAILED),
        (Outcome.UNKNOWN, "VBV4.5.3C", 0, Step.LOST),
        (Outcome.UNKNOWN, None, 0, Step.LOST),
        (Outcome.NEVER_STARTED, None, 0, Step.NOT_STARTED),
    ],
)
def test_what_an_attempt_means_is_decided_by_the_read_back(outcome, read_back, rig_errors, step):
    assert settle(Ended(outcome, read_back), RULES, rig_errors).step is step


@pytest.mark.parametrize(
    ("failed", "ended", "stops"),
    [(5, 1000, False), (6, 1000, True), (2, 19, False), (2, 20, False), (3, 20, True), (0, 0, False)],
)
def test_starts_stop_above_the_count_or_above_the_percent(failed, ended, stops):
    assert tripped(FailureThreshold(count=5, percent=10, min_attempts=20), failed, ended) is stops


def test_a_threshold_can_be_switched_off():
    assert not tripped(FailureThreshold(None, None, 0), 1000, 1000)


@pytest.mark.parametrize(
    ("counts", "opened", "status"),
    [
        ({Status.QUEUED: 40}, False, BatchStatus.PLANNED),
        ({Status.QUEUED: 40}, True, BatchStatus.OPEN),
        ({Status.FLASHED: 39, Status.FLASHING: 1}, True, BatchStatus.OPEN),
        ({Status.FLASHED: 39, Status.REWORK: 1}, True, BatchStatus.OPEN),
        ({Status.FLASHED: 39, Status.UNCERTAIN: 1}, True, BatchStatus.OPEN),
        ({Status.FLASHED: 39, Status.WITHDRAWN: 1}, True, BatchStatus.READY),
        ({Status.FLASHED: 1, Status.APPROVED: 39}, True, BatchStatus.READY),
        ({Status.APPROVED: 1, Status.RELEASED: 39}, True, BatchStatus.APPROVED),
        ({Status.RELEASED: 39, Status.WITHDRAWN: 1}, True, BatchStatus.CLOSED),
        ({Status.RELEASED: 40, Status.QUEUED: 0}, True, BatchStatus.CLOSED),
    ],
)
def test_a_batch_stands_where_its_least_advanced_car_stands(counts, opened, status):
    assert batch_status(counts, opened=opened) is status
