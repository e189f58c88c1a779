"""What chance does to a plan: minutes of work, paces that all cars share, breakdowns, flashes that fail."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from campaign.planning.calendars import DAY
from campaign.planning.forecast_calendar import NEVER, Minutes
from campaign.planning.forecast_stage import Mask, Outages, Table
from campaign.planning.resources import Machine
from campaign.planning.snapshot import Snapshot
from campaign.planning.uncertainty import Breakdowns, Uncertainty

Factors = npt.NDArray[np.float64]
"""What minutes are multiplied by, for each replication or each (car, replication)."""

_MOST_TRIES = 4
_HOUR = 60


class Draws:
    """All that is drawn for one forecast, in a fixed order, so that a seed always gives the same."""

    def __init__(self, snapshot: Snapshot, uncertainty: Uncertainty, count: int, seed: int) -> None:
        """`count` replications."""
        self._snapshot, self._not_sure, self.count = snapshot, uncertainty, count
        self._chance = np.random.default_rng(seed)
        self.people = self._spread(uncertainty.people, count)
        self.round = uncertainty.round_minutes * self.people
        self._paces = (uncertainty.charge, uncertainty.flash, uncertainty.inspect)
        self._common = [pace.median * self._spread(pace.common, count) for pace in self._paces]

    def _kind(self, stage: int) -> int:
        """Stages before the gated one charge, the gated one flashes, later ones inspect."""
        gated = self._snapshot.gate_stage
        return 0 if stage < gated else 1 if stage == gated else 2

    def common(self, stage: int) -> Factors:
        """What all cars at a stage share, by replication; people's pace with it where people do the work."""
        factors = self._common[self._kind(stage)]
        return factors * self.people if stage > self._snapshot.gate_stage else factors

    def minutes(self, stage: int, nominal: Sequence[int]) -> Table:
        """By (car, replication): work without its waits."""
        each = self._spread(self._paces[self._kind(stage)].each, (len(nominal), self.count))
        return whole(np.asarray(nominal)[:, None] * each * self.common(stage))

    def until_round(self, *cars: int) -> Factors:
        """Minutes until somebody comes by, by (car, replication), or by replication."""
        return self._chance.random((*cars, self.count)) * self.round

    def tries(self, cars: int) -> npt.NDArray[np.int32]:
        """How often each car is flashed, by (car, replication)."""
        shape = (cars, self.count)
        if not self._not_sure.failed:
            return np.ones(shape, dtype=np.int32)
        drawn = self._chance.geometric(1 - self._not_sure.failed, shape)
        return np.minimum(drawn, _MOST_TRIES).astype(np.int32)

    def rejected(self, cars: int) -> Mask:
        """Whom QA sends back, by (car, replication)."""
        return self._chance.random((cars, self.count)) < self._not_sure.rejected

    def rework(self) -> Factors:
        """Minutes until a car that failed is tried again, by replication."""
        return self._not_sure.rework_minutes * self.people

    def sign_off(self, planned: int) -> Factors:
        """Minutes from the last inspection to a signature, by replication."""
        return planned * self._spread(self._not_sure.sign_off, self.count)

    def outages(self, stage: int, machines: Sequence[Machine], horizon: int) -> Outages | None:
        """Known ones of the snapshot and surprises; None where there are neither."""
        charges = stage < self._snapshot.gate_stage
        gated = stage == self._snapshot.gate_stage
        sudden = self._not_sure.point if charges else self._not_sure.station if gated else Breakdowns()
        known = [list(machine.outages) for machine in machines]
        begins, ends = self._breakdowns(sudden, len(machines), horizon)
        most = max(map(len, known), default=0)
        if not most and not begins.shape[2]:
            return None
        table = np.full((2, len(machines), most + 1), NEVER, dtype=np.int32)
        for number, outages in enumerate(known):
            for place, (begin, end) in enumerate(outages):
                table[:, number, place] = begin, end
        shape = (self.count, *table.shape[1:])
        begins = np.concatenate((begins, np.broadcast_to(table[0], shape)), axis=2)
        ends = np.concatenate((ends, np.broadcast_to(table[1], shape)), axis=2)
        foreseen = np.zeros(begins.shape, dtype=bool)
        foreseen[:, :, -most - 1 :] = np.broadcast_to(table[0] < NEVER, shape)
        order = np.argsort(begins, axis=2, kind="stable")
        begins, ends, foreseen = (
            np.take_along_axis(values, order, axis=2) for values in (begins, ends, foreseen)
        )
        return Outages(begins, ends, foreseen, pauses=charges)

    def _breakdowns(self, sudden: Breakdowns, machines: int, horizon: int) -> tuple[Table, Table]:
        """Begins and ends by (replication, machine, number); NEVER where there are fewer."""
        often = self._chance.poisson(sudden.per_day * horizon / DAY, (self.count, machines))
        shape = (self.count, machines, int(often.max(initial=0)))
        begins = self._chance.integers(0, horizon, shape, dtype=np.int32)
        lengths = sudden.hours * _HOUR * self._spread(sudden.spread, shape)
        begins[np.arange(shape[2]) >= often[:, :, None]] = NEVER
        return begins, np.where(begins < NEVER, begins + whole(lengths), NEVER).astype(np.int32)

    def _spread(self, deviation: float, shape: int | tuple[int, ...]) -> Factors:
        """Factors around 1; exactly 1 without a deviation."""
        return np.exp(deviation * self._chance.standard_normal(shape)) if deviation else np.ones(shape)


def whole(minutes: Factors) -> Minutes:
    """The nearest whole minutes, at least 1 where there were any."""
    return np.where(minutes > 0, np.maximum(np.rint(minutes), 1), 0).astype(np.int32)
