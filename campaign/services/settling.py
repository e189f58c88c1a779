"""The end of an attempt: decided by what the car reports (rule 11), written once whoever comes first."""

from __future__ import annotations

from campaign.domain.campaign import tripped
from campaign.domain.events import Kind
from campaign.domain.people import SYSTEM, SYSTEM_ID
from campaign.domain.retry import Outcome, Settlement, settle
from campaign.domain.soc import Gauge
from campaign.domain.vehicle import Car, Reading, Step
from campaign.errors import Conflict
from campaign.ports.records import Attempt
from campaign.ports.station import ReadBack
from campaign.services.work import CampaignWork


def settle_ended(
    work: CampaignWork, attempt: Attempt, car: Car, outcome: Outcome, read: ReadBack | None, detail: str
) -> bool:
    """Settle an open attempt by the outcome and the read-back. False: somebody else had settled it."""
    if read is not None and read.vin != attempt.vin:
        detail = f"the cable led to {read.vin}. {detail}"
        read = None
    version = None if read is None else read.version
    return _end(work, attempt, car, settle(outcome, version, work.rules, car.rig_errors), read, detail)


def settle_never_started(
    work: CampaignWork, attempt: Attempt, car: Car, detail: str, *, hold_station: bool = False
) -> bool:
    """The station itself said that this job did not begin: the car is free again."""
    if hold_station:
        hold = work.uow.holds.add("station", attempt.station, detail, SYSTEM_ID, work.now)
        data = {"hold": hold.id, "scope": "station", "target": attempt.station}
        work.fact(Kind.HOLD_SET, SYSTEM, reason=detail, data=data)
    decided = Settlement(Step.NOT_STARTED, Outcome.NEVER_STARTED, "station_said_no")
    return _end(work, attempt, car, decided, None, detail)


def _end(
    work: CampaignWork,
    attempt: Attempt,
    car: Car,
    decided: Settlement,
    read: ReadBack | None,
    detail: str,
) -> bool:
    version = None if read is None else read.version
    try:
        work.uow.attempts.end(attempt, decided.outcome, version, detail, work.now)
    except Conflict:
        return False
    never = decided.step is Step.NOT_STARTED
    place = {"job": attempt.job_id, "station": attempt.station}
    told = {"outcome": decided.outcome.value, "why": decided.why, "read_back": version}
    work.fact(Kind.ATTEMPT_ENDED, SYSTEM, car, reason=detail, data=place | told)
    work.step(
        car,
        decided.step,
        SYSTEM,
        reason=decided.why,
        soc=soc_of(work, read),
        read_back=version,
        forget_read_back=version is None and not never,
        attempts=-1 if never else 0,
        rig_errors=1 if decided.step is Step.RIG_FAILED else 0,
        data=dict(place),
    )
    if decided.outcome.failed:
        warn_threshold(work)
    return True


def soc_of(work: CampaignWork, read: ReadBack | None) -> Reading | None:
    """What the car told of its SOC on the campaign's gauge."""
    if read is None:
        return None
    gauge = work.rules.gate.gauge
    tenths = read.soc_display if gauge is Gauge.DISPLAY else read.soc_bms
    return None if tenths is None else Reading(tenths, gauge, work.now)


def warn_threshold(work: CampaignWork) -> None:
    """Rule 10: tell it once, when the failure just counted is the one that crosses the threshold."""
    campaign = work.uow.campaigns.get(work.campaign.code)
    if campaign is None:
        return
    failed = campaign.failed - campaign.acknowledged_failed
    ended = campaign.ended - campaign.acknowledged_ended
    rule = campaign.rules.thresholds
    if tripped(rule, failed, ended) and not tripped(rule, failed - 1, ended - 1):
        work.fact(Kind.THRESHOLD_TRIPPED, SYSTEM, data={"failed": failed, "ended": ended})
