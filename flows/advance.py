"""The reconciler's flow: keeps campaigns going while it runs, and hands on to the next run."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from threading import Event, Thread

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run

from campaign.bootstrap import Services
from campaign.config import Settings
from campaign.errors import CallerError, CampaignError, FlowsUnreachable
from flows.batch_runs import BatchRuns
from flows.opening import done, failed, not_done, opened
from flows.reconciling import End, Kept, Reconciler
from flows.rest import ENDED, PrefectApi, Run, StateType
from flows.starting import request_advance

HAND_OVER_S = 60.0
"""How long a run stays beyond its time for its successor, and how long that one waits for the lease."""
ASK_EVERY_S = 5.0


def run_name() -> str:
    """`advance`, or `advance VBV453C-2026`."""
    return f"advance {flow_run.parameters.get('code') or ''}".strip()


@flow(name="advance-campaign", flow_run_name=run_name, retries=0)
def advance_campaign(code: str | None = None, patience_s: float = 0) -> State:
    """Keep campaigns going · 推进升级活动

    Opens batches, hands out charge points and stations, follows flashes, releases. Takes every active
    campaign whose lease is free, or only `code`; ends as “Standby” when another run has them all.
    """
    settings = Settings.load()
    tell = get_run_logger().info
    try:
        services = opened(settings)

        def wanted() -> list[str]:
            return [code] if code else services.reconcile.active_codes()

        reconciler = Reconciler(
            services, flow_run.id or "", lease_s=settings.lease_s, poll_s=settings.poll_s, tell=tell
        )
        shift = Shift(settings, code)
        with Desk(settings, services, lambda: reconciler.codes, tell) as desk:
            kept = reconciler.run(wanted, shift.over, patience_s)
        desk.ask([k.code for k in kept if k.end is End.OVER], last=True)
        return ending(kept, wanted())
    except CampaignError as error:
        return not_done(error, settings.language)


def ending(kept: Sequence[Kept], active: Sequence[str]) -> State:
    """How a run ends, from what it kept."""
    if not kept:
        if active:
            return done("Standby", f"another run has the lease of {', '.join(active)}")
        return done("Idle", "no campaign is active")
    told = "; ".join(map(_told, kept))
    if any(k.end is End.FAILED for k in kept):
        return failed(told)
    return done("Over" if all(k.end is End.OVER for k in kept) else "Handed on", told)


def _told(kept: Kept) -> str:
    if kept.end is End.FAILED:
        return f"{kept.code} failed: {kept.error}"
    return (
        f"{kept.code} {kept.end}: {kept.looks} looks, {kept.opened} batches opened, {kept.points} points, "
        f"{kept.started} flashes started, {kept.ended} ended, {kept.released} cars released, {kept.planned} plans"
    )


class Shift:
    """When a run goes home: after its time, as soon as its successor works, or a minute later anyway.

    So there is no gap between two runs. Where Prefect does not answer, the schedule brings the next one.
    """

    def __init__(
        self, settings: Settings, code: str | None, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings, self._code, self._seconds = settings, code, seconds
        self._began = seconds()
        self._successor: Run | None = None

    def over(self) -> bool:
        """Whether it is time to go."""
        stayed = self._seconds() - self._began - self._settings.advance_run_s
        if stayed < 0:
            return False
        try:
            if self._successor is None:
                self._successor = request_advance(self._settings, self._code, HAND_OVER_S)
                return False
            state = PrefectApi(self._settings.prefect_url).run(self._successor.id).state
        except (FlowsUnreachable, CallerError):
            return stayed > HAND_OVER_S
        return state is StateType.RUNNING or state in ENDED or stayed > HAND_OVER_S


class Desk:
    """Asks in the background for the runs of batches, for as long as the `with` block lasts."""

    def __init__(
        self,
        settings: Settings,
        services: Services,
        codes: Callable[[], Sequence[str]],
        tell: Callable[[str], object],
    ) -> None:
        self._services, self._codes, self._tell = services, codes, tell
        self._api = PrefectApi(settings.prefect_url)
        self._runs: dict[str, BatchRuns] = {}
        self._over = Event()
        self._thread = Thread(target=self._work, name="desk", daemon=True)

    def __enter__(self) -> Desk:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._over.wait(ASK_EVERY_S):
            self.ask(self._codes())

    def ask(self, codes: Sequence[str], *, last: bool = False) -> None:
        """Ask for the runs that these campaigns' batches lack; after the `last` time nobody asks again."""
        store, clock = self._services.store, self._services.clock
        for code in codes:
            runs = self._runs.setdefault(code, BatchRuns(self._api, store, clock, code))
            try:
                runs.ask(last=last)
            except CampaignError as later:
                self._tell(f"{code}: the runs of its batches are asked for again later: {later}")
