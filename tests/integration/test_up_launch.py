"""Everything for real: a Prefect server and a worker that `campaign up` starts, a launch, runs that bear names, kills.

Prefect takes its seconds to start, so one installation serves the whole file.
"""

import os
import signal
from contextlib import contextmanager

import pytest

from campaign.bootstrap import build
from campaign.cli.doctor import everything
from campaign.cli.process_table import with_variable
from campaign.cli.up import MARK, start_all
from campaign.config import SHIPPED_CONFIGS, Settings
from campaign.definitions import campaign_codes, find_campaign, find_site
from campaign.domain.people import SYSTEM, Role
from campaign.ports.records import Person, Vehicle
from flows.rest import PrefectApi, StateType
from flows.starting import ADVANCE, REFUSED, request_launch, wait_for
from flows.tending import living_runs
from tests.fakes.packages import publish
from tests.fakes.patience import eventually
from tests.fakes.plant import vin_no
from tests.servers.process import free_port

pytestmark = pytest.mark.slow

CODE = campaign_codes(SHIPPED_CONFIGS)[0]
RULES = find_campaign(SHIPPED_CONFIGS, CODE).rules()
CARS = 60
WAIT_S = 240
"""Only a deadline: on an idle machine each of these comes within 10 s."""


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    home = tmp_path_factory.mktemp("up") / "home"
    return Settings.load(
        home=home,
        configs=SHIPPED_CONFIGS,
        prefect_port=free_port(),
        web_port=free_port(),
        advance_every_s=120,
    )


@contextmanager
def opened(settings):
    services = build(settings)
    try:
        yield services
    finally:
        services.close()


@pytest.fixture(scope="module")
def running(settings):
    """A site with a planner and cars, and everything but the page running."""
    with opened(settings) as services:
        services.sites.apply(SYSTEM, find_site(SHIPPED_CONFIGS, RULES.site).layout())
        services.people.apply(SYSTEM, [Person("wang", "Wang", "王", frozenset({Role.PLANNER}))])
        publish(services, RULES)
        now = services.clock.now()
        cars = [
            Vehicle(vin_no(n), RULES.site, str(RULES.source), soc=100, soc_at=now) for n in range(1, CARS + 1)
        ]
        with services.store.write("site") as uow:
            uow.fleet.add(cars)
            uow.commit()
    with start_all(settings, tell=lambda _: None, web=False) as started:
        yield started
    assert with_variable(MARK, str(settings.home)) == []  # a stop leaves nothing behind


def batches(settings):
    with opened(settings) as services, services.store.read() as uow:
        return uow.batches.all(CODE)


def reconcilers(api: PrefectApi) -> list[str]:
    """Ids of the runs of the reconciler that work now."""
    return [run.id for run in api.runs(deployment=ADVANCE, states=frozenset({StateType.RUNNING}))]


def test_a_launch_that_a_rule_refuses_says_why(running, settings):
    asked = request_launch(settings, {"campaign": CODE, "planner": "nobody", "reason": "it came out"})
    ended = wait_for(settings, asked, within_s=WAIT_S)
    assert (ended.state, ended.state_name) == (StateType.FAILED, REFUSED)
    assert "there is no person 'nobody'" in ended.message


def test_a_launch_becomes_batches_with_runs_that_bear_their_names(running, settings):
    asked = request_launch(settings, {"campaign": CODE, "planner": "wang", "reason": "it came out"})
    ended = wait_for(settings, asked, within_s=WAIT_S)
    assert ended.state_name == "Launched"
    assert f"{CODE}: {CARS} cars" in ended.message
    api = PrefectApi(settings.prefect_url)
    names = {batch.name for batch in batches(settings)}
    eventually(lambda: names <= {run.name for run in api.runs(tags=[CODE])}, WAIT_S)
    pilot = f"{CODE}/B001"
    done = eventually(
        lambda: [r for r in api.runs(tags=[CODE]) if r.name == pilot and r.state is StateType.COMPLETED], 60
    )
    assert done[0].message.startswith(pilot)
    assert eventually(lambda: batches(settings)[0].opened_at, WAIT_S)


def test_schedules_make_runs_by_themselves(running, settings):
    api = PrefectApi(settings.prefect_url)
    scheduled = {
        "advance-campaign/advance-campaign", "watch/watch", "forecast/forecast", "daily-report/daily-report",
    }  # fmt: skip
    assert {
        name for name in scheduled if eventually(lambda n=name: api.runs(deployment=n), WAIT_S)
    } == scheduled


@pytest.mark.parametrize(
    ("flow", "state"), [("watch", "Alarms"), ("forecast", "Forecast"), ("daily-report", "Reported")]
)
def test_alarms_and_reports_are_made_for_the_active_campaign(running, settings, flow, state):
    asked = PrefectApi(settings.prefect_url).start(f"{flow}/{flow}", {})
    ended = wait_for(settings, asked, within_s=WAIT_S)
    assert (ended.state, ended.state_name) == (StateType.COMPLETED, state), ended.message


def test_the_doctor_finds_everything_in_its_place(running, settings):
    graded = {finding.part: finding.grade for finding in everything(settings)}
    bad = {part for part, grade in graded.items() if grade == "bad"}
    assert {part for part in bad if not part.startswith("station")} == set()
    assert {graded[part] for part in ("prefect server", "flows", "worker", "prefect port")} == {"ok"}


def test_when_server_worker_and_run_are_killed_the_next_run_goes_on(running, settings):
    api = PrefectApi(settings.prefect_url)
    [before] = eventually(lambda: reconcilers(api), WAIT_S)[:1]
    for pid in with_variable(MARK, str(settings.home)):
        os.kill(pid, signal.SIGKILL)
    after = eventually(lambda: api.healthy() and [r for r in reconcilers(api) if r != before], WAIT_S)
    assert api.run(before).state is StateType.CRASHED
    assert set(after) <= living_runs()
