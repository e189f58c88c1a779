"""Flashes: reserve a car and a station, start by job id, follow the journal, settle by the read-back.

No transaction spans the link. Every line may be the last one that runs: what is open is found again by `follow`, and
`start` is idempotent by job id, so nothing is flashed twice for one attempt (rules 3 and 4).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Lock

from campaign.domain.campaign import CampaignState
from campaign.domain.events import Kind
from campaign.domain.flash_faults import FlashFault
from campaign.domain.gates import flash_gate
from campaign.domain.people import SYSTEM
from campaign.domain.rules import CampaignRules
from campaign.domain.vehicle import Car, Status, Step
from campaign.errors import (
    NotFound,
    StationBusy,
    StationError,
    StationLinkLost,
    StationRejected,
)
from campaign.ports.clock import Clock
from campaign.ports.records import Attempt
from campaign.ports.station import FlashJob, JobReport, JobState, StartAnswer, StationLink
from campaign.ports.store import Store, UnitOfWork
from campaign.services.answers import Answers
from campaign.services.evidence import Journals, LateJournals
from campaign.services.heard import OVER, Heard, is_news, never_began, progressed
from campaign.services.rests import Rests
from campaign.services.settling import settle_ended, settle_never_started, settle_refused
from campaign.services.staging import Staging
from campaign.services.work import CampaignWork, campaign_work

RETRY_STATION_S = 5.0  # how long a station that did not answer is left alone
AWAY_S = 60.0  # who does not answer for so long is away: a plan does without it
UNHEARD_S = 30.0  # a start whose answer was lost may still act on the station for 20 s
NOT_BEGUN = frozenset({
    "other_car", "other_job", "blocked", "config", "disk", "usage",
    "package_missing", "package_damaged", "package_untrusted",
})  # fmt: skip
"""Answers of an agent that decided before it began anything; after any other one the journal is asked."""
PACKAGE_FAULTS = frozenset({
    FlashFault.PACKAGE_MISSING, FlashFault.PACKAGE_DAMAGED, FlashFault.PACKAGE_UNTRUSTED,
})  # fmt: skip


class Flashing:
    """Use cases around a flash. One instance keeps the links of its process."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        links: StationLink,
        staging: Staging,
        journals: Journals,
        threads: int = 16,
    ) -> None:
        self._store, self._clock, self._links = store, clock, links
        self._staging, self._journals = staging, journals
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="station")
        self._answers = Answers(store, clock, self._pool)
        self._late = LateJournals(store, clock, journals, self._answers)
        self._rests = Rests(clock, RETRY_STATION_S, RETRY_STATION_S)  # stations that did not answer
        self._unheard_since: dict[str, datetime] = {}
        self._guard = Lock()

    def close(self) -> None:
        """Stop asking stations. What runs on them runs on."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._links.close()

    def away(self) -> frozenset[str]:
        """Stations that have not answered this process for a while."""
        return frozenset(map(str, self._rests.silent(AWAY_S)))

    # -- dispatch ---------------------------------------------------------------------------------------------------

    def dispatch(self, code: str) -> list[Attempt]:
        """Give free stations that answer to the first ready cars, then start them. Returns the attempts opened."""
        ready = self._ready_stations(code)
        if not ready:
            return []
        opened = self._reserve(code, ready)
        self._begin(code, opened)
        return opened

    def _ready_stations(self, code: str) -> list[str]:
        """Stations without an open attempt that answer now; asked only when a car waits for one."""
        with self._store.read() as uow:
            campaign = uow.campaigns.get(code)
            if campaign is None or campaign.state is not CampaignState.RUNNING:
                return []
            if not uow.cars.next_for_station(code, 1):
                return []
            work = CampaignWork(uow, campaign, self._clock.now())
            busy = uow.attempts.busy_stations(campaign.rules.site)
            held = _held_stations(uow)
            package = uow.packages.get(campaign.rules.package)
            if package is None or package.digest is None:
                return []
            staged = self._staging.ready(uow, campaign.rules.site, package.digest) - held - busy.keys()
            free = [s.name for s in work.layout.stations if s.name in staged]
        awake = [name for name in free if not self._rests.now(name)]
        return [name for name, ok in zip(awake, self._pool.map(self._is_free, awake), strict=True) if ok]

    def _is_free(self, station: str) -> bool:
        try:
            identity = self._links.identify(station)
        except StationError:
            self._rests.begin(station)
            return False
        self._rests.end(station)
        return identity.busy_with is None and identity.blocked_by is None

    def _reserve(self, code: str, stations: Sequence[str]) -> list[Attempt]:
        opened = []
        with campaign_work(self._store, code, self._clock.now()) as work:
            taken = work.uow.attempts.busy_stations(work.rules.site).keys() | _held_stations(work.uow)
            free = [name for name in stations if name not in taken]
            for car, station in zip(self._fit(work, len(free)), free, strict=False):
                opened.append(self._open(work, car, station))
            if opened:
                work.commit()
        return opened

    def _fit(self, work: CampaignWork, wanted: int) -> Iterable[Car]:
        """The first `wanted` cars whose gate is open now, by priority."""
        if not wanted or work.campaign.state is not CampaignState.RUNNING:
            return []
        waiting = work.uow.cars.next_for_station(work.rules.code, wanted + 100)
        fit = [
            car
            for car in waiting
            if car.point is None
            and flash_gate(
                car, work.rules.gate, work.rules.max_attempts, work.holds_on(car), work.around, work.now
            ).open
        ]
        return fit[:wanted]

    def _open(self, work: CampaignWork, car: Car, station: str) -> Attempt:
        job_id = self._new_job_id()
        moved = work.step(car, Step.START_FLASH, SYSTEM, attempts=1, data={"station": station, "job": job_id})
        attempt = work.uow.attempts.open(moved, work.rules.site, station, job_id, work.now)
        work.fact(Kind.ATTEMPT_OPENED, SYSTEM, moved, data={"station": station, "job": job_id})
        return attempt

    def _new_job_id(self) -> str:
        """32 hex digits that grow with time: the index of a million old jobs is written at its end only."""
        return f"{round(self._clock.wall().timestamp() * 1000):012x}{secrets.token_hex(10)}"

    def _begin(self, code: str, attempts: Sequence[Attempt]) -> None:
        """Ask the stations to start, and write each answer as it comes. What stays unclear is left for `follow`."""
        if not attempts:
            return
        rules, digest = self._rules(code)
        for answers in self._answers.as_they_come(
            lambda attempt: self._start(attempt, rules, digest), attempts
        ):
            clear = [(attempt, answer) for attempt, answer in answers if answer is not None]
            self._answers.write(code, clear, self._begun)
            for attempt, answer in clear:
                if isinstance(answer, StationRejected) and answer.code in PACKAGE_FAULTS:
                    self._staging.heard(code, attempt.station, answer.code, answer.what)

    def _start(
        self, attempt: Attempt, rules: CampaignRules, digest: str
    ) -> StartAnswer | StationError | None:
        """What the station said. None: nothing that could be acted on."""
        job = FlashJob(
            attempt.job_id,
            attempt.vin,
            str(rules.source),
            str(rules.target),
            rules.package,
            digest,
            f"{rules.gate.gauge.value}:{rules.gate.min_tenths}",
        )
        try:
            return self._links.start(attempt.station, job)
        except StationRejected as said:
            if said.code in NOT_BEGUN:
                return said
            self._rests.begin(attempt.station)
        except StationBusy as said:
            self._rests.begin(attempt.station)
            return said
        except StationError:
            self._rests.begin(attempt.station)
        return None

    def _begun(
        self, work: CampaignWork, attempt: Attempt, car: Car, answer: StartAnswer | StationError
    ) -> bool:
        if isinstance(answer, StationError):
            return settle_refused(work, attempt, car, answer)
        return self._confirm(work, attempt, car)

    def _rules(self, code: str) -> tuple[CampaignRules, str]:
        """With the digest of the package; empty where the campaign is older than packages."""
        with self._store.read() as uow:
            campaign = uow.campaigns.get(code)
            if campaign is None:
                raise NotFound(f"there is no campaign {code} here")
            package = uow.packages.get(campaign.rules.package)
        return campaign.rules, (package.digest if package is not None else None) or ""

    def _confirm(self, work: CampaignWork, attempt: Attempt, car: Car) -> bool:
        if attempt.started_at is not None:
            return False
        work.uow.attempts.started(attempt, work.now)
        told = {"station": attempt.station, "job": attempt.job_id}
        work.fact(Kind.ATTEMPT_STARTED, SYSTEM, car, data=told)
        return True

    # -- follow -----------------------------------------------------------------------------------------------------

    def follow(self, code: str) -> list[Attempt]:
        """Look at every open attempt on its station; settle those that ended. Returns them."""
        with self._store.read() as uow:
            running = [a for a in uow.attempts.running(code) if not self._rests.now(a.station)]
        ended: list[Attempt] = []
        again: list[Attempt] = []
        for answers in self._answers.as_they_come(self._listen, running):
            heard = [(attempt, said) for attempt, said in answers if said is not None]
            news = [(attempt, said) for attempt, said in heard if is_news(attempt, said.report)]
            ended += self._answers.write(code, news, self._seen)
            self._tell_of_packages(code, [(attempt, said.report) for attempt, said in news])
            unheard = [(a, said.report) for a, said in heard if never_began(a, said.report)]
            still_open = [attempt for attempt, _ in unheard if self._still_open(attempt)]
            again += still_open
            denied = [(a, r) for a, r in unheard if a not in still_open and self._unheard_for_long(a)]
            ended += self._answers.write(code, denied, self._denied)
        self._begin(code, again)
        return ended

    def fetch_due(self, code: str) -> None:
        """Journals that could not be had when their attempts ended, a few at a time."""
        self._late.fetch(code, self._rests.now)

    def _tell_of_packages(self, code: str, reports: Iterable[tuple[Attempt, JobReport]]) -> None:
        """What a station said against the package at a flash concerns every other start too."""
        for attempt, report in reports:
            if report.state is JobState.ENDED and report.fault in PACKAGE_FAULTS:
                self._staging.heard(code, attempt.station, report.fault, report.detail)

    def _listen(self, attempt: Attempt) -> Heard | None:
        """Where a job stands, with the whole journal of one that has ended. None: its station did not answer."""
        report = self._report(attempt)
        if report is None:
            return None
        return Heard(report, self._journals.fetch(attempt) if report.state in OVER else None)

    def _report(self, attempt: Attempt) -> JobReport | None:
        try:
            report = self._links.report(attempt.station, attempt.job_id, attempt.offset)
        except StationError as said:
            if not isinstance(said, StationLinkLost):
                self._rests.begin(attempt.station)
            return None
        self._rests.end(attempt.station)
        return report

    def _seen(self, work: CampaignWork, attempt: Attempt, car: Car, said: Heard) -> bool:
        """Write what a station told. True: the attempt ended."""
        report = said.report
        if report.state is JobState.RUNNING:
            self._confirm(work, attempt, car)
            if progressed(attempt, report):
                work.uow.attempts.progress(attempt, report.percent, report.step, report.offset)
            return False
        return settle_ended(work, attempt, car, report, said.fetched)

    def _denied(self, work: CampaignWork, attempt: Attempt, car: Car, _: JobReport) -> bool:
        """The station never heard of the job, and the gate has closed meanwhile. True: the attempt ended."""
        if attempt.started_at is not None:
            return False  # somebody else was heard just now
        with self._guard:
            self._unheard_since.pop(attempt.job_id, None)
        return settle_never_started(work, attempt, car, "the gate closed before the start")

    def _unheard_for_long(self, attempt: Attempt) -> bool:
        """Whether the station denied the job for longer than any start of it can be on its way."""
        wall = self._clock.wall()
        with self._guard:
            since = self._unheard_since.setdefault(attempt.job_id, wall)
        return wall - since >= timedelta(seconds=UNHEARD_S)

    def _still_open(self, attempt: Attempt) -> bool:
        """Rule 1 again, at the late start: the reading may have become stale meanwhile."""
        with self._store.read() as uow:
            campaign = uow.campaigns.get(attempt.campaign)
            car = uow.cars.latest([attempt.vin])[attempt.vin]
            if campaign is None or car.status is not Status.FLASHING:
                return False
            work = CampaignWork(uow, campaign, self._clock.now())
            gate = flash_gate(
                replace(car, status=Status.CHARGED),
                work.rules.gate,
                car.attempts + 1,
                work.holds_on(car),
                work.around,
                work.now,
            )
        return gate.open


def _held_stations(uow: UnitOfWork) -> set[str]:
    return {hold.target for hold in uow.holds.open() if hold.scope == "station"}
