"""What the board shows: the store's read model with the reasons why cars do not move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from campaign.domain.campaign import threshold_reason
from campaign.domain.gates import hold_reasons, release_gate
from campaign.domain.identity import Vin
from campaign.domain.people import Role
from campaign.domain.reasons import Code, Reason, because
from campaign.domain.vehicle import Car, Status
from campaign.errors import NotFound
from campaign.ports.clock import Clock
from campaign.ports.store import Store
from campaign.ports.views import BoardData, Views
from campaign.services.work import CampaignWork


@dataclass(frozen=True, slots=True)
class Board:
    """A campaign's board at `now` (campaign time)."""

    data: BoardData
    reasons: Mapping[Vin, tuple[Reason, ...]]
    threshold: Reason | None
    now: datetime


class Boards:
    """Reads for everybody."""

    def __init__(self, store: Store, views: Views, clock: Clock) -> None:
        self._store, self._views, self._clock = store, views, clock

    def board(self, code: str) -> Board:
        """Raises NotFound."""
        data = self._views.board(code)
        with self._store.read() as uow:
            campaign = uow.campaigns.get(code)
            if campaign is None:
                raise NotFound(f"there is no campaign {code} here")
            work = CampaignWork(uow, campaign, self._clock.now())
            reasons = {blocked.car.vin: why_blocked(work, blocked.car) for blocked in data.blocked}
        return Board(data, reasons, threshold_reason(data.campaign), work.now)


def why_blocked(work: CampaignWork, car: Car) -> tuple[Reason, ...]:
    """Why a car that is shown as blocked does not move, and who can lift it."""
    holds = work.holds_on(car)
    if car.status is Status.UNCERTAIN:
        return (because(Code.OUTCOME_UNKNOWN, Role.QA, Role.LEAD), *hold_reasons(holds))
    if car.status is Status.REWORK:
        reasons = [because(Code.WRONG_STATUS, Role.TECHNICIAN, status=car.status.value, step="start_flash")]
        if car.attempts >= work.rules.max_attempts:
            limit = work.rules.max_attempts
            reasons.append(because(Code.TOO_MANY_ATTEMPTS, Role.PLANNER, attempts=car.attempts, limit=limit))
        return (*reasons, *hold_reasons(holds))
    if car.status is Status.APPROVED:
        return release_gate(car, work.rules.gate, work.rules.target, holds, work.now).reasons
    return tuple(hold_reasons(holds))
