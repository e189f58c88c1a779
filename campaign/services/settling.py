"""The end of an attempt: decided by what the car reports (rule 11), written once whoever comes first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from campaign.domain.campaign import tripped
from campaign.domain.events import Kind
from campaign.domain.flash_faults import FlashFault, note
from campaign.domain.people import SYSTEM, SYSTEM_ID
from campaign.domain.retry import Care, Ended, Outcome, Settlement, settle
from campaign.domain.soc import FULL, Gauge, parse_soc
from campaign.domain.vehicle import Car, Reading, Step
from campaign.errors import Conflict, StationError, StationRejected
from campaign.ports.records import Attempt
from campaign.ports.station import JobReport, JobState, ReadBack
from campaign.services.evidence import Fetched, keep_evidence
from campaign.services.work import CampaignWork

Params = tuple[tuple[str, str], ...]

REFUSALS = {
    "package_missing": FlashFault.PACKAGE_MISSING,
    "package_damaged": FlashFault.PACKAGE_DAMAGED,
    "package_untrusted": FlashFault.PACKAGE_UNTRUSTED,
    "other_car": FlashFault.WRONG_CAR,
    "disk": FlashFault.DISK_FULL,
}
"""Why a station did not begin, in the words of a flash's faults."""


@dataclass(frozen=True, slots=True)
class _End:
    """What is known of an end: this car's own read-back, or None; the rest for the log."""

    read: ReadBack | None = None
    fault: str = ""
    params: Params = ()
    written: bool = True
    detail: str = ""


def settle_ended(
    work: CampaignWork, attempt: Attempt, car: Car, report: JobReport, fetched: Fetched | None = None
) -> bool:
    """Settle an open attempt by what its station reports. False: somebody else had settled it.

    What was fetched of its journal is kept in the same transaction.
    """
    end = _heard(attempt, report)
    outcome = Outcome.UNKNOWN
    if report.state is JobState.ENDED and report.verdict is not None:
        outcome = Outcome(report.verdict.value)
    soc, version = _reading(work, end), None if end.read is None else end.read.version
    ended = Ended(outcome, version, end.fault, end.written, None if soc is None else soc.tenths)
    decided = settle(ended, work.rules, car.rig_errors)
    return _end(work, attempt, car, decided, end, fetched or Fetched())


def _heard(attempt: Attempt, report: JobReport) -> _End:
    """What belongs to this car. Another car's answer never does, whatever name it comes under."""
    ended = report.state is JobState.ENDED
    written = report.written or not ended
    end = _End(report.read_back if ended else None, report.fault, report.params, written, report.detail)
    if end.read is not None and end.read.vin != attempt.vin:
        found = str(end.read.vin)
        end = replace(end, detail=f"the cable led to {found}. {report.detail}".rstrip(), read=None)
        if not written:
            params = (("expected", str(attempt.vin)), ("found", found))
            end = replace(end, fault=FlashFault.WRONG_CAR.value, params=params)
    return replace(end, read=None) if end.fault == FlashFault.WRONG_CAR else end


def settle_never_started(
    work: CampaignWork, attempt: Attempt, car: Car, detail: str, fault: str = ""
) -> bool:
    """The station itself said that this job did not begin: the car is free again."""
    decided = Settlement(Step.NOT_STARTED, Outcome.NEVER_STARTED, "station_said_no", counted=False)
    return _end(work, attempt, car, decided, _End(fault=fault, written=False, detail=detail), Fetched())


def settle_refused(work: CampaignWork, attempt: Attempt, car: Car, said: StationError) -> bool:
    """A station refused to begin. Whatever is wrong is held, so that the next car does not meet it."""
    code = said.code if isinstance(said, StationRejected) else ""
    fault = REFUSALS.get(code)
    params: Params = (("expected", str(attempt.vin)),) if fault is FlashFault.WRONG_CAR else ()
    why = said.what if fault is None else note(fault, params)
    if fault in (FlashFault.PACKAGE_DAMAGED, FlashFault.PACKAGE_UNTRUSTED):
        hold_once(work, "package", work.rules.package, why)
    elif isinstance(said, StationRejected) and fault is not FlashFault.PACKAGE_MISSING:
        hold_once(work, "station", attempt.station, why)
    return settle_never_started(work, attempt, car, said.what, "" if fault is None else fault.value)


def _end(
    work: CampaignWork, attempt: Attempt, car: Car, decided: Settlement, end: _End, fetched: Fetched
) -> bool:
    version = None if end.read is None else end.read.version
    try:
        work.uow.attempts.end(
            attempt,
            decided.outcome,
            version,
            end.detail,
            work.now,
            fault=end.fault,
            params=end.params,
            counted=decided.counted,
            evidence_due=fetched.due,
        )
    except Conflict:
        return False
    back = decided.step is Step.NOT_STARTED
    place = {"job": attempt.job_id, "station": attempt.station}
    told = {"outcome": decided.outcome.value, "why": decided.why, "read_back": version}
    told |= _fault_of(end)
    if fetched.journal is not None:
        keep_evidence(work, attempt, car, fetched.journal)
        told |= {"journal": fetched.journal.sha256}
    work.fact(Kind.ATTEMPT_ENDED, SYSTEM, car, reason=end.detail, data=place | told)
    work.step(
        car,
        decided.step,
        SYSTEM,
        reason=decided.why,
        soc=_reading(work, end),
        read_back=version,
        forget_read_back=version is None and end.written and not back,
        attempts=-1 if back else 0,
        rig_errors=1 if decided.step is Step.RIG_FAILED else 0,
        data=dict(place),
    )
    _take_care(work, attempt, decided.care, end)
    if decided.counted and decided.outcome.failed:
        warn_threshold(work)
    return True


def _fault_of(end: _End) -> dict[str, Any]:
    told: dict[str, Any] = {"fault": end.fault, "params": dict(end.params)} if end.fault else {}
    return told if end.written else told | {"written": False}


def _take_care(work: CampaignWork, attempt: Attempt, care: Care | None, end: _End) -> None:
    """Hold what would spoil the next attempt too. Missing files are brought again by whoever stages them."""
    if care is Care.STATION:
        params = dict(end.params) | {"expected": str(attempt.vin)}
        hold_once(work, "station", attempt.station, note(FlashFault.WRONG_CAR, params.items()))
    elif care is Care.PACKAGE:
        hold_once(work, "package", work.rules.package, note(FlashFault(end.fault), end.params))


def hold_once(work: CampaignWork, scope: str, target: str, why: str) -> None:
    """A hold by the system, unless one of its own is open there already."""
    if any((h.scope, h.target, h.by) == (scope, target, SYSTEM_ID) for h in work.uow.holds.open()):
        return
    hold = work.uow.holds.add(scope, target, why, SYSTEM_ID, work.now)
    work.fact(Kind.HOLD_SET, SYSTEM, reason=why, data={"hold": hold.id, "scope": scope, "target": target})


def _reading(work: CampaignWork, end: _End) -> Reading | None:
    """The SOC that the station stopped at, where it stopped at one; else what it read back at the end."""
    told = dict(end.params) if end.fault == FlashFault.SOC_BELOW else {}
    if told.get("gauge") == work.rules.gate.gauge.value:
        text = told.get("soc", "")
        tenths = int(text) if text.isdecimal() else parse_soc(f"{text}%").tenths
        if tenths is not None and tenths <= FULL:
            return Reading(tenths, work.rules.gate.gauge, work.now)
    return soc_of(work, end.read)


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
