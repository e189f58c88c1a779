"""A forecast is the plan when everything is sure, and says honestly how far it may be off when it is not."""

from dataclasses import replace

import pytest
from hypothesis import given, settings

from campaign.errors import BadInput
from campaign.planning.calendars import DAY
from campaign.planning.forecast import Uncertainty, forecast
from campaign.planning.planner import plan
from campaign.planning.snapshot import BatchLimits, Circuit, Crew, Job, Machine, Snapshot, Stage
from campaign.planning.uncertainty import Breakdowns, Pace
from tests.unit.planning.planning_cases import DAY_SHIFT, reference, snapshots, yard

SURE = Uncertainty.none()


def small(count=40, **fields):
    jobs = [Job(f"car{n:02d}", (120 + 7 * n, 45, 10), due=600 + 30 * n) for n in range(count)]
    fields.setdefault("batch_limits", BatchLimits(5, 10))
    fields.setdefault("pilot_size", 5)
    return yard(jobs, points=8, stations=1, inspectors=2, **fields)


def told(snapshot, uncertainty=None, **options):
    options.setdefault("replications", 300)
    return forecast(snapshot, plan(snapshot), uncertainty=uncertainty or Uncertainty(), **options)


@pytest.mark.parametrize("points", [20, 60])
def test_without_spread_2300_cars_end_when_the_plan_says(points):
    snapshot = reference(points=points)
    made = plan(snapshot)
    seen = forecast(snapshot, made, 2, uncertainty=SURE)
    assert (seen.p50, seen.p80, seen.p95) == (made.makespan,) * 3


def test_without_spread_every_promise_is_kept_or_broken_as_planned():
    snapshot = small()
    made = plan(snapshot)
    late = set(made.late_jobs)
    for promise in forecast(snapshot, made, 5, uncertainty=SURE).promises:
        of_it = {job.id for job in snapshot.jobs if job.due == promise.due}
        assert promise.late == len(of_it & late)
        assert promise.chance == (0 if of_it & late else 1)


@given(snapshots())
@settings(max_examples=40, deadline=None)
def test_any_snapshot_has_a_forecast_whose_percentiles_are_in_order(snapshot):
    seen = told(snapshot, replications=20)
    assert 0 <= seen.p50 <= seen.p80 <= seen.p95
    assert [point.minute for point in seen.fan] == sorted({point.minute for point in seen.fan})
    for earlier, later in zip(seen.fan, seen.fan[1:], strict=False):
        assert earlier.p5 <= later.p5
        assert earlier.p50 <= later.p50
        assert earlier.p95 <= later.p95
    for point in seen.fan:
        assert point.p5 <= point.p20 <= point.p50 <= point.p80 <= point.p95
    last = seen.fan[-1]
    assert (last.minute, last.p5, last.p95) == (seen.p95, len(snapshot.jobs), len(snapshot.jobs))


def test_the_same_seed_gives_the_same_forecast_and_another_one_another():
    snapshot = small()
    assert told(snapshot) == told(snapshot)
    assert told(snapshot) != told(snapshot, seed=2)


def test_the_more_flashes_fail_the_later_it_ends():
    snapshot = small()
    ends = [told(snapshot, replace(SURE, failed=part, rework_minutes=45)).p50 for part in (0.0, 0.1, 0.4)]
    assert ends[0] < ends[1] < ends[2]


def test_rejected_cars_end_later():
    snapshot = small()
    assert told(snapshot, replace(SURE, rejected=0.5)).p50 > told(snapshot, SURE).p50


def test_what_all_cars_share_widens_the_end_and_what_each_has_alone_averages_out():
    snapshot = small()
    shared = told(snapshot, replace(SURE, charge=Pace(common=0.2), flash=Pace(common=0.2)))
    alone = told(snapshot, replace(SURE, charge=Pace(each=0.2), flash=Pace(each=0.2)))
    assert shared.p95 - shared.p50 > 2 * (alone.p95 - alone.p50) > 0


def test_two_stages_of_one_pace_have_each_their_own_luck():
    one = small(pilot_size=0)
    both = told(one, replace(SURE, charge=Pace(common=0.3), flash=Pace(common=0.3)), seed=3)
    single = told(one, replace(SURE, flash=Pace(common=0.3)), seed=3)
    assert both.p95 != single.p95


def test_breakdowns_of_stations_delay_and_those_of_points_cut_the_charge_under_way():
    snapshot = small()
    station = told(snapshot, replace(SURE, station=Breakdowns(2.0, 6.0)))
    point = told(snapshot, replace(SURE, point=Breakdowns(2.0, 6.0)))
    assert station.p95 > plan(snapshot).makespan + 60
    assert point.p95 > plan(snapshot).makespan + 60


def test_a_running_flash_is_never_cut_by_a_breakdown():
    snapshot = yard([Job("car", (0, 45, 0))], stations=1, pilot_size=0)
    seen = told(snapshot, replace(SURE, station=Breakdowns(48.0, 1.0, 0.0)), replications=400)
    # The only car either starts at once or after the one station is mended: it never takes 45 minutes and a repair.
    assert seen.p50 in (45, *range(46, 400))
    assert told(snapshot, SURE).p95 == 45


def test_a_pilot_gate_delays_the_others():
    free, gated = small(pilot_size=0), small(pilot_size=5, pilot_sign_off_minutes=600)
    assert told(gated).p50 > told(free).p50


@pytest.mark.parametrize("by_batch", [False, True])
def test_a_day_on_which_qa_is_closed_pushes_the_end_past_it(by_batch):
    certain = replace(SURE, by_batch=by_batch)
    open_days = small(inspection=DAY_SHIFT)
    ends = told(open_days, certain).p50
    closed = small(inspection=DAY_SHIFT.closing((ends - 60, ends - 60 + 2 * DAY)))
    seen = told(closed, certain)
    assert seen.p50 > ends - 60 + 2 * DAY
    assert seen.p80 == seen.p50


def test_qa_signs_in_its_hours_only():
    snapshot = small(inspection=DAY_SHIFT)
    seen = told(snapshot)
    assert all(DAY_SHIFT.covers(end, end + 1) for end in (seen.p50, seen.p80, seen.p95))


def test_a_later_promise_is_never_less_likely():
    ends = plan(small()).makespan
    chances = []
    for due in range(ends - 600, ends + 3600, 300):
        jobs = tuple(replace(job, due=due) for job in small().jobs)
        snapshot = replace(small(), jobs=jobs)
        (promise,) = forecast(snapshot, plan(small()), 200).promises
        assert promise.cars == len(jobs)
        chances.append(promise.chance)
    assert chances == sorted(chances)
    assert (chances[0], chances[-1]) == (0, 1)


def test_a_broken_promise_counts_its_late_cars():
    snapshot = small()
    for promise in told(snapshot).promises:
        assert (promise.chance == 1) == (promise.late == 0)
        assert 0 <= promise.late <= promise.cars


def test_started_work_and_known_outages_are_kept():
    busy = Stage("only", (Machine("m1", free_from=100, outages=((150, 500),)),))
    jobs = (Job("a", (60,)), Job("b", (60,)))
    snapshot = Snapshot(small().start, (busy,), jobs, BatchLimits(1, 5), gate_stage=0)
    made = plan(snapshot)
    assert forecast(snapshot, made, 3, uncertainty=SURE).p95 == made.makespan
    assert made.makespan == 620


def test_running_work_is_as_uncertain_as_its_stage():
    running = yard([Job("car", (300, 45, 10), release=300, done=1)])
    seen = told(running, replace(SURE, charge=Pace(common=0.2)))
    assert seen.p50 == pytest.approx(355, abs=10)
    assert seen.p95 > 400


def test_a_circuit_that_carries_one_of_two_points_makes_one_of_them():
    def charge(limit):
        points = tuple(Machine(f"p{n}", circuit="C1", draw=2200) for n in (1, 2))
        stage = Stage("charge", points, circuits=(Circuit("C1", limit),))
        jobs = tuple(Job(f"car{n}", (100,)) for n in range(4))
        return Snapshot(small().start, (stage,), jobs, BatchLimits(1, 5), gate_stage=0)

    assert told(charge(4400), SURE).p50 == 200
    assert told(charge(4399), SURE).p50 == 400


def test_a_crew_of_one_starts_one_car_after_the_other():
    stage = replace(Stage.of("charge", 4), crew=Crew(1, attend=30, travel=5))
    jobs = tuple(Job(f"car{n}", (100,)) for n in range(4))
    snapshot = Snapshot(small().start, (stage,), jobs, BatchLimits(1, 5), gate_stage=0)
    assert told(snapshot, SURE).p50 == plan(snapshot).makespan


def test_a_campaign_without_cars_is_over():
    seen = told(yard([]))
    assert (seen.p50, seen.p95, seen.promises) == (0, 0, ())


def test_no_replications_are_no_forecast():
    with pytest.raises(BadInput, match="replication"):
        told(small(), replications=0)
