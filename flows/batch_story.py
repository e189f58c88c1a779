"""What a batch's run shows in Prefect: a table of its cars, how far they are, one sentence. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from campaign.domain.batch import Batch
from campaign.domain.soc import format_soc
from campaign.domain.vehicle import Car, Status
from campaign.ports.views import BatchEvidence
from campaign.wording import batch_word, outcome_word, status_word
from campaign.wording.words import Words, pick

WAY = (
    Status.QUEUED,
    Status.CHARGING,
    Status.CHARGED,
    Status.FLASHING,
    Status.FLASHED,
    Status.APPROVED,
    Status.RELEASED,
)
BESIDE = {Status.REWORK: Status.CHARGED, Status.UNCERTAIN: Status.FLASHING, Status.WITHDRAWN: Status.RELEASED}
"""How far a car beside the way counts."""

COLUMNS: dict[str, Words] = {
    "vin": ("VIN", "VIN"),
    "status": ("Status", "状态"),
    "soc": ("SOC", "SOC"),
    "where": ("Where", "位置"),
    "read_back": ("Read-back", "回读版本"),
    "attempts": ("Attempts", "次数"),
    "last": ("Last attempt", "上次结果"),
    "order": ("Order", "订单"),
}
CARS: Words = ("cars", "辆车")


def artifact_key(name: str) -> str:
    """A key that Prefect takes, of a name: lower-case letters, digits and dashes (`vbv453c-2026-b007`)."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def table(evidence: BatchEvidence, lang: str) -> list[dict[str, Any]]:
    """One row per car, in the order of work."""
    cars = sorted(evidence.cars, key=lambda car: car.priority)
    return [{pick(COLUMNS[key], lang): cell for key, cell in _row(car, evidence, lang)} for car in cars]


def percent(cars: Iterable[Car]) -> float:
    """How far the cars are on their way, from 0 (all queued) to 100 (all released or withdrawn)."""
    places = [WAY.index(BESIDE.get(car.status, car.status)) for car in cars]
    return round(100 * sum(places) / (len(places) * (len(WAY) - 1)), 1) if places else 100.0


def sentence(batch: Batch, cars: Iterable[Car], lang: str) -> str:
    """`VBV453C-2026/B007 in work: 25 cars, 3 charging, 22 released`."""
    counts = Counter(car.status for car in cars)
    return (
        f"{batch.name} {batch_word(batch.status, lang)}: {counts.total()} {pick(CARS, lang)}, "
        + counts_text(counts, lang)
    ).rstrip(", ")


def counts_text(counts: Mapping[Status, int], lang: str) -> str:
    """`3 charging, 22 released`, in the order of the way."""
    return ", ".join(f"{counts[s]} {status_word(s, lang)}" for s in Status if counts.get(s))


def _row(car: Car, evidence: BatchEvidence, lang: str) -> Iterable[tuple[str, object]]:
    last = evidence.attempts.get(car.vin)
    yield "vin", str(car.vin)
    yield "status", status_word(car.status, lang)
    yield "soc", format_soc(car.soc.tenths) if car.soc else ""
    yield "where", car.station or car.point or car.slot or ""
    yield "read_back", car.read_back or ""
    yield "attempts", car.attempts
    yield "last", outcome_word(last.outcome, lang) if last and last.outcome else ""
    yield "order", car.order_no or ""
