"""Asking for a launch from the command line or the board, and waiting for its end."""

import pytest

from campaign.errors import BadInput, FlowsUnreachable
from flows.forms import LaunchCampaign, Start
from flows.rest import StateType
from flows.starting import REFUSED, checked, request_advance, request_launch, wait_for

FORM = {"campaign": "TEST-1", "planner": "wang", "reason": "it came out"}


def test_a_launch_is_asked_for_with_the_form(settings, prefect):
    run = request_launch(settings, FORM)
    params = prefect.runs[run.id]["parameters"]["params"]
    assert params == FORM | {"start": "now", "starts_at": None}


def test_a_time_of_start_travels_with_its_zone(settings, prefect):
    form = checked(FORM | {"start": "at a time", "starts_at": "2026-03-02T08:00:00+08:00"})
    assert prefect.runs[request_launch(settings, form).id]["parameters"]["params"]["starts_at"].endswith(
        "+08:00"
    )
    assert LaunchCampaign.model_validate(form.model_dump(mode="json")).moment() == form.starts_at


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"reason": "  "}, "reason"),
        ({"planner": ""}, "planner"),
        ({"start": "at a time"}, "give a start time"),
        ({"start": "at a time", "starts_at": "2026-03-02T08:00:00"}, "starts_at"),  # which zone?
        ({"start": "soon"}, "start"),
    ],
)
def test_a_form_that_does_not_fit_names_the_field(wrong, field):
    with pytest.raises(BadInput, match=field):
        checked(FORM | wrong)


def test_a_time_is_ignored_when_it_starts_now():
    assert checked(FORM | {"start": Start.NOW, "starts_at": "2026-03-02T08:00:00Z"}).moment() is None


def test_waiting_tells_each_state_and_returns_the_end(settings, prefect):
    run = request_launch(settings, FORM)
    seen = []

    def tell(now):
        seen.append(now.state_name)
        step = {"Scheduled": (StateType.RUNNING, ""), "Running": (StateType.FAILED, REFUSED)}.get(
            now.state_name
        )
        if step:
            prefect.set(run, *step, message="no cars")

    ended = wait_for(settings, run, tell=tell, look_every_s=0.01)
    assert (ended.state, ended.state_name, ended.message) == (StateType.FAILED, REFUSED, "no cars")
    assert seen == ["Scheduled", "Running", REFUSED]


def test_waiting_does_not_last_for_ever(settings, prefect):
    run = request_launch(settings, FORM)
    with pytest.raises(FlowsUnreachable, match="has not ended"):
        wait_for(settings, run, within_s=0.05, look_every_s=0.01)


def test_without_a_worker_it_says_so(settings, prefect):
    prefect.workers = []
    with pytest.raises(FlowsUnreachable, match="no worker takes run"):
        wait_for(settings, request_launch(settings, FORM), look_every_s=0.01, worker_within_s=0)


def test_an_advance_can_be_asked_for_at_once(settings, prefect):
    run = request_advance(settings, "TEST-1", 30)
    assert prefect.runs[run.id]["parameters"] == {"code": "TEST-1", "patience_s": 30}


def test_asking_does_not_load_prefect():
    import subprocess
    import sys

    code = "import sys, flows.starting, flows.tending, flows.serving; print('prefect' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"
