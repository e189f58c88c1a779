"""What is kept of attempts that ended. Rows are only ever added; triggers hold that too."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import bindparam, func, insert, select, text, update

from campaign.domain.evidence_record import Evidence
from campaign.ports.records import Attempt, KeptEvidence
from campaign.store import schema as t
from campaign.store.attempts import ATTEMPT, attempt_of
from campaign.store.work import Work

E, A = t.Evidence, t.Attempt

_KEPT = select(E.attempt_id, E.journal, E.size, E.cut, E.at, E.people, E.skew_ms, E.summary)
_NEWEST = (
    select(func.max(E.id).label("id"))
    .where(E.attempt_id.in_(bindparam("attempts", expanding=True)))
    .group_by(E.attempt_id)
).subquery()
_OF = _KEPT.join(_NEWEST, _NEWEST.c.id == E.id)
_SAME = _KEPT.where(E.attempt_id == bindparam("attempt"), E.journal == bindparam("journal"))
# As text: an index over some rows is taken only where its condition stands in the same words.
_DUE = (
    ATTEMPT.where(A.campaign_id == bindparam("campaign"), text("attempt.evidence_due"))
    .order_by(A.id)
    .limit(bindparam("most"))
)
_WAIT = update(A).where(A.id == bindparam("attempt")).values(evidence_due=bindparam("due"))


class SqlEvidences:
    """`ports.kept.Evidences`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def add(self, kept: KeptEvidence) -> bool:
        """False: this very journal was kept before."""
        self._work.run(_WAIT, {"attempt": kept.attempt_id, "due": False})
        if self._work.first(_SAME, attempt=kept.attempt_id, journal=kept.journal) is not None:
            return False
        self._work.insert(
            insert(E),
            {
                "attempt_id": kept.attempt_id,
                "journal": kept.journal,
                "size": kept.size,
                "cut": kept.cut,
                "at": kept.at,
                "people": json.dumps(kept.people),
                "skew_ms": kept.skew_ms,
                "summary": kept.evidence.to_json(),
            },
        )
        return True

    def of(self, attempts: Sequence[int]) -> dict[int, KeptEvidence]:
        """The newest of each."""
        found = {}
        for attempt, journal, size, cut, at, people, skew, summary in self._work.rows_in(
            _OF, "attempts", attempts
        ):
            who, told = tuple(json.loads(people)), Evidence.from_json(summary)
            found[attempt] = KeptEvidence(attempt, journal, size, cut, at, who, skew, told)
        return found

    def due(self, campaign: str, limit: int) -> list[Attempt]:
        """Oldest first."""
        rows = self._work.rows(_DUE, campaign=self._work.campaign_id(campaign), most=limit)
        return [attempt_of(row) for row in rows]

    def want(self, attempt: Attempt) -> None:
        """Once more."""
        self._work.run(_WAIT, {"attempt": attempt.id, "due": True})

    def give_up(self, attempt: Attempt) -> None:
        """Never mind."""
        self._work.run(_WAIT, {"attempt": attempt.id, "due": False})
