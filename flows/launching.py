"""Launch a campaign for a planner, and ask for the runs of its batches. Plain Python, without Prefect."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from campaign.bootstrap import Services
from campaign.config import Settings
from campaign.definitions import find_campaign
from campaign.domain.people import Actor, Right, roles_with
from campaign.domain.reasons import Code, because
from campaign.errors import NotAllowed, NotFound
from flows.forms import LaunchCampaign

DEVICE = "prefect"


@dataclass(frozen=True, slots=True)
class Launched:
    """What a launch made; `starts_at` in campaign time."""

    code: str
    cars: int
    batches: int
    starts_at: datetime


def launch(services: Services, settings: Settings, form: LaunchCampaign) -> Launched:
    """Launch as the planner who is named. Raises Refused (rights, no cars, again), NotFound, BadFile."""
    planner = acting(services, form.planner)
    rules = find_campaign(settings.configs, form.campaign).rules()
    services.planning.launch(planner, rules, reason=form.reason, starts_at=form.moment())
    with services.store.read() as uow:
        batches = uow.batches.all(rules.code)
    first = min(batch.planned_start for batch in batches)
    return Launched(rules.code, sum(batch.size for batch in batches), len(batches), first)


def acting(services: Services, person_id: str) -> Actor:
    """The person as an actor. Raises NotFound; NotAllowed when they no longer work here."""
    with services.store.read() as uow:
        person = uow.people.get(person_id)
    if person is None:
        raise NotFound(f"there is no person {person_id!r} here - give the id that you sign in with")
    if not person.active:
        right = Right.RUN
        raise NotAllowed([because(Code.LACKS_RIGHT, *roles_with(right), person=person_id, right=right.value)])
    return person.actor(DEVICE)
