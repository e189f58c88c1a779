"""Evidence of attempts: the whole journal into the vault, what it tells into the store, and both out again.

A journal is fetched before the transaction that settles its attempt, because no transaction spans the link; the raw
text is in the vault before any row names it. What cannot be fetched now stays due and is fetched by a later look.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from campaign.domain.events import Kind
from campaign.domain.evidence import Evidence, read_evidence
from campaign.domain.identity import Vin
from campaign.domain.people import SYSTEM, SYSTEM_ID, Actor, Right
from campaign.domain.vehicle import Car
from campaign.errors import NotFound, SiteError, StationError
from campaign.ports.clock import Clock
from campaign.ports.files import FileVault
from campaign.ports.records import Attempt, KeptEvidence
from campaign.ports.station import JobState, StationLink
from campaign.ports.store import Store
from campaign.services.access import need
from campaign.services.answers import Answers
from campaign.services.rests import Rests
from campaign.services.work import CampaignWork, campaign_work

MOST_BYTES = 8 * 1024 * 1024
"""Of one journal; what is longer is noted as cut."""
AT_ONCE = 4  # journals that one look fetches late
LOOK_AT = 64  # attempts whose journals are due, to find those whose stations may be asked
AGAIN_S = 30.0  # how long a journal that could not be had is left alone

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Journal:
    """A job's whole journal, in the vault by now."""

    sha256: str
    size: int
    cut: bool
    skew_ms: int | None
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came of asking for a journal. `due`: ask again later. Neither: the station has none."""

    journal: Journal | None = None
    due: bool = False


@dataclass(frozen=True, slots=True)
class AttemptFile:
    """An attempt with what is kept of it; None where nothing was kept (yet)."""

    attempt: Attempt
    kept: KeptEvidence | None


class Journals:
    """Journals on their way from stations to the vault. Safe to use from several threads."""

    def __init__(self, links: StationLink, vault: FileVault, clock: Clock) -> None:
        self._links, self._vault, self._clock = links, vault, clock
        self._rests = Rests(clock, AGAIN_S, AGAIN_S)  # job ids

    def fetch(self, attempt: Attempt) -> Fetched:
        """The whole journal of a job that ended, from its first byte on. Never raises for a link or a full disk."""
        try:
            text, cut = self._read(attempt)
            if not text:
                return Fetched()
            stored = self._vault.put(text.encode("utf-8", "replace"))
        except SiteError as error:
            log.warning("the journal of %s is fetched later: %s", attempt.job_id, error)
            self._rests.begin(attempt.job_id)
            return Fetched(due=True)
        self._rests.end(attempt.job_id)
        evidence = read_evidence(text.split("\n"))
        return Fetched(Journal(stored.sha256, stored.size, cut, self._skew(attempt.station), evidence))

    def rests(self, attempt: Attempt) -> bool:
        """Whether it was asked for in vain just now."""
        return self._rests.now(attempt.job_id)

    def _read(self, attempt: Attempt) -> tuple[str, bool]:
        """The journal's text, and whether it was cut. Raises StationError."""
        lines: list[str] = []
        offset = 0
        while offset < MOST_BYTES:
            report = self._links.report(attempt.station, attempt.job_id, offset)
            if report.state is JobState.NONE or not report.lines:
                return "".join(f"{line}\n" for line in lines), False
            lines += report.lines
            if report.offset <= offset:
                break
            offset = report.offset
        return "".join(f"{line}\n" for line in lines), True

    def _skew(self, station: str) -> int | None:
        """How far the station's clock is ahead of ours, in milliseconds; it is a claim (rule 9)."""
        asked = self._clock.wall()
        try:
            theirs = self._links.identify(station).clock
        except StationError:
            return None
        return round((theirs - (asked + (self._clock.wall() - asked) / 2)).total_seconds() * 1000)


def keep_evidence(work: CampaignWork, attempt: Attempt, car: Car, journal: Journal) -> bool:
    """Write what is kept of an ended attempt, in the running transaction. False: this journal was kept before."""
    touched = {t.person for t in work.uow.sign_offs.touches(car.batch_id) if t.vin == car.vin}
    people = (SYSTEM_ID, *sorted(touched - {SYSTEM_ID}))
    kept = KeptEvidence(
        attempt.id,
        journal.sha256,
        journal.size,
        journal.cut,
        work.now,
        people,
        journal.skew_ms,
        journal.evidence,
    )
    return work.uow.evidence.add(kept)


def keep_late(work: CampaignWork, attempt: Attempt, fetched: Fetched) -> None:
    """Write what a later look brought; with an event, because the end of the attempt was told without it."""
    now = work.uow.attempts.get(attempt.job_id)
    car = work.uow.cars.latest([attempt.vin]).get(attempt.vin)
    if now is None or not now.evidence_due or car is None or fetched.due:
        return
    told = {"station": attempt.station, "job": attempt.job_id}
    if fetched.journal is None:
        work.uow.evidence.give_up(attempt)
        work.fact(Kind.EVIDENCE_LOST, SYSTEM, car, data=told)
    elif keep_evidence(work, attempt, car, fetched.journal):
        journal = {"journal": fetched.journal.sha256, "size": fetched.journal.size}
        work.fact(Kind.EVIDENCE_KEPT, SYSTEM, car, data=told | journal)


class LateJournals:
    """Journals that could not be had when their attempts ended."""

    def __init__(self, store: Store, clock: Clock, journals: Journals, answers: Answers) -> None:
        self._store, self._clock, self._journals, self._answers = store, clock, journals, answers

    def fetch(self, code: str, station_rests: Callable[[str], bool]) -> None:
        """A few of those that are due; what came is written, what did not stays due."""
        with self._store.read() as uow:
            due = uow.evidence.due(code, LOOK_AT)
        ready = [a for a in due if not station_rests(a.station) and not self._journals.rests(a)]
        for answers in self._answers.as_they_come(self._journals.fetch, ready[:AT_ONCE]):
            came = [(attempt, fetched) for attempt, fetched in answers if not fetched.due]
            if not came:
                continue
            with campaign_work(self._store, code, self._clock.now()) as work:
                for attempt, fetched in came:
                    keep_late(work, attempt, fetched)
                work.commit()


class Evidences:
    """Use cases of whoever looks: attempts with their evidence, and raw journals."""

    def __init__(self, store: Store, vault: FileVault) -> None:
        self._store, self._vault = store, vault

    def of_car(self, actor: Actor, vin: Vin) -> list[AttemptFile]:
        """Every attempt of the car's last upgrade, the newest first. Raises NotAllowed."""
        need(actor, Right.VIEW)
        with self._store.read() as uow:
            car = uow.cars.latest([vin]).get(vin)
            attempts = [] if car is None else uow.attempts.of_car(car)
            kept = uow.evidence.of([attempt.id for attempt in attempts])
        return [AttemptFile(attempt, kept.get(attempt.id)) for attempt in reversed(attempts)]

    def has_raw(self, kept: KeptEvidence) -> bool:
        """Whether the vault still has the raw journal; whether it is whole, `raw` looks."""
        try:
            self._vault.path(kept.journal)
        except NotFound:
            return False
        return True

    def raw(self, actor: Actor, kept: KeptEvidence) -> Iterator[bytes]:
        """The raw journal, in pieces. Raises NotAllowed; NotFound when the vault has no whole one."""
        need(actor, Right.VIEW)
        if not self._vault.whole(kept.journal):
            raise NotFound(f"the vault has no whole journal {kept.journal[:12]}...")
        return self._vault.read(kept.journal)
