"""Ask for flow runs from outside a run: the command line and the board. Does not import Prefect."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from campaign.config import Settings
from campaign.errors import BadInput, FlowsUnreachable
from flows.forms import LaunchCampaign
from flows.rest import PrefectApi, Run

LAUNCH = "launch-campaign/launch-campaign"
ADVANCE = "advance-campaign/advance-campaign"
REFUSED = "Refused"
"""The name of the state in which a run ends that a rule refused; its message lists the reasons."""


def request_launch(settings: Settings, params: LaunchCampaign | Mapping[str, Any]) -> Run:
    """Ask for a launch; `Run.page` is where to watch it. Raises BadInput (the form), FlowsUnreachable."""
    form = params if isinstance(params, LaunchCampaign) else checked(params)
    wish = {"params": form.model_dump(mode="json")}
    return PrefectApi(settings.prefect_url).start(LAUNCH, wish, tags=[form.campaign])


def checked(params: Mapping[str, Any]) -> LaunchCampaign:
    """The form of plain values. Raises BadInput naming each field."""
    try:
        return LaunchCampaign.model_validate(dict(params))
    except ValidationError as wrong:
        told = [f"{'.'.join(map(str, e['loc'])) or 'form'}: {e['msg']}" for e in wrong.errors()]
        raise BadInput("; ".join(told)) from wrong


def request_advance(settings: Settings, code: str | None = None, patience_s: float = 0) -> Run:
    """Ask for a run of the reconciler now, for one campaign or all. Raises FlowsUnreachable."""
    wish = {"code": code, "patience_s": patience_s}
    return PrefectApi(settings.prefect_url).start(ADVANCE, wish)


def wait_for(
    settings: Settings,
    run: Run,
    *,
    within_s: float = 300.0,
    tell: Callable[[Run], object] = str,
    look_every_s: float = 0.5,
    worker_within_s: float = 60.0,
) -> Run:
    """Wait until a run has ended; `tell` hears of each change of state. Raises FlowsUnreachable.

    It also raises when no worker is there to take the run, or when it does not end in time.
    """
    api = PrefectApi(settings.prefect_url)
    began = time.monotonic()
    seen = ""
    while True:
        run = api.run(run.id)
        if run.state_name != seen:
            seen = run.state_name
            tell(run)
        if run.ended:
            return run
        waited = time.monotonic() - began
        if waited > worker_within_s and not run.begun and not api.workers_online(settings.work_pool):
            raise FlowsUnreachable(
                f"no worker takes run {run.name}: start one with `campaign up` - {run.page}"
            )
        if waited > within_s:
            raise FlowsUnreachable(f"run {run.name} has not ended after {within_s:.0f} s - {run.page}")
        time.sleep(look_every_s)
