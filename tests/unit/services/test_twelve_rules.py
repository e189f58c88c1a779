"""No sequence of commands breaks one of the rules: random people, cars, faults and times against a witness."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from campaign.domain.events import Kind
from campaign.domain.marks import MarkKind
from campaign.domain.vehicle import OrderState, Status
from campaign.errors import CampaignError
from campaign.ports.records import OrderFact
from campaign.ports.station import JobVerdict
from tests.fakes.plant import CODE, Plant, plant_over, vin_no
from tests.fakes.replay import Witness
from tests.fakes.station import FakeOutcome
from tests.fakes.store import FakeStore
from tests.fakes.views import FakeViews

CARS = 7
STRANGER = vin_no(77)  # stands in the yard, in no campaign
people = st.sampled_from(["li", "zhao", "sun", "hands", "chen", "zhou", "wang", "root"])
signers = st.sampled_from(["chen", "zhou", "hands", "root", "sun"])
numbers = st.integers(1, CARS)
socs = st.sampled_from([None, 100, 269, 270, 271, 300])
stations = st.sampled_from(["S1", "S2"])
outcomes = st.sampled_from(
    [
        FakeOutcome(),
        FakeOutcome(JobVerdict.FAIL, "VBV4.5.2C"),
        FakeOutcome(JobVerdict.ERROR, "VBV4.5.2C"),
        FakeOutcome(JobVerdict.PASS, "VBV4.5.2C"),
        FakeOutcome(JobVerdict.PASS, silent=True),
        *(
            FakeOutcome(
                JobVerdict.ABORTED, "VBV4.5.2C", fault=fault, params=params, written=False, silent=silent
            )
            for silent in (False, True)
            for fault, params in (
                ("volts_below", (("volts", "11.6"), ("min", "12.5"))),
                ("soc_below", (("soc", "262"), ("gate", "270"), ("gauge", "display"))),
                ("soc_below", ()),
                ("wrong_car", (("expected", "?"), ("found", STRANGER))),
            )
        ),
        FakeOutcome(JobVerdict.ABORTED, fault="volts_below", written=False, cable=STRANGER),
        FakeOutcome(JobVerdict.FAIL, "VBV4.5.2C", fault="programming_failed", cable=STRANGER),
        FakeOutcome(JobVerdict.ERROR, "VBV4.5.2C", fault="package_damaged", written=False),
        FakeOutcome(JobVerdict.ERROR, "VBV4.5.2C", fault="package_missing", written=False, silent=True),
    ]
)


class Campaign(RuleBasedStateMachine):
    """Everybody does anything at any time."""

    plant: Plant

    @initialize(first=st.lists(socs, min_size=CARS, max_size=CARS), how_far=st.integers(0, 3))
    def launch(self, first, how_far):
        store = FakeStore()
        self.plant = plant_over(store, FakeViews(store))
        self.witness = Witness()
        self.plant.add_cars(first, orders=OrderState.UNKNOWN)
        self.plant.stations.put_car(STRANGER, "VBV4.5.3C")
        self.plant.services.planning.launch(self.plant.actor("wang"), self.plant.rules, reason="go")
        readings = {
            vin_no(n): (soc, self.plant.clock.now()) for n, soc in enumerate(first, 1) if soc is not None
        }
        for event in self._new_events():
            if event.fact.kind is Kind.BATCH_PLANNED:
                self.witness.launch(event.fact.batch_no, event.fact.data["vins"], readings)
        for step in range(how_far):  # start in the middle as often as at the beginning
            self.plant.tick()
            self.a_shift_of_honest_work(300)
            if step:
                self.sign_all_that_wait("chen")

    def _try(self, do):
        """What a rule refuses is refused; nothing else may happen."""
        try:
            do()
        except CampaignError:
            self.refusals = getattr(self, "refusals", 0) + 1

    def _new_events(self):
        log = self.plant.services.views.log(CODE, limit=10_000)
        seen = getattr(self, "read", 0)
        self.read = log[0].seq if log else 0
        return [event for event in reversed(log) if event.seq > seen]

    def _listen(self):
        for event in self._new_events():
            self.witness.see(event)

    @rule(times=st.integers(1, 3))
    def tick(self, times):
        self.plant.tick(times)

    @rule(hours=st.sampled_from([0.1, 1, 12, 23, 25]))
    def time_passes(self, hours):
        self.plant.advance(hours=hours)

    @rule(
        kind=st.sampled_from(list(MarkKind)), n=numbers, soc=socs, by=people, why=st.sampled_from(["", "odd"])
    )
    def mark(self, kind, n, soc, by, why):
        self._try(lambda: self.plant.mark(kind.value, n, soc, by=by, reason=why))

    @rule(n=numbers, soc=st.sampled_from([270, 300]))
    def charge_as_one_should(self, n, soc):
        self._try(lambda: self.plant.charge(n, soc))

    @rule(n=numbers, by=st.sampled_from(["li", "hands"]), mark_id=st.sampled_from(["m1", "m2"]))
    def mark_with_a_known_id(self, n, by, mark_id):
        self._try(lambda: self.plant.mark("charging", n, by=by, client_id=mark_id))

    @rule(batch=st.integers(1, 3), by=signers)
    def approve(self, batch, by):
        self._try(lambda: self.plant.approve(batch, by=by))

    @rule(n=numbers, by=signers)
    def approve_one(self, n, by):
        self._try(lambda: self.plant.approve(self.plant.batch_of(n), by=by, vins=[vin_no(n)]))

    @rule(n=numbers, by=signers, why=st.sampled_from(["", "scratch"]))
    def reject_one(self, n, by, why):
        self._try(lambda: self.plant.reject(self.plant.batch_of(n), why, by=by, vins=[vin_no(n)]))

    @rule(n=numbers, outcome=outcomes)
    def next_flash_ends(self, n, outcome):
        self.plant.outcome(n, outcome)

    @rule(station=stations)
    def station_goes_down(self, station):
        self.plant.stations.take_down(station)

    @rule(station=stations)
    def station_comes_back(self, station):
        self.plant.stations.bring_up(station)
        self.plant.advance(seconds=10)

    @rule(station=stations, acted=st.booleans())
    def an_answer_is_lost(self, station, acted):
        self.plant.stations.lose_next_answer(station, acted=acted)

    @rule()
    def flashes_take_their_time(self):
        self.plant.stations.held = True

    @rule()
    def flashes_end(self):
        self.plant.stations.go()

    @rule()
    def a_flasher_dies(self):
        begun = {job.job_id for _, job in self.plant.stations.starts}
        with self.plant.services.store.read() as uow:
            running = [a for a in uow.attempts.running(CODE) if a.job_id in begun]
        if running:
            self.plant.stations.kill(running[0].job_id)

    @rule(n=numbers, by=people)
    def resolve(self, n, by):
        actor = self.plant.actor(by)
        self.plant.stations.put_car(vin_no(n), "VBV4.5.2C")
        self._try(lambda: self.plant.services.resolving.resolve(actor, vin_no(n), "looked"))

    @rule(written=st.booleans())
    def resolve_one_that_is_uncertain(self, written):
        uncertain = [car.vin for car in self.plant.cars() if car.status is Status.UNCERTAIN]
        if uncertain:
            self.plant.stations.put_car(uncertain[0], "VBV4.5.3C" if written else None)
            resolving, sun = self.plant.services.resolving, self.plant.actor("sun")
            self._try(lambda: resolving.resolve(sun, uncertain[0], "looked", unreadable=not written))

    @rule(soc=st.sampled_from([269, 270, 300]))
    def a_shift_of_honest_work(self, soc):
        for n, status in self.plant.statuses().items():
            if status in (Status.QUEUED, Status.CHARGING):
                self._try(lambda n=n: self.plant.charge(n, soc))
            elif status is Status.REWORK:
                self._try(lambda n=n: self.plant.mark("retry", n, reason="mended"))
            else:
                self._try(lambda n=n: self.plant.mark("soc", n, soc))
        self.plant.tick(3)

    @rule(by=st.sampled_from(["chen", "zhou", "hands"]))
    def sign_all_that_wait(self, by):
        for batch in self.plant.services.quality.queue(CODE):
            self._try(lambda no=batch.no: self.plant.approve(no, by=by))

    @rule(state=st.sampled_from([OrderState.NONE, OrderState.KNOWN]))
    def sales_says_everything(self, state):
        facts = [OrderFact(vin_no(n), state) for n in range(1, CARS + 1)]
        self._try(lambda: self.plant.services.intake.set_orders(self.plant.actor("han"), facts, "list"))

    @rule(n=numbers, scope=st.sampled_from(["car", "station", "package", "batch"]))
    def hold(self, n, scope):
        target = {"car": vin_no(n), "station": "S1", "package": "vbv453c", "batch": f"{CODE}/B002"}[scope]
        self._try(
            lambda: self.plant.services.quality.set_hold(self.plant.actor("sun"), scope, target, "look")
        )

    @rule()
    def lift_the_oldest_hold(self):
        with self.plant.services.store.read() as uow:
            holds = uow.holds.open()
        if holds:
            quality = self.plant.services.quality
            self._try(lambda: quality.lift_hold(self.plant.actor("sun"), holds[0].id, "fine"))

    @rule(n=numbers, state=st.sampled_from(list(OrderState)))
    def order(self, n, state):
        fact = OrderFact(vin_no(n), state, "O-1" if state is OrderState.KNOWN else None)
        self._try(
            lambda: self.plant.services.intake.set_orders(self.plant.actor("han"), [fact], "sales said so")
        )

    @rule(n=numbers)
    def withdraw(self, n):
        control = self.plant.services.control
        self._try(lambda: control.withdraw(self.plant.actor("wang"), CODE, [vin_no(n)], "sold"))

    @rule(what=st.sampled_from(["pause", "resume"]))
    def pause_or_resume(self, what):
        control = self.plant.services.control
        self._try(lambda: getattr(control, what)(self.plant.actor("wang"), CODE, "shift"))

    @invariant()
    def the_witness_has_no_objection(self):
        if not hasattr(self, "witness"):
            return
        self._listen()
        assert self.witness.objections == []

    @invariant()
    def the_log_and_the_cars_agree(self):
        if not hasattr(self, "witness"):
            return
        self._listen()
        cars = self.plant.cars()
        assert {c.vin: c.status for c in cars} == {vin: c.status for vin, c in self.witness.cars.items()}
        released = [c for c in cars if c.status is Status.RELEASED]
        assert all(c.order_state is not None and c.read_back == "VBV4.5.3C" for c in released)

    @invariant()
    def nothing_is_started_twice(self):
        if not hasattr(self, "witness"):
            return
        jobs = [job.job_id for _, job in self.plant.stations.starts]
        assert len(jobs) == len(set(jobs))

    @invariant()
    def the_counters_are_a_recount(self):
        if not hasattr(self, "witness"):
            return
        with self.plant.services.store.read() as uow:
            counts = {s: n for s, n in uow.campaigns.counts(uow.campaigns.get(CODE)).items() if n}
        recount: dict[Status, int] = {}
        for car in self.plant.cars():
            recount[car.status] = recount.get(car.status, 0) + 1
        assert counts == recount

    def teardown(self):
        if hasattr(self, "plant"):
            assert self.plant.services.store.verify() == []
            self.plant.services.close()


TestTwelveRules = Campaign.TestCase
TestTwelveRules.settings = settings(max_examples=80, stateful_step_count=50, deadline=None)
