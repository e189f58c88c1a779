"""The public hybrid flow shops: transcribed completely; nothing we compute contradicts the best known values."""

import pytest

from campaign.planning.bounds import bounds
from campaign.planning.check import check
from campaign.planning.planner import plan
from tests.bench.hfs import public_shops

SHOPS = {shop.number: shop for shop in public_shops()}


def test_the_sample_is_every_60th_up_to_a_thousand_operations():
    numbers = [60 * k for k in range(1, 25)]
    left_out = {960, 1020, 1080, 1320, 1380, 1440}  # 150 and 200 jobs at ten stages
    assert list(SHOPS) == [number for number in numbers if number not in left_out]
    assert max(len(shop.snapshot.jobs) * len(shop.snapshot.stages) for shop in SHOPS.values()) == 1000


@pytest.mark.parametrize("number", SHOPS)
def test_the_set_has_its_known_sizes(number):
    """Numbered in order: four numbers of jobs, 5 or 10 stages, 3 or 5 machines a stage, 90 instances of each."""
    jobs, stages, machines = (number - 1) // 360, (number - 1) // 180 % 2, (number - 1) // 90 % 2
    expected = f"{(50, 100, 150, 200)[jobs]} x {(5, 10)[stages]} x {(3, 5)[machines]}"
    assert SHOPS[number].size == expected
    assert all(1 <= minutes <= 99 for job in SHOPS[number].snapshot.jobs for minutes in job.durations)


@pytest.mark.parametrize("number", SHOPS)
def test_no_bound_is_above_the_best_known_makespan_and_no_plan_below_the_bound(number):
    shop = SHOPS[number]
    made = plan(shop.snapshot)
    assert check(shop.snapshot, made) == []
    assert bounds(shop.snapshot).makespan <= shop.best_known
    assert made.makespan >= bounds(shop.snapshot).makespan
