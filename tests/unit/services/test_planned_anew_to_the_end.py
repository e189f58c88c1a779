"""A simulated campaign that is planned anew again and again keeps every rule, and comes to its end."""

from datetime import timedelta

import pytest

from campaign.domain.campaign import CampaignState
from campaign.domain.events import Kind
from campaign.domain.people import SYSTEM, Role
from campaign.planning.check import check
from campaign.planning.options import PlanOptions, Rule
from campaign.planning.planner import plan
from campaign.services.deciding import options
from campaign.services.live_snapshot import live_snapshot
from campaign.yard.simulated_stations import Luck
from tests.fakes.small_yard import CODE, small_yard

EVERY = timedelta(hours=3)


@pytest.fixture(scope="module")
def yard(tmp_path_factory):
    """Eighty cars, some of which fail."""
    with small_yard(tmp_path_factory.mktemp("yard"), 80, luck=Luck(fail=0.05, error=0.02, unknown=0)) as made:
        yield made


def checked(yard) -> None:
    """Plans of the yard as it stands break no rule, batches and counters agree, the log is whole."""
    store = yard.services.store
    with store.read() as uow:
        campaign = uow.campaigns.get(CODE)
        live = live_snapshot(uow, campaign, yard.case.layout, yard.clock.now())
        for batch in uow.batches.all(CODE):
            assert batch.size == len(uow.cars.in_batch(batch.id)) == sum((batch.counts or {}).values())
        assert len({car.priority for car in live.cars}) == len(live.cars)
    as_before = PlanOptions(rules=(Rule.AS_BEFORE,), before=live.before)
    assert check(live.together, plan(live.together, as_before)) == []
    assert check(live.snapshot, plan(live.snapshot, options(live))) == []
    assert store.verify(CODE) == []


def test_it_keeps_every_rule_and_ends(yard):
    replanning, views = yard.services.replanning, yard.services.views
    planner = yard.staff.actor(yard.staff.with_role(Role.PLANNER)[0])
    yard.run(lambda _: True)
    for round_ in range(200):
        replanning.tend(CODE)
        if round_ % 2:
            replanning.replan(planner, CODE, why="the morning round")
        checked(yard)
        until = yard.clock.now() + EVERY
        standing = yard.run(lambda stands, until=until: stands.now >= until)
        if standing.state is CampaignState.COMPLETE:
            break
    assert standing.released == standing.cars == 80
    events = views.log(CODE, limit=100_000)
    kinds = [event.fact.kind for event in events]
    assert kinds.count(Kind.REPLANNED) == len(replanning.history(CODE)) - 1 > 2
    assert {event.fact.actor for event in events if event.fact.kind is Kind.REPLANNED} == {
        SYSTEM.id,
        planner.id,
    }
