"""One reconciler per campaign: when it looks, why it leaves, and how another one takes over."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

import pytest

from campaign.domain.campaign import CampaignState
from campaign.errors import BadInput, BrokenRule, StoreError
from campaign.services.reconcile import Tick
from campaign.yard.at_once import AtOnce
from campaign.yard.pace import HandClock
from flows.leases import Lease
from flows.reconciling import BEAT_S, FOLLOW_S, End, Reconciler, due, keep_going
from tests.fakes.patience import eventually
from tests.fakes.store import FakeStore

NOW = datetime(2026, 3, 2, tzinfo=UTC)
QUIET = Tick(token=5, state=CampaignState.RUNNING)
OVER = Tick(token=9, state=CampaignState.COMPLETE)


@dataclass
class ScriptedTicks:
    """`reconcile` that answers as told; the last answer is repeated."""

    answers: list[Tick | Exception]
    asked: list[str] = field(default_factory=list)

    def tick(self, code: str) -> Tick:
        self.asked.append(code)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


@dataclass
class ScriptedPlans:
    """`replanning` that answers as told, then that nothing is to be done."""

    answers: list[object | Exception | None] = field(default_factory=list)

    def tend(self, _: str) -> object | None:
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, Exception):
            raise answer
        return answer


@dataclass
class World:
    """What a reconciler acts on."""

    reconcile: ScriptedTicks
    replanning: ScriptedPlans = field(default_factory=ScriptedPlans)
    store: FakeStore = field(default_factory=FakeStore)
    clock: HandClock = field(default_factory=lambda: HandClock(NOW))


def kept_by(world: World, *, looks: int = 50, told: list[str] | None = None):
    """Keep a campaign going for so many waits, each of a second."""
    left = iter(range(looks))
    told = [] if told is None else told
    leave = lambda: None if next(left, None) is not None else End.HANDED_ON  # noqa: E731
    wait = lambda _: world.clock.move(seconds=1)  # noqa: E731
    return keep_going(world, "A", leave, wait, poll_s=0.25, tell=told.append, aside=AtOnce())


@pytest.mark.parametrize(
    ("seen", "token", "last", "idle_s", "expected"),
    [
        (None, 5, None, 0.0, True),  # the first look
        (5, 5, QUIET, 0.0, False),
        (5, 6, QUIET, 0.0, True),  # the token moved
        (5, 5, Tick(5, CampaignState.RUNNING, running=1), FOLLOW_S - 0.1, False),
        (5, 5, Tick(5, CampaignState.RUNNING, running=1), FOLLOW_S, True),  # a flash runs
        (5, 5, Tick(5, CampaignState.RUNNING, next_due=NOW + timedelta(seconds=1)), 0.0, False),
        (5, 5, Tick(5, CampaignState.RUNNING, next_due=NOW), 0.0, True),  # the time has come
        (5, 5, QUIET, BEAT_S - 0.1, False),
        (5, 5, QUIET, BEAT_S, True),  # quiet for long
    ],
)
def test_a_look_is_due_when_something_may_have_to_be_done(seen, token, last, idle_s, expected):
    assert due(seen, token, last, idle_s, NOW) is expected


def test_without_a_change_it_only_looks_at_every_beat():
    world = World(ScriptedTicks([QUIET]))
    kept = kept_by(world, looks=21)
    assert (kept.looks, kept.end) == (1 + 20 // BEAT_S, End.HANDED_ON)


def test_it_ends_when_the_campaign_is_over_and_counts_what_it_did():
    first = Tick(5, CampaignState.RUNNING, opened=1, points=4, started=2, running=2)
    world = World(ScriptedTicks([first, Tick(6, CampaignState.RUNNING, ended=2, released=3), OVER]))
    kept = kept_by(world)
    assert (kept.end, kept.looks, kept.opened, kept.points) == (End.OVER, 3, 1, 4)
    assert (kept.started, kept.ended, kept.released) == (2, 2, 3)


def test_a_stopped_campaign_is_followed_until_its_last_flash_ended():
    running = Tick(5, CampaignState.STOPPED, running=1)
    world = World(ScriptedTicks([running, running, Tick(6, CampaignState.STOPPED)]))
    assert (kept_by(world).end, len(world.reconcile.asked)) == (End.OVER, 3)


def test_a_locked_database_is_tried_again_and_told():
    told: list[str] = []
    world = World(ScriptedTicks([StoreError("database is locked"), OVER]))
    assert kept_by(world, told=told).end is End.OVER
    assert told == ["A: database is locked"]


def test_a_plan_is_tended_after_each_look_and_one_that_fails_stops_no_work():
    told: list[str] = []
    no = BadInput("no window is long enough")
    world = World(ScriptedTicks([QUIET, QUIET, QUIET, OVER]), ScriptedPlans([no, no, object()]))
    kept = kept_by(world, told=told)
    assert (kept.end, kept.looks, kept.planned) == (End.OVER, 4, 1)
    assert told == ["A: the plan stays as it was: no window is long enough"]


def test_a_large_plan_is_made_beside_the_looks_and_only_one_at_a_time():
    begun, done = Event(), Event()

    class Slow(ScriptedPlans):
        asked = 0

        def tend(self, _: str) -> object | None:
            self.asked += 1
            begun.set()
            assert done.wait(5)
            return object()

    plans = Slow()
    world = World(ScriptedTicks([Tick(n, CampaignState.RUNNING, running=1) for n in range(9)]), plans)
    left = iter(range(9))

    def leave() -> End | None:
        if next(left, None) is not None:
            return None
        assert begun.wait(5)
        done.set()
        return End.HANDED_ON

    wait = lambda _: world.clock.move(seconds=1)  # noqa: E731
    with ThreadPoolExecutor(1) as aside:
        kept = keep_going(world, "A", leave, wait, poll_s=0.25, tell=lambda _: None, aside=aside)
    assert (kept.looks, plans.asked, kept.planned) == (9, 1, 1)


def reconciler(world: World, holder: str) -> Reconciler:
    return Reconciler(world, holder, lease_s=15, poll_s=0.01, tell=lambda _: None)


def test_a_second_reconciler_finds_the_lease_taken_and_leaves():
    world = World(ScriptedTicks([QUIET]))
    assert world.store.take_lease("advance:A", "first", NOW, 15)
    assert reconciler(world, "second").run(lambda: ["A"], lambda: False) == []
    assert world.reconcile.asked == []


def test_the_lease_of_a_dead_holder_is_free_after_its_time():
    world = World(ScriptedTicks([OVER]))
    world.store.take_lease("advance:A", "dead", NOW, 15)
    world.clock.move(seconds=15)
    [kept] = reconciler(world, "next").run(lambda: ["A"], lambda: False)
    assert kept.end is End.OVER


def test_a_patient_one_waits_for_the_lease_and_takes_it():
    world = World(ScriptedTicks([OVER]))
    world.store.take_lease("advance:A", "leaving", NOW, 15)
    asked = Event()

    def wanted() -> list[str]:
        asked.set()
        return ["A"]

    kept = []
    patient = Thread(target=lambda: kept.extend(reconciler(world, "b").run(wanted, lambda: False, 60)))
    patient.start()
    assert asked.wait(5)
    world.store.drop_lease("advance:A", "leaving")
    patient.join(5)
    assert [k.end for k in kept] == [End.OVER]


def test_impatience_ends_after_its_time():
    world = World(ScriptedTicks([QUIET]))
    world.store.take_lease("advance:A", "other", NOW, 1_000)

    def wanted() -> list[str]:
        world.clock.move(seconds=10)
        return ["A"]

    assert reconciler(world, "b").run(wanted, lambda: False, 30) == []


def test_when_its_time_is_up_it_hands_on_and_gives_the_lease_back():
    world = World(ScriptedTicks([QUIET]))
    [kept] = reconciler(world, "a").run(lambda: ["A"], lambda: True)
    assert kept.end is End.HANDED_ON
    assert world.store.take_lease("advance:A", "b", world.clock.wall(), 15)


def test_a_campaign_that_is_launched_meanwhile_is_taken_up():
    world = World(ScriptedTicks([QUIET]))
    codes = iter([["A"]])
    kept = reconciler(world, "a").run(lambda: next(codes, ["A", "B"]), lambda: "B" in world.reconcile.asked)
    assert {k.code for k in kept} == {"A", "B"}


def test_an_error_of_ours_in_one_campaign_leaves_the_others_alone():
    class Half(ScriptedTicks):
        def tick(self, code: str) -> Tick:
            if code == "BAD":
                raise BrokenRule("a promise of our own failed")
            return super().tick(code)

    world = World(Half([OVER]))
    kept = {k.code: k for k in reconciler(world, "a").run(lambda: ["BAD", "A"], lambda: False)}
    assert (kept["BAD"].end, kept["A"].end) == (End.FAILED, End.OVER)
    assert kept["BAD"].error == "BrokenRule: a promise of our own failed"


def test_no_campaign_is_no_work():
    world = World(ScriptedTicks([QUIET]))
    assert reconciler(world, "a").run(list, lambda: False, patience_s=60) == []
    assert world.reconcile.asked == []


def test_a_lease_is_renewed_in_the_background():
    class Watched(FakeStore):
        taken_at: datetime = NOW

        def take_lease(self, name: str, holder: str, wall: datetime, ttl_s: float) -> bool:
            self.taken_at = wall
            return super().take_lease(name, holder, wall, ttl_s)

    store, clock = Watched(), HandClock(NOW)
    with Lease(store, clock, "x", "me", 0.3) as lease:
        assert lease.take()
        clock.move(hours=1)
        eventually(lambda: store.taken_at == clock.wall())
        assert not store.take_lease("x", "other", clock.wall(), 1)
        assert not lease.lost
    assert store.take_lease("x", "other", clock.wall(), 1)


def test_a_lease_that_another_one_took_is_lost_and_not_given_back():
    store, clock = FakeStore(), HandClock(NOW)
    with Lease(store, clock, "x", "me", 0.3) as lease:
        lease.take()
        assert store.take_lease("x", "other", NOW + timedelta(hours=1), 3600)
        eventually(lambda: lease.lost)
    assert not store.take_lease("x", "third", NOW + timedelta(hours=1), 1)


def test_it_leaves_when_its_lease_is_lost():
    world = World(ScriptedTicks([QUIET]))
    first = Reconciler(world, "first", lease_s=0.3, poll_s=0.01, tell=lambda _: None)
    kept, over = [], Event()
    thread = Thread(target=lambda: kept.extend(first.run(lambda: ["A"], over.is_set)))
    thread.start()
    eventually(lambda: world.reconcile.asked)
    world.store.take_lease("advance:A", "second", NOW + timedelta(hours=1), 3600)
    thread.join(10)
    over.set()
    assert [k.end for k in kept] == [End.LOST]
