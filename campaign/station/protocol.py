"""The agent's language as two pure halves: command texts out, values in. No I/O.

A command has only words that need no quotes, so that what the agent parses is what was written here. An
answer is one line of JSON; a "no" becomes StationBusy or StationRejected, and an answer that cannot be
understood is StationLinkLost: what happened over there is not known.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from campaign.domain.identity import Vin
from campaign.errors import StationBusy, StationIdentityRefused, StationLinkLost, StationRejected
from campaign.ports.station import (
    FlashJob,
    Held,
    JobReport,
    JobState,
    JobVerdict,
    ReadBack,
    StartAnswer,
    StationIdentity,
    Upload,
)

Answer = Mapping[str, Any]

RENEWED = "renewed"
"""The agent was replaced since the session began: nothing was done, ask again."""

_NOTHING = "-"
_WORD = re.compile(r"-|[A-Za-z0-9][A-Za-z0-9._+:@-]{0,127}")
_NOT_INSTALLED = (126, 127)  # a shell's words for "cannot be run" and "not found"


def identify_command() -> str:
    """Who is there."""
    return "identify"


def start_command(station: str, job: FlashJob) -> str:
    """Start a job. Raises StationRejected when a word of it could not be sent."""
    what = (job.source, job.target, job.package, job.digest or _NOTHING, job.gate or _NOTHING)
    return _command(station, "start", job.job_id, job.vin, *what)


def report_command(station: str, job_id: str, offset: int) -> str:
    """Where a job stands, with its journal from `offset` on."""
    return _command(station, "tail", job_id, str(offset))


def read_back_command(station: str, vin: Vin) -> str:
    """What the car on the cable reports."""
    return _command(station, "readback", vin)


def clear_command(station: str, job_id: str) -> str:
    """Lift the block of a job whose outcome was unknown."""
    return _command(station, "clear", job_id)


def have_command(station: str, sha256: str) -> str:
    """How much of a file is there."""
    return _command(station, "have", sha256)


def put_command(station: str, upload: Upload, offset: int) -> str:
    """Here come the bytes of a file from `offset` on."""
    return _command(station, "put", upload.sha256, str(upload.size), str(offset))


def _command(station: str, *words: str) -> str:
    for word in words:
        if not _WORD.fullmatch(word):
            raise StationRejected(station, f"{word[:40]!r} cannot be sent to a station", "usage")
    return " ".join(words)


def read_answer(station: str, out: bytes, complaint: bytes, exit_status: int) -> Answer:
    """The agent's line as a mapping. Raises what a "no" means; StationLinkLost when there is no answer."""
    text = out.decode("utf-8", "replace").strip()
    if not text:
        said = complaint.decode("utf-8", "replace").strip().splitlines()
        last = said[-1][:200] if said else ""
        if exit_status in _NOT_INSTALLED:
            raise StationRejected(station, f"the agent does not run there: {last}", "no_agent")
        raise StationLinkLost(station, f"no answer (exit status {exit_status}) {last}".rstrip())
    try:
        answer = json.loads(text.splitlines()[-1])
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise StationLinkLost(station, f"not an answer: {text[:80]!r}")
    if answer.get("ok") is not True:
        raise _refusal(station, answer)
    if answer.get("station") != station:
        raise StationIdentityRefused(station, f"it calls itself {answer.get('station')!r}")
    return answer


def _refusal(station: str, answer: Answer) -> StationBusy | StationRejected:
    code, what, job = (str(answer.get(name) or "") for name in ("code", "what", "job"))
    if code == "busy":
        return StationBusy(station, what, job)
    return StationRejected(station, f"{what} ({job})" if job else what, code)


def read_identity(station: str, answer: Answer) -> StationIdentity:
    """The identity in an answer to `identify`."""
    with _Understanding(station):
        return StationIdentity(
            station=station,
            agent=str(answer["agent"]),
            clock=_time(answer["clock"]),
            disk_free_bytes=int(answer["disk_free"]),
            busy_with=answer.get("busy_with"),
            blocked_by=answer.get("blocked_by"),
            driver=str(answer.get("driver") or ""),
        )


def read_start(station: str, answer: Answer) -> StartAnswer:
    """Whether the job was started now or earlier."""
    with _Understanding(station):
        return StartAnswer(answer["answer"])


def read_report(station: str, answer: Answer) -> JobReport:
    """The report in an answer to `tail`."""
    with _Understanding(station):
        verdict, read_back = answer.get("verdict"), answer.get("read_back")
        started, ended = answer.get("started_at"), answer.get("ended_at")
        return JobReport(
            job_id=str(answer["job"]),
            state=JobState(answer["state"]),
            percent=int(answer.get("percent") or 0),
            step=str(answer.get("step") or ""),
            verdict=JobVerdict(verdict) if verdict else None,
            detail=str(answer.get("detail") or ""),
            read_back=_read_back(read_back) if read_back else None,
            started_at=_time(started) if started else None,
            ended_at=_time(ended) if ended else None,
            offset=int(answer["offset"]),
            lines=tuple(map(str, answer["lines"])),
            fault=str(answer.get("code") or ""),
            params=tuple((str(name), str(value)) for name, value in (answer.get("params") or {}).items()),
            written=answer.get("written") is not False,
        )


def read_held(station: str, answer: Answer) -> Held:
    """How much of a file an answer to `have` or `put` tells."""
    with _Understanding(station):
        return Held(int(answer["size"]), answer["complete"] is True)


def read_put(station: str, answer: Answer) -> None:
    """Raises StationLinkLost when not all bytes came."""
    held = read_held(station, answer)
    if not held.complete:
        raise StationLinkLost(station, f"the upload broke off after {held.size} bytes")


def read_read_back(station: str, answer: Answer) -> ReadBack:
    """The car's own words in an answer to `readback`."""
    with _Understanding(station):
        return _read_back(answer["read_back"])


def _read_back(told: Answer) -> ReadBack:
    version, display, bms = told["version"], told["soc_display"], told["soc_bms"]
    return ReadBack(
        vin=Vin(told["vin"]),
        version=None if version is None else str(version),
        soc_display=None if display is None else int(display),
        soc_bms=None if bms is None else int(bms),
    )


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


class _Understanding:
    """Turns a field that is missing or of another kind into StationLinkLost."""

    def __init__(self, station: str) -> None:
        self._station = station

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _where: object) -> None:
        if isinstance(error, (KeyError, ValueError, TypeError, AttributeError)):
            told = f"an answer that is not understood ({type(error).__name__}: {error})"
            raise StationLinkLost(self._station, told) from error
