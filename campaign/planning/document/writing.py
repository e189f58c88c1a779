"""A snapshot as JSON: what `snapshot_from` reads back as the same value."""

from __future__ import annotations

from campaign.planning.document.jobs import job_to
from campaign.planning.document.reading import ALONE, GATED, SIGN_OFF
from campaign.planning.document.stages import stage_to
from campaign.planning.document.values import Minutes
from campaign.planning.snapshot import Snapshot


def snapshot_to(snapshot: Snapshot) -> dict[str, object]:
    """The JSON form of a snapshot whose stages have names of their own."""
    minutes = Minutes(snapshot.start)
    told: dict[str, object] = {
        "start": snapshot.start.isoformat(),
        "stages": [stage_to(stage, minutes) for stage in snapshot.stages],
        "jobs": [job_to(job, snapshot.stages) for job in snapshot.jobs],
    }
    if gates := _gates_to(snapshot):
        told["gates"] = gates
    if batches := _batches_to(snapshot):
        told["batches"] = batches
    return told


def _gates_to(snapshot: Snapshot) -> dict[str, object]:
    told: dict[str, object] = {}
    if snapshot.pilot:
        told["pilot"] = list(snapshot.pilot)
        if snapshot.pilot_size:
            told["pilot_size"] = snapshot.pilot_size
    elif snapshot.pilot_size:
        told["pilot"] = snapshot.pilot_size
    gated = snapshot.gate_stage
    if told or gated != GATED:
        told["stage"] = snapshot.stages[gated].name if gated < len(snapshot.stages) else gated
    if snapshot.pilot_sign_off_minutes != SIGN_OFF:
        told["sign_off_minutes"] = snapshot.pilot_sign_off_minutes
    return told


def _batches_to(snapshot: Snapshot) -> dict[str, object]:
    limits = snapshot.batch_limits
    told: dict[str, object] = {"smallest": limits.smallest, "largest": limits.largest}
    if snapshot.sign_off_minutes:
        told["sign_off_minutes"] = snapshot.sign_off_minutes
    if snapshot.batches:
        told["formed"] = [list(batch) for batch in snapshot.batches]
    return {} if told == {"smallest": ALONE.smallest, "largest": ALONE.largest} else told
