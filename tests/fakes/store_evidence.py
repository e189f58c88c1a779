"""Fake repository of what is kept of attempts: a list that only grows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from campaign.ports.records import Attempt, KeptEvidence
from tests.fakes.store_data import Work


class FakeEvidences:
    def __init__(self, work: Work) -> None:
        self._work = work

    def add(self, kept: KeptEvidence) -> bool:
        self._wait(kept.attempt_id, due=False)
        known = {(k.attempt_id, k.journal) for k in self._work.data.evidence}
        if (kept.attempt_id, kept.journal) in known:
            return False
        self._work.writing.evidence.append(kept)
        return True

    def of(self, attempts: Sequence[int]) -> dict[int, KeptEvidence]:
        wanted = set(attempts)
        return {kept.attempt_id: kept for kept in self._work.data.evidence if kept.attempt_id in wanted}

    def due(self, campaign: str, limit: int) -> list[Attempt]:
        code = self._work.campaign(campaign).code
        return [a for a in self._work.data.attempts.values() if a.evidence_due and a.campaign == code][:limit]

    def want(self, attempt: Attempt) -> None:
        self._wait(attempt.id, due=True)

    def give_up(self, attempt: Attempt) -> None:
        self._wait(attempt.id, due=False)

    def _wait(self, attempt: int, *, due: bool) -> None:
        attempts = self._work.writing.attempts
        attempts[attempt] = replace(attempts[attempt], evidence_due=due)
