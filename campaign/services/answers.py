"""Many stations asked at once, and their answers written in few transactions.

Stations answer in threads, and one thread writes: writers of a campaign go one after the other anyway, and each
commit waits for the disk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, wait
from typing import TypeVar

from campaign.domain.vehicle import Car
from campaign.errors import BrokenRule, Refused
from campaign.ports.clock import Clock
from campaign.ports.records import Attempt
from campaign.ports.store import Store
from campaign.services.work import CampaignWork, campaign_work

A = TypeVar("A")


class Answers:
    """What stations say about attempts."""

    def __init__(self, store: Store, clock: Clock, pool: Executor) -> None:
        self._store, self._clock, self._pool = store, clock, pool

    def as_they_come(
        self, ask: Callable[[Attempt], A], attempts: Sequence[Attempt]
    ) -> Iterator[list[tuple[Attempt, A]]]:
        """Ask about all at once; yields what has answered while the last part was worked on, oldest first."""
        waiting = {self._pool.submit(ask, attempt): attempt for attempt in attempts}
        while waiting:
            done, _ = wait(waiting, return_when=FIRST_COMPLETED)
            answers = [(waiting.pop(future), future.result()) for future in done]
            yield sorted(answers, key=lambda answer: answer[0].id)

    def write(
        self,
        code: str,
        answers: Sequence[tuple[Attempt, A]],
        one: Callable[[CampaignWork, Attempt, Car, A], bool],
    ) -> list[Attempt]:
        """Write answers about attempts in one transaction; returns those for which `one` said True.

        `one` gets the attempt as it is now; an attempt that somebody else had ended is left out. Where a rule or a
        conflict refuses an answer, each is written on its own: it must not hold up the others.
        """
        if not answers:
            return []
        try:
            return self._together(code, answers, one)
        except (BrokenRule, Refused):
            if len(answers) == 1:
                raise
        written: list[Attempt] = []
        refused: BrokenRule | Refused | None = None
        for answer in answers:
            try:
                written += self._together(code, [answer], one)
            except (BrokenRule, Refused) as this:
                refused = this
        if refused is not None:
            raise refused
        return written

    def _together(
        self,
        code: str,
        answers: Sequence[tuple[Attempt, A]],
        one: Callable[[CampaignWork, Attempt, Car, A], bool],
    ) -> list[Attempt]:
        with campaign_work(self._store, code, self._clock.now()) as work:
            now = {attempt.job_id: attempt for attempt in work.uow.attempts.running(code)}
            cars = work.uow.cars.latest([attempt.vin for attempt, _ in answers])
            written = [
                attempt
                for attempt, answer in answers
                if attempt.job_id in now and one(work, now[attempt.job_id], cars[attempt.vin], answer)
            ]
            work.commit()
        return written
