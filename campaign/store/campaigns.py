"""Campaigns with their frozen rules and counters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import BindParameter, Row, bindparam, case, insert, select, update

from campaign.domain.batch import SIGNED
from campaign.domain.campaign import Campaign, CampaignState
from campaign.domain.reasons import Code, because
from campaign.domain.rules import CampaignRules
from campaign.domain.vehicle import Status
from campaign.errors import Conflict
from campaign.store import schema as t
from campaign.store.work import Work

_CAMPAIGN = (
    select(
        t.Campaign.id,
        t.Campaign.code,
        t.Revision.rules,
        t.Campaign.state,
        t.Campaign.revision,
        t.Campaign.ended,
        t.Campaign.failed,
        t.Campaign.acknowledged_ended,
        t.Campaign.acknowledged_failed,
    )
    .join(t.Revision, (t.Revision.campaign_id == t.Campaign.id) & (t.Revision.no == t.Campaign.revision))
    .order_by(t.Campaign.id.desc())
)
_BY_CODE = _CAMPAIGN.where(t.Campaign.code == bindparam("code"))
_PILOTS = (
    select(t.Batch.campaign_id, t.BatchCount.status)
    .join(t.BatchCount, t.BatchCount.batch_id == t.Batch.id)
    .where(t.Batch.no == 1, t.BatchCount.n > 0, t.Batch.campaign_id.in_(bindparam("ids", expanding=True)))
)
_ACKNOWLEDGE: BindParameter[int] = bindparam("acknowledge", type_=t.Number)
_SET_STATE = (
    update(t.Campaign)
    .where(t.Campaign.id == bindparam("campaign"), t.Campaign.state == bindparam("was"))
    .values(
        state=bindparam("to"),
        acknowledged_ended=case((_ACKNOWLEDGE == 1, t.Campaign.ended), else_=t.Campaign.acknowledged_ended),
        acknowledged_failed=case(
            (_ACKNOWLEDGE == 1, t.Campaign.failed), else_=t.Campaign.acknowledged_failed
        ),
    )
)
_REVISE = (
    update(t.Campaign)
    .where(t.Campaign.id == bindparam("campaign"), t.Campaign.revision == bindparam("was"))
    .values(revision=t.Campaign.revision + 1)
)
_COUNTS = select(t.CampaignCount.status, t.CampaignCount.n).where(
    t.CampaignCount.campaign_id == bindparam("campaign"), t.CampaignCount.n > 0
)


@lru_cache(maxsize=256)
def _rules(text: str) -> CampaignRules:
    return CampaignRules.from_json(text)


class SqlCampaigns:
    """`ports.floor.Campaigns`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def add(self, rules: CampaignRules, state: CampaignState, at: datetime, by: str) -> Campaign:
        """Raises Conflict when the code is taken."""
        if self.get(rules.code) is not None:
            raise Conflict([because(Code.ALREADY_LAUNCHED, campaign=rules.code)])
        none = {"ended": 0, "failed": 0, "acknowledged_ended": 0, "acknowledged_failed": 0}
        row = {"code": rules.code, "site": rules.site, "state": state, "revision": 1}
        number = self._work.insert(insert(t.Campaign), row | none | {"created_at": at, "created_by": by})
        self._add_revision(number, 1, rules, at, by, "")
        return Campaign(number, rules.code, rules, state, 1)

    def get(self, code: str) -> Campaign | None:
        """By code."""
        found = self._campaigns(self._work.rows(_BY_CODE, code=code))
        return found[0] if found else None

    def all(self) -> list[Campaign]:
        """Newest first."""
        return self._campaigns(self._work.rows(_CAMPAIGN))

    def set_state(self, campaign: Campaign, state: CampaignState, *, acknowledge: bool = False) -> None:
        """Raises Conflict when it is no longer in the state as loaded."""
        values = {
            "campaign": campaign.id,
            "was": campaign.state,
            "to": state,
            "acknowledge": int(acknowledge),
        }
        self._work.guarded(_SET_STATE, [values], "campaign")

    def revise(self, campaign: Campaign, rules: CampaignRules, at: datetime, by: str, why: str) -> int:
        """Raises Conflict when it was revised since it was loaded."""
        self._work.guarded(_REVISE, [{"campaign": campaign.id, "was": campaign.revision}], "rules")
        self._add_revision(campaign.id, campaign.revision + 1, rules, at, by, why)
        return campaign.revision + 1

    def counts(self, campaign: Campaign) -> Mapping[Status, int]:
        """Only statuses that have cars."""
        self._work.flush_counters()
        return {row[0]: row[1] for row in self._work.rows(_COUNTS, campaign=campaign.id)}

    def _add_revision(
        self, number: int, no: int, rules: CampaignRules, at: datetime, by: str, why: str
    ) -> None:
        values = {
            "campaign_id": number,
            "no": no,
            "rules": rules.to_json(),
            "at": at,
            "actor": by,
            "why": why,
        }
        self._work.run(insert(t.Revision), values)

    def _campaigns(self, rows: Sequence[Row[*tuple[Any, ...]]]) -> list[Campaign]:
        if not rows:
            return []
        self._work.flush_counters()
        pilots: defaultdict[int, set[Status]] = defaultdict(set)
        for number, status in self._work.rows_in(_PILOTS, "ids", [row[0] for row in rows]):
            pilots[number].add(status)
        return [
            Campaign(number, code, _rules(rules), state, revision, pilot_approved(pilots[number]), *counted)
            for number, code, rules, state, revision, *counted in rows
        ]


def pilot_approved(present: set[Status]) -> bool:
    """Rule 10: every car of batch 1 is signed for or taken out, and at least one was signed for."""
    return present <= SIGNED and bool(present - {Status.WITHDRAWN})
