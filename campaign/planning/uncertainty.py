"""How far reality is from a plan: parameters of a forecast, with defaults for a yard that nobody has watched."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """How long work takes against its planned minutes.

    `median` is what is usual (1.1: 10 % longer than planned). Spreads are standard deviations of the logarithm (0.1
    is about 10 %): `each` from car to car, `common` for all cars of a campaign at once: a cold week, a slow package,
    tired people. Only the common part does not average out.
    """

    median: float = 1.0
    each: float = 0.0
    common: float = 0.0


@dataclass(frozen=True, slots=True)
class Breakdowns:
    """Machines that stop working unannounced: how often each one does in a day, and the hours until it works again.

    `hours` is the median; the logarithm of the hours spreads by `spread`.
    """

    per_day: float = 0.0
    hours: float = 3.0
    spread: float = 0.8


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """What is not known of a campaign. Stages before the gated one charge, the gated one flashes, later ones inspect.

    charge, flash, inspect: how long the work takes.
    point, station: their breakdowns. A charge that is cut goes on afterwards, a running flash is never cut.
    round_minutes: technicians come by this often: a car is connected on the round after it was given a point, and
        found full on the round after it is full; QA begins with a batch, and signs it, on a round too.
    people: how far the pace of everybody is from usual (a spread as `Pace.common`): rounds, rework, inspections.
    failed: part of the flashes that have to be done again, `rework_minutes` later.
    rejected: part of the cars that QA sends back; each is flashed and inspected once more after its batch.
    sign_off: how far the minutes to a signature are from the planned ones (a spread as `Pace.common`).
    by_batch: QA takes a batch when its last car has come, with all inspectors, and signs in its hours only; else cars
        one by one as planned.

    The defaults were fitted to what the logs of 140 simulated campaigns tell (`tests/bench/bench_forecast.py` says
    how): a site's own campaigns are the better teacher.
    """

    charge: Pace = Pace(1.08, 0.06, 0.09)
    flash: Pace = Pace(1.03, 0.07, 0.11)
    inspect: Pace = Pace(1.05, 0.12, 0.05)
    point: Breakdowns = Breakdowns(0.005, 3.0)
    station: Breakdowns = Breakdowns(0.25, 3.0)
    round_minutes: float = 16.0
    people: float = 0.2
    failed: float = 0.017
    rejected: float = 0.006
    rework_minutes: float = 35.0
    sign_off: float = 0.2
    by_batch: bool = True

    @classmethod
    def none(cls) -> Uncertainty:
        """Everything goes exactly as planned: the forecast is the plan."""
        sure, never = Pace(), Breakdowns()
        return cls(sure, sure, sure, never, never, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, by_batch=False)
