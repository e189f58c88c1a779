"""What a campaign told so far narrows its forecast, and never makes it certain."""

import pytest

from campaign.planning.observed import REMAINS, Observed, learned
from campaign.planning.uncertainty import Pace, Uncertainty

USUAL = Uncertainty(charge=Pace(1.05, 0.05, 0.10), flash=Pace(1.0, 0.10, 0.10), failed=0.02)


def test_nothing_seen_changes_nothing():
    seen = learned(USUAL, Observed())
    assert seen.failed == pytest.approx(USUAL.failed)
    assert (seen.charge, seen.flash, seen.people) == (USUAL.charge, USUAL.flash, USUAL.people)


def test_a_package_that_is_slow_moves_the_middle_to_what_was_seen():
    few, many = (learned(USUAL, Observed(flashes=[1.3] * n)).flash for n in (1, 200))
    assert 1.0 < few.median < many.median <= 1.3
    assert many.median == pytest.approx(1.3, abs=0.01)


def test_the_more_was_seen_the_less_is_unknown_down_to_what_remains():
    spreads = [learned(USUAL, Observed(charges=n, flashes=[1.0] * n)) for n in (0, 1, 3, 10_000)]
    for pace in ("charge", "flash"):
        common = [getattr(one, pace).common for one in spreads]
        assert common == sorted(common, reverse=True)
        assert common[-1] == pytest.approx(REMAINS * common[0])


def test_charges_narrow_what_is_unknown_and_leave_the_middle():
    seen = learned(USUAL, Observed(charges=10_000)).charge
    assert seen.median == pytest.approx(USUAL.charge.median)
    assert seen.common < USUAL.charge.common


def test_failures_seen_count_against_the_usual_ones():
    assert learned(USUAL, Observed(tried=100, failed=10)).failed == pytest.approx(0.06)
    assert learned(USUAL, Observed(tried=100)).failed == pytest.approx(0.01)


def test_a_flash_that_took_far_too_long_tells_of_something_else():
    assert learned(USUAL, Observed(flashes=[9.0])).flash == USUAL.flash


def test_what_is_certain_stays_certain():
    sure = Uncertainty.none()
    assert learned(sure, Observed(charges=5, flashes=[1.2], tried=5)) == sure
