"""What a run works with: the services of this process, built once, and its explicit end."""

from __future__ import annotations

import atexit
from functools import lru_cache

from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from campaign.bootstrap import Services, build
from campaign.config import Settings
from campaign.errors import CampaignError, Refused
from campaign.wording import say
from flows.starting import REFUSED


@lru_cache(maxsize=1)
def opened(settings: Settings) -> Services:
    """The services of this installation. A run is a process of its own, so they are closed when it ends."""
    services = build(settings)
    atexit.register(services.close)
    return services


def done(name: str, message: str) -> State:
    """A run that ended as it should, in words that a planner reads in the list of runs."""
    return Completed(name=name, message=message)


def failed(message: str) -> State:
    """A run that did not do what it was asked for."""
    return Failed(name="Failed", message=message)


def not_done(error: CampaignError, lang: str) -> State:
    """A run that a rule or a wrong input refused, with every reason (rule 12); or that a system failed."""
    if isinstance(error, Refused):
        return Failed(name=REFUSED, message="\n".join(say(reason, lang) for reason in error.reasons))
    name = REFUSED if error.exit_code < CampaignError.exit_code else "Failed"
    return Failed(name=name, message=str(error))
