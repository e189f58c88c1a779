"""Plan again while a campaign runs: priorities, batches and their times; started work is never touched.

Planning takes no lock: what is read is planned, and what is written is guarded. Somebody who was first makes a
Conflict, and the plan is made once more over what is there now.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from campaign.domain.campaign import Campaign, CampaignState
from campaign.domain.causes import Cause
from campaign.domain.events import SITE_CHAIN, Kind
from campaign.domain.people import SYSTEM, Actor, Right, Role
from campaign.domain.reasons import Code, because
from campaign.errors import Conflict, NotFound, Refused
from campaign.planning.disturbances import Seen, disturbance, due
from campaign.planning.planner import plan
from campaign.planning.remedies import Remedy, remedies
from campaign.ports.clock import Clock
from campaign.ports.plans import KeptPlan
from campaign.ports.store import Store, UnitOfWork
from campaign.services.access import need, need_reason
from campaign.services.deciding import decide, options
from campaign.services.kept_plans import Made, Origin, cause_text, kept_plan, moves
from campaign.services.live_snapshot import Live, live_snapshot
from campaign.services.looks import look
from campaign.services.outlook import Comparison, Outlook
from campaign.services.plan_writing import Basis, told, write_batches, write_places
from campaign.services.stages import layout_of
from campaign.services.what_if import WhatIf, compared
from campaign.services.work import campaign_work
from campaign.services.work_lists import WorkLine, WorkList, work_list

__all__ = ["Cause", "Comparison", "Outlook", "Replanning", "WhatIf", "WorkLine", "WorkList"]

HISTORY = 200
TRIES = 3
"""How often a plan is made over what is there now, where somebody was first."""
LOOK_EVERY, LOOK_ANYWAY = timedelta(seconds=15), timedelta(minutes=5)
"""Campaign time between two looks: at least, and at most where no event is told (a shift ends, a charge is late)."""
News = tuple[int, int, frozenset[str]]
"""The tokens of the campaign and of the site, and who does not answer."""
EVER = datetime.min.replace(tzinfo=UTC)
OVER = (CampaignState.STOPPED, CampaignState.COMPLETE)


@dataclass(frozen=True, slots=True)
class _Looked:
    """The last look at a campaign: its tokens and silent stations, and when it was last `tried` to plan again.

    `waits`: something is left to plan for.
    """

    at: datetime
    news: News
    seen: Seen | None
    waits: bool
    tried: datetime

    def quiet(self, news: News, now: datetime) -> bool:
        """Nothing was told since, and no time has passed that could tell something by itself."""
        return not self.waits and self.news == news and timedelta() <= now - self.at < LOOK_ANYWAY


class Replanning:
    """Use cases of the planner and of the reconciler; `away` names the stations that do not answer this process."""

    def __init__(self, store: Store, clock: Clock, away: Callable[[], frozenset[str]] = frozenset) -> None:
        self._store, self._clock, self._away = store, clock, away
        self._looked: dict[str, _Looked] = {}

    def replan(self, actor: Actor, code: str, *, why: str, cause: Cause = Cause.ASKED) -> KeptPlan:
        """Plan what is left, and keep it. Raises NotFound; Refused for a campaign that is over, without a reason."""
        need(actor, Right.RUN)
        reason = need_reason(why) if cause is Cause.ASKED else why
        return self._replan(actor, code, reason, cause, None)

    def kept(self, code: str) -> KeptPlan | None:
        """The plan in force. Raises NotFound."""
        with self._store.read() as uow:
            return uow.plans.latest(code)

    def history(self, code: str) -> list[KeptPlan]:
        """The newest first, without steps. Raises NotFound."""
        with self._store.read() as uow:
            return uow.plans.history(code, HISTORY)

    def what_if(self, actor: Actor, code: str, wish: WhatIf) -> Comparison:
        """What a wish would change. Nothing is saved. Raises NotFound, BadInput; Refused where all is over."""
        need(actor, Right.VIEW)
        live = self._live(code)
        return compared(live.snapshot, wish, options(live))

    def advice(self, actor: Actor, code: str) -> tuple[Remedy, ...]:
        """What would make the promises feasible, each remedy alone; none when they are kept. Raises as `what_if`."""
        need(actor, Right.VIEW)
        live = self._live(code)
        return remedies(live.snapshot, plan(live.snapshot, options(live)))

    def work_list(self, actor: Actor, code: str, at: datetime) -> WorkList:
        """What the shift that `at` falls in has to do. Raises NotFound, also between shifts."""
        need(actor, Right.VIEW)
        with self._store.read() as uow:
            layout = layout_of(uow, campaign_of(uow, code).rules.site)
            return work_list(uow, code, layout, uow.plans.latest(code), at)

    def _live(self, code: str) -> Live:
        with self._store.read() as uow:
            campaign, seen = _not_over(uow, code), _in_force(uow, code)[1]
            layout, silent = layout_of(uow, campaign.rules.site), seen.away if seen else frozenset()
            return live_snapshot(uow, campaign, layout, self._clock.now(), silent)

    def tend(self, code: str) -> KeptPlan | None:
        """For the reconciler, after each look: plan again when something disturbs the plan. Mostly a cheap look.

        Nothing is read for some seconds after a look, nothing but tokens as long as no event is told. Raises NotFound.
        """
        now, last = self._clock.now(), self._looked.get(code)
        if last is not None and timedelta() <= now - last.at < LOOK_EVERY:
            return None
        news = (self._store.token(code), self._store.token(SITE_CHAIN), self._away())
        if last is not None and last.quiet(news, now):
            return None
        with self._store.read() as uow:
            planned_at, before = _in_force(uow, code)
            seen = self._seen(uow, code, now, news, before if last is None else last.seen)
        found = None if seen is None else disturbance(before, seen)
        tried = EVER if last is None else last.tried
        again = found is not None and due(max(planned_at, tried), now)
        self._looked[code] = _Looked(now, news, seen or before, found is not None, now if again else tried)
        if found is None or not again:
            return None
        return self._replan(SYSTEM, code, found.what, found.cause, news[2])

    def _seen(self, uow: UnitOfWork, code: str, now: datetime, news: News, read: Seen | None) -> Seen | None:
        """A look at a campaign that runs; `read` knows the log up to somewhere."""
        campaign = campaign_of(uow, code)
        if campaign.state is not CampaignState.RUNNING:
            return None
        return look(uow, campaign, layout_of(uow, campaign.rules.site), now, news[0], news[2], read)

    def _replan(
        self, actor: Actor, code: str, why: str, cause: Cause, away: frozenset[str] | None
    ) -> KeptPlan:
        for _ in range(TRIES - 1):
            with suppress(Conflict):
                return self._once(actor, code, why, cause, away)
        return self._once(actor, code, why, cause, away)

    def _once(self, actor: Actor, code: str, why: str, cause: Cause, away: frozenset[str] | None) -> KeptPlan:
        token = self._store.token(code)
        with self._store.read() as uow:
            basis = self._basis(uow, code, token, away)
        live = basis.live
        decided = decide(live, basis.last_no, basis.waiting, time.perf_counter)
        made = Made(decided.snapshot, decided.plan, decided.numbers, live.started, len(live.left_out))
        origin = Origin(code, basis.now, actor.id, cause, why, basis.seen.to_json())
        kept = kept_plan(origin, made, moves(live.before, decided.plan.ranks, cause_text(cause, why)))
        with campaign_work(self._store, code, basis.now) as work:
            write_places(work, live, decided)
            write_batches(work, live, decided, kept)
            work.fact(Kind.REPLANNED, actor, reason=why, data=told(basis, decided, kept))
            work.uow.plans.keep(kept)
            work.commit()
        return kept

    def _basis(self, uow: UnitOfWork, code: str, token: int, away: frozenset[str] | None) -> Basis:
        campaign = _not_over(uow, code)
        layout, now = layout_of(uow, campaign.rules.site), self._clock.now()
        before = next(iter(uow.plans.history(code, 1)), None)
        seen = None if before is None else Seen.from_json(before.seen)
        silent = away if away is not None else seen.away if seen is not None else frozenset()
        return Basis(
            campaign,
            layout,
            now,
            live_snapshot(uow, campaign, layout, now, silent),
            tuple(uow.batches.all(code)),
            look(uow, campaign, layout, now, token, silent, seen),
            before,
        )


def _in_force(uow: UnitOfWork, code: str) -> tuple[datetime, Seen | None]:
    """When the plan in force was made, and what was seen then. A campaign may be older than kept plans."""
    kept = uow.plans.seen(code)
    return (EVER, None) if kept is None else (kept[0], Seen.from_json(kept[1]))


def _not_over(uow: UnitOfWork, code: str) -> Campaign:
    """Raises NotFound, Refused."""
    campaign = campaign_of(uow, code)
    if campaign.state in OVER:
        raise Refused([because(Code.CAMPAIGN_STATE, Role.PLANNER, state=campaign.state.value)])
    return campaign


def campaign_of(uow: UnitOfWork, code: str) -> Campaign:
    """Raises NotFound."""
    campaign = uow.campaigns.get(code)
    if campaign is None:
        raise NotFound(f"there is no campaign {code} here")
    return campaign
