"""What a station told of a job, and what of it is news."""

from __future__ import annotations

from typing import NamedTuple

from campaign.ports.records import Attempt
from campaign.ports.station import JobReport, JobState
from campaign.services.evidence import Fetched

PROGRESS_STEP = 5  # percent points between two writes of telemetry
OVER = frozenset({JobState.ENDED, JobState.UNKNOWN})


class Heard(NamedTuple):
    """A report; `fetched` is the journal of a job that is over."""

    report: JobReport
    fetched: Fetched | None = None


def progressed(attempt: Attempt, report: JobReport) -> bool:
    """Whether a running flash has come far enough to be written down."""
    return report.percent >= attempt.percent + PROGRESS_STEP or report.step != attempt.step


def never_began(attempt: Attempt, report: JobReport) -> bool:
    """The station does not know the job, and had never confirmed its start."""
    return report.state is JobState.NONE and attempt.started_at is None


def is_news(attempt: Attempt, report: JobReport) -> bool:
    """Whether there is anything to write: a look at a flash that runs on takes no lock."""
    if report.state is JobState.RUNNING:
        return attempt.started_at is None or progressed(attempt, report)
    return not never_began(attempt, report)
