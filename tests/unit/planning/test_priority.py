"""The order of preference: the pilot, promised cars, then the rest levelled."""

from __future__ import annotations

from campaign.planning.priority import choose_pilot, due_date_order, tardiness_cost_order
from campaign.planning.snapshot import Job
from tests.unit.planning.planning_cases import yard


def ids(snapshot, indices):
    return [snapshot.jobs[index].id for index in indices]


def test_cars_at_the_gate_already_are_the_pilot():
    snapshot = yard(
        [Job("empty", (700, 45, 10)), Job("full", (0, 45, 10)), Job("nearly", (4, 45, 10))], pilot_size=2
    )
    assert ids(snapshot, choose_pilot(snapshot)) == ["full", "nearly"]


def test_of_cars_equally_quick_the_one_due_first_is_in_the_pilot():
    jobs = [Job("never", (0, 45, 10)), Job("later", (0, 45, 10), due=900), Job("soon", (0, 45, 10), due=800)]
    snapshot = yard(jobs, pilot_size=2)
    assert ids(snapshot, choose_pilot(snapshot)) == ["soon", "later"]


def test_every_variant_is_in_the_pilot_by_its_quickest_car():
    jobs = [Job(f"pro{n}", (0, 45, 10), variant="pro") for n in range(3)]
    jobs += [Job("gtx-slow", (400, 45, 10), variant="gtx"), Job("gtx-quick", (300, 45, 10), variant="gtx")]
    snapshot = yard(jobs, pilot_size=2)
    assert ids(snapshot, choose_pilot(snapshot)) == ["pro0", "gtx-quick"]


def test_a_pilot_chosen_before_is_kept():
    jobs = [Job("full", (0, 45, 10)), Job("chosen", (300, 45, 10))]
    snapshot = yard(jobs, pilot=("chosen",), pilot_size=1)
    assert ids(snapshot, choose_pilot(snapshot)) == ["chosen"]


def test_a_pilot_larger_than_the_campaign_is_every_car_and_none_is_none():
    jobs = [Job("a", (0, 45, 10)), Job("b", (9, 45, 10))]
    assert ids(yard(jobs), choose_pilot(yard(jobs, pilot_size=20))) == ["a", "b"]
    assert choose_pilot(yard(jobs)) == ()


def test_on_one_due_date_the_heavier_and_then_the_longer_goes_first():
    jobs = [
        Job("light", (10, 45, 10), due=100),
        Job("heavy", (10, 45, 10), due=100, weight=3),
        Job("long", (90, 45, 10), due=100),
        Job("sooner", (10, 45, 10), due=99),
    ]
    snapshot = yard(jobs)
    assert ids(snapshot, due_date_order(snapshot, (), 1)) == ["sooner", "heavy", "long", "light"]


def test_cars_without_a_due_date_end_with_those_that_charge_as_fast_as_flashing_takes_them():
    # 4 points, a flash every 45 minutes: charges of 180 minutes arrive exactly as fast.
    jobs = [Job(f"c{minutes}", (minutes, 45, 10)) for minutes in (100, 700, 180, 20, 400)]
    snapshot = yard(jobs, points=4)
    order = ids(snapshot, due_date_order(snapshot, (), 1))
    assert set(order[:2]) == {"c100", "c20"}
    assert order[2:] == ["c700", "c400", "c180"]


def test_the_same_seed_shuffles_alike():
    snapshot = yard([Job(f"car{n}", (n, 45, 10)) for n in range(30)], points=4)
    assert due_date_order(snapshot, (), 1) == due_date_order(snapshot, (), 1)
    assert due_date_order(snapshot, (), 1) != due_date_order(snapshot, (), 2)


def test_under_pressure_a_heavy_car_passes_a_light_one_that_is_due_before_it():
    jobs = [Job("light", (0, 45, 10), due=50), Job("heavy", (0, 45, 10), due=60, weight=3)]
    snapshot = yard(jobs)
    assert ids(snapshot, tardiness_cost_order(snapshot, (), 1, 60)) == ["heavy", "light"]
    assert ids(snapshot, due_date_order(snapshot, (), 1)) == ["light", "heavy"]


def test_with_time_enough_a_heavy_car_waits_for_one_that_is_due_before_it():
    jobs = [Job("heavy", (0, 45, 10), due=9000, weight=3), Job("light", (0, 45, 10), due=100)]
    snapshot = yard(jobs)
    assert ids(snapshot, tardiness_cost_order(snapshot, (), 1, 60)) == ["light", "heavy"]


def test_every_order_holds_every_car_once():
    jobs = [
        Job(f"car{n}", (n % 7 * 50, 45, 10), due=n * 10 if n % 3 else None, weight=n % 4) for n in range(60)
    ]
    snapshot = yard(jobs, pilot_size=5)
    pilot = choose_pilot(snapshot)
    for order in (due_date_order(snapshot, pilot, 1), tardiness_cost_order(snapshot, pilot, 1, 120)):
        assert sorted(order) == list(range(60))
        assert tuple(order[:5]) == pilot
