"""Plans and forecasts as compact JSON text: moments are whole seconds from one moment of their row."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any

from campaign.domain.identity import Vin
from campaign.planning.plan import Wait
from campaign.ports.plans import KeptForecast, KeptPlan, LateCar, LateReason, Moved, PlannedStep

_SECOND = timedelta(seconds=1)
_NUMBERS_OF_STEP = 3


def moved_text(moved: Sequence[Moved]) -> str:
    """Cars that changed their places."""
    return _text([[one.vin, one.was, one.now, one.why] for one in moved])


def moved_from(text: str) -> tuple[Moved, ...]:
    """Back from `moved_text`."""
    return tuple(Moved(Vin(vin), was, now, why) for vin, was, now, why in json.loads(text))


def newest_text(plan: KeptPlan) -> str:
    """Late cars, batches and steps; the steps of one machine stand together, as `vin, start, length, vin, ...`."""
    base = _whole(plan.made_at)
    return _text(
        {
            "late": [_late(car, base) for car in plan.late],
            "batches": [[no, _since(start, base), _since(end, base)] for no, start, end in plan.batches],
            "steps": [
                [stage, machine, [value for step in steps for value in _step(step, base)]]
                for (stage, machine), steps in groupby(plan.steps, key=lambda s: (s.stage, s.machine))
            ],
        }
    )


def newest_from(
    text: str, made_at: datetime
) -> tuple[tuple[LateCar, ...], tuple[tuple[int, datetime, datetime], ...], tuple[PlannedStep, ...]]:
    """Back from `newest_text`: late cars, batches, steps."""
    raw, base = json.loads(text), _whole(made_at)
    late = tuple(_late_from(row, base) for row in raw["late"])
    batches = tuple((no, _moment(start, base), _moment(end, base)) for no, start, end in raw["batches"])
    return late, batches, tuple(_steps_from(raw["steps"], base))


def curves_text(forecast: KeptForecast) -> str:
    """The fan and the promises."""
    base = _whole(forecast.at)
    return _text(
        {
            "fan": [[_since(moment, base), *cars] for moment, *cars in forecast.fan],
            "promises": [[day.isoformat(), *rest] for day, *rest in forecast.promises],
        }
    )


def curves_from(
    text: str, at: datetime
) -> tuple[tuple[tuple[datetime, int, int, int, int, int], ...], tuple[tuple[date, int, float, float], ...]]:
    """Back from `curves_text`."""
    raw, base = json.loads(text), _whole(at)
    fan = tuple(
        (_moment(seconds, base), p5, p20, p50, p80, p95) for seconds, p5, p20, p50, p80, p95 in raw["fan"]
    )
    promises = tuple(
        (date.fromisoformat(day), cars, chance, late) for day, cars, chance, late in raw["promises"]
    )
    return fan, promises


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _whole(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)


def _since(moment: datetime, base: datetime) -> int:
    return (moment - base) // _SECOND


def _moment(seconds: int, base: datetime) -> datetime:
    return base + timedelta(seconds=seconds)


def _step(step: PlannedStep, base: datetime) -> tuple[str, int, int]:
    start = _since(step.start, base)
    return step.vin, start, _since(step.end, base) - start


def _steps_from(rows: Iterable[Any], base: datetime) -> Iterator[PlannedStep]:
    for stage, machine, values in rows:
        for at in range(0, len(values), _NUMBERS_OF_STEP):
            vin, start, length = values[at : at + _NUMBERS_OF_STEP]
            begin = _moment(start, base)
            yield PlannedStep(Vin(vin), stage, machine, begin, begin + timedelta(seconds=length))


def _late(car: LateCar, base: datetime) -> list[object]:
    row: list[object] = [car.vin, _since(car.due, base), _since(car.approved, base)]
    if car.reason is not None:
        why = car.reason
        row += [why.wait.value, why.stage, why.machine, _since(why.since, base), _since(why.until, base)]
    return row


def _late_from(row: Sequence[Any], base: datetime) -> LateCar:
    vin, due, approved, *why = row
    reason = None
    if why:
        wait, stage, machine, since, until = why
        reason = LateReason(Wait(wait), stage, machine, _moment(since, base), _moment(until, base))
    return LateCar(Vin(vin), _moment(due, base), _moment(approved, base), reason)
