"""Which flow runs of batches to ask for: every batch has one that a planner finds by its name.

A batch is looked at three times: at its planned start, when it is ready for QA, and when it is closed. A run
that crashed is asked for again. Runs that start now are spaced, because each start costs seconds of CPU.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from campaign.domain.batch import Batch, BatchStatus
from campaign.errors import BadInput, FlowsUnreachable, NotFound
from campaign.ports.clock import Clock
from campaign.ports.store import Store
from flows.rest import PrefectApi, Run, StateType

RUN_BATCH = "run-batch/run-batch"
TRIES = 3
"""How often a stage of a batch is tried whose runs crash."""
SPACING = timedelta(seconds=15)
"""Between two runs that start now."""
AHEAD = 50
"""How many runs are scheduled at one look: each is one question to Prefect."""


class Stage(StrEnum):
    """What a run of a batch is for."""

    START = "start"
    READY = "ready"
    CLOSED = "closed"


STAGE_OF = {
    BatchStatus.PLANNED: Stage.START,
    BatchStatus.OPEN: Stage.START,
    BatchStatus.READY: Stage.READY,
    BatchStatus.APPROVED: Stage.READY,
    BatchStatus.CLOSED: Stage.CLOSED,
}
ORDER = {stage: place for place, stage in enumerate(Stage)}
BAD = frozenset({StateType.CRASHED, StateType.FAILED})


@dataclass(frozen=True, slots=True)
class Wish:
    """A run to ask for: real time `at`; the same `key` never makes a second run."""

    batch: Batch
    stage: Stage
    at: datetime
    key: str


def stage_tag(stage: Stage) -> str:
    """How a run says what it is for."""
    return f"stage:{stage}"


def wishes(batches: Iterable[Batch], runs: Iterable[Run], clock: Clock, wall: datetime) -> list[Wish]:
    """The runs that are missing: those that are due, work before looking back; then those to come."""
    asked: dict[str, list[Run]] = {}
    for run in runs:
        asked.setdefault(run.name, []).append(run)
    found = [wish for batch in batches if (wish := _wish(batch, asked.get(batch.name, []), clock, wall))]
    return sorted(found, key=lambda wish: (wish.at, ORDER[wish.stage], wish.batch.no))


def _wish(batch: Batch, runs: Sequence[Run], clock: Clock, wall: datetime) -> Wish | None:
    """The run that this batch lacks, or None: a run for a later stage stands for the earlier ones too."""
    stage = STAGE_OF[batch.status]
    for run in runs:
        if run.state not in BAD and any(
            stage_tag(other) in run.tags for other in Stage if ORDER[other] >= ORDER[stage]
        ):
            return None
    tries = sum(1 for run in runs if stage_tag(stage) in run.tags)
    if tries >= TRIES:
        return None
    at = max(wall, clock.wall_at(batch.planned_start)) if stage is Stage.START else wall
    return Wish(batch, stage, at, f"{batch.name}:{stage}:{tries + 1}")


class BatchRuns:
    """Asks Prefect for the runs of one campaign's batches, and remembers what it asked for."""

    def __init__(self, api: PrefectApi, store: Store, clock: Clock, code: str) -> None:
        self._api, self._store, self._clock, self._code = api, store, clock, code
        self._runs: list[Run] | None = None
        self._free_at = clock.wall()  # when the next run may start at once

    def ask(self, *, last: bool = False) -> list[Run]:
        """Ask for what is missing: runs to come, and at most one that starts now; `last` schedules those too.

        Raises FlowsUnreachable, NotFound (the deployment), BadInput.
        """
        try:
            return self._ask(last)
        except (FlowsUnreachable, NotFound, BadInput):
            self._runs = None  # an answer may have been lost: look again what is there
            raise

    def _ask(self, last: bool) -> list[Run]:
        if self._runs is None:
            self._runs = self._api.runs(deployment=RUN_BATCH, tags=[self._code])
        with self._store.read() as uow:
            batches = uow.batches.all(self._code)
        wall = self._clock.wall()
        asked: list[Run] = []
        for wish in wishes(batches, self._runs, self._clock, wall):
            at = wish.at
            if at <= wall:
                if self._free_at > wall and not last:
                    continue
                at = max(wall, self._free_at)
                self._free_at = at + SPACING
            asked.append(self._start(wish, at))
            if len(asked) == AHEAD:
                break
        self._runs += asked
        return asked

    def _start(self, wish: Wish, at: datetime) -> Run:
        parameters = {"code": self._code, "no": wish.batch.no}
        tags = [self._code, stage_tag(wish.stage)]
        return self._api.start(RUN_BATCH, parameters, name=wish.batch.name, at=at, key=wish.key, tags=tags)
