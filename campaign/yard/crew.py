"""What people do at a moment, each under their own name: technicians, shift lead, QA, sales and the planner.

A round looks, and does what is due by the times in the database; only QA's inspection under way is kept in
memory. So a crew can end at any line, and the next one goes on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from campaign.domain.campaign import threshold_reason
from campaign.domain.identity import Vin
from campaign.domain.marks import Mark, MarkAnswer, MarkKind
from campaign.domain.people import SYSTEM_ID, Role
from campaign.domain.reasons import Code
from campaign.domain.site import SiteLayout
from campaign.domain.vehicle import Car, OrderState
from campaign.errors import Refused, StationError
from campaign.ports.records import Charge, OrderFact
from campaign.services.marks import MOST
from campaign.yard.given import Given
from campaign.yard.inspection import PER_CAR, Effort, Inspection
from campaign.yard.people import Staff
from campaign.yard.picture import LOOK_AT_PARKED, Picture, look
from campaign.yard.world import World

ROUND = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Habits:
    """How long people take, in campaign time, and how often QA finds something."""

    seed: int = 1
    retry_after: timedelta = timedelta(minutes=30)
    resolve_after: timedelta = timedelta(minutes=20)
    resume_after: timedelta = timedelta(minutes=40)
    answer_after: timedelta = timedelta(hours=1)
    flaws: float = 0.006  # of the cars that QA inspects for the first time
    points_every: timedelta | None = None  # charging cars are read this often on their way
    inspect: timedelta = PER_CAR  # of one car, by one inspector
    inspect_spread: float = 0.0  # part by which a batch takes more or less than that
    pilot_sign_off: timedelta = timedelta()  # from the pilot's last inspection to the pen
    round_every: timedelta = ROUND  # technicians walk their circuits this often


RETRY_REASONS = ("重新连接诊断接口后再试", "检查12V供电后再试", "更换线束后再试", "按QA意见处理后重刷")


class Crew:
    """Everybody on site. `round()` does what is due now and tells how many things were done."""

    def __init__(
        self, given: Given, staff: Staff, world: World, *, layout: SiteLayout, code: str, habits: Habits
    ) -> None:
        self._given, self._staff, self._world = given, staff, world
        self._layout, self._code, self._habits = layout, code, habits
        effort = Effort(habits.inspect, habits.inspect_spread, habits.pilot_sign_off)
        self._inspection = Inspection(
            given, staff, layout, code, flaws=habits.flaws, seed=habits.seed, effort=effort
        )
        self._zones = {c.name: at for at, c in enumerate(layout.circuits)}
        self._zone_of = {p.name: self._zones[p.circuit] for p in layout.points}
        self._walked: datetime | None = None
        self._tripped: datetime | None = None
        self._marked = 0

    @property
    def round_every(self) -> timedelta:
        """How long after a round the next one begins."""
        return self._habits.round_every

    def round(self) -> int:
        """One round of everybody. Raises what a system in trouble raises (SiteError)."""
        now = self._given.clock.now()
        walk = self._walked is None or now - self._walked >= LOOK_AT_PARKED
        seen = look(self._given.store, self._code, now, walk=walk, points_every=self._habits.points_every)
        if walk:
            self._walked = now
        self._pull_cables(seen)
        done = self._technicians(seen)
        done += self._lead(seen)
        done += self._sales(seen)
        done += self._planner(seen)
        return done + self._inspection.go_on(now)

    # -- technicians -----------------------------------------------------------------------------

    def _technicians(self, seen: Picture) -> int:
        """Everybody walks their own circuits and hands in all marks of the round at once."""
        marks: dict[str, list[Mark]] = defaultdict(list)
        on_shift = self._on_shift(seen.now)
        for charge in seen.charges:
            mark = self._at_point(charge, seen)
            if mark is not None:
                marks[self._walker(on_shift, self._zone_of.get(charge.point, 0))].append(mark)
        target = seen.campaign.rules.charge_target_tenths
        for at, car in enumerate(seen.to_read):
            full = car.vin in self._world.charging and self._world.soc(car.vin, seen.now) >= target
            if car.vin in self._world and not full:
                soc = self._world.reading(car.vin, seen.now)
                marks[self._walker(on_shift, at)].append(self._mark(MarkKind.SOC, car.vin, soc))
        for at, car in enumerate(seen.unread):
            if seen.running and car.vin in self._world:
                soc = self._world.reading(car.vin, seen.now)
                marks[self._walker(on_shift, at)].append(self._mark(MarkKind.CHARGED, car.vin, soc))
        for car in seen.rework:
            if seen.may_try_again(car) and self._due(car, self._habits.retry_after, seen.now):
                reason = Random(f"retry:{car.vin}").choice(RETRY_REASONS)
                again = self._mark(MarkKind.RETRY, car.vin, reason=reason)
                marks[self._walker(on_shift, car.id)].append(again)
        return sum(self._hand_in(person, mine, seen.now) for person, mine in marks.items())

    def _at_point(self, charge: Charge, seen: Picture) -> Mark | None:
        """Connect a car that was given a point; unplug one that is full enough."""
        if charge.campaign != self._code or charge.vin not in self._world:
            return None
        target = seen.campaign.rules.charge_target_tenths
        if charge.started_at is None:
            if not seen.running:
                return None
            soc = self._world.reading(charge.vin, seen.now)
            return self._mark(MarkKind.CHARGING, charge.vin, soc, charge.point)
        self._world.connect(charge.vin, seen.now)
        if self._world.soc(charge.vin, seen.now) < target:
            return None
        return self._mark(MarkKind.CHARGED, charge.vin, self._world.reading(charge.vin, seen.now))

    def _hand_in(self, person: str, marks: Sequence[Mark], now: datetime) -> int:
        done = 0
        for first in range(0, len(marks), MOST):
            part = marks[first : first + MOST]
            results = self._given.marks.mark(self._staff.actor(person), part)
            for mark, result in zip(part, results, strict=True):
                if result.answer is MarkAnswer.DONE:
                    done += 1
                    if mark.kind is MarkKind.CHARGING:
                        self._world.connect(Vin(mark.vin), now)
                    elif mark.kind is MarkKind.CHARGED:
                        self._world.disconnect(Vin(mark.vin), now)
        return done

    def _mark(
        self, kind: MarkKind, vin: Vin, soc: int | None = None, point: str | None = None, reason: str = ""
    ) -> Mark:
        self._marked += 1
        client_id = f"yard-{kind.value}-{vin}-{self._given.clock.now():%Y%m%d%H%M%S}-{self._marked}"
        return Mark(kind, vin, soc, point=point, reason=reason, client_id=client_id)

    def _on_shift(self, now: datetime) -> list[str]:
        """Technicians of the shift that is open: they are shared out over the shifts in their order."""
        everybody = self._staff.with_role(Role.TECHNICIAN)
        day = self._layout.shift_at(now)
        if day is None or len(self._layout.shifts) < 2:
            return everybody
        at = self._layout.shifts.index(day.shift)
        return everybody[at :: len(self._layout.shifts)] or everybody

    def _walker(self, on_shift: Sequence[str], zone: int) -> str:
        return on_shift[zone % len(on_shift)]

    def _pull_cables(self, seen: Picture) -> None:
        """A car whose charge ended by another hand (the board, a withdrawal) does not go on charging."""
        connected = {charge.vin for charge in seen.charges if charge.started_at is not None}
        for vin in sorted(self._world.charging - connected):
            self._world.disconnect(vin, seen.now)

    # -- shift lead ------------------------------------------------------------------------------

    def _lead(self, seen: Picture) -> int:
        """Reads uncertain cars back, and gives stations free that were stopped after saying no."""
        leads = self._staff.with_role(Role.LEAD)
        done = 0
        for car in seen.uncertain:
            if leads and self._due(car, self._habits.resolve_after, seen.now):
                done += self._resolve(leads[0], car)
        for hold in seen.holds:
            if leads and hold.scope == "station" and hold.by == SYSTEM_ID:
                self._given.quality.lift_hold(self._staff.actor(leads[0]), hold.id, "线束与台架已检查")
                done += 1
        return done

    def _resolve(self, person: str, car: Car) -> int:
        try:
            self._given.resolving.resolve(self._staff.actor(person), car.vin, "到车前重新读取版本")
        except (Refused, StationError):
            return 0  # the car or its station does not answer yet: the next round asks again
        return 1

    # -- sales and planner -----------------------------------------------------------------------

    def _sales(self, seen: Picture) -> int:
        """Answer for approved cars that only wait for their order."""
        people = self._staff.with_role(Role.SALES)
        facts = [
            self._answer(car)
            for car in seen.approved
            if car.order_state is OrderState.UNKNOWN and self._due(car, self._habits.answer_after, seen.now)
        ]
        if facts and people:
            self._given.intake.set_orders(self._staff.actor(people[0]), facts, "销售确认")
            return len(facts)
        return 0

    def _answer(self, car: Car) -> OrderFact:
        if Random(f"order:{self._habits.seed}:{car.vin}").random() < 0.5:
            return OrderFact(car.vin, OrderState.NONE)
        return OrderFact(car.vin, OrderState.KNOWN, f"SO9{car.vin.serial}")

    def _planner(self, seen: Picture) -> int:
        planners = self._staff.with_role(Role.PLANNER)
        if not planners or not seen.running:
            self._tripped = None
            return 0
        return self._give_up(seen, planners[0]) + self._go_on(seen, planners[0])

    def _give_up(self, seen: Picture, planner: str) -> int:
        """A car that used up its tries leaves the campaign: others look into it."""
        beyond = [
            car.vin
            for car in seen.rework
            if not seen.may_try_again(car) and self._due(car, self._habits.resume_after, seen.now)
        ]
        if not beyond:
            return 0
        why = "多次刷写失败，转专项处理"
        return len(self._given.control.withdraw(self._staff.actor(planner), self._code, beyond, why))

    def _go_on(self, seen: Picture, planner: str) -> int:
        """After the failure threshold somebody looks into it, then goes on with a reason (rule 10)."""
        if threshold_reason(seen.campaign) is None:
            self._tripped = None
            return 0
        self._tripped = self._tripped or seen.now
        if seen.now - self._tripped < self._habits.resume_after:
            return 0
        try:
            self._given.control.resume(self._staff.actor(planner), self._code, "失败原因已分析，继续")
        except Refused as refused:
            if all(reason.code is not Code.CAMPAIGN_STATE for reason in refused.reasons):
                raise
            return 0  # somebody paused it meanwhile: that is theirs to end
        return 1

    def _due(self, car: Car, delay: timedelta, now: datetime) -> bool:
        return car.changed_at is None or now - car.changed_at >= delay
