"""What the supervisor does for Prefect: after a crash nothing in its books stands in the way of the next run.

Prefect learns of a dead flow process only from the worker that started it. When that one died too, or had died
before, its runs stay Running or Pending for good: they are marked as crashed here, unless their process lives on.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Set
from pathlib import Path

from campaign.config import Settings
from campaign.errors import CallerError, FlowsUnreachable
from flows.rest import IN_HAND, PrefectApi, Run, StateType
from flows.starting import ADVANCE, request_advance

RUN_ID = b"PREFECT__FLOW_RUN_ID="
LOOK_EVERY_S = 3.0
PATIENCE_S = 15.0
"""Added to the lease: a new run waits that long for the lease of a dead one."""
LAST = 20
"""Crashed runs that are remembered between two looks."""
NO_WORD = "its process ended without a word"


def living_runs(proc: Path = Path("/proc")) -> frozenset[str]:
    """The ids of the flow runs that have a process on this machine."""
    found = set()
    for environ in proc.glob("[0-9]*/environ"):
        try:
            variables = environ.read_bytes().split(b"\0")
        except OSError:  # ended meanwhile, or somebody else's
            continue
        found |= {v.removeprefix(RUN_ID).decode() for v in variables if v.startswith(RUN_ID)}
    return frozenset(found)


def crash_dead_runs(api: PrefectApi, alive: Container[str]) -> list[Run]:
    """Mark as crashed what some process should be working on and none is. Raises FlowsUnreachable."""
    dead = [run for run in api.runs(states=IN_HAND) if run.id not in alive]
    for run in dead:
        api.set_state(run.id, StateType.CRASHED, f"{NO_WORD}, found at a new start")
    return dead


class Tending:
    """Brings the reconciler back soon after a crash; its schedule is the safety net."""

    def __init__(
        self,
        settings: Settings,
        tell: Callable[[str], object],
        alive: Callable[[], Set[str]] = living_runs,
    ) -> None:
        self._settings, self._tell, self._alive = settings, tell, alive
        self._api = PrefectApi(settings.prefect_url)
        self._crashed: frozenset[str] | None = None
        self._lived: Set[str] = frozenset()

    def server_ready(self) -> bool:
        """Whether the server answers."""
        return self._api.healthy()

    def worker_ready(self) -> bool:
        """Whether a worker of the pool gives signs of life."""
        try:
            return bool(self._api.workers_online(self._settings.work_pool))
        except (FlowsUnreachable, CallerError):
            return False

    def before_worker(self) -> bool:
        """Called before a worker starts: True once the books are clean and a reconciler lives or was asked for."""
        try:
            alive = self._alive()
            dead = crash_dead_runs(self._api, alive)
            working = self._api.runs(deployment=ADVANCE, states=frozenset({StateType.RUNNING}))
            if dead or not any(run.id in alive for run in working):
                self._ask()
                self._crashed = None  # those are answered by this one question
        except (FlowsUnreachable, CallerError):
            return False
        if dead:
            self._tell(f"marked {len(dead)} runs of Prefect as crashed: their processes are gone")
        return True

    def look(self) -> None:
        """When a run of the reconciler crashed, ask for the next one, whoever had started it."""
        try:
            self._find_dead()
            newest = self._api.runs(deployment=ADVANCE, states=frozenset({StateType.CRASHED}), newest=LAST)
            crashed = frozenset(run.id for run in newest)
            known, self._crashed = self._crashed, crashed
            if known is not None and crashed - known:
                self._ask()
                self._tell("a run of advance-campaign crashed: asked for the next one")
        except (FlowsUnreachable, CallerError):
            return

    def _find_dead(self) -> None:
        """Mark runs that had a process here and have none, and that say they are running.

        Their worker died before them, or is too busy to tell. Runs of other machines were never seen here.
        """
        alive = self._alive()  # before the question: whoever ends between the two has said so by then
        running = {run.id for run in self._api.runs(states=frozenset({StateType.RUNNING}))}
        for run_id in (self._lived - alive) & running:
            self._api.set_state(run_id, StateType.CRASHED, NO_WORD)
        self._lived = alive

    def _ask(self) -> None:
        """Ask for a run that waits for the lease of a dead one, unless such a run waits for a worker already."""
        scheduled = self._api.runs(deployment=ADVANCE, states=frozenset({StateType.SCHEDULED}))
        if not any(run.parameters.get("patience_s") and not run.parameters.get("code") for run in scheduled):
            request_advance(self._settings, patience_s=self._settings.lease_s + PATIENCE_S)
